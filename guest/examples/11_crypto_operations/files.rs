//! Files of the directories that were granted.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use c12_wasm::cli::Failure;

pub(crate) fn read(path: &str) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|cause| Failure::path("cannot read", path, &cause))
}

/// Makes a file. One that is there stays as it is: it might be the only key to something.
pub(crate) fn create(path: &str, contents: &[u8]) -> Result<(), Failure> {
    let failed = |cause: io::Error| Failure::path("cannot create", path, &cause);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(failed)?;
    let written = file.write_all(contents).and_then(|()| file.sync_all());
    written.map_err(|cause| {
        // Half a file is worse than none. The first error is the one to report.
        let _ = fs::remove_file(Path::new(path));
        failed(cause)
    })
}

pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|cause| Failure::output(&cause))
}
