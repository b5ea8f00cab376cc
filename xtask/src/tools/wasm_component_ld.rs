//! The linker of `wasm32-wasip2`: links a core module and wraps it as a component.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::crates_io::Program;
use crate::install::wrapper;
use crate::layout::Layout;

const PROGRAM: Program = Program {
    what: "the linker for components",
    package: "wasm-component-ld",
    name: "wasm-component-ld",
    // renovate: datasource=crate depName=wasm-component-ld
    version: "0.5.31",
    licence: "Apache-2.0 WITH LLVM-exception",
    options: &[],
};

/// Whether it is there.
pub(crate) fn is_installed(layout: &Layout) -> bool {
    PROGRAM.path(layout).is_file()
}

/// The linker, made to use this `wasm-ld`.
pub(crate) fn wasm_component_ld(layout: &Layout, wasm_ld: &Path) -> Result<PathBuf> {
    let program = PROGRAM.install(layout)?;
    let words = [
        &program.to_string_lossy(),
        "{}",
        "--wasm-ld-path",
        &wasm_ld.to_string_lossy(),
    ];
    wrapper(layout, PROGRAM.name, &words)
}
