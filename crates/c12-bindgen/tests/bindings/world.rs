//! What a world knows of itself.

use c12_bindgen::{Kind, World};

use crate::{case, cases};

#[test]
fn the_text_gives_the_same_world() {
    for (name, world) in cases() {
        let again = World::from_text("again.wit", world.wit(), Some(world.name()))
            .unwrap_or_else(|error| panic!("{name}: {error}\n{}", world.wit()));
        assert_eq!(again.wit(), world.wit());
        let functions = |world: &World| -> Vec<_> {
            let mut functions: Vec<_> = world
                .functions()
                .map(|(interface, function)| {
                    (
                        interface.name.clone(),
                        function.name.clone(),
                        world.arguments(function),
                        function.result.map(|ty| world.layout(&ty)),
                    )
                })
                .collect();
            // The text has the functions of resources with them.
            functions.sort_by_key(|function| (function.0.clone(), function.1.clone()));
            functions
        };
        assert_eq!(functions(&again), functions(&world));
    }
}

#[test]
fn resources_have_an_end() {
    let world = case("resources");
    let drops: Vec<_> = world
        .functions()
        .filter(|(_, function)| matches!(function.kind, Kind::Drop(_)))
        .map(|(interface, function)| (interface.name.as_deref().unwrap(), function.name.as_str()))
        .collect();
    assert_eq!(
        drops,
        [
            ("test:resources/store@0.1.0", "[resource-drop]table"),
            ("test:resources/store@0.1.0", "[resource-drop]cursor"),
        ]
    );
}

#[test]
fn layouts_of_the_specification() {
    // A record of 1, 8, 2, 4 and 1 bytes, with gaps.
    let world = case("values");
    let gaps = world
        .interfaces()
        .iter()
        .flat_map(|interface| &interface.types)
        .find(|id| world.def(**id).name.as_deref() == Some("gaps"))
        .unwrap();
    let layout = world.layout(&wit_parser::Type::Id(*gaps));
    assert_eq!((layout.size, layout.align), (32, 8));
    let wit_parser::TypeDefKind::Record(record) = &world.def(*gaps).kind else {
        panic!();
    };
    let fields = world.fields(record.fields.iter().map(|field| &field.ty));
    assert_eq!(fields.offsets, [0, 8, 16, 20, 24]);
}

#[test]
fn the_files_of_a_folder_are_known() {
    let world = case("versions");
    let names: Vec<_> = world
        .files()
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(names, ["one.wit", "two.wit", "world.wit"]);
}
