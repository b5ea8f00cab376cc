//! Compiled artifacts (`.cwasm`): the engine's ELF image followed by a trailer that says who made it.
//!
//! Loading machine code runs it with the host's rights, so an artifact is loaded only if it was made
//! by this user's C12 on this machine (a keyed hash with a key that only the user can read), or if
//! the caller says that it is trusted. In either case it must be undamaged and made for an engine of
//! the same version and settings on a machine with the same CPU features.
//!
//! Layout of the trailer, all integers little-endian, directly behind the ELF image:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic `c12-aot2` |
//! | 1 | kind: 1 module, 2 component |
//! | 1 | flavour bits: 1 concurrent, 2 interruptible, 4 fuel, 8 deterministic |
//! | 6 | zero |
//! | 8 | length of the ELF image |
//! | 32 | BLAKE3 of what it was compiled from |
//! | 32 | BLAKE3 of the image and all of the above |
//! | 32 | BLAKE3 of the digest above, keyed with the user's artifact key |

use std::path::{Path, PathBuf};

use crate::engine::Flavour;

const MAGIC: &[u8; 8] = b"c12-aot2";
const HEADER: usize = 56;
const HASH: usize = 32;
const TRAILER: usize = HEADER + 2 * HASH;

/// Why an artifact was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// It has no trailer of C12.
    #[error("it was not made by `c12 compile`")]
    Foreign,
    /// Its contents and its digest differ.
    #[error("it is damaged: its contents do not match its digest")]
    Damaged,
    /// It was made with another key: by another user, on another machine, or the key was replaced.
    #[error("it was not made by this user's c12 on this machine")]
    Untrusted,
    /// There is no key to check it with.
    #[error("there is no artifact key to check it with ({})", path.display())]
    NoKey {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// The key file could not be used.
    #[error("the artifact key {} cannot be used: {reason}", path.display())]
    BadKey {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine refused it: another version, target, CPU or other settings.
    #[error("it does not fit this machine or this version of c12: {message}")]
    Incompatible {
        /// The engine's words.
        message: String,
    },
    /// It lacks what the run needs.
    #[error("it was compiled without {what}")]
    Lacks {
        /// `interruption points`, `fuel counting` or `deterministic results`.
        what: &'static str,
        /// How to compile it with that.
        help: &'static str,
    },
}

impl ArtifactError {
    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        Some(match self {
            ArtifactError::Foreign | ArtifactError::Untrusted | ArtifactError::NoKey { .. } => {
                "compile it here with `c12 compile`, or pass `--trust-precompiled` if you trust whoever made it with your machine"
            }
            ArtifactError::Damaged | ArtifactError::Incompatible { .. } => {
                "compile it again with `c12 compile`"
            }
            ArtifactError::BadKey { .. } => {
                "make it a regular file of 32 bytes that only you can read (mode 0600), or remove it to get a new one"
            }
            ArtifactError::Lacks { help, .. } => help,
        })
    }
}

/// What kind of code an artifact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum CodeKind {
    Module = 1,
    Component = 2,
}

/// What an artifact's trailer says, once its digest was found right.
#[derive(Debug)]
pub(crate) struct Trailer {
    pub(crate) kind: CodeKind,
    pub(crate) flavour: Flavour,
    pub(crate) source: [u8; HASH],
    digest: blake3::Hash,
    mac: [u8; HASH],
}

/// Whether the bytes end like an artifact of C12.
pub(crate) fn has_trailer(bytes: &[u8]) -> bool {
    bytes
        .last_chunk::<TRAILER>()
        .is_some_and(|trailer| trailer.starts_with(MAGIC))
}

/// Appends the trailer to an image.
pub(crate) fn seal(
    mut image: Vec<u8>,
    kind: CodeKind,
    flavour: Flavour,
    source: [u8; HASH],
    key: &Key,
) -> Vec<u8> {
    let header = header(kind, flavour, image.len() as u64, &source);
    let digest = digest(blake3::Hasher::new().update(&image), &header);
    image.extend_from_slice(&header);
    image.extend_from_slice(digest.as_bytes());
    image.extend_from_slice(key.sign(&digest).as_bytes());
    image
}

