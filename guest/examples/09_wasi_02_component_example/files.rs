//! `read`, `write`, `list` and `stat`: the file system as far as it was granted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use c12_wasm::cli::Failure;
use c12_wasm::log;

use crate::options::{Existing, Write};

/// Writes `text` to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    // `print!` would panic, and so trap, when the reader has gone away.
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|cause| Failure::output(&cause))
}

pub(crate) fn read(path: &str) -> Result<(), Failure> {
    let failed = |cause| Failure::path("cannot read", path, &cause);
    let mut file = File::open(path).map_err(failed)?;
    let mut stdout = io::stdout().lock();
    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0_u64;
    // Not `io::copy`, which cannot say which of the two sides failed.
    loop {
        let length = file.read(&mut buffer).map_err(failed)?;
        let Some(chunk) = buffer.get(..length).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        stdout
            .write_all(chunk)
            .map_err(|cause| Failure::output(&cause))?;
        total += chunk.len() as u64;
    }
    stdout.flush().map_err(|cause| Failure::output(&cause))?;
    log::info!(path, bytes = total; "read file");
    Ok(())
}

pub(crate) fn write(write: &Write) -> Result<(), Failure> {
    let bytes = match &write.text {
        Some(text) => text.clone().into_bytes(),
        None => {
            let mut input = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut input)
                .map_err(|cause| Failure::failed(format!("cannot read standard input: {cause}")))?;
            input
        }
    };
    save(&write.path, &bytes, write.existing)?;
    print(&format!("wrote {} bytes to {}\n", bytes.len(), write.path))
}

/// Stores `bytes` as the file `path`. Until everything is written the file keeps its old content.
pub(crate) fn save(path: &str, bytes: &[u8], existing: Existing) -> Result<(), Failure> {
    let failed = |cause| Failure::path("cannot write", path, &cause);
    match existing {
        Existing::Append => OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(failed)?,
        // `create_new` checks and creates in one step: no other program can slip in between.
        Existing::Refuse => match File::create_new(path) {
            Ok(file) => complete(file, Path::new(path), bytes).map_err(failed)?,
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Failure::failed(format!(
                    "{path} exists already\n  use --force to replace it or --append to add to it"
                )));
            }
            Err(cause) => return Err(failed(cause)),
        },
        Existing::Replace => {
            let partial = PathBuf::from(format!("{path}.partial"));
            File::create(&partial)
                .and_then(|file| complete(file, &partial, bytes))
                .and_then(|()| fs::rename(&partial, path))
                .map_err(failed)?;
        }
    }
    log::info!(path, bytes = bytes.len(), existing:? = existing; "wrote file");
    Ok(())
}

/// Fills a file that was just created, or removes it again: half a file is worse than none.
fn complete(mut file: File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(path);
    }
    written
}

pub(crate) fn list(path: &str) -> Result<(), Failure> {
    let failed = |cause| Failure::path("cannot list", path, &cause);
    let mut lines = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let line = if kind.is_dir() {
            format!("{:>10}  {name}/\n", "-")
        } else if kind.is_symlink() {
            // Where a link points to may lie outside the sandbox; its name is all there is to say.
            format!("{:>10}  {name}@\n", "-")
        } else {
            let size = entry.metadata().map_err(failed)?.len();
            format!("{size:>10}  {name}\n")
        };
        lines.push((name, line));
    }
    lines.sort();
    log::info!(path, entries = lines.len(); "listed directory");
    print(&lines.into_iter().map(|(_, line)| line).collect::<String>())
}

pub(crate) fn stat(path: &str) -> Result<(), Failure> {
    let metadata =
        fs::symlink_metadata(path).map_err(|cause| Failure::path("cannot stat", path, &cause))?;
    let kind = if metadata.is_dir() {
        "directory"
    } else if metadata.is_symlink() {
        "symbolic link"
    } else if metadata.is_file() {
        "file"
    } else {
        "other"
    };
    let time = |time: io::Result<SystemTime>| match time {
        Ok(time) => match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => format!(
                "{}.{:09} s since 1970-01-01T00:00:00Z",
                since.as_secs(),
                since.subsec_nanos()
            ),
            Err(_) => "before 1970".to_owned(),
        },
        Err(_) => "unknown".to_owned(),
    };
    print(&format!(
        "path: {path}\nkind: {kind}\nsize: {} bytes\nmodified: {}\naccessed: {}\n",
        metadata.len(),
        time(metadata.modified()),
        time(metadata.accessed()),
    ))
}
