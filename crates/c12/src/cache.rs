//! The compile cache: artifacts by the hash of what they were compiled from.
//!
//! Entries appear whole or not at all and are authenticated when they are read, so concurrent runs,
//! a kill at any moment and a damaged disk cost a compilation at worst. What was not used for the
//! longest time goes first when the size limit is passed.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::atomic_file;

const EXTENSION: &str = "cwasm";

/// An entry's time is renewed when it is used, but not more often than this.
const RENEW: Duration = Duration::from_secs(60 * 60);

/// A file that was being written this long ago was given up.
const GIVEN_UP: Duration = Duration::from_secs(10 * 60);

#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    size: u64,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, size: u64) -> Self {
        Cache { folder, size }
    }

    /// The place for a binary compiled with settings that `identity` describes.
    pub(crate) fn entry(&self, binary: &[u8], identity: &str) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&(identity.len() as u64).to_le_bytes())
            .update(identity.as_bytes())
            .update(binary);
        self.folder
            .join(hasher.finalize().to_hex().as_str())
            .with_extension(EXTENSION)
    }

    /// Whether nobody but the user can put anything into the folder.
    fn is_private(&self) -> bool {
        let metadata = self.folder.metadata();
        metadata.is_ok_and(|folder| {
            folder.uid() == rustix::process::geteuid().as_raw() && folder.mode() & 0o022 == 0
        })
    }

    /// The entry's file, if it is there and nobody but the user can have written it.
    pub(crate) fn get(&self, entry: &Path) -> Option<File> {
        // Whatever lies there must not block or lead elsewhere.
        let flags = (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW)
            .bits()
            .cast_signed();
        let file = match File::options().read(true).custom_flags(flags).open(entry) {
            Ok(file) => file,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    tracing::debug!(entry = %entry.display(), %error, "compile cache entry cannot be read");
                }
                return None;
            }
        };
        let metadata = file.metadata().ok()?;
        let others =
            metadata.uid() != rustix::process::geteuid().as_raw() || metadata.mode() & 0o022 != 0;
        if others || !self.is_private() {
            tracing::warn!(folder = %self.folder.display(), "compile cache ignored: others can write it");
            return None;
        }
        let now = SystemTime::now();
        let age = metadata
            .modified()
            .ok()
            .and_then(|then| now.duration_since(then).ok());
        if age.is_some_and(|age| age > RENEW)
            && let Err(error) = file.set_modified(now)
        {
            tracing::trace!(%error, "compile cache entry not renewed");
        }
        Some(file)
    }

    /// Keeps an artifact, and makes room for it. Failure is reported in the log alone.
    pub(crate) fn put(&self, entry: &Path, artifact: &[u8]) {
        if artifact.len() as u64 > self.size {
            tracing::debug!("larger than the whole compile cache, not kept");
            return;
        }
        let written = atomic_file::create_private_dir(&self.folder)
            .and_then(|()| atomic_file::write_replacing(entry, 0o600, artifact));
        match written {
            Ok(()) => self.make_room(entry),
            Err(error) => {
                tracing::debug!(folder = %self.folder.display(), %error, "compile cache cannot be written")
            }
        }
    }

    fn make_room(&self, newest: &Path) {
        let Ok(folder) = self.folder.read_dir() else {
            return;
        };
        let mut entries = Vec::new();
        for file in folder.flatten() {
            let path = file.path();
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if file
                .file_name()
                .to_string_lossy()
                .starts_with(atomic_file::TEMPORARY)
            {
                if modified.elapsed().is_ok_and(|age| age > GIVEN_UP) {
                    let _ = std::fs::remove_file(&path);
                }
            } else if is_entry(&path) {
                entries.push((modified, metadata.len(), path));
            }
        }
        let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
        entries.sort();
        for (_, size, path) in entries {
            if total <= self.size {
                break;
            }
            if path != newest && std::fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Whether a file is named like an entry; the folder may hold other things, which are not ours to remove.
fn is_entry(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == EXTENSION)
        && source(path) != [0; 32]
}

/// The hash that an entry is named for: of the binary and the settings. The artifact in it must carry the same.
pub(crate) fn source(entry: &Path) -> [u8; 32] {
    let name = entry
        .file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    blake3::Hash::from_hex(name)
        .map(Into::into)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(path: &Path, seconds: u64) {
        let file = std::fs::File::open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn what_was_not_used_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 250);
        let entries: Vec<PathBuf> = [b"a", b"b", b"c"]
            .iter()
            .map(|binary| cache.entry(*binary, "x"))
            .collect();
        cache.put(&entries[0], &[0; 100]);
        cache.put(&entries[1], &[0; 100]);
        age(&entries[0], 3 * 60 * 60);
        age(&entries[1], 4 * 60 * 60);
        assert!(cache.get(&entries[1]).is_some(), "which renews it");
        cache.put(&entries[2], &[0; 100]);
        assert!(cache.get(&entries[0]).is_none());
        assert!(cache.get(&entries[1]).is_some());
        assert!(cache.get(&entries[2]).is_some());
    }

    #[test]
    fn leftovers_of_killed_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let leftover = folder
            .path()
            .join(format!("{}1-2-3", atomic_file::TEMPORARY));
        std::fs::write(&leftover, b"half").unwrap();
        age(&leftover, 3600);
        let cache = Cache::new(folder.path().to_owned(), 1000);
        cache.put(&cache.entry(b"a", "x"), b"artifact");
        assert!(!leftover.exists());
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("mine.cwasm");
        std::fs::write(&other, [0; 500]).unwrap();
        let cache = Cache::new(folder.path().to_owned(), 100);
        cache.put(&cache.entry(b"a", "x"), &[0; 90]);
        assert!(other.exists());
    }

    #[test]
    fn settings_and_binaries_have_entries_of_their_own() {
        let cache = Cache::new("/".into(), 0);
        assert_ne!(cache.entry(b"a", "x"), cache.entry(b"b", "x"));
        assert_ne!(cache.entry(b"a", "x"), cache.entry(b"a", "y"));
        assert_ne!(cache.entry(b"ba", "a"), cache.entry(b"a", "ab"));
    }

    #[test]
    fn larger_than_the_cache_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 10);
        cache.put(&cache.entry(b"a", "x"), &[0; 11]);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
