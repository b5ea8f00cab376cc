use std::ffi::OsString;

use anyhow::Result;

use crate::guests;
use crate::layout::Layout;
use crate::process::{cargo, run};
use crate::tools::{debian, wasmedge, wasmtime};

/// Measures C12 against its peers, in one run on this machine. The suite in `benches/` takes the arguments.
pub(crate) fn execute(layout: &Layout, arguments: &[OsString]) -> Result<()> {
    guests::build_all(layout)?;
    let wasmtime = wasmtime(layout)?;
    let wasmedge = match debian::obstacle() {
        None => Some(wasmedge(layout)?),
        Some(obstacle) => {
            println!("WasmEdge is left out: {obstacle}");
            None
        }
    };
    run(cargo(layout).args(["build", "--release", "--package", "c12-cli", "--bin", "c12"]))?;
    let mut suite = cargo(layout);
    suite
        .args(["run", "--release", "--package", "c12-benches", "--"])
        .args(arguments)
        .env("C12_BIN", layout.target.join("release/c12"))
        .env("C12_GUESTS", layout.guests())
        .env("C12_TOOLS_DIR", &layout.tools)
        .env("C12_WASMTIME", wasmtime);
    if let Some(wasmedge) = wasmedge {
        suite.env("C12_WASMEDGE", wasmedge);
    }
    run(&mut suite)
}
