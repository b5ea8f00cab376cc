//! `cargo xtask`: everything a contributor runs.
//!
//! Whatever a step needs is installed on first use, into a folder outside the clone, and announced in one line.

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::Xtask;
use crate::layout::Layout;

mod arguments;
mod commands;
mod guests;
mod install;
mod layout;
mod plugins;
mod process;
mod tools;

fn main() -> ExitCode {
    let xtask = match Xtask::parse(lexopt::Parser::from_env()) {
        Ok(xtask) => xtask,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    match execute(&xtask) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(xtask: &Xtask) -> Result<()> {
    if *xtask == Xtask::Help {
        println!("{}", arguments::USAGE);
        return Ok(());
    }
    let layout = Layout::find()?;
    match xtask {
        Xtask::Help => Ok(()),
        Xtask::Demo => commands::demo::execute(&layout),
        Xtask::Test(test) => test.execute(&layout),
        Xtask::Guests(name) => commands::guests::execute(&layout, name.as_deref()),
        Xtask::Plugins => commands::plugins::execute(&layout),
        Xtask::Bench(arguments) => commands::bench::execute(&layout, arguments),
        Xtask::Doctor => commands::doctor::execute(&layout),
    }
}
