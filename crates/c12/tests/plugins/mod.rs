//! The test plugin, built with a C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the test plugin, with its description changed by `describe`, a statement in C.
pub(crate) fn library(folder: &Path, describe: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = folder.join("every.so");
    let compiled = Command::new("gcc")
        .args([
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-shared",
            "-fPIC",
            "-o",
        ])
        .arg(&output)
        .arg("-I")
        .arg(here.join("../c12-plugin/include"))
        .arg(format!("-DDESCRIBE={describe}"))
        .arg(here.join("tests/plugins/every.c"))
        .status()
        .unwrap();
    assert!(compiled.success());
    output
}