/// Reads the trailer and checks the digest; [`Trailer::verify`] then says whether it is ours.
pub(crate) fn open(bytes: &[u8]) -> Result<(Trailer, &[u8]), ArtifactError> {
    let (image, trailer) = bytes.split_last_chunk().ok_or(ArtifactError::Foreign)?;
    let trailer = check(
        blake3::Hasher::new().update(image),
        image.len() as u64,
        trailer,
    )?;
    Ok((trailer, image))
}

/// As [`open`] for a file, which is read once and not kept in memory.
pub(crate) fn open_file(file: &mut std::fs::File) -> Result<Trailer, ArtifactError> {
    use std::io::{Read, Seek, SeekFrom};
    let mut read = || -> std::io::Result<(blake3::Hasher, u64, [u8; TRAILER])> {
        let length = file.seek(SeekFrom::End(0))?.saturating_sub(TRAILER as u64);
        file.rewind()?;
        let mut hasher = blake3::Hasher::new();
        // Memory that is touched for the first time costs more than the reading.
        let mut buffer = [0; 16 << 10];
        let mut image = file.by_ref().take(length);
        loop {
            let read = image.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            hasher.update(bytes);
        }
        let mut trailer = [0; TRAILER];
        file.read_exact(&mut trailer)?;
        Ok((hasher, length, trailer))
    };
    let (mut hasher, length, trailer) = read().map_err(|_| ArtifactError::Damaged)?;
    check(&mut hasher, length, &trailer)
}

fn check(
    image: &mut blake3::Hasher,
    length: u64,
    trailer: &[u8; TRAILER],
) -> Result<Trailer, ArtifactError> {
    let (header, hashes) = trailer
        .split_first_chunk::<HEADER>()
        .ok_or(ArtifactError::Foreign)?;
    let (stored_digest, mac) = hashes
        .split_first_chunk::<HASH>()
        .ok_or(ArtifactError::Foreign)?;
    if !header.starts_with(MAGIC) {
        return Err(ArtifactError::Foreign);
    }
    let kind = match header.get(8) {
        Some(1) => CodeKind::Module,
        Some(2) => CodeKind::Component,
        _ => return Err(ArtifactError::Damaged),
    };
    let flavour = header
        .get(9)
        .and_then(|bits| Flavour::from_bits(*bits))
        .ok_or(ArtifactError::Damaged)?;
    let source = *header.last_chunk::<HASH>().ok_or(ArtifactError::Damaged)?;
    let digest = digest(image, header);
    if digest != blake3::Hash::from_bytes(*stored_digest)
        || *header != self::header(kind, flavour, length, &source)
    {
        return Err(ArtifactError::Damaged);
    }
    let mac = mac.try_into().map_err(|_| ArtifactError::Damaged)?;
    Ok(Trailer {
        kind,
        flavour,
        source,
        digest,
        mac,
    })
}

impl Trailer {
    /// Checks that the holder of `key` made it.
    pub(crate) fn verify(&self, key: &Key) -> Result<(), ArtifactError> {
        // `blake3::Hash` compares in constant time.
        if key.sign(&self.digest) == blake3::Hash::from_bytes(self.mac) {
            Ok(())
        } else {
            Err(ArtifactError::Untrusted)
        }
    }
}

fn header(kind: CodeKind, flavour: Flavour, image_len: u64, source: &[u8; HASH]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let parts = MAGIC
        .iter()
        .copied()
        .chain([kind as u8, flavour.bits(), 0, 0, 0, 0, 0, 0])
        .chain(image_len.to_le_bytes())
        .chain(*source);
    for (slot, byte) in header.iter_mut().zip(parts) {
        *slot = byte;
    }
    header
}

fn digest(image: &mut blake3::Hasher, header: &[u8; HEADER]) -> blake3::Hash {
    image.update(header).finalize()
}

