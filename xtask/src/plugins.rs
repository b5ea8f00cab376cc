//! Building the example plugins that are packages of the workspace.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::layout::Layout;
use crate::process::{cargo, run};

/// The packages, each a native plugin. The library of `c12-example-x-y` is `libc12_example_x_y.so`.
pub(crate) const EXAMPLES: &[&str] = &[
    "c12-example-redis-cache",
    "c12-example-sqlite",
    "c12-example-text-tools",
];

/// Builds the example plugins and returns the folder that their libraries are in.
pub(crate) fn build_examples(layout: &Layout) -> Result<PathBuf> {
    // All libraries of the workspace, and an example, as the tests do: then cargo chooses the same features of what
    // plugins and the engine share, and neither makes it build the other's part again.
    run(cargo(layout)
        .args(["build", "--workspace", "--exclude", "c12-test-guests"])
        .args(["--lib", "--example", "embed"]))
    .context("cannot build the example plugins")?;
    let folder = folder(layout);
    for package in EXAMPLES {
        let library = folder.join(library_name(package));
        anyhow::ensure!(
            library.is_file(),
            "the package {package} did not make {}; is its crate type `cdylib`?",
            library.display()
        );
    }
    Ok(folder)
}

/// Where the libraries are put.
pub(crate) fn folder(layout: &Layout) -> PathBuf {
    layout.target.join("debug")
}

/// What cargo calls the library of a package.
fn library_name(package: &str) -> String {
    format!("lib{}.so", package.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn libraries_are_called_after_their_packages() {
        assert_eq!(
            library_name("c12-example-text-tools"),
            "libc12_example_text_tools.so"
        );
    }

    #[test]
    fn every_example_package_is_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = Vec::new();
        for entry in root.join("plugins/examples").read_dir().unwrap() {
            let Ok(manifest) = std::fs::read_to_string(entry.unwrap().path().join("Cargo.toml"))
            else {
                continue;
            };
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "));
            // Others are components, which are built as guests are.
            if manifest.contains("\nc12-plugin = ") {
                found.push(name.unwrap().trim_matches('"').to_owned());
            }
        }
        found.sort();
        let mut built = EXAMPLES.to_vec();
        built.sort_unstable();
        assert_eq!(found, built);
    }
}
