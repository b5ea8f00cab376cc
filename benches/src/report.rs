//! The report, in Markdown.

mod crypto;
mod nn;
mod plugin_calls;

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use crate::hello::{FLOOR, Hello, SCRIPT};
use crate::instantiation;
use crate::kernels::{self, Kernels, NATIVE};
use crate::samples::{Samples, geometric_mean, ratio};
use crate::tools::Tools;
use crate::{Effort, machine};

/// The report as it grows.
#[derive(Debug, Default)]
pub(crate) struct Report {
    sections: String,
    /// What failed; the report tells it, and the program fails with it.
    pub(crate) failures: Vec<String>,
}

const METHOD: &str = "\
- Contenders run in turn, one run of each per pass, so that other work on the machine disturbs all alike. *best* is the shortest time, *median* the middle one.
- Whole process: from before the process is made until it has been waited for, output to `/dev/null`. C12 takes the `.wasm` file and finds it in its cache; Wasmtime runs what `wasmtime compile` made, WasmEdge what `wasmedge compile` made.
- Instantiation: `Linked::instantiate` through the library, the store and WASI's state included, and dropping the instance.
- Kernels: one WASI 0.1 program in Rust and the same source as native code for the plain target (on x86-64: SSE2); each reports the time of its rounds alone, and all must report the same checksum. All four compile with optimisation for speed and their defaults.
- Below 1.00, C12 is faster.
- Plugin calls: one guest makes the calls, checks what comes back, takes the time of batches by its own clock and tells that of a call in the best of them, its own part in passing and taking values included. Each run is a process. *static* is a function written with Wasmtime's statically typed `func_wrap`, for core modules in the flattened form by hand; *native* is a plugin in C whose results lie in memory that the host gave it, *native, own memory* the same with `malloc`; *component* is a component plugin. All of these run on C12's library. *composed* is the same guest and the same component put together with `wac plug` and compiled and run by Wasmtime's command line with its defaults.
- Cryptography: every program computes the same with the same keys and messages, finds out how many calls take two milliseconds, times batches of so many by its own clock and tells the time of a call in the best of them. All must come to the same result; as the signatures of ECDSA have random numbers in them, each program must accept its own and the published one. *native* calls the libraries that the plugin stands on directly, from a buffer that is there into a buffer that is there. *C12* is the plugin `crypto`, called through `c12_wasm::crypto`, which makes a state for each message and gives the result as a new `Vec`. *in wasm* is the same guest with the algorithms of RustCrypto and dalek compiled into it, without SIMD, run by C12 too. WasmEdge is not compared: no package of Debian or PyPI has its plugin for cryptography.
- Models: every program computes the same with the same models, one operation in a process; the times of all batches of all runs count, taken by the program's own clock. What comes out must be the same bytes everywhere with the same framework, a photograph must be recognised, and an answer must have all its tokens. *native* calls ONNX Runtime through `ort`, rten, and llama.cpp through `llama-cpp-2`, in the versions and with the options of the plugin `nn`, the same file of ONNX Runtime's library included; *core module* and *component* are one guest that calls the plugin through `c12_wasm::nn`, run by `c12 run --nn-model`. A photograph: `Context::compute` against a session's run on a view of the tensor and a copy of the scores; the photograph is decoded and scaled before. A text: `Chat::stream` against the model's template, the split into tokens, decoding and the likeliest token each time; from before the question is handed over until its first piece is there, and from then until the end, for each token after the first. The question is read anew each time. A tensor that is *handed over*: for a core module `set_input` of `wasi_ephemeral_nn`, which drops the tensor that was set before; for a component the constructor of `wasi:nn`'s `tensor`, and dropping it; natively a copy into memory that is allocated for it and released. *into a model*: `Context::compute` with a model of the single operator `Shape`, which does not look at the numbers and gives 32 bytes; *through a model*: with the single operator `Identity`, which gives the tensor back; natively both as a photograph.
- Start-up with plugins: whole processes of C12 as above, with `C12_PLUGIN_PATH` naming an empty folder or one with 20 shared libraries.
";

impl Report {
    pub(crate) fn hello(&mut self, hellos: [Hello; 2], effort: Effort) {
        let _ = write!(
            self.sections,
            "\n## Whole process\n\n{} starts of each.\n",
            effort.starts
        );
        for hello in hellos {
            let _ = writeln!(
                self.sections,
                "\n| hello, {} | best | median | C12 to it, best | C12 to it, median |\n|---|--:|--:|--:|--:|",
                hello.guest
            );
            let c12 = hello.of("C12");
            for (contender, samples) in &hello.times {
                let compared = |of: fn(&Samples) -> Duration| match c12 {
                    Some(c12) => format!("{:.2}", ratio(of(c12), of(samples))),
                    None => "failed".to_owned(),
                };
                let _ = writeln!(
                    self.sections,
                    "| {} | {} | {} | {} | {} |",
                    contender.name,
                    milliseconds(samples.best()),
                    milliseconds(samples.median()),
                    compared(Samples::best),
                    compared(Samples::median),
                );
            }
            self.failures.extend(hello.failures);
        }
        let _ = writeln!(
            self.sections,
            "\n{FLOOR} is the price of a process, {SCRIPT} that of a script before it: WasmEdge, unpacked into a folder of its own, is started by such a script."
        );
    }

