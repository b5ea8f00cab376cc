//! Plugins from their sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// A folder for the time of the tests. It holds a library that only has the right name, for linking.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.c");
    std::fs::write(&empty, "").unwrap();
    run(Command::new("cc")
        .args(["-shared", "-Wl,-soname,libwasmedge.so.0", "-o"])
        .arg(folder.path().join("libwasmedge.so"))
        .arg(empty));
    folder
});

/// The sources of the tests' plugins.
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/plugins")
        .join(name)
}

/// Compiles a plugin as authors do: linked with `-lwasmedge`.
pub fn plugin(source: &Path, name: &str, flags: &[&str]) -> PathBuf {
    let mut linked = flags.to_vec();
    let folder = FOLDER.path().display().to_string();
    let search = format!("-L{folder}");
    linked.extend([&search, "-Wl,--no-as-needed", "-lwasmedge"]);
    unlinked(source, name, &linked)
}

/// Compiles a plugin that does not say which library it needs.
pub fn unlinked(source: &Path, name: &str, flags: &[&str]) -> PathBuf {
    let library = FOLDER.path().join(format!("lib{name}.so"));
    let cxx = source.extension().is_some_and(|extension| extension != "c");
    let include = std::env::var_os("C12_WASMEDGE_INCLUDE").unwrap();
    let mut command = Command::new(if cxx { "c++" } else { "cc" });
    command
        .args(if cxx {
            ["-std=c++20", "-Wall", "-Wextra"]
        } else {
            ["-std=c11", "-Wall", "-Wextra"]
        })
        .args(["-Werror", "-g", "-O1", "-fPIC", "-shared", "-pthread", "-DWASMEDGE_PLUGIN"])
        .arg("-isystem")
        .arg(include)
        .arg(source)
        .arg("-o")
        .arg(&library)
        .args(flags)
        .args(std::env::var("C12_TEST_CFLAGS").unwrap_or_default().split_whitespace());
    run(&mut command);
    library
}

pub fn has_cxx() -> bool {
    Command::new("c++")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
