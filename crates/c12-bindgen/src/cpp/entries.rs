//! The functions behind the table, and the table.

use super::Names;
use super::classes::own_params;
use crate::writer::Writer;
use crate::{Function, Kind, Options, World};

pub(super) fn write(
    world: &World,
    names: &Names<'_>,
    options: &Options,
    root: &str,
    writer: &mut Writer,
) {
    writer.gap();
    writer.line(format!("namespace {root} {{"));
    writer.gap();
    writer.open("struct C12_HIDDEN world {");
    writer.line(format!(
        "static constexpr const char *name = \"{}\";",
        world.name()
    ));
    let delimiter = delimiter(world.wit());
    writer.line(format!(
        "static constexpr const char *wit = R\"{delimiter}("
    ));
    writer.raw(world.wit());
    writer.raw(&format!("){delimiter}\";\n"));

    let mut rows = Vec::new();
    for (place, interface) in world.interfaces().iter().enumerate() {
        for (number, function) in interface.functions.iter().enumerate() {
            let entry = format!("f{}", rows.len());
            let guest = format!("::{}::guest", names.namespace(interface));
            let name = names.function(place, number);
            write_entry(world, names, &entry, &guest, name, function, writer);
            let interface_name = match &interface.name {
                Some(name) => format!("\"{name}\""),
                None => "nullptr".into(),
            };
            let flags = if options.blocking.has(interface, function) {
                "C12_BLOCKING"
            } else {
                "0"
            };
            rows.push(format!(
                "{{sizeof(c12_export), {interface_name}, \"{}\", {entry}<Instance>, {flags}, 0}},",
                function.name
            ));
        }
    }
    writer.gap();
    writer.line(format!(
        "static constexpr std::size_t export_count = {};",
        rows.len()
    ));
    writer.line("template <class Instance>");
    writer.open("static const c12_export *exports() noexcept {");
    writer.open("static const c12_export table[] = {");
    for row in rows {
        writer.line(row);
    }
    writer.close("};");
    writer.line("return table;");
    writer.close("}");
    writer.close("};");
    writer.gap();
    writer.line(format!("}}  // namespace {root}"));
}

/// One that the text does not end early.
fn delimiter(text: &str) -> String {
    let mut delimiter = String::from("wit");
    while text.contains(&format!("){delimiter}\"")) {
        delimiter.push('_');
    }
    delimiter
}

fn write_entry(
    world: &World,
    names: &Names<'_>,
    entry: &str,
    guest: &str,
    name: &str,
    function: &Function,
    writer: &mut Writer,
) {
    let offsets = world.arguments(function).offsets;
    let skipped = usize::from(matches!(function.kind, Kind::Method(_)));
    let spelling = names.anywhere();
    let lifted: Vec<String> = own_params(function)
        .iter()
        .zip(offsets.iter().skip(skipped))
        .map(|((_, ty), offset)| match spelling.lent(ty) {
            Some(resource) => format!("*c12::lift<{resource} *>(from + {offset})"),
            None => format!("c12::lift<{}>(from + {offset})", spelling.borrowed(ty)),
        })
        .collect();
    let call = match function.kind {
        Kind::Method(id) => format!("return c12::lift<{} *>(from)->{name}(", names.full(id)),
        Kind::Drop(id) => format!("delete c12::lift<{} *>(from", names.full(id)),
        _ => format!("return static_cast<{guest} &>(*static_cast<Instance *>(instance)).{name}("),
    };
    let from = call.contains("(from") || !lifted.is_empty();
    writer.gap();
    writer.line("template <class Instance>");
    writer.line(format!(
        "static c12_status {entry}(c12_call *call, void *instance,"
    ));
    writer.open("                          const void *arguments, void *results) noexcept {");
    if from {
        writer.line("const auto *from = static_cast<const unsigned char *>(arguments);");
    } else {
        writer.line("(void)arguments;");
    }
    if !call.contains("(instance)") {
        writer.line("(void)instance;");
    }
    writer.open("return c12::answer(call, results, [&] {");
    writer.wrapped(&call, &lifted, ");");
    writer.close("});");
    writer.close("}");
}
