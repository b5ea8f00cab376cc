//! The plugin folders.

use std::path::{Path, PathBuf};

use c12::Engine;
use c12::plugin::LoadReason;

use super::load::{LoadFailure, Loaded, Reason, load};
use crate::report::Warning;

/// What is in the plugin folders.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    pub(crate) plugins: Vec<Loaded>,
    pub(crate) failures: Vec<LoadFailure>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A plugin that is not used, because one that comes earlier has its name.
#[derive(Debug)]
pub(crate) struct Skipped {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
}

impl Discovery {
    /// Says what was not loaded.
    pub(crate) fn warn(&self, json: bool) {
        for failure in &self.failures {
            Warning::from(failure).print(json);
        }
        for Skipped { path, name } in &self.skipped {
            tracing::debug!(target: "c12::plugin", path = %path.display(), name, "skipped: an earlier plugin has the name");
        }
    }
}

/// The folders, in the order in which they are searched: those of `C12_PLUGIN_PATH`, the user's, the system's.
pub(crate) fn folders() -> Vec<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let named = std::env::var_os("C12_PLUGIN_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&named)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    folders.extend(data.map(|data| data.join("c12/plugins")));
    folders.extend(["/usr/local/lib/c12/plugins", "/usr/lib/c12/plugins"].map(PathBuf::from));
    folders
}

/// Loads what is there, but for plugins whose names are taken.
pub(crate) fn discover(mut taken: Vec<String>, engine: &Engine) -> Discovery {
    let mut discovery = Discovery::default();
    for file in files() {
        let loaded = file.and_then(|path| load(&path, None, None, engine).map(|it| (path, it)));
        match loaded {
            Err(failure) => discovery.failures.push(failure),
            Ok((path, loaded)) => {
                let name = loaded.name().to_owned();
                if taken.contains(&name) {
                    discovery.skipped.push(Skipped { path, name });
                } else {
                    tracing::debug!(target: "c12::plugin", path = %path.display(), name, "found");
                    taken.push(name);
                    discovery.plugins.push(loaded);
                }
            }
        }
    }
    discovery
}

/// The first plugin of that name, and what could not be loaded before it was found. With a pin, no other file is
/// loaded at all.
pub(super) fn find(
    name: &str,
    pin: Option<&str>,
    engine: &Engine,
) -> (Option<Loaded>, Vec<LoadFailure>) {
    let mut failures = Vec::new();
    for file in files() {
        match file.and_then(|path| load(&path, None, pin, engine)) {
            Ok(loaded) if loaded.name() == name => return (Some(loaded), failures),
            Ok(_) => {}
            Err(LoadFailure {
                reason: Reason::Load(LoadReason::Pin { .. }),
                ..
            }) => {}
            Err(failure) => failures.push(failure),
        }
    }
    (None, failures)
}

/// All files that are called like plugins, each folder's sorted by name.
fn files() -> impl Iterator<Item = Result<PathBuf, LoadFailure>> {
    folders().into_iter().flat_map(|folder| {
        files_of(&folder).unwrap_or_else(|error| {
            vec![Err(LoadFailure {
                path: folder,
                reason: Reason::Load(LoadReason::Unreadable(error)),
            })]
        })
    })
}

fn files_of(folder: &Path) -> std::io::Result<Vec<Result<PathBuf, LoadFailure>>> {
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let plugin = path
            .extension()
            .is_some_and(|extension| extension == "so" || extension == "wasm");
        if plugin && !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    let own = |path: PathBuf| match trusted(folder).and_then(|()| trusted(&path)) {
        Ok(()) => Ok(path),
        Err(error) => Err(LoadFailure {
            path,
            reason: Reason::Load(LoadReason::Unreadable(error)),
        }),
    };
    Ok(files.into_iter().map(own).collect())
}

/// What is found there runs with this program's rights unasked, so nobody else may be able to put it there.
fn trusted(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_WRITE: u32 = 0o022;
    let metadata = path.metadata()?;
    let owner = metadata.uid();
    let refuse = |why: String| {
        Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            why,
        ))
    };
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return refuse(format!("{} belongs to somebody else", path.display()));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return refuse(format!("others can write {}", path.display()));
    }
    Ok(())
}
