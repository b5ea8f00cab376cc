//! Who provides what the guest calls.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::contender::{Contender, succeed};
use crate::tools::Tools;

/// Rust with Wasmtime's statically typed `func_wrap`, in the program itself.
pub(crate) const STATIC: &str = "static";
/// A shared library whose results lie in memory from the host.
pub(crate) const NATIVE: &str = "native";
/// A shared library whose results lie in memory of its own.
pub(crate) const OWN_MEMORY: &str = "native, own memory";
/// A component plugin.
pub(crate) const COMPONENT: &str = "component";
/// The same component, composed with the guest.
pub(crate) const COMPOSED: &str = "composed";

/// All that C12's library runs the guest with.
pub(super) fn in_c12(tools: &Tools, guest: &Path, folder: &Path) -> Vec<Result<Option<Contender>>> {
    let plugin = |name, file: PathBuf| Some(Contender::calls(name, tools, file, guest, folder));
    vec![
        Ok(Some(Contender::calls(STATIC, tools, STATIC, guest, folder))),
        library(tools, &folder.join("calls.so"), &[]).map(|file| plugin(NATIVE, file)),
        library(tools, &folder.join("calls-own-memory.so"), &["OWN_MEMORY"])
            .map(|file| plugin(OWN_MEMORY, file)),
        tools
            .guest("wasip2/calls_plugin.wasm")
            .map(|file| plugin(COMPONENT, file)),
    ]
}

/// The guest and the component as one component, on Wasmtime's command line; none if what it takes is not there.
pub(super) fn composed(tools: &Tools, guest: &Path, folder: &Path) -> Result<Option<Contender>> {
    let (Some(wac), Some(_)) = (&tools.wac, &tools.wasmtime) else {
        return Ok(None);
    };
    let composed = folder.join("composed.wasm");
    succeed(
        Command::new(wac)
            .arg("plug")
            .arg("--plug")
            .arg(tools.guest("wasip2/calls_plugin.wasm")?)
            .arg(guest)
            .arg("-o")
            .arg(&composed),
    )?;
    let contender = Contender::wasmtime(tools, &composed, folder)?;
    Ok(contender.map(|mut contender| {
        contender.name = COMPOSED;
        contender
    }))
}

/// Compiles the native plugin to `output`, and returns where that is.
pub(super) fn library(tools: &Tools, output: &Path, defines: &[&str]) -> Result<PathBuf> {
    const WIT: &str = include_str!("../../plugins/calls.wit");
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(&tools.compiler);
    command
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"])
        .args(["-shared", "-fPIC", "-I"])
        .arg(benches.join("../crates/c12-plugin/include"))
        // A string literal of Rust is one of C where all is ASCII.
        .arg(format!("-DWIT={WIT:?}"))
        .args(defines.iter().map(|define| format!("-D{define}")))
        .arg("-o")
        .arg(output)
        .arg(benches.join("plugins/calls.c"));
    succeed(&mut command).context("cannot compile the native plugin")?;
    Ok(output.to_owned())
}
