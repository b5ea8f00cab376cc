//! The folder of models, which `cargo xtask test` makes of packages.

use std::path::PathBuf;

/// The folder that keeps it all.
pub(crate) struct Models {
    folder: PathBuf,
}

impl Models {
    /// The folder that the environment names.
    pub(crate) fn named() -> Option<Self> {
        let folder = std::env::var_os("C12_NN_MODELS").filter(|value| !value.is_empty())?;
        Some(Self {
            folder: folder.into(),
        })
    }

    /// A file or folder of it.
    pub(crate) fn path(&self, inner: &str) -> PathBuf {
        self.folder.join(inner)
    }
}
