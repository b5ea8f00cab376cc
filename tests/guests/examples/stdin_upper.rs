//! Copies standard input to standard output in capitals, line by line as they arrive.

use std::io::{self, BufRead as _, Write as _};

fn main() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        writeln!(stdout, "{}", line?.to_uppercase())?;
        stdout.flush()?;
    }
    Ok(())
}
