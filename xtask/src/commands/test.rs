use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::guests;
use crate::layout::Layout;
use crate::plugins;
use crate::process::{cargo, find_program, output, run};
use crate::tools::mdbook::mdbook;
use crate::tools::{
    boringssl, cryptography_vectors, debian, nn_models, redis, rust_for_guests, system, wasmedge,
    wasmtime,
};

/// Checks everything: format, lints, documentation, licences, guests, all tests, the book.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Test {
    /// Do not build guests; the tests use those that are there.
    pub(crate) no_guests: bool,
    /// Run only the tests whose name contains this, and none of the other checks.
    pub(crate) filter: Option<OsString>,
}

/// What does not compile for the host.
const GUESTS: [&str; 2] = ["--exclude", "c12-test-guests"];

/// The features that build llama.cpp in: into the program, and into what it is measured against.
const LANGUAGE_MODELS: [&str; 2] = ["--features", "c12-cli/nn-ggml,c12-benches/nn-ggml"];

impl Test {
    pub(crate) fn execute(&self, layout: &Layout) -> Result<()> {
        system::install_missing()?;
        let mut steps = Steps::default();
        let result = self.run(layout, &mut steps);
        print!("{}", steps.table());
        result
    }

    fn run(&self, layout: &Layout, steps: &mut Steps) -> Result<()> {
        let everything = self.filter.is_none();
        if everything {
            if in_ci() {
                steps.run("lock file", || lock_file_is_current(layout))?;
            }
            steps.run("format", || {
                run(cargo(layout).args(["fmt", "--all", "--check"]))
            })?;
            steps.run("lints", || lints(layout))?;
            steps.run("api documentation", || api_documentation(layout))?;
            steps.run("licences", || licences(layout))?;
        }
        if !self.no_guests {
            steps.run("guests", || guests::build_all(layout))?;
        }
        steps.run("example plugins", || {
            plugins::build_examples(layout).map(drop)
        })?;
        steps.run("tests", || self.tests(layout))?;
        if everything {
            steps.run("crypto oracle", || crypto_oracle(layout))?;
            steps.run("book", || book(layout))?;
        }
        Ok(())
    }

    fn tests(&self, layout: &Layout) -> Result<()> {
        let mut command = cargo(layout);
        command
            .args(["test", "--no-fail-fast", "--workspace"])
            .args(GUESTS)
            .args(features()?)
            .args(&self.filter)
            .env("C12_GUESTS", layout.guests())
            .env("C12_PLUGINS", plugins::folder(layout))
            .env("C12_TOOLS_DIR", &layout.tools);
        offer(&mut command, "C12_WASMTIME", wasmtime(layout))?;
        let vectors = cryptography_vectors(layout);
        offer(&mut command, "C12_CRYPTOGRAPHY_VECTORS", vectors)?;
        offer(&mut command, "C12_NN_MODELS", nn_models(layout))?;
        if let Some(variables) = rust_for_guests::variables(layout)? {
            command.env("C12_GUEST_RUST", variables);
        }
        // Plugins written for WasmEdge are compiled against its headers, and run in it too.
        match debian::obstacle() {
            None => {
                let redis = redis::redis_server(layout);
                offer(&mut command, "C12_REDIS_SERVER", redis)?;
                offer(&mut command, "C12_WASMEDGE", wasmedge(layout))?;
                let headers = wasmedge::headers(layout);
                offer(&mut command, "C12_WASMEDGE_INCLUDE", headers)?;
            }
            Some(obstacle) => println!("tests with WasmEdge and Redis are ignored: {obstacle}"),
        }
        run(&mut command)
    }
}

/// Tells the tests where something is that some of them need. Without it those are ignored, as on a machine without a
/// network; in CI nothing may be missing.
fn offer(command: &mut Command, variable: &str, found: Result<PathBuf>) -> Result<()> {
    match found {
        Ok(path) => {
            command.env(variable, path);
        }
        Err(error) if in_ci() => return Err(error),
        Err(error) => println!("tests that need {variable} are ignored: {error:#}"),
    }
    Ok(())
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// What is built besides what everybody has: language models, where cmake and libclang are there to build them.
pub(super) fn features() -> Result<&'static [&'static str]> {
    // The same tools, for another library.
    match boringssl::install_missing() {
        Ok(()) => Ok(&LANGUAGE_MODELS),
        Err(error) if in_ci() => Err(error),
        Err(error) => {
            println!("without language models: {error:#}");
            Ok(&[])
        }
    }
}

