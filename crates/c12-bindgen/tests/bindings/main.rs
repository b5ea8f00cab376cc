//! The bindings of every case, compiled and compared with what they were.
//!
//! A case is a file `tests/cases/NAME.wit` or a folder `tests/cases/NAME`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod c;
mod compilers;
mod cpp;
mod refused;
mod snapshots;
mod world;

use std::path::{Path, PathBuf};

use c12_bindgen::World;

/// The worlds of all cases, by name.
fn cases() -> Vec<(String, World)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let cases: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let world = World::from_path(&path, None).unwrap_or_else(|error| {
                panic!("{name}: {error}");
            });
            (name, world)
        })
        .collect();
    assert!(cases.len() >= 5);
    cases
}

/// The world of one case.
fn case(name: &str) -> World {
    cases()
        .into_iter()
        .find_map(|(case, world)| (case == name).then_some(world))
        .unwrap()
}
