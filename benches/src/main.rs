//! Measures C12 against its peers, in one run on this machine, and writes a report.
//!
//! What is compared runs in turn (A B C A B C …), so that whatever else the machine does disturbs all
//! alike. A bad ratio is no failure; a program that fails, or computes something else than the others, is.

mod contender;
mod crypto;
mod hello;
mod instantiation;
mod kernels;
mod locked;
mod machine;
mod nn;
mod plugin_calls;
mod report;
mod samples;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use report::Report;
use tools::Tools;

/// Measures C12 against Wasmtime's and WasmEdge's command lines and native code.
///
/// `cargo xtask bench` builds and installs what it needs. On its own it takes the programs from the
/// environment: C12_BIN, C12_INSTANTIATION, C12_PLUGIN_CALLS, C12_CRYPTO_NATIVE, C12_NN_NATIVE, C12_NN_MODELS, C12_KERNELS,
/// C12_GUESTS, C12_WASMTIME, C12_WASMEDGE, C12_WASMEDGE_INCLUDE, C12_WAC, CC, CXX; what is not named is
/// looked for beside this program, and a peer that is not there is left out.
#[derive(Debug, Parser)]
#[command(name = "c12-benches")]
struct Arguments {
    /// A look at whether everything works: few rounds, and the report goes to standard output.
    #[arg(long)]
    quick: bool,

    /// Measures this section and no other; may be given several times. The report goes to standard output.
    #[arg(long, value_name = "SECTION")]
    only: Vec<Section>,

    /// Where the report goes.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A part of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    WholeProcess,
    Instantiation,
    Kernels,
    PluginCalls,
    Crypto,
    Nn,
}

/// How often things are measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Starts of each program that says hello.
    starts: usize,
    /// Batches of instantiations.
    batches: usize,
    /// Runs of each kernel on each contender.
    kernel_runs: usize,
    /// How long a kernel computes at least, in milliseconds.
    kernel_milliseconds: u64,
    /// Runs of the guest that calls, on each provider.
    call_runs: usize,
    /// Batches of each operation in a run.
    call_batches: usize,
    /// Runs of each program that encrypts, hashes and signs.
    crypto_runs: usize,
    /// Batches of each operation in a run.
    crypto_batches: usize,
    /// How long a batch takes at least, in milliseconds: shorter than the slice of a scheduler.
    crypto_milliseconds: u64,
    /// Runs of each program that runs a model.
    nn_runs: usize,
    /// Batches of a computation with tensors in a run.
    nn_batches: usize,
    /// Texts in a run.
    nn_texts: usize,
    /// How long a batch takes at least, in milliseconds.
    nn_milliseconds: u64,
}

impl Effort {
    const FULL: Effort = Effort {
        starts: 200,
        batches: 100,
        kernel_runs: 9,
        kernel_milliseconds: 150,
        call_runs: 15,
        call_batches: 5,
        crypto_runs: 15,
        crypto_batches: 15,
        crypto_milliseconds: 2,
        nn_runs: 15,
        nn_batches: 10,
        nn_texts: 2,
        nn_milliseconds: 2,
    };
    const QUICK: Effort = Effort {
        starts: 5,
        batches: 3,
        kernel_runs: 1,
        kernel_milliseconds: 5,
        call_runs: 1,
        call_batches: 1,
        crypto_runs: 1,
        crypto_batches: 1,
        crypto_milliseconds: 1,
        nn_runs: 1,
        nn_batches: 1,
        nn_texts: 1,
        nn_milliseconds: 1,
    };
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(failures) if failures.is_empty() => ExitCode::SUCCESS,
        Ok(failures) => {
            for failure in failures {
                eprintln!("error: {failure}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Vec<String>> {
    let effort = if arguments.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    let tools = Tools::find()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let load = machine::load();

    let wanted = |section| arguments.only.is_empty() || arguments.only.contains(&section);
    let mut report = Report::default();
    if wanted(Section::WholeProcess) {
        report.hello(hello::measure(&tools, folder.path(), effort)?, effort);
    }
    if wanted(Section::Instantiation) {
        report.instantiation(instantiation::measure(&tools, effort), effort);
    }
    if wanted(Section::Kernels) {
        report.kernels(kernels::measure(&tools, folder.path(), effort)?, effort);
    }
    if wanted(Section::PluginCalls) {
        let calls = plugin_calls::measure(&tools, folder.path(), effort)?;
        report.plugin_calls(calls, effort);
    }
    if wanted(Section::Crypto) {
        report.crypto(crypto::measure(&tools, folder.path(), effort)?, effort);
    }
    if wanted(Section::Nn) {
        report.nn(nn::measure(&tools, folder.path(), effort)?, effort);
    }

    let text = report.text(&tools, &load)?;
    let default = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/REPORT.md"));
    match arguments
        .output
        .clone()
        .or_else(|| (!arguments.quick && arguments.only.is_empty()).then_some(default))
    {
        None => print!("{text}"),
        Some(path) => {
            std::fs::write(&path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
            eprintln!("the report is in {}", path.display());
        }
    }
    Ok(report.failures)
}
