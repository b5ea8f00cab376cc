//! Building the guests that tests, the demo and benchmarks run.

mod c;
mod foreign;
mod js;
mod packages;
mod rust;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::install::write_if_changed;
use crate::layout::Layout;

pub(crate) use js::js_project;
pub(crate) use rust::WASIP2;

/// Builds every guest.
pub(crate) fn build_all(layout: &Layout) -> Result<()> {
    rust::build_all(layout)?;
    c::build_all(layout)?;
    js::build_all(layout)?;
    foreign::place_all(layout)
}

/// Builds the guests of one name, if they are in Rust; otherwise all others, which takes seconds.
pub(crate) fn build_named(layout: &Layout, name: &str) -> Result<()> {
    if rust::build_named(layout, name)? {
        return Ok(());
    }
    c::build_all(layout)?;
    js::build_all(layout)?;
    foreign::place_all(layout)?;
    if !has_guest(layout, name) {
        bail!("there is no guest `{name}`");
    }
    Ok(())
}

fn has_guest(layout: &Layout, name: &str) -> bool {
    let Ok(kinds) = std::fs::read_dir(layout.guests()) else {
        return false;
    };
    let file = format!("{name}.wasm");
    kinds
        .flatten()
        .any(|kind| kind.path().join(&file).is_file())
}

/// Builds one example of the SDK for one target.
pub(crate) fn build_example(
    layout: &Layout,
    name: &str,
    target: rust::Target,
) -> Result<std::path::PathBuf> {
    rust::build_example(layout, name, target)
}

/// Puts a built guest into its place, and says so when it is new.
fn place(layout: &Layout, built: &Path, kind: &str, name: &str) -> Result<()> {
    let content =
        std::fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
    if write_if_changed(
        &layout.guests().join(kind).join(format!("{name}.wasm")),
        &content,
        false,
    )? {
        println!(
            "guest {kind}/{name}.wasm ({} KiB)",
            content.len().div_ceil(1024)
        );
    }
    Ok(())
}

/// Removes guests whose source is gone, so that nothing runs them by accident.
fn remove_others(layout: &Layout, kind: &str, names: &BTreeSet<String>) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(layout.guests().join(kind)) else {
        return Ok(());
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let stale = path
            .extension()
            .is_some_and(|extension| extension == "wasm")
            && path
                .file_stem()
                .is_none_or(|stem| !names.contains(&*stem.to_string_lossy()));
        if stale {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_without_a_source_is_removed_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout {
            root: "/r".into(),
            target: folder.path().into(),
            tools: "/t".into(),
        };
        let guests = layout.guests().join("c");
        std::fs::create_dir_all(&guests).unwrap();
        for name in ["kept.wasm", "gone.wasm", "notes.txt"] {
            std::fs::write(guests.join(name), "").unwrap();
        }
        remove_others(&layout, "c", &["kept".to_owned()].into()).unwrap();
        assert!(guests.join("kept.wasm").exists() && guests.join("notes.txt").exists());
        assert!(!guests.join("gone.wasm").exists());
    }
}
