//! The `c12` program: parses arguments, calls the library, prints.

mod cli;
mod commands;
mod config;
mod ending;
mod options;
mod plugins;
mod progress;
mod report;
mod signals;

use std::process::ExitCode;

fn main() -> ExitCode {
    ending::guard();
    let code = cli::main();
    ending::expected();
    code
}
