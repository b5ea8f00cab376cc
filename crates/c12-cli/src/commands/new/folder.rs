use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::report::Failure;

/// Makes a folder with files, given by their paths in it. Other processes see all of it or nothing.
pub(crate) fn create(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    check(folder)?;
    let failed = |error: io::Error| {
        Failure::own(format!("cannot make the project {}", folder.display())).because(error)
    };
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed)?;
    let mut unfinished = Unfinished::beside(parent, folder).map_err(failed)?;
    for (path, text) in files {
        unfinished.write(path, text).map_err(failed)?;
    }
    if folder.is_dir() {
        // It stays what it is, with its mode and with whoever is in it.
        return unfinished.empty_into(folder).map_err(failed);
    }
    match fs::rename(&unfinished.path, folder) {
        Ok(()) => {
            unfinished.finished = true;
            Ok(())
        }
        Err(error) => {
            // Somebody was faster.
            check(folder)?;
            Err(failed(error))
        }
    }
}

/// Whether there is room for the folder.
fn check(folder: &Path) -> Result<(), Failure> {
    let there = |what: &str| {
        Err(
            Failure::own(format!("{} is there already", folder.display()))
                .because(what)
                .with_help("choose another name; c12 overwrites nothing"),
        )
    };
    let metadata = match folder.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(Failure::own(format!("cannot look at {}", folder.display())).because(error));
        }
    };
    if !metadata.is_dir() {
        return there("it is no folder");
    }
    match folder
        .read_dir()
        .map(|mut entries| entries.next().is_some())
    {
        Ok(false) => Ok(()),
        Ok(true) => there("the folder is not empty"),
        Err(error) => {
            Err(Failure::own(format!("cannot look into {}", folder.display())).because(error))
        }
    }
}

/// A folder that goes away unless it is finished.
struct Unfinished {
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Beside what it becomes, because only within a file system can a folder be moved at once.
    fn beside(parent: &Path, folder: &Path) -> io::Result<Self> {
        const ATTEMPTS: u32 = 100;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut attempt = 0;
        loop {
            let path = parent.join(format!(".{name}.{}.{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => {
                    return Ok(Unfinished {
                        path,
                        finished: false,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < ATTEMPTS => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves what is in it to another folder: all, or nothing.
    fn empty_into(&self, folder: &Path) -> io::Result<()> {
        let mut moved = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let (from, to) = (entry.path(), folder.join(entry.file_name()));
            if let Err(error) = fs::rename(&from, &to) {
                for (from, to) in moved {
                    // Back to where it goes away.
                    let _ = fs::rename(to, from);
                }
                return Err(error);
            }
            moved.push((from, to));
        }
        Ok(())
    }

    fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let path = self.path.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed cannot be helped; the error that led here is told.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
