//! Plugins in C and C++, compiled from the generated headers and run without a guest.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod c;
mod cpp;
mod refused;

use std::path::{Path, PathBuf};
use std::process::Command;

use c12_bindgen::{HEADERS, Options, World};
use tempfile::TempDir;

/// A library in a folder of its own.
struct Built {
    folder: TempDir,
}

impl Built {
    fn path(&self) -> PathBuf {
        self.folder.path().join("plugin.so")
    }
}

/// Compiles a source of `tests/foreign`, which includes what `bindings` made of a world as `world.h`.
fn build(
    source: &str,
    case: &str,
    bindings: fn(&World, &Options) -> Result<String, c12_bindgen::Error>,
) -> Built {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let case = here.join("../c12-bindgen/tests/cases").join(case);
    let world = World::from_path(&case, None).unwrap();
    let text = std::fs::read_to_string(here.join("tests/foreign").join(source)).unwrap();
    compile(
        source,
        &text,
        &bindings(&world, &Options::default()).unwrap(),
    )
}

/// Compiles a text.
fn compile(source: &str, text: &str, header: &str) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for (name, text) in HEADERS {
        write(name, text);
    }
    write("world.h", header);
    write(source, text);
    let (compiler, standard) = if source.ends_with(".cpp") {
        ("g++", "-std=c++17")
    } else {
        ("gcc", "-std=c11")
    };
    let out = Command::new(compiler)
        .current_dir(folder.path())
        .args([
            standard, "-Wall", "-Wextra", "-Werror", "-g", "-shared", "-fPIC",
        ])
        .args(["-Wl,-z,defs", "-Wl,--version-script=c12_plugin.map"])
        .args(["-o", "plugin.so", source])
        .output()
        .unwrap_or_else(|error| panic!("these tests need `{compiler}`: {error}"));
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    Built { folder }
}
