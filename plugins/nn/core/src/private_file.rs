//! Models of guests as files, for frameworks that read nothing else.

use std::path::PathBuf;

use bytes::Bytes;

use crate::{Error, Result};

/// A file in a folder of its own that nobody else can look into, both gone with it.
pub(crate) struct PrivateFile {
    folder: PathBuf,
    name: &'static str,
}

impl PrivateFile {
    pub(crate) fn new(bytes: &Bytes, name: &'static str) -> Result<Self> {
        let failed = |error: std::io::Error| {
            Error::runtime(format!("the model cannot be put into a file: {error}"))
        };
        let file = Self {
            folder: new_folder().map_err(failed)?,
            name,
        };
        std::fs::write(file.path(), bytes).map_err(failed)?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(self.name)
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            let folder = self.folder.display();
            tracing::warn!(%folder, "a folder for a model stays behind: {error}");
        }
    }
}

fn new_folder() -> std::io::Result<PathBuf> {
    use std::hash::{BuildHasher, RandomState};
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    loop {
        // Every state has other random keys.
        let number = RandomState::new().hash_one(std::process::id());
        let folder = std::env::temp_dir().join(format!("c12-nn-{number:016x}"));
        match builder.create(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_for_its_owner_alone_and_goes_with_it() {
        let file = PrivateFile::new(&Bytes::from_static(b"model"), "model.x").unwrap();
        let path = file.path();
        assert_eq!(std::fs::read(&path).unwrap(), b"model");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let folder = std::fs::metadata(path.parent().unwrap()).unwrap();
            assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        }
        drop(file);
        assert!(!path.parent().unwrap().exists());
    }
}
