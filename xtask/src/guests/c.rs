//! Guests in C, each one file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{place, remove_others};
use crate::layout::Layout;
use crate::process::run;
use crate::tools::c_compiler::{CCompiler, c_compiler};

const FOLDERS: [&str; 3] = [
    "tests/guests/c",
    "guest/examples/c",
    "plugins/examples/text-tools-wasmedge/guest",
];
const KIND: &str = "c";
const DEFAULT_FLAGS: [&str; 1] = ["-O2"];

pub(super) fn build_all(layout: &Layout) -> Result<()> {
    let sources = sources(&layout.root)?;
    if !sources.is_empty() {
        let compiler = c_compiler(layout)?;
        // Two processes may build at once, and the linker writes the file's name into the module.
        let folder = layout
            .guests()
            .join(format!("build/c-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        for (name, source) in &sources {
            let built = folder.join(format!("{name}.wasm"));
            build(layout, &compiler, source, &built)?;
            place(layout, &built, KIND, name)?;
        }
        std::fs::remove_dir_all(folder)?;
    }
    remove_others(layout, KIND, &sources.into_keys().collect())
}

/// Every C file by the name of its guest.
fn sources(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut sources = BTreeMap::new();
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != "c") {
                continue;
            }
            let name = path
                .file_stem()
                .context("a file has a name")?
                .to_string_lossy()
                .into_owned();
            if let Some(other) = sources.insert(name, path.clone()) {
                bail!(
                    "{} and {} would make the same guest; rename one",
                    other.display(),
                    path.display()
                );
            }
        }
    }
    Ok(sources)
}

fn build(layout: &Layout, compiler: &CCompiler, source: &Path, built: &Path) -> Result<()> {
    let text = std::fs::read_to_string(source)
        .with_context(|| format!("cannot read {}", source.display()))?;
    // A path that is relative to the repository makes debugging information the same everywhere.
    let source = source.strip_prefix(&layout.root).unwrap_or(source);
    let mut command = compiler.command();
    command
        .current_dir(&layout.root)
        .arg("-Wall")
        .args(flags(&text))
        .arg(source)
        .arg("-o")
        .arg(built);
    run(&mut command)
}

/// The flags in a first line `// build: -g -O1`.
fn flags(source: &str) -> Vec<&str> {
    match source
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("// build:"))
    {
        Some(flags) => flags.split_whitespace().collect(),
        None => DEFAULT_FLAGS.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_may_name_flags() {
        assert_eq!(
            flags("// build: -g  -O1\nint main(void) {}\n"),
            ["-g", "-O1"]
        );
        assert_eq!(flags("// build:\nint main(void) {}\n"), [""; 0]);
        assert_eq!(flags("int main(void) {}\n// build: -g\n"), DEFAULT_FLAGS);
        assert_eq!(flags(""), DEFAULT_FLAGS);
    }

    #[test]
    fn sources_of_both_folders_share_their_names() {
        let root = tempfile::tempdir().unwrap();
        for folder in FOLDERS {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
            std::fs::write(root.path().join(folder).join("shared.h"), "").unwrap();
        }
        std::fs::write(root.path().join(FOLDERS[0]).join("hello.c"), "").unwrap();
        assert_eq!(
            sources(root.path())
                .unwrap()
                .into_keys()
                .collect::<Vec<_>>(),
            ["hello"]
        );
        std::fs::write(root.path().join(FOLDERS[1]).join("hello.c"), "").unwrap();
        assert!(
            sources(root.path())
                .unwrap_err()
                .to_string()
                .contains("same guest")
        );
    }

    #[test]
    fn no_folder_means_no_guests() {
        assert!(sources(Path::new("/nonexistent")).unwrap().is_empty());
    }
}
