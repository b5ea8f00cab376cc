//! From a file to a plugin in memory.

pub(crate) mod descriptor;
mod image;
mod inspect;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use descriptor::{Description, Module};
pub(crate) use image::Image;
use image::Source;
pub use inspect::{Interface, interface};

use crate::LoadError;

/// A file that was looked at, of which images can be made.
#[derive(Debug)]
pub(crate) struct Origin {
    path: PathBuf,
    source: Source,
    library: inspect::Library,
}

impl Origin {
    /// A file with that content. Images are copies of the content, so the file may be replaced.
    pub(crate) fn from_content(path: &Path, content: Vec<u8>) -> Result<Self, LoadError> {
        if !cfg!(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )) {
            return Err(LoadError::Platform);
        }
        Ok(Origin {
            path: path.to_owned(),
            library: inspect::Library::inspect(path, &content)?,
            source: Source::Content(content.into()),
        })
    }

    /// A file that is loaded as it is.
    pub(crate) fn in_place(path: &Path) -> Result<Self, LoadError> {
        let mut origin = Origin::from_content(path, read(path)?)?;
        // Without a folder in its name, the dynamic linker would look for it elsewhere.
        origin.path = std::path::absolute(path).map_err(|source| LoadError::Read {
            path: path.to_owned(),
            source,
        })?;
        origin.source = Source::InPlace;
        Ok(origin)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Loads the library, and reads what it says about itself.
    pub(crate) fn load(&self) -> Result<(Arc<Image>, Description), LoadError> {
        let image = Image::load(&self.path, &self.source, &self.library)?;
        let description = Description::read(&self.path, &image, &self.library)?;
        Ok((image, description))
    }
}

/// The content of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}
