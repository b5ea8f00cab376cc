//! How declared types are read from the host and written for it.

use std::collections::{BTreeMap, HashSet};

use wit_parser::{Record, Type, TypeDefKind, TypeId, Variant};

use super::Names;
use super::types::case_names;
use crate::World;
use crate::layout::{Layout, flags_size, parts, tag_size};
use crate::names::{Scope, c_value};
use crate::writer::Writer;

pub(super) fn write(world: &World, names: &Names<'_>, writer: &mut Writer) {
    writer.gap();
    writer.line("namespace c12 {");
    let mut aliased = HashSet::new();
    for interface in world.interfaces() {
        for id in &interface.types {
            // Aliases have the codec of what they stand for.
            if aliased.insert(*id) {
                write_codec(world, names, *id, writer);
            }
        }
    }
    writer.gap();
    for (ty, layout) in composed(world, names) {
        writer.line(format!(
            "static_assert(codec<{ty}>::size == {} && codec<{ty}>::align == {});",
            layout.size, layout.align
        ));
    }
    writer.gap();
    writer.line("}  // namespace c12");
}

fn write_codec(world: &World, names: &Names<'_>, id: TypeId, writer: &mut Writer) {
    let full = names.full(id);
    let open = |base: &str| format!("struct codec<{full}>{base} {{");
    match &world.def(id).kind {
        TypeDefKind::Enum(cases) => {
            let bits = tag_size(cases.tag()) * 8;
            let count = cases.cases.len();
            let base = format!(" : enum_codec<{full}, std::uint{bits}_t, {count}>");
            writer.gap();
            writer.line("template <>");
            writer.line(format!("{}}};", open(&base)));
        }
        TypeDefKind::Flags(flags) => {
            let bits = flags_size(flags.flags.len()) * 8;
            let mask = (1_u64 << flags.flags.len()) - 1;
            let base = format!(" : flags_codec<{full}, std::uint{bits}_t, {mask:#x}u>");
            writer.gap();
            writer.line("template <>");
            writer.line(format!("{}}};", open(&base)));
        }
        TypeDefKind::Record(record) => {
            if world.plain(&Type::Id(id)) {
                writer.gap();
                writer.line("template <>");
                writer.line(format!("struct is_plain<{full}> : std::true_type {{}};"));
            }
            writer.gap();
            writer.line("template <>");
            writer.open(open(""));
            write_layout(world, id, writer);
            write_record(world, names, id, record, writer);
            writer.close("};");
            if world.plain(&Type::Id(id)) {
                let layout = world.layout(&Type::Id(id));
                writer.line(format!(
                    "static_assert(sizeof({full}) == {} && alignof({full}) == {} && \
                     std::is_trivially_copyable_v<{full}>);",
                    layout.size, layout.align
                ));
            }
        }
        TypeDefKind::Variant(variant) => {
            writer.gap();
            writer.line("template <>");
            writer.open(open(""));
            write_layout(world, id, writer);
            write_variant(world, names, id, variant, writer);
            writer.close("};");
        }
        _ => {}
    }
}

fn write_layout(world: &World, id: TypeId, writer: &mut Writer) {
    let layout = world.layout(&Type::Id(id));
    let points = world.facts(&Type::Id(id)).points;
    writer.line(format!(
        "static constexpr std::size_t size = {};",
        layout.size
    ));
    writer.line(format!(
        "static constexpr std::size_t align = {};",
        layout.align
    ));
    writer.line(format!("static constexpr bool points = {points};"));
}

