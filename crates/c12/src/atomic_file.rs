//! Files that appear whole or not at all, whatever happens while they are written.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

/// Names of files that are being written start like this; anything older than a while is a leftover.
pub(crate) const TEMPORARY: &str = ".c12-tmp-";

/// Creates a folder that only the user can enter, with its parents.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Writes a file; an existing one of that name is replaced at once, at the end.
pub(crate) fn write_replacing(path: &Path, mode: u32, contents: &[u8]) -> io::Result<()> {
    let temporary = write_temporary(path, mode, contents)?;
    std::fs::rename(&temporary, path).inspect_err(|_| {
        let _ = std::fs::remove_file(&temporary);
    })
}

/// As [`write_replacing`] for a path that the user names: what is no regular file (a device, a pipe) is
/// written to, and a symbolic link is followed.
pub(crate) fn write_output(path: &Path, mode: u32, contents: &[u8]) -> io::Result<()> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => {
            File::options().write(true).open(path)?.write_all(contents)
        }
        Ok(_) => write_replacing(&path.canonicalize()?, mode, contents),
        Err(_) => write_replacing(path, mode, contents),
    }
}

/// Writes a file that only the user can read; fails with `AlreadyExists` if the name is taken.
pub(crate) fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let temporary = write_temporary(path, 0o600, contents)?;
    let linked = std::fs::hard_link(&temporary, path);
    let _ = std::fs::remove_file(&temporary);
    linked
}

/// Writes `contents` beside `path` and returns the name. While it is being written the file has no name
/// where the file system can do that (`O_TMPFILE`), so that a killed process leaves nothing behind.
fn write_temporary(path: &Path, mode: u32, contents: &[u8]) -> io::Result<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = folder.join(temporary_name());
    let mode = Mode::from_raw_mode(mode);
    match rustix::fs::open(
        folder,
        OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC,
        mode,
    ) {
        Ok(descriptor) => {
            let mut file = File::from(descriptor);
            file.write_all(contents)?;
            let link = format!(
                "/proc/self/fd/{}",
                std::os::fd::AsRawFd::as_raw_fd(&file.as_fd())
            );
            rustix::fs::linkat(CWD, link, CWD, &temporary, AtFlags::SYMLINK_FOLLOW)?;
            return Ok(temporary);
        }
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR | rustix::io::Errno::INVAL) => {
        }
        Err(error) => return Err(error.into()),
    }
    let descriptor = rustix::fs::open(
        &temporary,
        OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC,
        mode,
    )?;
    File::from(descriptor)
        .write_all(contents)
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&temporary);
        })?;
    Ok(temporary)
}

fn temporary_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    format!("{TEMPORARY}{}-{count}-{nanos}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write_replacing(&path, 0o600, b"one").unwrap();
        write_replacing(&path, 0o600, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_and_a_device_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write_output(&link, 0o600, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        let full = write_output(Path::new("/dev/full"), 0o600, b"x").unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert!(write_output(folder.path(), 0o600, b"x").is_err());
    }

    #[test]
    fn a_new_file_never_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write_new(&path, b"one").unwrap();
        assert_eq!(
            write_new(&path, b"two").unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
