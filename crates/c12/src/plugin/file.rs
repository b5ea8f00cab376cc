//! Files of plugins.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::LoadReason;

/// The file that a plugin was loaded from.
#[derive(Debug)]
pub struct PluginFile {
    watch: FileWatch,
    sha256: String,
    pin: Option<String>,
}

impl PluginFile {
    /// Reads a file. With `pin`, the SHA-256 of its bytes, in hexadecimal digits, must be that; of later versions, too.
    ///
    /// # Errors
    ///
    /// [`LoadReason::Unreadable`], or [`LoadReason::Pin`] if it is another.
    pub fn read(path: &Path, pin: Option<&str>) -> Result<(Self, Vec<u8>), LoadReason> {
        // Before it is read: what changes later is seen.
        let watch = FileWatch::new(path);
        let bytes = read(path)?;
        let file = PluginFile {
            watch,
            sha256: sha256(&bytes),
            pin: pin.map(str::to_owned),
        };
        match pin {
            Some(expected) if !expected.eq_ignore_ascii_case(&file.sha256) => {
                Err(LoadReason::Pin {
                    expected: expected.to_ascii_lowercase(),
                    found: file.sha256,
                })
            }
            _ => Ok((file, bytes)),
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        self.watch.path()
    }

    /// The SHA-256 of what was read, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether only one content will do.
    pub(super) fn is_pinned(&self) -> bool {
        self.pin.is_some()
    }

    /// The file as it is now, if other bytes are in it than were read, and this was not asked since they are.
    pub fn changed(&self) -> Option<Result<(Self, Vec<u8>), LoadReason>> {
        if !self.watch.changed() {
            return None;
        }
        match PluginFile::read(self.path(), self.pin.as_deref()) {
            Ok((same, _)) if same.sha256 == self.sha256 => None,
            other => Some(other),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, LoadReason> {
    // To open a pipe would wait for whoever writes to it.
    let metadata = std::fs::metadata(path).map_err(LoadReason::Unreadable)?;
    if !metadata.is_file() {
        let what = std::io::Error::other("it is no regular file");
        return Err(LoadReason::Unreadable(what));
    }
    crate::engine::read(path).map_err(|error| match error {
        crate::Error::Read { source, .. } => LoadReason::Unreadable(source),
        other => LoadReason::Description(other.to_string()),
    })
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a plugin may be called so: settings are `NAME.KEY`, and messages show it as it is.
pub(super) fn name_is_proper(name: &str) -> bool {
    let proper = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    !name.is_empty() && name.len() <= 64 && name != "wasi" && name.chars().all(proper)
}

/// How a file looks from outside, to notice when it was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

impl Look {
    /// `None` if there is no file, as for a moment while it is replaced.
    fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Look {
            modified: metadata.modified().ok(),
            size: metadata.len(),
            inode: std::os::unix::fs::MetadataExt::ino(&metadata),
        })
    }
}

/// A file that may be replaced: for [`Plugin::changed`](super::Plugin::changed), and whoever else has to notice.
#[derive(Debug)]
pub struct FileWatch {
    path: PathBuf,
    /// As it was when it was last asked for, so that a version which could not be loaded is tried once.
    last: Mutex<Option<Look>>,
}

impl FileWatch {
    /// Remembers how the file looks now: its time, size and inode.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        FileWatch {
            last: Mutex::new(Look::at(&path)),
            path,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file looks different from the last time. One that is not there, as for a moment while it is
    /// replaced, has not changed yet.
    pub fn changed(&self) -> bool {
        let Some(now) = Look::at(&self.path) else {
            return false;
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.replace(now.clone()) != Some(now)
    }
}
