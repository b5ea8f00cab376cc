//! The linker `wasm-ld`, and the libraries that it, both compilers and WasmEdge run on.

use std::path::PathBuf;

use anyhow::Result;

use super::debian;
use crate::layout::Layout;

pub(super) const PACKAGES: debian::Packages = debian::Packages {
    what: "LLVM's WebAssembly linker",
    licence: "Apache-2.0 WITH LLVM-exception",
    names: &[
        "lld-19",
        "libllvm19",
        "libc6",
        "libgcc-s1",
        "libstdc++6",
        "zlib1g",
        "libzstd1",
        "libxml2",
        "liblzma5",
        "libz3-4",
        "libedit2",
        "libtinfo6",
        "libbsd0",
        "libmd0",
        "libffi8",
        "libgmp10",
    ],
};

/// The linker of core modules, installed when it is missing.
pub(super) fn wasm_ld(layout: &Layout) -> Result<PathBuf> {
    debian::install(layout, &PACKAGES)?.wrapper(layout, "wasm-ld", "usr/lib/llvm-19/bin/wasm-ld")
}
