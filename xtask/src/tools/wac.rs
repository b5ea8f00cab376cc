//! Puts components together before they run: what plugins that are linked at run time are compared with.

use std::path::PathBuf;

use anyhow::Result;

use super::crates_io::Program;
use crate::layout::Layout;

const PROGRAM: Program = Program {
    what: "static composition, to compare with",
    package: "wac-cli",
    name: "wac",
    // renovate: datasource=crate depName=wac-cli
    version: "0.12.0",
    licence: "Apache-2.0 WITH LLVM-exception",
    // Without its client for registries, which is most of it.
    options: &["--no-default-features", "--features", "wit"],
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    PROGRAM.path(layout).is_file()
}

/// The program, built when it is missing.
pub(crate) fn wac(layout: &Layout) -> Result<PathBuf> {
    PROGRAM.install(layout)
}