fn lock_file_is_current(layout: &Layout) -> Result<()> {
    output(cargo(layout).args(["metadata", "--locked", "--format-version", "1"])).map(drop)
}

fn lints(layout: &Layout) -> Result<()> {
    let mut clippy = cargo(layout);
    clippy
        .args(["clippy", "--workspace", "--all-targets"])
        .args(GUESTS)
        .args(features()?)
        .args(["--", "-D", "warnings"]);
    run(&mut clippy)
}

fn api_documentation(layout: &Layout) -> Result<()> {
    // Of all, although readers want that of `c12`: alone, or without what examples and tests need, it would have
    // dependencies checked again with other features.
    run(cargo(layout)
        .args(["doc", "--workspace", "--lib", "--examples", "--no-deps"])
        .args(GUESTS)
        .args(features()?)
        .env("RUSTDOCFLAGS", "-D warnings"))
}

fn licences(layout: &Layout) -> Result<()> {
    if find_program("cargo-deny").is_none() {
        println!(
            "skipped: cargo-deny is not installed; `cargo install --locked cargo-deny` adds it"
        );
        return Ok(());
    }
    let mut deny = cargo(layout);
    deny.args(["deny", "check", "bans", "licenses", "sources"]);
    // The list of advisories is downloaded from elsewhere, which only the CI is sure to reach.
    if in_ci() {
        deny.arg("advisories");
    }
    run(&mut deny)
}

/// Compares the plugin `crypto` with another implementation, which takes minutes to build the first time.
fn crypto_oracle(layout: &Layout) -> Result<()> {
    match boringssl::install_missing() {
        Ok(()) => run(cargo(layout).args([
            "test",
            "--locked",
            "--manifest-path",
            "tests/crypto-oracle/Cargo.toml",
            "--",
            // It says how much it has compared.
            "--nocapture",
        ])),
        Err(error) if in_ci() => Err(error),
        Err(error) => {
            println!("skipped: BoringSSL cannot be built: {error:#}");
            Ok(())
        }
    }
}

fn book(layout: &Layout) -> Result<()> {
    let place = layout.target.join("book");
    run(Command::new(mdbook(layout)?)
        .arg("build")
        .arg(layout.root.join("docs"))
        .arg("--dest-dir")
        .arg(&place))?;
    println!("the book is in {}", place.display());
    Ok(())
}

/// What ran, and how long it took.
#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Steps {
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("==> {name}");
        let start = Instant::now();
        let result = step();
        self.done.push((name, start.elapsed(), result.is_ok()));
        result.with_context(|| format!("the step `{name}` failed"))
    }

    fn table(&self) -> String {
        let row = |name: &str, time: Duration, note: &str| {
            format!("  {name:<20}{:>8.1} s{note}\n", time.as_secs_f64())
        };
        let mut table = "\nTimes:\n".to_owned();
        for (name, time, succeeded) in &self.done {
            table += &row(name, *time, if *succeeded { "" } else { "  failed" });
        }
        table
            + &row(
                "total",
                self.done.iter().map(|(_, time, _)| *time).sum(),
                "",
            )
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn the_table_has_a_row_per_step_and_a_total() {
        let steps = Steps {
            done: vec![
                ("format", Duration::from_millis(1500), true),
                ("tests", Duration::from_secs(70), false),
            ],
        };
        assert_eq!(
            steps.table(),
            "\nTimes:\n  format                   1.5 s\n  tests                   70.0 s  failed\n  total                   71.5 s\n"
        );
    }

    #[test]
    fn a_failing_step_is_named_and_timed() {
        let mut steps = Steps::default();
        steps.run("first", || Ok(())).unwrap();
        let error = steps.run("second", || bail!("no luck")).unwrap_err();
        assert_eq!(format!("{error:#}"), "the step `second` failed: no luck");
        assert_eq!(
            steps
                .done
                .iter()
                .map(|(name, _, good)| (*name, *good))
                .collect::<Vec<_>>(),
            [("first", true), ("second", false)]
        );
    }
}
