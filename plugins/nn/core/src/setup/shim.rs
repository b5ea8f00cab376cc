//! The library between C12 and libtorch, made on the machine that has libtorch.

use std::path::Path;
use std::process::Command;

use super::LibTorch;
use super::install::{not_written, run};
use crate::{Error, Result};

const SOURCE: &str = include_str!("../../../torch-shim/c12_torch.cpp");
const HEADER: &str = include_str!("../../../torch-shim/c12_torch.h");

/// Where the library looks for libtorch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// In its own folder, wherever that is moved.
    Beside,
    /// Where libtorch was when it was made.
    There,
}

/// C++ as libtorch's versions want it: of 2020 for late ones, of 2017 before, and before 2.6 with the names that
/// Python packages had for text.
const DIALECTS: [&[&str]; 3] = [
    &["-std=c++20"],
    &["-std=c++17"],
    &["-std=c++17", "-D_GLIBCXX_USE_CXX11_ABI=0"],
];

/// Compiles it into a folder.
pub(super) fn compile(libtorch: &LibTorch, into: &Path, search: Search) -> Result<()> {
    let sources = into.join("source");
    std::fs::create_dir_all(&sources).map_err(|error| not_written(&sources, &error))?;
    for (name, text) in [("c12_torch.cpp", SOURCE), ("c12_torch.h", HEADER)] {
        let path = sources.join(name);
        std::fs::write(&path, text).map_err(|error| not_written(&path, &error))?;
    }
    let mut compiled = Err(Error::runtime("nothing was compiled"));
    for dialect in DIALECTS {
        compiled = compile_as(dialect, libtorch, &sources, into, search);
        // Without a compiler, another dialect is no help.
        if !matches!(&compiled, Err(error) if error.code() == crate::Code::RuntimeError) {
            break;
        }
    }
    std::fs::remove_dir_all(&sources).map_err(|error| not_written(&sources, &error))?;
    compiled
}

fn compile_as(
    dialect: &[&str],
    libtorch: &LibTorch,
    sources: &Path,
    into: &Path,
    search: Search,
) -> Result<()> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut command = Command::new(compiler);
    command
        .args(["-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-w"])
        .args(dialect)
        .arg("-isystem")
        .arg(&libtorch.headers)
        .arg("-isystem")
        .arg(libtorch.headers.join("torch/csrc/api/include"))
        .arg(sources.join("c12_torch.cpp"))
        .arg("-o")
        .arg(into.join("libc12_torch.so"))
        .arg("-L")
        .arg(&libtorch.libraries)
        .args(["-ltorch_cpu", "-lc10", "-Wl,-z,defs"])
        // Libraries that libtorch needs itself are found when it is loaded.
        .arg("-Wl,--allow-shlib-undefined");
    match search {
        Search::Beside => command.arg("-Wl,-rpath,$ORIGIN"),
        Search::There => {
            let folder = libtorch
                .libraries
                .canonicalize()
                .map_err(|error| not_written(&libtorch.libraries, &error))?;
            command.arg(format!("-Wl,-rpath,{}", folder.display()))
        }
    };
    run(
        &mut command,
        "the library between C12 and libtorch cannot be compiled",
        "a C++ compiler is needed, such as that of Debian's package `g++`",
    )
}
