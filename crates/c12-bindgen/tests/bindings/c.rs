//! Headers for C.

use std::fmt::Write;

use c12_bindgen::{Blocking, Options, c};

use crate::compilers::{compile, folder};
use crate::{case, cases};

#[test]
fn c_lays_types_out_as_the_host_does() {
    for (name, world) in cases() {
        let folder = folder();
        let header = c::header(&world, &Options::default()).unwrap();
        std::fs::write(folder.path().join("world.h"), &header).unwrap();
        let checks = c::layout_checks(&world, "world.h");
        assert!(
            checks.matches("_Static_assert").count() > 3,
            "{name}: {checks}"
        );
        std::fs::write(folder.path().join("checks.c"), checks).unwrap();
        for optimise in ["-O0", "-O2"] {
            compile("gcc", folder.path(), "checks.c", &["-std=c11", optimise]);
        }
        // Included twice, and without anything that uses it.
        std::fs::write(
            folder.path().join("twice.c"),
            "#include \"world.h\"\n#include \"world.h\"\n",
        )
        .unwrap();
        compile("gcc", folder.path(), "twice.c", &["-std=c11"]);
        compile(
            "gcc",
            folder.path(),
            "twice.c",
            &["-std=c17", "-m64", "-Wshadow"],
        );
    }
}

#[test]
fn a_plugin_compiles_without_a_warning() {
    for (name, world) in cases() {
        let folder = folder();
        let options = Options {
            blocking: Blocking::Everything,
        };
        let header = c::header(&world, &options).unwrap();
        let upper = world.name().replace('-', "_").to_uppercase();
        let mut plugin = String::from("typedef struct state { int calls; } state;\n");
        plugin.push_str("#define C12_INSTANCE state\n#include \"world.h\"\n");
        // Every function to implement, as it is declared.
        for declared in header.split("\nc12_status ").skip(1) {
            let declared = declared.split(';').next().unwrap();
            writeln!(
                plugin,
                "c12_status {declared} {{ instance->calls++; return c12_fail(call, \"no\"); }}"
            )
            .unwrap();
        }
        writeln!(
            plugin,
            "static const c12_key keys[] = {{ C12_KEY(C12_TEXT, \"a\", NULL, \"b\"), \
             C12_REQUIRED_KEY(C12_PATH, \"c\", \"d\") }};\n\
             C12_PLUGIN_DEFINE({upper}_WORLD, .name = \"{name}\", .version = \"1.0.0\", \
             .description = \"\", C12_KEYS(keys));"
        )
        .unwrap();
        std::fs::write(folder.path().join("world.h"), header).unwrap();
        // Parameters that the function above does not use are not the header's fault.
        std::fs::write(folder.path().join("plugin.c"), plugin).unwrap();
        compile(
            "gcc",
            folder.path(),
            "plugin.c",
            &["-std=c11", "-Wno-unused-parameter", "-O2"],
        );
    }
}

#[test]
fn a_type_has_one_name_wherever_it_is() {
    let wit =
        "package a:b; world w { export f: func(a: list<bool>, b: list<u8>, c: option<list<u8>>); }";
    let world = c12_bindgen::World::from_text("b.wit", wit, None).unwrap();
    let header = c::header(&world, &Options::default()).unwrap();
    for name in [
        "c12_list_bool_t a,",
        "c12_list_u8_t b,",
        "const c12_option_list_u8_t *c",
    ] {
        assert!(header.contains(name), "{header}");
    }
    assert_eq!(header.matches("typedef struct c12_list_u8_t {").count(), 1);
}

#[test]
fn blocking_functions_are_marked() {
    let world = case("values");
    let these = |names: &[&str]| Options {
        blocking: Blocking::These(names.iter().map(|name| (*name).to_owned()).collect()),
    };
    let header = c::header(&world, &these(&["test:values/echo@1.2.0#nothing"])).unwrap();
    assert_eq!(header.matches("C12_BLOCKING").count(), 1);
    let header = c::header(&world, &these(&["test:values/echo@1.2.0"])).unwrap();
    assert_eq!(
        header.matches("C12_BLOCKING").count(),
        world.functions().count()
    );
    let error = c::header(&world, &these(&["nothing"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`nothing` is said to block, but the world has no such function"
    );
}
