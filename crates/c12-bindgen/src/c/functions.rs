use wit_parser::{Type, TypeDefKind};

use super::literal;
use super::names::Names;
use crate::names::{Scope, c_value, snake, upper};
use crate::writer::Writer;
use crate::{Function, Kind, Options, World};

pub(super) fn write(world: &World, names: &Names<'_>, options: &Options, writer: &mut Writer) {
    writer.gap();
    writer.line("/* To implement. Arguments are the host's, and gone when the function returns. `result` is zeroed; what");
    writer.line(" * it leads to comes from `c12_alloc`, or is freed by what `c12_plugin_host->defer` is given. */");
    each(world, |interface, place, function| {
        let name = names.function(interface, place);
        writer.gap();
        writer.c_docs(function.docs.as_deref());
        if let Kind::Drop(_) = function.kind {
            writer.line("/* The guest has no more use for it. */");
        }
        let params: Vec<String> = params(world, names, function)
            .into_iter()
            .map(|param| param.declaration)
            .collect();
        writer.wrapped(&format!("c12_status {name}("), &params, ");");
    });

    writer.gap();
    writer.line("/* From here on it is for the host. */");
    each(world, |interface, place, function| {
        entry(
            world,
            names,
            names.function(interface, place),
            function,
            writer,
        );
    });
    table(world, names, options, writer);
}

/// Calls something for every function, with the position of its interface and its own.
fn each(world: &World, mut with: impl FnMut(usize, usize, &Function)) {
    for (place, interface) in world.interfaces().iter().enumerate() {
        for (number, function) in interface.functions.iter().enumerate() {
            with(place, number, function);
        }
    }
}

/// A parameter of the author's function.
struct Param {
    declaration: String,
    /// How it is filled from the generic form.
    argument: String,
}

fn params(world: &World, names: &Names<'_>, function: &Function) -> Vec<Param> {
    let mut params = vec![
        Param {
            declaration: "c12_call *call".into(),
            argument: "call".into(),
        },
        Param {
            declaration: "C12_INSTANCE *instance".into(),
            argument: "(C12_INSTANCE *)instance".into(),
        },
    ];
    if let Kind::Drop(resource) = function.kind {
        params.push(Param {
            declaration: format!("{}_t *self", names.bare(resource)),
            argument: "given->self".into(),
        });
    }
    for (name, (_, ty)) in param_names(function).into_iter().zip(&function.params) {
        let argument = format!("given->{name}");
        params.push(if by_pointer(world, ty) {
            Param {
                declaration: format!("const {} *{name}", names.ty(ty)),
                argument: format!("&{argument}"),
            }
        } else {
            Param {
                declaration: names.variable(ty, &name),
                argument,
            }
        });
    }
    if let Some(ty) = &function.result {
        let ty = names.variable(ty, "*result");
        let cast = ty.trim_end_matches("result").trim_end();
        params.push(Param {
            argument: format!("({cast})results"),
            declaration: ty,
        });
    }
    params
}

fn param_names(function: &Function) -> Vec<String> {
    // What every function has besides.
    let mut scope = Scope::with(["call", "instance", "result"]);
    function
        .params
        .iter()
        .map(|(name, _)| scope.take(c_value(name)))
        .collect()
}

/// Structs are passed by pointer, but for strings and lists, which are small.
fn by_pointer(world: &World, ty: &Type) -> bool {
    matches!(
        world.kind(ty).map(|(_, kind)| kind),
        Some(
            TypeDefKind::Record(_)
                | TypeDefKind::Tuple(_)
                | TypeDefKind::Variant(_)
                | TypeDefKind::Option(_)
                | TypeDefKind::Result(_)
        )
    )
}

/// The function in the table: from the generic form to the author's.
fn entry(world: &World, names: &Names<'_>, name: &str, function: &Function, writer: &mut Writer) {
    let params = params(world, names, function);
    writer.gap();
    writer.line(format!("static inline c12_status c12_entry_{name}("));
    writer.open("    c12_call *call, void *instance, const void *arguments, void *results) {");
    let mut fields: Vec<String> = param_names(function)
        .into_iter()
        .zip(&function.params)
        .map(|(name, (_, ty))| names.variable(ty, &name))
        .collect();
    if let Kind::Drop(resource) = function.kind {
        fields.push(format!("{}_t *self", names.bare(resource)));
    }
    if fields.is_empty() {
        writer.line("(void)arguments;");
    } else {
        writer.open("const struct {");
        for field in fields {
            writer.line(format!("{field};"));
        }
        writer.close("} *given = arguments;");
    }
    if function.result.is_none() {
        writer.line("(void)results;");
    }
    let arguments: Vec<String> = params.into_iter().map(|param| param.argument).collect();
    writer.wrapped(&format!("return {name}("), &arguments, ");");
    writer.close("}");
}

fn table(world: &World, names: &Names<'_>, options: &Options, writer: &mut Writer) {
    let world_name = snake(world.name());
    writer.gap();
    writer.line("/* The WIT by which the plugin describes itself. */");
    writer.open(format!(
        "static const char c12_wit_{world_name}[] C12_UNUSED ="
    ));
    literal(writer, world.wit());
    writer.close(";");
    writer.gap();
    writer.open(format!(
        "static const c12_export c12_exports_{world_name}[] C12_UNUSED = {{"
    ));
    let mut count = 0;
    for (place, interface) in world.interfaces().iter().enumerate() {
        for (number, function) in interface.functions.iter().enumerate() {
            let interface_name = match &interface.name {
                Some(name) => format!("\"{name}\""),
                None => "NULL".into(),
            };
            let flags = if options.blocking.has(interface, function) {
                "C12_BLOCKING"
            } else {
                "0"
            };
            writer.line(format!(
                "{{sizeof(c12_export), {interface_name}, \"{}\", c12_entry_{}, {flags}, 0}},",
                function.name,
                names.function(place, number)
            ));
            count += 1;
        }
    }
    writer.close("};");
    writer.gap();
    writer.line("/* The first argument of C12_PLUGIN_DEFINE. */");
    writer.line(format!("#define {}_WORLD \\", upper(world.name())));
    writer.line(format!(
        "  .wit = c12_wit_{world_name}, .world = \"{}\", .exports = c12_exports_{world_name}, .export_count = {count}",
        world.name()
    ));
}
