use wit_parser::{Type, TypeDefKind, TypeId};

use super::names::Names;
use super::types;
use crate::World;
use crate::names::{Scope, c_value};
use crate::writer::Writer;

/// Writes a C file that a compiler accepts only if it lays every type of the header out as the host does: sizes,
/// alignments, and the offset of every part. `header` is the name of the header to include.
pub fn layout_checks(world: &World, header: &str) -> String {
    let names = Names::of(world);
    let mut writer = Writer::default();
    writer.line("#include <stdalign.h>");
    writer.line(format!("#include \"{header}\""));
    writer.gap();
    for id in types::order(world) {
        check(world, &names, id, &mut writer);
    }
    for (_, function) in world.functions() {
        if function.params.is_empty() {
            continue;
        }
        // The struct of the arguments, as the entries declare it.
        let fields = world.arguments(function);
        writer.open("struct {");
        for (place, (_, ty)) in function.params.iter().enumerate() {
            writer.line(format!("{};", names.variable(ty, &format!("f{place}"))));
        }
        let number = writer.count();
        writer.close(format!("}} arguments_{number};"));
        assert_size(
            &mut writer,
            &format!("__typeof__(arguments_{number})"),
            fields.layout.size,
        );
        for (place, offset) in fields.offsets.iter().enumerate() {
            let ty = format!("__typeof__(arguments_{number})");
            assert_offset(&mut writer, &ty, &format!("f{place}"), *offset);
        }
    }
    writer.finish()
}

fn check(world: &World, names: &Names<'_>, id: TypeId, writer: &mut Writer) {
    let ty = Type::Id(id);
    let def = world.def(id);
    if def.kind == TypeDefKind::Resource || is_resource_alias(world, &ty) {
        return;
    }
    let name = format!("{}_t", names.bare(id));
    let layout = world.layout(&ty);
    assert_size(writer, &name, layout.size);
    writer.line(format!(
        "_Static_assert(alignof({name}) == {}, \"{name}\");",
        layout.align
    ));
    match &def.kind {
        TypeDefKind::Record(record) => {
            let mut scope = Scope::default();
            let offsets = world
                .fields(record.fields.iter().map(|field| &field.ty))
                .offsets;
            for (field, offset) in record.fields.iter().zip(offsets) {
                assert_offset(writer, &name, &scope.take(c_value(&field.name)), offset);
            }
        }
        TypeDefKind::Tuple(tuple) => {
            let offsets = world.fields(&tuple.types).offsets;
            for (place, offset) in offsets.into_iter().enumerate() {
                assert_offset(writer, &name, &format!("f{place}"), offset);
            }
        }
        TypeDefKind::List(_) => {
            assert_offset(writer, &name, "data", 0);
            assert_offset(writer, &name, "len", 8);
        }
        TypeDefKind::Variant(variant) => {
            let mut scope = Scope::with(["tag"]);
            let Some(union) = world.union(&ty) else {
                return;
            };
            assert_offset(writer, &name, "tag", 0);
            for case in &variant.cases {
                let case_name = scope.take(c_value(&case.name));
                if case.ty.is_some() {
                    assert_offset(writer, &name, &case_name, union.payload);
                }
            }
        }
        TypeDefKind::Option(_) => {
            assert_offset(writer, &name, "is_some", 0);
            let payload = world.union(&ty).map_or(0, |union| union.payload);
            assert_offset(writer, &name, "value", payload);
        }
        TypeDefKind::Result(result) => {
            assert_offset(writer, &name, "is_err", 0);
            let payload = world.union(&ty).map_or(0, |union| union.payload);
            for (side, ty) in [("ok", result.ok), ("err", result.err)] {
                if ty.is_some() {
                    assert_offset(writer, &name, side, payload);
                }
            }
        }
        _ => {}
    }
}

fn is_resource_alias(world: &World, ty: &Type) -> bool {
    world
        .kind(ty)
        .is_some_and(|(_, kind)| *kind == TypeDefKind::Resource)
}

fn assert_size(writer: &mut Writer, ty: &str, size: usize) {
    writer.line(format!("_Static_assert(sizeof({ty}) == {size}, \"{ty}\");"));
}

fn assert_offset(writer: &mut Writer, ty: &str, field: &str, offset: usize) {
    writer.line(format!(
        "_Static_assert(offsetof({ty}, {field}) == {offset}, \"{ty}.{field}\");"
    ));
}