/// The secret that marks artifacts as made here: 32 random bytes in the user's state folder, mode 0600.
pub(crate) struct Key([u8; HASH]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    fn sign(&self, digest: &blake3::Hash) -> blake3::Hash {
        blake3::keyed_hash(&self.0, digest.as_bytes())
    }

    /// Reads the key; it must be a regular file of the user's own that nobody else can read.
    pub(crate) fn read(path: &Path) -> Result<Key, ArtifactError> {
        use std::io::Read;
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        let bad = |reason: String| ArtifactError::BadKey {
            path: path.to_owned(),
            reason,
        };
        let flags = rustix::fs::OFlags::NOFOLLOW
            | rustix::fs::OFlags::CLOEXEC
            | rustix::fs::OFlags::NONBLOCK;
        let mut file = match std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
        {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ArtifactError::NoKey {
                    path: path.to_owned(),
                });
            }
            Err(error) => return Err(bad(error.to_string())),
        };
        let metadata = file.metadata().map_err(|error| bad(error.to_string()))?;
        if !metadata.is_file() {
            return Err(bad("it is not a regular file".into()));
        }
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(bad("it belongs to another user".into()));
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(bad(format!(
                "others can read it (mode {:04o})",
                metadata.mode() & 0o7777
            )));
        }
        let mut bytes = [0; HASH];
        if metadata.len() != HASH as u64 {
            return Err(bad(format!(
                "it has {} bytes instead of {HASH}",
                metadata.len()
            )));
        }
        file.read_exact(&mut bytes)
            .map_err(|error| bad(error.to_string()))?;
        Ok(Key(bytes))
    }

    /// Reads the key, or makes one. Of several processes that make one at once, all end up with the same.
    pub(crate) fn read_or_create(path: &Path) -> Result<Key, ArtifactError> {
        match Key::read(path) {
            Err(ArtifactError::NoKey { .. }) => {}
            other => return other,
        }
        let bad = |error: std::io::Error| ArtifactError::BadKey {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        crate::atomic_file::create_private_dir(folder).map_err(bad)?;
        let mut bytes = [0; HASH];
        random(&mut bytes).map_err(bad)?;
        // A link fails where a name is taken, so whoever comes first wins and nobody sees half a key.
        match crate::atomic_file::write_new(path, &bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(bad(error)),
        }
        Key::read(path)
    }
}

fn random(mut buffer: &mut [u8]) -> std::io::Result<()> {
    while !buffer.is_empty() {
        match rustix::rand::getrandom(&mut *buffer, rustix::rand::GetRandomFlags::empty()) {
            Ok(read) => buffer = buffer.split_at_mut(read.min(buffer.len())).1,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAVOUR: Flavour = Flavour {
        concurrent: false,
        interruptible: true,
        fuel: false,
        deterministic: false,
    };

    fn key(byte: u8) -> Key {
        Key([byte; HASH])
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealed = seal(
            b"image".to_vec(),
            CodeKind::Component,
            FLAVOUR,
            [7; HASH],
            &key(1),
        );
        let (trailer, image) = open(&sealed).unwrap();
        assert_eq!(
            (trailer.kind, trailer.flavour, image),
            (CodeKind::Component, FLAVOUR, &b"image"[..])
        );
        trailer.verify(&key(1)).unwrap();
        assert!(matches!(
            trailer.verify(&key(2)),
            Err(ArtifactError::Untrusted)
        ));
    }

    #[test]
    fn a_file_is_checked_as_bytes_are() {
        use std::io::Write;
        let mut sealed = seal(
            b"image".repeat(50_000),
            CodeKind::Module,
            FLAVOUR,
            [7; HASH],
            &key(1),
        );
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&sealed).unwrap();
        open_file(&mut file).unwrap().verify(&key(1)).unwrap();
        sealed[70_000] ^= 1;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&sealed).unwrap();
        assert!(matches!(open_file(&mut file), Err(ArtifactError::Damaged)));
        assert!(open_file(&mut tempfile::tempfile().unwrap()).is_err());
    }

    #[test]
    fn refuses_every_flipped_bit() {
        let sealed = seal(
            b"image of some length".to_vec(),
            CodeKind::Module,
            FLAVOUR,
            [7; HASH],
            &key(1),
        );
        for bit in 0..sealed.len() * 8 {
            let mut bytes = sealed.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let accepted = open(&bytes).is_ok_and(|(trailer, _)| trailer.verify(&key(1)).is_ok());
            assert!(!accepted, "bit {bit} went unnoticed");
        }
    }

    #[test]
    fn refuses_every_truncation() {
        let sealed = seal(
            b"image".to_vec(),
            CodeKind::Module,
            FLAVOUR,
            [7; HASH],
            &key(1),
        );
        for length in 0..sealed.len() {
            assert!(open(&sealed[..length]).is_err());
        }
    }

    #[test]
    fn makes_a_private_key_once() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/c12/artifact.key");
        let first = Key::read_or_create(&path).unwrap();
        let second = Key::read_or_create(&path).unwrap();
        assert_eq!(first.0, second.0);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            Key::read_or_create(&path),
            Err(ArtifactError::BadKey { .. })
        ));
    }
}
