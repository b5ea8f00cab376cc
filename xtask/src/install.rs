//! Putting tools into the tools folder: once, whole or not at all, one process at a time.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context as _, Result};

use crate::layout::Layout;
use crate::process::quoted;

/// What is being installed, for the one line that says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// What it is for.
    pub(crate) what: &'a str,
    /// Package and registry.
    pub(crate) package: &'a str,
    /// Its licence.
    pub(crate) licence: &'a str,
}

impl Origin<'_> {
    /// Prints the line.
    pub(crate) fn announce(&self) {
        println!(
            "installing {}: {} ({})",
            self.what, self.package, self.licence
        );
    }
}

/// Held while the tools folder changes; other processes wait.
#[derive(Clone, Debug)]
pub(crate) struct ToolsLock {
    _file: Arc<File>,
}

impl ToolsLock {
    /// Takes the lock, or shares it when this process has it: one installation may need another.
    pub(crate) fn take(layout: &Layout) -> Result<Self> {
        static HELD: Mutex<Weak<File>> = Mutex::new(Weak::new());
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = held.upgrade() {
            return Ok(Self { _file: file });
        }
        std::fs::create_dir_all(&layout.tools).with_context(|| {
            format!("cannot create the tools folder {}", layout.tools.display())
        })?;
        let path = layout.tools.join(".lock");
        let file =
            File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("waiting for another `cargo xtask` that is installing tools");
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context("cannot lock the tools folder");
            }
        }
        let file = Arc::new(file);
        *held = Arc::downgrade(&file);
        Ok(Self { _file: file })
    }
}

/// A folder `name` in the tools folder. `fill` gets an empty folder that takes that place when it succeeds.
///
/// The name carries the version, so that a new version is a new folder and an interrupted installation leaves nothing.
pub(crate) fn folder(
    layout: &Layout,
    name: &str,
    origin: Origin<'_>,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let place = layout.tools.join(name);
    if place.is_dir() {
        return Ok(place);
    }
    let _lock = ToolsLock::take(layout)?;
    if place.is_dir() {
        return Ok(place);
    }
    origin.announce();
    let staging = staging(layout, name)?;
    fill(&staging)
        .with_context(|| format!("cannot install {} from {}", origin.what, origin.package))?;
    std::fs::rename(&staging, &place)
        .with_context(|| format!("cannot create {}", place.display()))?;
    Ok(place)
}

/// An empty folder beside the installed ones. The lock is held, so what an interrupted run left here is nobody's.
pub(crate) fn staging(layout: &Layout, name: &str) -> Result<PathBuf> {
    let staging = layout.tools.join(format!(".incoming-{name}"));
    if staging.exists() {
        std::fs::remove_dir_all(&staging)?;
    }
    std::fs::create_dir_all(&staging)
        .with_context(|| format!("cannot create {}", staging.display()))?;
    Ok(staging)
}

/// Writes a file under its name only when it is complete, and only when its content is new. Says whether it was.
pub(crate) fn write_if_changed(path: &Path, content: &[u8], executable: bool) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|there| there == content) {
        return Ok(false);
    }
    let folder = path.parent().context("a file has a folder")?;
    let name = path
        .file_name()
        .context("a file has a name")?
        .to_string_lossy();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let unfinished = folder.join(format!(".{name}.{}", std::process::id()));
    let write = || -> Result<()> {
        let mut file = File::create(&unfinished)?;
        file.write_all(content)?;
        if executable {
            file.set_permissions(PermissionsExt::from_mode(0o755))?;
        }
        drop(file);
        Ok(std::fs::rename(&unfinished, path)?)
    };
    write().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

/// A shell script in the tools folder that becomes the program `words`; `{}` stands for the caller's arguments.
pub(crate) fn wrapper(layout: &Layout, name: &str, words: &[&str]) -> Result<PathBuf> {
    let line = words
        .iter()
        .map(|word| {
            if *word == "{}" {
                "\"$@\"".to_owned()
            } else {
                quoted(word)
            }
        })
        .collect::<Vec<_>>()
        .join(" ");
    let path = layout.wrappers().join(name);
    write_if_changed(&path, format!("#!/bin/sh\nexec {line}\n").as_bytes(), true)?;
    Ok(path)
}

/// Makes a file executable: wheels do not say which files are programs.
pub(crate) fn make_executable(path: &Path) -> Result<()> {
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", path.display()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use anyhow::bail;

    use super::*;
    use crate::process::output;

    const ORIGIN: Origin<'_> = Origin {
        what: "a tool",
        package: "a package",
        licence: "a licence",
    };

    fn layout(folder: &Path) -> Layout {
        Layout {
            root: folder.into(),
            target: folder.join("target"),
            tools: folder.join("the tools"),
        }
    }

    #[test]
    fn a_folder_is_filled_once() {
        let here = tempfile::tempdir().unwrap();
        let layout = layout(here.path());
        let place = folder(&layout, "tool-1", ORIGIN, |empty| {
            Ok(std::fs::write(empty.join("file"), "1")?)
        })
        .unwrap();
        let again = folder(&layout, "tool-1", ORIGIN, |_| bail!("installed twice")).unwrap();
        assert_eq!(place, again);
        assert_eq!(std::fs::read(place.join("file")).unwrap(), b"1");
    }

    #[test]
    fn a_failed_installation_leaves_nothing_that_looks_installed() {
        let here = tempfile::tempdir().unwrap();
        let layout = layout(here.path());
        let fail = |empty: &Path| {
            std::fs::write(empty.join("half"), "")?;
            bail!("the connection was lost")
        };
        let error = folder(&layout, "tool-1", ORIGIN, fail).unwrap_err();
        assert!(
            format!("{error:#}").contains("a package: the connection was lost"),
            "{error:#}"
        );
        let place = folder(&layout, "tool-1", ORIGIN, |_| Ok(())).unwrap();
        assert!(!place.join("half").exists());
    }

    #[test]
    fn one_installation_may_need_another() {
        let here = tempfile::tempdir().unwrap();
        let layout = layout(here.path());
        folder(&layout, "outer", ORIGIN, |_| {
            folder(&layout, "inner", ORIGIN, |_| Ok(())).map(drop)
        })
        .unwrap();
        assert!(layout.tools.join("inner").is_dir() && layout.tools.join("outer").is_dir());
    }

    #[test]
    fn a_wrapper_hands_arguments_over_unchanged() {
        let here = tempfile::tempdir().unwrap();
        let script = wrapper(
            &layout(here.path()),
            "say",
            &["printf", "%s|", "a b", "{}", "end"],
        )
        .unwrap();
        assert_eq!(
            output(Command::new(script).args(["x y", "$z"])).unwrap(),
            "a b|x y|$z|end|"
        );
    }

    #[test]
    fn an_unchanged_file_is_not_written_again() {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("deep/file");
        assert!(write_if_changed(&path, b"1", false).unwrap());
        assert!(!write_if_changed(&path, b"1", false).unwrap());
        assert!(write_if_changed(&path, b"2", false).unwrap());
    }
}
