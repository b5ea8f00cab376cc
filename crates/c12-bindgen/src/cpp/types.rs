//! The types that an interface declares.

use wit_parser::{Type, TypeDefKind, TypeId, Variant};

use super::Names;
use crate::layout::{flags_size, tag_size};
use crate::names::{Scope, c_value};
use crate::writer::Writer;
use crate::{Interface, World};

pub(super) fn write(world: &World, names: &Names<'_>, interface: &Interface, writer: &mut Writer) {
    let resource = |id: &&TypeId| world.def(**id).kind == TypeDefKind::Resource;
    if interface.types.iter().any(|id| resource(&id)) {
        writer.gap();
        for id in interface.types.iter().filter(resource) {
            writer.line(format!("class {};", names.bare(*id)));
        }
    }
    for id in interface.types.iter().filter(|id| !resource(id)) {
        write_type(world, names, interface, *id, writer);
    }
}

fn write_type(
    world: &World,
    names: &Names<'_>,
    interface: &Interface,
    id: TypeId,
    writer: &mut Writer,
) {
    let def = world.def(id);
    let name = names.bare(id);
    writer.gap();
    writer.c_docs(def.docs.contents.as_deref());
    match &def.kind {
        TypeDefKind::Record(record) => {
            let mut scope = Scope::default();
            scope.take(name);
            let fields: Vec<String> = record
                .fields
                .iter()
                .map(|field| scope.take(c_value(&field.name)))
                .collect();
            let spelling = names.within(interface, fields.iter().cloned());
            writer.open(format!("struct {name} {{"));
            for (field, field_name) in record.fields.iter().zip(&fields) {
                writer.c_docs(field.docs.contents.as_deref());
                // A result has no value of its own to begin with.
                let start = match world.kind(&field.ty) {
                    Some((_, TypeDefKind::Result(_))) => "",
                    _ => "{}",
                };
                let ty = spelling.owned(&field.ty);
                let space = if ty.ends_with('*') { "" } else { " " };
                writer.line(format!("{ty}{space}{field_name}{start};"));
            }
            writer.close("};");
        }
        TypeDefKind::Variant(variant) => write_variant(names, interface, name, variant, writer),
        TypeDefKind::Enum(cases) => {
            let bits = tag_size(cases.tag()) * 8;
            let mut scope = Scope::default();
            writer.open(format!("enum class {name} : std::uint{bits}_t {{"));
            for case in &cases.cases {
                writer.c_docs(case.docs.contents.as_deref());
                writer.line(format!("{},", scope.take(c_value(&case.name))));
            }
            writer.close("};");
        }
        TypeDefKind::Flags(flags) => {
            let bits = flags_size(flags.flags.len()) * 8;
            let mut scope = Scope::default();
            writer.open(format!("enum class {name} : std::uint{bits}_t {{"));
            for (place, flag) in flags.flags.iter().enumerate() {
                writer.c_docs(flag.docs.contents.as_deref());
                let flag = scope.take(c_value(&flag.name));
                writer.line(format!("{flag} = 1u << {place},"));
            }
            writer.close("};");
            writer.line(format!("C12_FLAGS({name}, std::uint{bits}_t);"));
        }
        TypeDefKind::Type(_) => {
            let target = match world.kind(&Type::Id(id)) {
                Some((resource, TypeDefKind::Resource)) => names.full(resource).to_owned(),
                _ => names.anywhere().owned(&Type::Id(id)),
            };
            writer.line(format!("using {name} = {target};"));
        }
        // A type without a name that got one: `type pair = tuple<u8, u8>`.
        _ => {
            let spelling = names.within(interface, []);
            writer.line(format!("using {name} = {};", spelling.owned(&Type::Id(id))));
        }
    }
}

/// What the cases of a variant are called.
pub(super) fn case_names(name: &str, variant: &Variant) -> Vec<String> {
    let mut scope = Scope::with(["value"]);
    scope.take(name);
    variant
        .cases
        .iter()
        .map(|case| scope.take(c_value(&case.name)))
        .collect()
}

fn write_variant(
    names: &Names<'_>,
    interface: &Interface,
    name: &str,
    variant: &Variant,
    writer: &mut Writer,
) {
    let cases = case_names(name, variant);
    let spelling = names.within(interface, cases.iter().cloned().chain(["value".to_owned()]));
    writer.open(format!("struct {name} {{"));
    for (case, case_name) in variant.cases.iter().zip(&cases) {
        writer.c_docs(case.docs.contents.as_deref());
        match &case.ty {
            Some(ty) => writer.line(format!(
                "struct {case_name} {{ {} value; }};",
                spelling.owned(ty)
            )),
            None => writer.line(format!("struct {case_name} {{}};")),
        }
    }
    writer.wrapped("std::variant<", &cases, "> value;");
    writer.close("};");
}
