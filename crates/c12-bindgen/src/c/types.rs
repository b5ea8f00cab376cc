use std::collections::HashSet;

use wit_parser::{Record, Type, TypeDefKind, TypeId, Variant};

use super::names::Names;
use crate::World;
use crate::layout::{flags_size, parts, tag_size};
use crate::names::{Scope, c_value};
use crate::writer::Writer;

/// All types of a world, each after what it is made of. Handles and built-in types are not among them.
pub(super) fn order(world: &World) -> Vec<TypeId> {
    fn visit(world: &World, ty: &Type, seen: &mut HashSet<TypeId>, order: &mut Vec<TypeId>) {
        let Type::Id(id) = *ty else {
            return;
        };
        if !seen.insert(id) {
            return;
        }
        for part in parts(world.resolve(), id).unwrap_or_default() {
            visit(world, &part, seen, order);
        }
        let def = world.def(id);
        let anonymous_alias = matches!(def.kind, TypeDefKind::Type(_)) && def.name.is_none();
        if !matches!(def.kind, TypeDefKind::Handle(_)) && !anonymous_alias {
            order.push(id);
        }
    }
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    for interface in world.interfaces() {
        for id in &interface.types {
            visit(world, &Type::Id(*id), &mut seen, &mut order);
        }
        for function in &interface.functions {
            for ty in function
                .params
                .iter()
                .map(|(_, ty)| ty)
                .chain(&function.result)
            {
                visit(world, ty, &mut seen, &mut order);
            }
        }
    }
    order
}

pub(super) fn write(world: &World, names: &Names<'_>, writer: &mut Writer) {
    writer.gap();
    writer.line("/* Types */");
    let mut written = HashSet::new();
    for id in order(world) {
        // Types without a name that are equal have one name.
        if written.insert(names.bare(id).to_owned()) {
            write_type(world, names, id, writer);
        }
    }
}

fn write_type(world: &World, names: &Names<'_>, id: TypeId, writer: &mut Writer) {
    let def = world.def(id);
    let name = names.bare(id);
    writer.gap();
    writer.c_docs(def.docs.contents.as_deref());
    // The same type may be in the header of another world.
    let shared = name.starts_with("c12_");
    if shared {
        writer.line(format!("#ifndef {}_T", name.to_ascii_uppercase()));
        writer.line(format!("#define {}_T", name.to_ascii_uppercase()));
    }
    match &def.kind {
        TypeDefKind::Record(record) => write_record(names, name, record, writer),
        TypeDefKind::Tuple(tuple) => {
            writer.open(format!("typedef struct {name}_t {{"));
            for (place, ty) in tuple.types.iter().enumerate() {
                writer.line(format!("{};", names.variable(ty, &format!("f{place}"))));
            }
            writer.close(format!("}} {name}_t;"));
        }
        TypeDefKind::List(item) => {
            let item = names.variable(item, "const *data");
            writer.open(format!("typedef struct {name}_t {{"));
            writer.line(format!("{item};"));
            writer.line("size_t len;");
            writer.close(format!("}} {name}_t;"));
        }
        TypeDefKind::Variant(variant) => write_variant(names, id, variant, writer),
        TypeDefKind::Option(some) => {
            writer.open(format!("typedef struct {name}_t {{"));
            writer.line("uint8_t is_some;");
            writer.line("/* There only if `is_some` is 1. */");
            writer.line(format!("{};", names.variable(some, "value")));
            writer.close(format!("}} {name}_t;"));
        }
        TypeDefKind::Result(result) => {
            writer.open(format!("typedef struct {name}_t {{"));
            writer.line("uint8_t is_err;");
            let sides = [("ok", &result.ok), ("err", &result.err)];
            payloads(
                names,
                &sides.map(|(side, ty)| (side.to_owned(), ty.as_ref())),
                writer,
            );
            writer.close(format!("}} {name}_t;"));
        }
        TypeDefKind::Enum(cases) => {
            let size = tag_size(cases.tag());
            writer.line(format!("typedef uint{}_t {name}_t;", size * 8));
            for (place, case) in cases.cases.iter().enumerate() {
                writer.c_docs(case.docs.contents.as_deref());
                let constant = names.constant(id, &case.name);
                writer.line(format!("#define {constant} (({name}_t){place})"));
            }
        }
        TypeDefKind::Flags(flags) => {
            let size = flags_size(flags.flags.len());
            writer.line(format!("typedef uint{}_t {name}_t;", size * 8));
            for (place, flag) in flags.flags.iter().enumerate() {
                writer.c_docs(flag.docs.contents.as_deref());
                let constant = names.constant(id, &flag.name);
                writer.line(format!("#define {constant} (({name}_t)(1u << {place}))"));
            }
        }
        TypeDefKind::Resource => {
            writer.line(format!("/* Yours to define: `struct {name}_t {{ … }};` */"));
            writer.line(format!("typedef struct {name}_t {name}_t;"));
        }
        TypeDefKind::Type(target) => {
            let resource = match world.dealias(target) {
                Type::Id(id) if world.def(id).kind == TypeDefKind::Resource => Some(id),
                _ => None,
            };
            let target = match resource {
                Some(id) => format!("{}_t", names.bare(id)),
                None => names.ty(target),
            };
            writer.line(format!("typedef {target} {name}_t;"));
        }
        _ => {}
    }
    if shared {
        writer.line("#endif");
    }
}

fn write_record(names: &Names<'_>, name: &str, record: &Record, writer: &mut Writer) {
    let mut scope = Scope::default();
    writer.open(format!("typedef struct {name}_t {{"));
    for field in &record.fields {
        writer.c_docs(field.docs.contents.as_deref());
        let field_name = scope.take(c_value(&field.name));
        writer.line(format!("{};", names.variable(&field.ty, &field_name)));
    }
    writer.close(format!("}} {name}_t;"));
}

fn write_variant(names: &Names<'_>, id: TypeId, variant: &Variant, writer: &mut Writer) {
    let name = names.bare(id);
    let mut scope = Scope::with(["tag"]);
    writer.open(format!("typedef struct {name}_t {{"));
    writer.line("/* One of the constants below. */");
    writer.line(format!("uint{}_t tag;", tag_size(variant.tag()) * 8));
    let cases: Vec<(String, Option<&Type>)> = variant
        .cases
        .iter()
        .map(|case| (scope.take(c_value(&case.name)), case.ty.as_ref()))
        .collect();
    payloads(names, &cases, writer);
    writer.close(format!("}} {name}_t;"));
    for (place, case) in variant.cases.iter().enumerate() {
        writer.c_docs(case.docs.contents.as_deref());
        writer.line(format!(
            "#define {} {place}",
            names.constant(id, &case.name)
        ));
    }
}

/// The union of payloads, if there are any.
fn payloads(names: &Names<'_>, cases: &[(String, Option<&Type>)], writer: &mut Writer) {
    if cases.iter().all(|(_, ty)| ty.is_none()) {
        return;
    }
    writer.open("union {");
    for (name, ty) in cases {
        if let Some(ty) = ty {
            writer.line(format!("{};", names.variable(ty, name)));
        }
    }
    writer.close("};");
}
