//! Plugins: named, configured, found, shown and checked.

mod bindgen;
mod check;
pub(crate) mod examples;
mod files;
mod nn;
mod official;
mod show;

use std::path::Path;
use std::process::Command;

use crate::guests::root;

/// Compiles the test plugin, with its description changed by `describe`, a statement in C. Returns its SHA-256.
pub(crate) fn build(library: &Path, describe: &str) -> String {
    std::fs::create_dir_all(library.parent().unwrap()).unwrap();
    let compiled = Command::new("gcc")
        .args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-w", "-o"])
        .arg(library)
        .arg("-I")
        .arg(root().join("crates/c12-plugin/include"))
        .arg(format!("-DDESCRIBE={describe}"))
        .arg(root().join("crates/c12/tests/plugins/every.c"))
        .status()
        .unwrap();
    assert!(compiled.success());
    let printed = Command::new("sha256sum").arg(library).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    printed.split(' ').next().unwrap().to_owned()
}

/// Compiles a library that is no plugin.
pub(crate) fn build_nothing(library: &Path) {
    let source = library.with_extension("c");
    std::fs::write(&source, "int nothing;\n").unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-o"])
        .arg(library)
        .arg(source);
    assert!(gcc.status().unwrap().success());
}

/// The description as it is.
pub(crate) const UNCHANGED: &str = "(void)0";

/// A module that calls `add` of the test plugin, as a command.
pub(crate) const ADDS: &str = r#"(module
    (import "test:every/things@1.2.0" "add" (func $add (param i32 i32) (result i32)))
    (func (export "_start") (drop (call $add (i32.const 1) (i32.const 2))))
    (func (export "run") (result i32) (call $add (i32.const 1) (i32.const 2))))"#;
