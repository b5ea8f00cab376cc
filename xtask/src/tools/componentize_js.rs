//! ComponentizeJS, which makes a component of JavaScript and an engine for it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::node::{Node, node};
use crate::install::{Origin, folder};
use crate::layout::Layout;
use crate::process::run_quietly;

const NAME: &str = "@bytecodealliance/componentize-js";

/// What `package.json` and `package-lock.json` of a folder ask for.
#[derive(Debug)]
struct Wanted {
    files: [(&'static str, Vec<u8>); 2],
    version: String,
}

impl Wanted {
    fn read(project: &Path) -> Result<Self> {
        let read = |name| {
            let path = project.join(name);
            let content =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok::<_, anyhow::Error>((name, content))
        };
        let files = [read("package.json")?, read("package-lock.json")?];
        let lock: Value = serde_json::from_slice(&files[1].1)?;
        let version = lock
            .pointer("/packages")
            .and_then(|packages| packages.get(format!("node_modules/{NAME}")))
            .and_then(|package| package.get("version"))
            .and_then(Value::as_str)
            .with_context(|| format!("package-lock.json has no {NAME}"))?
            .to_owned();
        Ok(Self { files, version })
    }

    /// Version and lock file make the name, so that another lock file is another folder.
    fn folder_name(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.files[1].1.hash(&mut hasher);
        format!("componentize-js-{}-{:016x}", self.version, hasher.finish())
    }
}

/// Whether what a project asks for is there.
pub(crate) fn is_installed(layout: &Layout, project: &Path) -> bool {
    Wanted::read(project).is_ok_and(|wanted| layout.tools.join(wanted.folder_name()).is_dir())
}

/// Node.js, and the folder `node_modules` with all that the project's lock file names: exactly that, each package with
/// the SHA-512 that stands there.
pub(crate) fn componentize_js(layout: &Layout, project: &Path) -> Result<(Node, PathBuf)> {
    let wanted = Wanted::read(project)?;
    let node = node(layout)?;
    let package = format!("npm's {NAME} {}", wanted.version);
    let origin = Origin {
        what: "the compiler for guests in JavaScript",
        package: &package,
        licence: "Apache-2.0 WITH LLVM-exception",
    };
    let place = folder(layout, &wanted.folder_name(), origin, |empty| {
        for (name, content) in &wanted.files {
            std::fs::write(empty.join(name), content)?;
        }
        // No package needs a script of its own to be installed, so none is run.
        run_quietly(node.npm(empty)?.args(["ci", "--ignore-scripts"]))
    })?;
    Ok((node, place.join("node_modules")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(lock: &str) -> Result<Wanted> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("package.json"), "{}").unwrap();
        std::fs::write(folder.path().join("package-lock.json"), lock).unwrap();
        Wanted::read(folder.path())
    }

    #[test]
    fn another_lock_file_is_another_folder() {
        let lock = |version: &str| {
            let package = format!(r#"{{"version": "{version}"}}"#);
            format!(r#"{{"packages": {{"node_modules/{NAME}": {package}}}}}"#)
        };
        let first = wanted(&lock("0.23.0")).unwrap().folder_name();
        assert!(first.starts_with("componentize-js-0.23.0-"), "{first}");
        assert_eq!(first, wanted(&lock("0.23.0")).unwrap().folder_name());
        assert_ne!(
            first,
            wanted(&(lock("0.23.0") + "\n")).unwrap().folder_name()
        );
    }

    #[test]
    fn a_lock_file_without_it_is_an_error() {
        let error = wanted(r#"{"packages": {}}"#).unwrap_err();
        assert!(error.to_string().contains("has no @bytecodealliance"));
    }
}
