//! A C compiler for guests: Debian's clang with wasi-libc, or Zig's where there is no Debian.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::debian;
use super::llvm::wasm_ld;
use super::pypi::Package;
use crate::install::make_executable;
use crate::layout::Layout;

const CLANG: debian::Packages = debian::Packages {
    what: "a C compiler for guests",
    licence: "Apache-2.0 WITH LLVM-exception",
    names: &[
        "clang-19",
        "libclang-cpp19",
        "libclang-common-19-dev",
        "libclang-rt-19-dev-wasm32",
        "wasi-libc",
    ],
};

const ZIG: Package = Package {
    what: "a C compiler for guests",
    name: "ziglang",
    // renovate: datasource=pypi depName=ziglang
    version: "0.16.0",
    sha256: &[
        "9fcda73f62b851dd72a54b710ad40a209896db14cfb13649e62191243556342b",
        "e27d409812b11e0fb89ed0200cf2e55b6464d43f9461553104e4a4f9a94a1fd5",
    ],
    licence: "MIT",
};

/// A program and the options that make it compile C to a WASI 0.1 command.
#[derive(Clone, Debug)]
pub(crate) struct CCompiler {
    program: PathBuf,
    options: Vec<String>,
}

impl CCompiler {
    /// A command to which flags, sources and `-o OUTPUT` are added.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.options);
        command
    }
}

/// The compiler, installed when it is missing.
pub(crate) fn c_compiler(layout: &Layout) -> Result<CCompiler> {
    if debian::obstacle().is_none() {
        clang(layout)
    } else {
        zig(layout)
    }
}

/// What is there, for people.
pub(crate) fn state(layout: &Layout) -> Option<&'static str> {
    if debian::has(layout, &CLANG) {
        Some("Debian's clang 19")
    } else {
        ZIG.place(layout).is_dir().then_some("PyPI's Zig")
    }
}

fn clang(layout: &Layout) -> Result<CCompiler> {
    let linker = wasm_ld(layout)?;
    let root = debian::install(layout, &CLANG)?;
    Ok(CCompiler {
        program: root.wrapper(layout, "clang", "usr/lib/llvm-19/bin/clang")?,
        options: vec![
            // It starts itself for each file, and must then start the wrapper, not the dynamic linker.
            "-no-canonical-prefixes".to_owned(),
            "--target=wasm32-wasi".to_owned(),
            format!("--sysroot={}", root.join("usr").display()),
            format!(
                "-resource-dir={}",
                root.join("usr/lib/llvm-19/lib/clang/19").display()
            ),
            format!("-fuse-ld={}", linker.display()),
        ],
    })
}

fn zig(layout: &Layout) -> Result<CCompiler> {
    let place = ZIG.install(layout, |folder| {
        make_executable(&folder.join("ziglang/zig"))
    })?;
    Ok(CCompiler {
        program: place.join("ziglang/zig"),
        options: ["cc", "--target=wasm32-wasi"].map(str::to_owned).to_vec(),
    })
}
