//! The compilers of the machine.

use std::path::Path;
use std::process::Command;

use c12_bindgen::HEADERS;

/// A folder with the headers of `c12-plugin`.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in HEADERS {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Compiles a file of the folder, with all warnings as errors.
pub(crate) fn compile(compiler: &str, folder: &Path, file: &str, options: &[&str]) {
    let out = Command::new(compiler)
        .current_dir(folder)
        .args([
            "-Wall", "-Wextra", "-Werror", "-fPIC", "-c", file, "-o", "out.o",
        ])
        .args(options)
        .output()
        .unwrap_or_else(|error| panic!("these tests need `{compiler}`: {error}"));
    assert!(
        out.status.success(),
        "{compiler} {file}:\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
}
