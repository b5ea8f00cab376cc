use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::Error;

/// Nothing that is larger is a program; a device without an end would fill the memory.
const LARGEST: u64 = 1 << 30;

/// Reads a file that may hold a workload, of 1 GiB at most.
///
/// # Errors
///
/// [`Error::Read`], also for a file that is larger.
pub fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    read_at_most(path, LARGEST).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 GiB");
    let file = File::open(path)?;
    let expected = file.metadata().map_or(0, |metadata| metadata.len());
    if expected > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // A file that grows meanwhile is caught by the one byte more.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_devices_without_an_end_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.wasm");
        std::fs::write(&path, [0; 100]).unwrap();
        assert_eq!(read_at_most(&path, 100).unwrap().len(), 100);
        assert_eq!(
            read_at_most(&path, 99).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
        #[cfg(unix)]
        assert_eq!(
            read_at_most(Path::new("/dev/zero"), 99).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }
}
