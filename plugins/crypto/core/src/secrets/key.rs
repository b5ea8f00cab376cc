//! The key of a store, in a file of its own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::StoreError;
use crate::random;

/// What a key file begins with, so that people know what it is.
const PREFIX: &str = "c12-secrets-store-key-1:";

/// The length of every key in bytes.
const LEN: usize = 32;

/// The keys of a store, all made of the one in the file.
pub(super) struct Keys {
    /// Of the records.
    pub(super) records: Zeroizing<[u8; LEN]>,
    /// Of the header.
    pub(super) header: Zeroizing<[u8; LEN]>,
    /// Of what guests keep themselves.
    pub(super) encapsulation: Zeroizing<[u8; LEN]>,
    /// By which a store knows its key; tells nothing of it.
    pub(super) check: [u8; 8],
}

impl Keys {
    fn of(root: &[u8; LEN]) -> Self {
        let derive = |context| Zeroizing::new(blake3::derive_key(context, root));
        let check = derive("c12 secrets store 1: which key");
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(check.iter()) {
            *to = *from;
        }
        Self {
            records: derive("c12 secrets store 1: records"),
            header: derive("c12 secrets store 1: header"),
            encapsulation: derive("c12 secrets store 1: encapsulated secrets"),
            check: first,
        }
    }

    /// Reads the key file.
    pub(super) fn read(path: &Path) -> Result<Self, StoreError> {
        check_permissions(path)?;
        let text = fs::read(path)
            .map(Zeroizing::new)
            .map_err(StoreError::io("read", path))?;
        let root = parse(&text).ok_or_else(|| StoreError::NotAKey {
            path: path.to_owned(),
        })?;
        Ok(Self::of(&root))
    }

    /// Makes the key file, for its owner alone.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let mut root = Zeroizing::new([0; LEN]);
        random::fill(&mut *root).map_err(|_| StoreError::Random)?;
        let text = Zeroizing::new(format!(
            "{PREFIX}{}\n",
            *Zeroizing::new(Base64::encode_string(&*root))
        ));
        write_new(path, text.as_bytes()).map_err(StoreError::io("create", path))?;
        Ok(Self::of(&root))
    }
}

/// Where the key of a store is if nobody says otherwise.
pub(super) fn default_path(store: &Path) -> PathBuf {
    beside(store, ".key")
}

/// The file whose name is another's with something behind it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; LEN]>> {
    let encoded = std::str::from_utf8(text)
        .ok()?
        .trim_ascii_end()
        .strip_prefix(PREFIX)?;
    let mut root = Zeroizing::new([0; LEN]);
    let len = Base64::decode(encoded, &mut *root).ok()?.len();
    (len == LEN).then_some(root)
}

/// Writes a file that is there as a whole or not at all, and takes no other's place. Whoever writes it has the store's lock.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new");
    remove(&new)?;
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    match fs::hard_link(&new, path) {
        Ok(()) => remove(&new)?,
        // Not every file system has links.
        Err(_) if !path.try_exists()? => fs::rename(&new, path)?,
        Err(error) => {
            remove(&new)?;
            return Err(error);
        }
    }
    sync_folder(path)
}

/// Removes what a crash left, if it did.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Files for their owner alone.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Files for their owner alone, as far as the folder makes them so.
#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn check_permissions(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .map_err(StoreError::io("read", path))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(StoreError::OpenKey {
            path: path.to_owned(),
        })
    }
}

#[cfg(not(unix))]
fn check_permissions(_path: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Puts a file's name on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere folders cannot be opened, and names are written with their files.
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
