//! Component plugins in JavaScript: folders that `npm run build` makes a component of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{place, remove_others};
use crate::install::write_if_changed;
use crate::layout::Layout;
use crate::process::run_quietly;
use crate::tools::componentize_js::componentize_js;

/// The folders, each with the name of what it makes.
const PROJECTS: [(&str, &str); 1] = [("geo", "plugins/examples/geo-js")];
const KIND: &str = "js";

/// Builds what changed. Where the compiler cannot be had, nothing is left in its place, so that nobody runs an old one.
pub(super) fn build_all(layout: &Layout) -> Result<()> {
    // Tests look for the folder.
    std::fs::create_dir_all(layout.guests().join(KIND))?;
    let mut names = BTreeSet::new();
    for (name, project) in PROJECTS {
        if build(layout, name, &layout.root.join(project))? {
            names.insert(name.to_owned());
        }
    }
    remove_others(layout, KIND, &names)
}

/// The folder that says what compiler it needs, for the report on what is installed.
pub(crate) fn js_project(layout: &Layout) -> PathBuf {
    let [(_, project)] = PROJECTS;
    layout.root.join(project)
}

/// Says whether it is there.
fn build(layout: &Layout, name: &str, project: &Path) -> Result<bool> {
    let files = files(project)?;
    let build = layout.guests().join("build").join(KIND);
    let stamp = build.join(format!("{name}.inputs"));
    let inputs = inputs(&files);
    let built = layout.guests().join(KIND).join(format!("{name}.wasm"));
    // It takes a quarter of a minute, and the result differs each time.
    if built.is_file() && std::fs::read(&stamp).is_ok_and(|there| there == inputs) {
        return Ok(true);
    }
    let (node, modules) = match componentize_js(layout, project) {
        Ok(tools) => tools,
        Err(error) => {
            println!("guest {KIND}/{name}.wasm is left out: {error:#}");
            return Ok(false);
        }
    };
    // Not in the clone, and two processes may build at once.
    let folder = build.join(format!("{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    for (path, content) in &files {
        write_if_changed(&folder.join(path), content, false)?;
    }
    std::os::unix::fs::symlink(modules, folder.join("node_modules"))?;
    run_quietly(node.npm(&folder)?.args(["run", "build"]))
        .with_context(|| format!("cannot build {}", project.display()))?;
    place(layout, &folder.join(format!("{name}.wasm")), KIND, name)?;
    std::fs::remove_dir_all(folder)?;
    write_if_changed(&stamp, &inputs, false)?;
    Ok(true)
}

/// The files of a project by their path in it, without what a contributor built there.
fn files(project: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = project.join(&folder);
        let entries =
            std::fs::read_dir(&full).with_context(|| format!("cannot read {}", full.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let extension = path.extension().unwrap_or_default();
            if entry.file_type()?.is_dir() {
                if entry.file_name() != "node_modules" {
                    folders.push(path);
                }
            } else if ["js", "json", "wit"]
                .iter()
                .any(|known| extension == *known)
            {
                files.push((path, std::fs::read(entry.path())?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// All files as one, to compare with what a component was built from.
fn inputs(files: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut inputs = Vec::new();
    for (path, content) in files {
        inputs.extend(format!("{} {}\n", path.display(), content.len()).into_bytes());
        inputs.extend(content);
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_component_is_built_from_is_its_sources() {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("geo.js", "1"),
            ("wit/geo.wit", "2"),
            ("README.md", "3"),
            ("geo.wasm", "4"),
            ("node_modules/a/index.js", "5"),
        ] {
            write_if_changed(&folder.path().join(path), content.as_bytes(), false).unwrap();
        }
        let first = inputs(&files(folder.path()).unwrap());
        assert_eq!(first, b"geo.js 1\n1wit/geo.wit 1\n2");
        write_if_changed(&folder.path().join("geo.js"), b"6", false).unwrap();
        assert_ne!(first, inputs(&files(folder.path()).unwrap()));
    }

    #[test]
    fn every_project_in_javascript_is_built() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = BTreeSet::new();
        for entry in root.join("plugins/examples").read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.join("package.json").is_file() {
                found.insert(path.strip_prefix(root).unwrap().to_owned());
            }
        }
        let built = PROJECTS.iter().map(|(_, project)| PathBuf::from(project));
        assert_eq!(found, built.collect());
    }
}
