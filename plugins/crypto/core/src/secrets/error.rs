//! What can be wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a secrets store cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file cannot be read, written or locked.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Others than its owner can read the key.
    #[error("`{}` can be read by others than its owner; `chmod 600` it", path.display())]
    OpenKey {
        /// The key.
        path: PathBuf,
    },
    /// The store is there, and its key is not.
    #[error("the secrets store `{}` is there, but its key `{}` is not", store.display(), key.display())]
    NoKey {
        /// The store.
        store: PathBuf,
        /// Where its key should be.
        key: PathBuf,
    },
    /// The key file is not one.
    #[error("`{}` is not the key of a secrets store", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a store.
    #[error("`{}` is not a secrets store, or one of a later version", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The store belongs to another key.
    #[error("the secrets store `{}` was written with another key than `{}`", store.display(), key.display())]
    OtherKey {
        /// The store.
        store: PathBuf,
        /// The key that was tried.
        key: PathBuf,
    },
    /// The list of secrets is not what was written. The file was left as it is.
    #[error(
        "the secrets store `{}` is damaged: {what}; put a copy from before in its place, or move it away to begin with an empty one",
        path.display()
    )]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random,
}

impl StoreError {
    pub(super) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, what: &'static str) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what,
        }
    }
}
