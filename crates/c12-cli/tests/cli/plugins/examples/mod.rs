//! The example plugins, in the real program with the guests that come with them.

pub(crate) mod geo;
mod redis_cache;
#[path = "../../../../../../plugins/examples/redis-cache/tests/server/redis_server.rs"]
pub(crate) mod redis_server;
mod sqlite;
mod text_tools;
mod together;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guests::root;
use crate::harness::Home;

/// Guests of both kinds: core modules and components.
pub(crate) const KINDS: [&str; 2] = ["wasip1", "wasip2"];

/// The library of the package `c12-example-NAME`, which `cargo xtask plugins` builds.
pub(crate) fn library(name: &str) -> PathBuf {
    let file = format!("libc12_example_{}.so", name.replace('-', "_"));
    let library = folder().join(file);
    assert!(
        library.exists(),
        "{} is not built: run `cargo xtask plugins`",
        library.display()
    );
    library
}

/// Where the libraries are.
pub(crate) fn folder() -> PathBuf {
    let beside = || {
        Path::new(env!("CARGO_BIN_EXE_c12"))
            .parent()
            .unwrap()
            .into()
    };
    std::env::var_os("C12_PLUGINS").map_or_else(beside, PathBuf::from)
}

/// Builds an example in C++ in a home: `wit/NAME.wit` and `NAME.cpp`, the latter with `_` for `-`.
pub(crate) fn cxx_library(home: &Home, example: &str, name: &str) -> PathBuf {
    let source = root().join("plugins/examples").join(example);
    let wit = source.join(format!("wit/{name}.wit"));
    let bindgen = ["plugin", "bindgen", "--lang", "cpp", "-o", "include"];
    home.c12(bindgen.into_iter().chain([wit.to_str().unwrap()]))
        .run()
        .success();
    let compiled = Command::new("g++")
        .current_dir(home.work())
        .args(["-std=c++20", "-Wall", "-Wextra", "-Werror", "-O1"])
        .args(["-shared", "-fPIC", "-Iinclude", "-Wl,-z,defs"])
        .arg("-Wl,--version-script=include/c12_plugin.map")
        .arg(source.join(format!("{}.cpp", name.replace('-', "_"))))
        .args(["-o", "built.so"])
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{messages}");
    home.work().join("built.so")
}
