//! Headers for C++.

use c12_bindgen::{Blocking, Options, cpp};

use crate::compilers::{compile, folder};
use crate::{case, cases};

#[test]
fn cpp_compiles_without_a_warning() {
    for (name, world) in cases() {
        // GCC needs minutes for a `std::variant` of so many.
        if name == "wide" {
            continue;
        }
        let folder = folder();
        let header = cpp::header(&world, &Options::default()).unwrap();
        std::fs::write(folder.path().join("world.hpp"), &header).unwrap();
        // Included twice, and with a plugin that is never instantiated: every function is compiled all the same.
        let name = world.name().replace('-', "_");
        let file = format!(
            "#include \"world.hpp\"\n#include \"world.hpp\"\n\
             struct instance : {} {{}};\n\
             const c12_export *all() {{ return c12::worlds::{name}::world::exports<instance>(); }}\n",
            header
                .lines()
                .filter_map(|line| line.strip_prefix(" *   ")?.strip_suffix("::guest"))
                .map(|namespace| format!("{namespace}::guest"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        std::fs::write(folder.path().join("plugin.cpp"), file).unwrap();
        let strict = [
            "-std=c++17",
            "-O1",
            "-Wpedantic",
            "-Wshadow",
            "-fvisibility=hidden",
        ];
        compile("g++", folder.path(), "plugin.cpp", &strict);
        compile(
            "g++",
            folder.path(),
            "plugin.cpp",
            &["-std=c++20", "-fsyntax-only"],
        );
    }
}

#[test]
fn blocking_functions_are_marked() {
    let options = Options {
        blocking: Blocking::These(vec!["stop".into()]),
    };
    let header = cpp::header(&case("names"), &options).unwrap();
    let marked: Vec<_> = header
        .lines()
        .filter(|line| line.contains("C12_BLOCKING"))
        .collect();
    assert_eq!(marked.len(), 1);
    assert!(marked[0].contains("nullptr, \"stop\""), "{marked:?}");
}
