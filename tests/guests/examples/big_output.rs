//! Prints many numbered lines: `big_output [LINES] [--careless]`, by default a million.
//!
//! When the reader goes away it says so on standard error and ends with 3; with `--careless` it panics, as `println!`
//! does.

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut lines = 1_000_000_u32;
    let mut careless = false;
    for argument in std::env::args().skip(1) {
        if argument == "--careless" {
            careless = true;
        } else if let Ok(number) = argument.parse() {
            lines = number;
        }
    }
    if careless {
        (0..lines).for_each(|line| println!("line {line}"));
        return ExitCode::SUCCESS;
    }
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let written = (0..lines)
        .try_for_each(|line| writeln!(stdout, "line {line}"))
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("standard output is gone: {:?}", error.kind());
            ExitCode::from(3)
        }
    }
}
