//! Plugins from their sources.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// Where plugins are put.
pub(crate) static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// The folder, with a library that only has the right name, for linking.
fn folder() -> &'static Path {
    static LIBRARY: OnceLock<()> = OnceLock::new();
    let folder = FOLDER.get().unwrap();
    LIBRARY.get_or_init(|| {
        let empty = folder.join("empty.c");
        std::fs::write(&empty, "").unwrap();
        run(Command::new("cc")
            .args(["-shared", "-Wl,-soname,libwasmedge.so.0", "-o"])
            .arg(folder.join("libwasmedge.so"))
            .arg(empty));
    });
    folder
}

/// The sources of the tests' plugins.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/plugins")
        .join(name)
}

/// Compiles a plugin as authors do: linked with `-lwasmedge`.
pub(crate) fn plugin(source: &Path, name: &str, flags: &[&str]) -> PathBuf {
    let mut linked = flags.to_vec();
    let search = format!("-L{}", folder().display());
    linked.extend([&search, "-Wl,--no-as-needed", "-lwasmedge"]);
    unlinked(source, name, &linked)
}

/// Compiles a plugin that does not say which library it needs. Tests that want the same share it.
pub(crate) fn unlinked(source: &Path, name: &str, flags: &[&str]) -> PathBuf {
    /// The flags of each, by name.
    static COMPILED: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);
    let library = folder().join(format!("lib{name}.so"));
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = compiled.get(name) {
        assert_eq!(*known, flags, "two plugins are called `{name}`");
        return library;
    }
    let cxx = source.extension().is_some_and(|extension| extension != "c");
    let include = std::env::var_os("C12_WASMEDGE_INCLUDE").unwrap();
    let mut command = Command::new(if cxx { "c++" } else { "cc" });
    command
        .arg(if cxx { "-std=c++20" } else { "-std=c11" })
        .args([
            "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fPIC", "-shared",
        ])
        .args(["-pthread", "-DWASMEDGE_PLUGIN"])
        .arg("-isystem")
        .arg(include)
        .arg(source)
        .arg("-o")
        .arg(&library)
        .args(&flags)
        .args(
            std::env::var("C12_TEST_CFLAGS")
                .unwrap_or_default()
                .split_whitespace(),
        );
    run(&mut command);
    compiled.insert(name.to_owned(), flags);
    library
}

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program)
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
