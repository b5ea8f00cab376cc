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

/// Set to load libraries from their own files, which debuggers need to find their symbols. The file must then not be
/// overwritten while the process runs. Plugins of C12's own kind heed it too.
const IN_PLACE: &str = "C12_PLUGIN_IN_PLACE";

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
        let origin = Origin {
            path: path.to_owned(),
            library: inspect::Library::inspect(path, &content)?,
            source: Source::Content(content.into()),
        };
        if std::env::var_os(IN_PLACE).is_some() {
            return origin.where_it_is();
        }
        Ok(origin)
    }

    /// A file that is loaded as it is.
    pub(crate) fn in_place(path: &Path) -> Result<Self, LoadError> {
        Origin::from_content(path, read(path)?)?.where_it_is()
    }

    fn where_it_is(mut self) -> Result<Self, LoadError> {
        // Without a folder in its name, the dynamic linker would look for it elsewhere.
        self.path = std::path::absolute(&self.path).map_err(|source| LoadError::Read {
            path: self.path.clone(),
            source,
        })?;
        self.source = Source::InPlace;
        Ok(self)
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
