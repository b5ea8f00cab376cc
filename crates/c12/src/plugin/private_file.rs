//! Files that only this process can reach.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{MemfdFlags, memfd_create};

/// A file in memory to load a library from: what happens to the library's own file harms nobody then.
#[derive(Debug)]
pub struct PrivateFile {
    _file: File,
    path: PathBuf,
}

impl PrivateFile {
    /// Makes a file that can be executed, called so where memory is listed.
    ///
    /// # Errors
    ///
    /// What the system says, of memory most likely.
    pub fn new(name: &str, content: &[u8]) -> std::io::Result<Self> {
        // Names beyond 249 bytes are refused.
        let name: String = name.chars().filter(|c| *c != '\0').take(60).collect();
        // Kernels since 6.3 want to be told that the content may be executed, earlier ones do not know the flag.
        let file = memfd_create(&name, MemfdFlags::CLOEXEC | MemfdFlags::EXEC)
            .or_else(|_| memfd_create(&name, MemfdFlags::CLOEXEC))?;
        let mut file = File::from(file);
        file.write_all(content)?;
        Ok(PrivateFile {
            path: path_of_its_own(&file),
            _file: file,
        })
    }

    /// Where it can be opened while it is not dropped. No other file of this process has, or had, that path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A path to an open file that no library was loaded from before.
///
/// The dynamic linker takes a path that it has seen for the library that it loaded from there, which may even be there still
/// because it cannot be unloaded, although the number of an open file is given to other files later. It compares paths as
/// text; so each gets a number of its own, written with components that lead nowhere else: `.` for one and nothing
/// for zero.
fn path_of_its_own(file: &File) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut path = String::from("/proc/self/fd/");
    while number > 0 {
        path.push_str(if number & 1 == 1 { "./" } else { "/" });
        number >>= 1;
    }
    path.push_str(&file.as_raw_fd().to_string());
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_paths_are_the_same() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let file = PrivateFile::new("a\0name", b"content").unwrap();
            assert_eq!(std::fs::read(file.path()).unwrap(), b"content");
            // As text: as paths they mean the same folder.
            assert!(seen.insert(file.path().as_os_str().to_owned()));
        }
    }
}
