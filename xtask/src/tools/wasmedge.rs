//! WasmEdge's command line, a peer in benchmarks and tests, and the headers that plugins for it are written against.

use std::path::PathBuf;

use anyhow::Result;

use super::debian;
use super::llvm;
use crate::layout::Layout;

const PACKAGES: debian::Packages = debian::Packages {
    what: "WasmEdge, to compare with",
    licence: "Apache-2.0",
    names: &["wasmedge", "libwasmedge0", "libfmt10", "libspdlog1.15"],
};

const HEADERS: debian::Packages = debian::Packages {
    what: "the headers of WasmEdge's C API",
    licence: "Apache-2.0",
    names: &["libwasmedge-dev"],
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    debian::has(layout, &PACKAGES)
}

/// The program, downloaded when it is missing.
pub(crate) fn wasmedge(layout: &Layout) -> Result<PathBuf> {
    debian::install(layout, &llvm::PACKAGES)?;
    debian::install(layout, &PACKAGES)?.wrapper(layout, "wasmedge", "usr/bin/wasmedge")
}

/// The folder of the headers, downloaded when they are missing.
pub(crate) fn headers(layout: &Layout) -> Result<PathBuf> {
    Ok(debian::install(layout, &HEADERS)?.join("usr/include"))
}
