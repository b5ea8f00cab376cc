//! The subcommands, a file each.

pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod run;

use std::path::Path;

use c12::Error;

use crate::report::Failure;

/// Reads an input file, and says what could be meant where it is not there.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| {
        Error::Read {
            path: path.to_owned(),
            source,
        }
        .into()
    })
}

/// What an input is called in messages: its file name.
pub(crate) fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
