use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use super::test::features;
use crate::guests;
use crate::layout::Layout;
use crate::process::{cargo, run};
use crate::tools::{debian, nn_models, system, wac, wasmedge, wasmtime};

/// Measures C12 against its peers, in one run on this machine. The suite in `benches/` takes the arguments.
pub(crate) fn execute(layout: &Layout, arguments: &[OsString]) -> Result<()> {
    system::install_missing()?;
    guests::build_all(layout)?;
    let wasmtime = wasmtime(layout)?;
    let wasmedge = match debian::obstacle() {
        None => Some(wasmedge(layout)?),
        Some(obstacle) => {
            println!("WasmEdge is left out: {obstacle}");
            None
        }
    };
    let wac = wac(layout)
        .inspect_err(|error| println!("static composition is left out: {error:#}"))
        .ok();
    let models = nn_models(layout)
        .inspect_err(|error| println!("models are left out: {error:#}"))
        .ok();
    // Both at once: apart, the suite's smaller choice of features would build half of the engine again.
    run(cargo(layout)
        .args(["build", "--release", "--bins"])
        .args(["--package", "c12-cli", "--package", "c12-benches"])
        .args(features()?))?;
    run(cargo(layout)
        .args(["build", "--release", "--package", "c12-bench-kernels"])
        .args(["--example", "kernels"]))?;
    let release = layout.target.join("release");
    let mut suite = Command::new(release.join("c12-benches"));
    suite
        .args(arguments)
        .current_dir(&layout.root)
        .env("C12_BIN", release.join("c12"))
        .env("C12_KERNELS", release.join("examples/kernels"))
        .env("C12_GUESTS", layout.guests())
        .env("C12_WASMTIME", wasmtime);
    if let Some(program) = wasmedge {
        suite
            .env("C12_WASMEDGE", program)
            .env("C12_WASMEDGE_INCLUDE", wasmedge::headers(layout)?);
    }
    if let Some(wac) = wac {
        suite.env("C12_WAC", wac);
    }
    if let Some(models) = models {
        suite.env("C12_NN_MODELS", models);
    }
    run(&mut suite)
}
