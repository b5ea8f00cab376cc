//! Files of plugins.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::native::LoadReason;

/// The bytes of a plugin's file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadReason> {
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

/// The SHA-256 of a file's bytes in hexadecimal digits, which must be the pinned one if there is a pin.
///
/// # Errors
///
/// [`LoadReason::Pin`] if it is another.
pub fn pinned(bytes: &[u8], pin: Option<&str>) -> Result<String, LoadReason> {
    let digest = Sha256::digest(bytes);
    let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    match pin {
        Some(expected) if !expected.eq_ignore_ascii_case(&found) => Err(LoadReason::Pin {
            expected: expected.to_ascii_lowercase(),
            found,
        }),
        _ => Ok(found),
    }
}

/// Whether a plugin may be called so: settings are `NAME.KEY`, and messages show it as it is.
pub(super) fn name_is_proper(name: &str) -> bool {
    let proper = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    !name.is_empty() && name.len() <= 64 && name != "wasi" && name.chars().all(proper)
}

/// How a file looks from outside, to notice when it was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
}

impl Look {
    /// `None` if there is no file, as for a moment while it is replaced.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Look {
            modified: metadata.modified().ok(),
            size: metadata.len(),
            inode: std::os::unix::fs::MetadataExt::ino(&metadata),
        })
    }
}

/// The last look at a file that changed, so that a version which could not be loaded is tried once.
#[derive(Debug)]
pub(super) struct Watch(Mutex<Option<Look>>);

impl Watch {
    pub(super) fn new(path: &Path) -> Self {
        Watch(Mutex::new(Look::at(path)))
    }

    /// Whether the file looks different from the last time.
    pub(super) fn changed(&self, path: &Path) -> bool {
        let Some(now) = Look::at(path) else {
            return false;
        };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.replace(now.clone()) != Some(now)
    }
}
