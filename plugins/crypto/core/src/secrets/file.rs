//! The file of a store: a header, and records.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq;

use super::StoreError;
use super::key::{Keys, beside, default_path, private, remove, sync_folder};
use super::sealed::Record;

/// What a store begins with; the last byte is the version of the format.
const MAGIC: [u8; 8] = *b"c12secr\x01";
/// The length of a header in bytes: magic, which key, generation, and a code for these and the list of records.
const HEADER_LEN: usize = 56;

/// The header of a file; no two contents have the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    generation: u64,
    bytes: [u8; HEADER_LEN],
}

/// What a store holds.
#[derive(Clone, Default)]
pub(super) struct Content {
    /// How often it was written.
    pub(super) generation: u64,
    pub(super) records: Vec<Record>,
}

impl Content {
    /// The length of the file in bytes.
    pub(super) fn len(&self) -> usize {
        HEADER_LEN + self.records.iter().map(Record::len).sum::<usize>()
    }
}

impl Header {
    fn new(keys: &Keys, content: &Content) -> Self {
        let mut bytes = [0; HEADER_LEN];
        let generation = content.generation.to_le_bytes();
        let code = code(keys, content);
        let fields = MAGIC
            .iter()
            .chain(&keys.check)
            .chain(&generation)
            .chain(code.as_bytes());
        for (to, from) in bytes.iter_mut().zip(fields) {
            *to = *from;
        }
        Self {
            generation: content.generation,
            bytes,
        }
    }

    /// Reads the header at the beginning of a file.
    fn read(file: &mut impl Read, files: &Files, keys: &Keys) -> Result<Self, StoreError> {
        let not_a_store = || StoreError::NotAStore {
            path: files.store.clone(),
        };
        let mut bytes = [0; HEADER_LEN];
        file.read_exact(&mut bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => not_a_store(),
                _ => StoreError::io("read", &files.store)(error),
            })?;
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or_else(not_a_store)?;
        let (check, rest) = rest.split_first_chunk::<8>().ok_or_else(not_a_store)?;
        let (generation, _) = rest.split_first_chunk::<8>().ok_or_else(not_a_store)?;
        if *magic != MAGIC {
            return Err(not_a_store());
        }
        if *check != keys.check {
            return Err(StoreError::OtherKey {
                store: files.store.clone(),
                key: files.key.clone(),
            });
        }
        Ok(Self {
            generation: u64::from_le_bytes(*generation),
            bytes,
        })
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }
}

/// A code for the list of records, and how often the file was written.
fn code(keys: &Keys, content: &Content) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(&keys.header);
    hasher
        .update(&MAGIC)
        .update(&content.generation.to_le_bytes());
    hasher.update(&(content.records.len() as u64).to_le_bytes());
    for record in &content.records {
        let (head, tag) = record.listed();
        hasher.update(head).update(tag);
    }
    hasher.finalize()
}

/// The files of a store.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) store: PathBuf,
    pub(super) key: PathBuf,
}

impl Files {
    /// The files of a store that is named so, and its key if that has a name of its own.
    ///
    /// # Errors
    /// If there is something else than files, or one would be written over another.
    pub(super) fn new(store: &Path, key: Option<&Path>) -> Result<Self, StoreError> {
        // What is written takes a name's place. Behind a link, that has to be the place of the file itself; and whoever uses
        // the file has to take turns by the same name.
        let is_link = fs::symlink_metadata(store).is_ok_and(|found| found.is_symlink());
        let store = if is_link {
            fs::canonicalize(store).map_err(StoreError::io("follow", store))?
        } else {
            store.to_owned()
        };
        let key = key.map_or_else(|| default_path(&store), Path::to_owned);
        let files = Self { store, key };
        let key = place(&files.key);
        let written = ["", ".new", ".lock"].map(|suffix| place(&beside(&files.store, suffix)));
        if written.contains(&key) || written.contains(&beside(&key, ".new")) {
            return Err(StoreError::KeyInTheWay {
                store: files.store,
                key: files.key,
            });
        }
        for path in [&files.store, &files.key] {
            let Ok(found) = fs::metadata(path) else {
                continue;
            };
            if !found.is_file() {
                return Err(StoreError::NotAFile { path: path.clone() });
            }
            if *path == files.store && names(&found) > 1 {
                return Err(StoreError::Linked { path: path.clone() });
            }
        }
        Ok(files)
    }

    /// Takes the turn to write, until what is returned is dropped.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let path = beside(&self.store, ".lock");
        let file = private(OpenOptions::new().write(true).create(true).truncate(false)).open(&path);
        let file = file.map_err(StoreError::io("create", &path))?;
        file.lock().map_err(StoreError::io("lock", &path))?;
        Ok(file)
    }

    /// The header of the file as it is now.
    pub(super) fn header(&self, keys: &Keys) -> Result<Header, StoreError> {
        let mut file = File::open(&self.store).map_err(StoreError::io("read", &self.store))?;
        Header::read(&mut file, self, keys)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the list of secrets is not what was written.
    pub(super) fn read(&self, keys: &Keys) -> Result<(Content, Header), StoreError> {
        let mut file = File::open(&self.store).map_err(StoreError::io("read", &self.store))?;
        // What is no store may be of any length.
        let header = Header::read(&mut file, self, keys)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(StoreError::io("read", &self.store))?;
        let mut rest = bytes.as_slice();
        let mut content = Content {
            generation: header.generation,
            records: Vec::new(),
        };
        while !rest.is_empty() {
            let Some((record, behind)) = Record::read(rest) else {
                return Err(StoreError::damaged(
                    &self.store,
                    "what follows its list is no secret, or half of one",
                ));
            };
            content.records.push(record);
            rest = behind;
        }
        let expected = Header::new(keys, &content);
        if !bool::from(expected.bytes.ct_eq(&header.bytes)) {
            return Err(StoreError::damaged(
                &self.store,
                "its list of secrets is not the one that was written",
            ));
        }
        Ok((content, header))
    }

    /// Replaces the file: written beside it, put on the disk, and renamed.
    pub(super) fn replace(&self, keys: &Keys, content: &Content) -> Result<Header, StoreError> {
        let header = Header::new(keys, content);
        let new = beside(&self.store, ".new");
        write(&new, &header, content).map_err(StoreError::io("write", &new))?;
        fs::rename(&new, &self.store).map_err(StoreError::io("replace", &self.store))?;
        sync_folder(&self.store).map_err(StoreError::io("put on the disk", &self.store))?;
        Ok(header)
    }
}

/// The same for all paths that lead to a file, whether it is there or not.
fn place(path: &Path) -> PathBuf {
    if let Ok(found) = fs::canonicalize(path) {
        return found;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match (
        fs::canonicalize(folder.unwrap_or(Path::new("."))),
        path.file_name(),
    ) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// How many names a file has.
#[cfg(unix)]
fn names(file: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    file.nlink()
}

/// How many names a file has, as far as that can be told.
#[cfg(not(unix))]
fn names(_file: &Metadata) -> u64 {
    1
}

fn write(path: &Path, header: &Header, content: &Content) -> io::Result<()> {
    // What a crash left there is nobody's; a new file has the right permissions.
    remove(path)?;
    let file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    let mut out = BufWriter::new(file);
    out.write_all(&header.bytes)?;
    for record in &content.records {
        record.write(&mut out)?;
    }
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}
