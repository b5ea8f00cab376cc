//! The subcommands, a file each.

pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod run;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use c12::Error;

use crate::report::Failure;

/// Nothing that is larger is a program; a device without an end would fill the memory.
const LARGEST: u64 = 1 << 30;

/// Reads an input file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |source| {
        Failure::from(Error::Read {
            path: path.to_owned(),
            source,
        })
    };
    let too_large = || {
        Failure::own(format!("cannot read {}", path.display())).because("it is larger than 1 GiB")
    };
    let file = File::open(path).map_err(unreadable)?;
    if file
        .metadata()
        .is_ok_and(|metadata| metadata.len() > LARGEST)
    {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok(bytes)
}

/// What an input is called in messages: its file name.
pub(crate) fn name(path: &Path) -> String {
    c12_toolchain::escape(
        &path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy(),
    )
    .into_owned()
}