    pub(crate) fn instantiation(&mut self, rows: Result<Vec<instantiation::Row>>, effort: Effort) {
        let _ = writeln!(
            self.sections,
            "\n## Instantiation\n\n{} batches of 100, time of one.\n\n| hello | memory | best | median |\n|---|---|--:|--:|",
            effort.batches
        );
        let rows = rows.unwrap_or_else(|error| {
            self.failures.push(format!("instantiation: {error:#}"));
            Vec::new()
        });
        for row in rows {
            let _ = writeln!(
                self.sections,
                "| {} | {} | {} | {} |",
                row.guest,
                row.way,
                microseconds(row.each.best()),
                microseconds(row.each.median()),
            );
        }
    }

    pub(crate) fn kernels(&mut self, kernels: Kernels, effort: Effort) {
        let _ = writeln!(
            self.sections,
            "\n## Kernels\n\n{} runs of each; the time of one round at best, and C12's time relative to each.\n\n\
             | kernel | rounds | native | C12 | Wasmtime | WasmEdge | C12 to Wasmtime, best | median | C12 to WasmEdge, best | median | C12 to native, best | median |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            effort.kernel_runs
        );
        let peers = ["Wasmtime", "WasmEdge", NATIVE];
        let mut columns: [Vec<f64>; 6] = Default::default();
        for row in &kernels.rows {
            let mut cells = vec![row.kernel.name.to_owned(), row.rounds.to_string()];
            for name in [NATIVE, "C12", "Wasmtime", "WasmEdge"] {
                cells.push(
                    row.of(name)
                        .map_or_else(missing, |samples| microseconds(samples.best() / row.rounds)),
                );
            }
            for (ratio, column) in ratios(row, peers).into_iter().zip(&mut columns) {
                column.extend(ratio);
                cells.push(ratio.map_or_else(missing, |ratio| format!("{ratio:.2}")));
            }
            let _ = writeln!(self.sections, "| {} |", cells.join(" | "));
        }
        let means: Vec<String> = columns
            .iter()
            .map(|column| {
                geometric_mean(column).map_or_else(missing, |mean| format!("**{mean:.2}**"))
            })
            .collect();
        let _ = writeln!(
            self.sections,
            "| **geometric mean** | | | | | | {} |\n",
            means.join(" | ")
        );
        for row in &kernels.rows {
            let _ = writeln!(
                self.sections,
                "- `{}`: {}",
                row.kernel.name, row.kernel.work
            );
        }
        self.failures.extend(kernels.failures);
    }

    /// The whole report.
    pub(crate) fn text(&self, tools: &Tools, load_before: &str) -> Result<String> {
        let mut text = String::from(
            "# Benchmark report\n\nMade by `cargo xtask bench`, which builds C12 and the guests, installs the peers and rewrites this file.\n\n| machine | |\n|---|---|\n",
        );
        for (name, value) in machine::lines() {
            let _ = writeln!(text, "| {name} | {value} |");
        }
        let _ = writeln!(
            text,
            "| load before and after | {load_before}, {} |",
            machine::load()
        );
        text += "\n| contender | version |\n|---|---|\n";
        for (name, version) in tools.versions()? {
            let _ = writeln!(text, "| {name} | {version} |");
        }
        let _ = write!(text, "\n## Method\n\n{METHOD}{}", self.sections);
        if !self.failures.is_empty() {
            text += "\n## Failures\n\n";
            for failure in &self.failures {
                let _ = writeln!(text, "- {}", failure.replace('\n', " "));
            }
        }
        Ok(text)
    }
}

/// Best and median of C12 relative to each peer.
fn ratios(row: &kernels::Row, peers: [&str; 3]) -> Vec<Option<f64>> {
    let c12 = row.of("C12");
    peers
        .into_iter()
        .flat_map(|peer| {
            [Samples::best, Samples::median].map(|of: fn(&Samples) -> Duration| {
                c12.zip(row.of(peer))
                    .map(|(c12, peer)| ratio(of(c12), of(peer)))
            })
        })
        .collect()
}

fn missing() -> String {
    "-".to_owned()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn microseconds(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}
