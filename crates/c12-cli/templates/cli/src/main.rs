//! Counts lines, words and bytes, of files or of standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::ExitCode;

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    lines: u64,
    words: u64,
    bytes: u64,
}

fn count(mut from: impl BufRead) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        counts.lines += 1;
        counts.words += line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as u64;
        counts.bytes += line.len() as u64;
        line.clear();
    }
    Ok(counts)
}

fn print(name: &str, counts: io::Result<Counts>) -> bool {
    match counts {
        Ok(Counts { lines, words, bytes }) => println!("{name}: {lines} lines, {words} words, {bytes} bytes"),
        Err(ref error) => eprintln!("{name}: {error}"),
    }
    counts.is_ok()
}

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let mut fine = true;
    if names.is_empty() {
        fine = print("standard input", count(io::stdin().lock()));
    }
    for name in &names {
        fine &= print(name, File::open(name).and_then(|file| count(BufReader::new(file))));
    }
    ExitCode::from(u8::from(!fine))
}

// `cargo test` runs them in c12.
#[cfg(test)]
mod tests {
    use super::{Counts, count};

    #[test]
    fn lines_words_and_bytes_are_counted() {
        let counts = count("one two\n\nthree".as_bytes()).unwrap();
        assert_eq!(counts, Counts { lines: 3, words: 3, bytes: 14 });
        assert_eq!(count("".as_bytes()).unwrap(), Counts::default());
    }
}
