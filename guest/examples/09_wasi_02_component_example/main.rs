//! A whole command-line program as a WASI 0.2 component: files, text, the environment, structured logs.
//!
//! ```text
//! cargo build --example 09_wasi_02_component_example --target wasm32-wasip2 --release
//! c12 run --dir docs::/docs:ro 09_wasi_02_component_example.wasm -- stats /docs
//! ```
//!
//! There is nothing of WASI to be seen in the source: Rust's standard library speaks WASI 0.2 on this target, so the
//! same program also builds for WASI 0.1 and for the host. What differs is what it may touch: inside a sandbox only
//! the directories, variables and arguments that it was given.
//!
//! The program's results go to standard output and its logs to standard error, so `… | sort` never sees a log line.

mod analyse;
mod files;
mod options;
mod stats;
mod transform;

use std::process::ExitCode;

use c12_wasm::cli::{self, Failure};
use c12_wasm::log;

use options::{Command, Options};

const PROGRAM: &str = "09_wasi_02_component_example";

fn main() -> ExitCode {
    cli::finish(PROGRAM, run())
}

fn run() -> Result<(), Failure> {
    // `args` panics on arguments that are not Unicode; `args_os` lets us say which one it was.
    let arguments = std::env::args_os()
        .skip(1)
        .map(|argument| {
            argument.into_string().map_err(|argument| {
                Failure::usage(format!("the argument {argument:?} is not valid Unicode"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let options = Options::parse(arguments, std::env::var("C12_LOG_JSON").ok().as_deref())?;

    log::init(options.log);
    log::debug!(command = options.command.name(), version = env!("CARGO_PKG_VERSION"); "start");

    let outcome = match options.command {
        Command::Help => files::print(options::HELP),
        Command::Version => files::print(&format!("{PROGRAM} {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Stats { paths } => stats::run(&paths),
        Command::Read { path } => files::read(&path),
        Command::Write(write) => files::write(&write),
        Command::List { path } => files::list(&path),
        Command::Stat { path } => files::stat(&path),
        Command::Transform { how, path, output } => transform::run(how, &path, output.as_deref()),
        Command::Analyse { paths, top } => analyse::run(&paths, top),
        Command::Env { names } => environment(&names),
    };
    if let Err(failure) = &outcome {
        log::error!(exit_code = failure.code(); "{failure}");
    }
    outcome
}

/// Prints the named variables, or all of them sorted by name, as `NAME=value`.
///
/// A component sees no variable of its host unless `--env` granted it.
fn environment(names: &[String]) -> Result<(), Failure> {
    let mut text = String::new();
    if names.is_empty() {
        let mut all: Vec<_> = std::env::vars_os().collect();
        all.sort();
        for (name, value) in all {
            text += &format!("{}={}\n", name.to_string_lossy(), value.to_string_lossy());
        }
        return files::print(&text);
    }
    for name in names {
        // `var_os` may panic on a name that no variable can have, so such a name is refused before it is looked up.
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(Failure::usage(format!(
                "{name:?} cannot be the name of a variable"
            )));
        }
        match std::env::var_os(name) {
            Some(value) => text += &format!("{name}={}\n", value.to_string_lossy()),
            None => {
                return Err(Failure::failed(format!(
                    "the variable {name} is not set\n  grant it with `--env {name}=VALUE`"
                )));
            }
        }
    }
    files::print(&text)
}
