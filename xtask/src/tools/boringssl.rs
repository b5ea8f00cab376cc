//! What BoringSSL is built with. Only the tests need it, to compare the plugin `crypto` with an implementation that stands
//! on it, and they can do without.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::system::{Program, install};
use crate::process::find_program;

const CMAKE: Program = Program {
    name: "cmake",
    packages: "cmake",
};

/// A library, from which its bindings are made.
const LIBCLANG: Program = Program {
    name: "libclang",
    packages: "libclang-dev",
};

/// Installs what is missing if this is root and apt is there; otherwise fails with the line that does.
pub(crate) fn install_missing() -> Result<()> {
    install(|| parts().into_iter().filter_map(Result::err).collect())
}

/// Where each part is, or what it is that is missing.
pub(crate) fn parts() -> [Result<PathBuf, Program>; 2] {
    [
        find_program(CMAKE.name).ok_or(CMAKE),
        libclang().ok_or(LIBCLANG),
    ]
}

fn libclang() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("LIBCLANG_PATH") {
        return Some(given.into());
    }
    let folders = folders_in("/usr/lib", |_| true)
        .chain(
            folders_in("/usr/lib", |name| name.starts_with("llvm-")).map(|llvm| llvm.join("lib")),
        )
        .chain(["/usr/lib64".into(), "/usr/local/lib".into()]);
    folders.into_iter().find_map(|folder| libclang_in(&folder))
}

fn libclang_in(folder: &Path) -> Option<PathBuf> {
    let is_library = |name: &str| {
        let version = |rest: &str| rest.starts_with(['-', '.']) && rest.contains(".so");
        name.strip_prefix("libclang").is_some_and(version) && !name.starts_with("libclang-cpp")
    };
    entries(folder).find(|file| file_name(file).is_some_and(is_library))
}

fn folders_in(parent: &str, wanted: fn(&str) -> bool) -> impl Iterator<Item = PathBuf> {
    entries(Path::new(parent))
        .filter(move |path| path.is_dir() && file_name(path).is_some_and(wanted))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = folder.read_dir().into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_under_all_its_names_and_no_other_is() {
        for (name, expected) in [
            ("libclang.so", true),
            ("libclang.so.1", true),
            ("libclang-14.so.1", true),
            ("libclang-cpp.so.14", false),
            ("libclangAST.a", false),
            ("libclang.a", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), "").unwrap();
            assert_eq!(libclang_in(folder.path()).is_some(), expected, "{name}");
        }
    }
}