fn write_record(
    world: &World,
    names: &Names<'_>,
    id: TypeId,
    record: &Record,
    writer: &mut Writer,
) {
    let full = names.full(id);
    let offsets = world
        .fields(record.fields.iter().map(|field| &field.ty))
        .offsets;
    writer.open(format!("static {full} lift(const unsigned char *from) {{"));
    let last = record.fields.len().saturating_sub(1);
    for (place, (field, offset)) in record.fields.iter().zip(&offsets).enumerate() {
        let start = if place == 0 {
            format!("return {full}{{")
        } else {
            "    ".into()
        };
        let end = if place == last { "};" } else { "," };
        let ty = names.anywhere().owned(&field.ty);
        writer.line(format!("{start}c12::lift<{ty}>(from + {offset}){end}"));
    }
    writer.close("}");
    // Nothing that was lent goes back.
    if world.facts(&Type::Id(id)).borrows {
        return;
    }
    writer.open(format!(
        "static void lower({full} &value, unsigned char *to, memory &memory) {{"
    ));
    let mut scope = Scope::default();
    scope.take(names.bare(id));
    for (field, offset) in record.fields.iter().zip(offsets) {
        let name = scope.take(c_value(&field.name));
        writer.line(format!("c12::lower(value.{name}, to + {offset}, memory);"));
    }
    writer.close("}");
}

fn write_variant(
    world: &World,
    names: &Names<'_>,
    id: TypeId,
    variant: &Variant,
    writer: &mut Writer,
) {
    let full = names.full(id);
    let Some(union) = world.union(&Type::Id(id)) else {
        return;
    };
    let cases = case_names(names.bare(id), variant);
    let tag = format!("std::uint{}_t", union.tag * 8);
    writer.open(format!("static {full} lift(const unsigned char *from) {{"));
    writer.open(format!("switch (load<{tag}>(from)) {{"));
    for (place, (case, name)) in variant.cases.iter().zip(&cases).enumerate() {
        let payload = case.ty.as_ref().map_or_else(String::new, |ty| {
            format!(
                "c12::lift<{}>(from + {})",
                names.anywhere().owned(ty),
                union.payload
            )
        });
        writer.line(format!(
            "case {place}: return {full}{{{full}::{name}{{{payload}}}}};"
        ));
    }
    writer.line(format!(
        "default: throw error(\"the host gave a case of `{}` that is not there\");",
        world.def(id).name.as_deref().unwrap_or_default()
    ));
    writer.close("}");
    writer.close("}");
    if world.facts(&Type::Id(id)).borrows {
        return;
    }
    let any_payload = variant.cases.iter().any(|case| case.ty.is_some());
    let memory = if any_payload {
        "memory &memory"
    } else {
        "memory &"
    };
    writer.open(format!(
        "static void lower({full} &value, unsigned char *to, {memory}) {{"
    ));
    writer.line(format!(
        "store(static_cast<{tag}>(value.value.index()), to);"
    ));
    writer.open("switch (value.value.index()) {");
    for (place, case) in variant.cases.iter().enumerate() {
        if case.ty.is_some() {
            writer.line(format!(
                "case {place}: c12::lower(std::get<{place}>(value.value).value, to + {}, memory); break;",
                union.payload
            ));
        }
    }
    writer.line("case std::variant_npos: throw error(\"a variant of a result has no case\");");
    writer.line("default: break;");
    writer.close("}");
    writer.close("}");
}

/// The types without a name that are used anywhere, with what the host thinks that they take.
fn composed(world: &World, names: &Names<'_>) -> BTreeMap<String, Layout> {
    let mut found = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Type> = Vec::new();
    for interface in world.interfaces() {
        open.extend(interface.types.iter().map(|id| Type::Id(*id)));
        for function in &interface.functions {
            open.extend(function.params.iter().map(|(_, ty)| *ty));
            open.extend(function.result);
        }
    }
    while let Some(ty) = open.pop() {
        let Some((id, kind)) = world.kind(&ty).filter(|(id, _)| seen.insert(*id)) else {
            continue;
        };
        if matches!(
            kind,
            TypeDefKind::Option(_) | TypeDefKind::Result(_) | TypeDefKind::Tuple(_)
        ) {
            found.insert(names.anywhere().owned(&ty), world.layout(&ty));
        }
        open.extend(parts(world.resolve(), id).unwrap_or_default());
    }
    found
}
