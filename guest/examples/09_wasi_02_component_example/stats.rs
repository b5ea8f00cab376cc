//! `stats`: lines, words and bytes of files and whole directories, exactly as `wc` counts them in a UTF-8 locale.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use c12_wasm::cli::Failure;
use c12_wasm::log;

use crate::files;

/// A file is read in pieces of this size, so that a large one needs no more memory than a small one.
const CHUNK: usize = 64 * 1024;

pub(crate) fn run(paths: &[String]) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for path in paths {
        // What the user named is followed even through a symbolic link; what a search meets is not.
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                search(Path::new(path), &mut found, &mut failures);
            }
            Ok(_) => found.push(PathBuf::from(path)),
            Err(cause) => failures.push(Failure::path("cannot read", path, &cause)),
        }
    }
    // The order of a directory's entries differs between file systems; the table's must not.
    found.sort();

    let mut rows = Vec::with_capacity(found.len());
    let mut total = Counts::default();
    for path in &found {
        match count(path) {
            Ok(counts) => {
                log::info!(
                    path:% = path.display(), lines = counts.lines, words = counts.words, bytes = counts.bytes;
                    "counted"
                );
                total.add(counts);
                rows.push((counts, path.display().to_string()));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if rows.is_empty() && !failures.is_empty() {
        // A table of nothing would read as "there is nothing", which is not what happened.
        return combine(failures);
    }
    let files = if rows.len() == 1 { "file" } else { "files" };
    let heading = format!("total ({} {files})", rows.len());
    rows.push((total, heading));
    files::print(&table(&rows))?;
    combine(failures)
}

/// One failure that says all of them: what can be counted is counted, but nothing is left out silently.
fn combine(failures: Vec<Failure>) -> Result<(), Failure> {
    if failures.is_empty() {
        return Ok(());
    }
    let texts: Vec<_> = failures.iter().map(ToString::to_string).collect();
    Err(Failure::failed(texts.join("\n")))
}

/// Collects the regular files under `directory`. Symbolic links are left out: they could lead in circles.
fn search(directory: &Path, found: &mut Vec<PathBuf>, failures: &mut Vec<Failure>) {
    // A list of what is still to do instead of recursion: a deep tree must not exhaust the stack.
    let mut pending = vec![directory.to_owned()];
    while let Some(directory) = pending.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(cause) => {
                failures.push(Failure::path("cannot list", &directory, &cause));
                continue;
            }
        };
        for entry in entries {
            let entry = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)));
            match entry {
                Ok((path, kind)) if kind.is_dir() => pending.push(path),
                Ok((path, kind)) if kind.is_file() => found.push(path),
                Ok((path, _)) => log::debug!(path:% = path.display(); "neither file nor directory"),
                Err(cause) => failures.push(Failure::path("cannot list", &directory, &cause)),
            }
        }
    }
}

fn count(path: &Path) -> Result<Counts, Failure> {
    let failed = |cause| Failure::path("cannot read", path, &cause);
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut counter = Counter::default();
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = file.read(&mut buffer).map_err(failed)?;
        match buffer.get(..length) {
            Some([]) | None => return Ok(counter.finish()),
            Some(chunk) => counter.feed(chunk),
        }
    }
}

/// What `wc` prints for a file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// The number of newline characters, so a last line without one is not counted.
    pub(crate) lines: u64,
    /// The number of runs of characters that are not white space.
    pub(crate) words: u64,
    pub(crate) bytes: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.words += other.words;
        self.bytes += other.bytes;
    }
}

/// Counts a file that arrives in pieces. A piece may end within a word, or within a character.
#[derive(Default)]
struct Counter {
    counts: Counts,
    in_word: bool,
    /// The bytes of a character whose end is in the next piece: at most three.
    unfinished: Vec<u8>,
}

impl Counter {
    fn feed(&mut self, piece: &[u8]) {
        self.counts.bytes += piece.len() as u64;
        if self.unfinished.is_empty() {
            self.decode(piece);
        } else {
            let mut joined = std::mem::take(&mut self.unfinished);
            joined.extend_from_slice(piece);
            self.decode(&joined);
        }
    }

    fn decode(&mut self, mut bytes: &[u8]) {
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(text) => return self.text(text),
                Err(error) => error,
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            self.text(std::str::from_utf8(valid).unwrap_or_default());
            let Some(length) = error.error_len() else {
                self.unfinished = rest.to_vec();
                return;
            };
            // Bytes that are no character are no white space either. (Older releases of GNU wc skip them instead.)
            self.character(false);
            bytes = rest.get(length..).unwrap_or_default();
        }
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            self.counts.lines += u64::from(character == '\n');
            self.character(is_space(character));
        }
    }

    fn character(&mut self, space: bool) {
        self.counts.words += u64::from(!space && !self.in_word);
        self.in_word = !space;
    }

    fn finish(mut self) -> Counts {
        if !self.unfinished.is_empty() {
            self.character(false);
        }
        self.counts
    }
}

/// White space as `wc` sees it: Unicode's, but with the word joiner and without the control character "next line".
fn is_space(character: char) -> bool {
    match character {
        '\u{2060}' => true,
        '\u{85}' => false,
        _ => character.is_whitespace(),
    }
}

/// The rows under a heading, numbers aligned to the right, names as they are.
fn table(rows: &[(Counts, String)]) -> String {
    const HEADINGS: [&str; 3] = ["lines", "words", "bytes"];
    let cells = |counts: &Counts| {
        [counts.lines, counts.words, counts.bytes].map(|number| number.to_string())
    };
    let mut widths = HEADINGS.map(str::len);
    for (counts, _) in rows {
        for (width, cell) in widths.iter_mut().zip(cells(counts)) {
            *width = cell.len().max(*width);
        }
    }
    let mut text = String::new();
    let mut line = |cells: [String; 3], name: &str| {
        for (cell, width) in cells.iter().zip(widths) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{cell:>width$}  ");
        }
        text.push_str(name);
        text.push('\n');
    };
    line(HEADINGS.map(str::to_owned), "file");
    for (counts, name) in rows {
        line(cells(counts), name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pieces: &[&[u8]]) -> (u64, u64, u64) {
        let mut counter = Counter::default();
        for piece in pieces {
            counter.feed(piece);
        }
        let counts = counter.finish();
        (counts.lines, counts.words, counts.bytes)
    }

    #[test]
    fn counts_as_wc_does() {
        assert_eq!(counts(&[]), (0, 0, 0));
        assert_eq!(counts(&[b"one two\nthree"]), (1, 3, 13));
        assert_eq!(counts(&["全角\u{3000}空格\n".as_bytes()]), (1, 2, 16));
        assert_eq!(counts(&["no\u{a0}break".as_bytes()]), (0, 2, 9));
    }

    #[test]
    fn the_pieces_a_file_arrives_in_do_not_matter() {
        let text = "über\u{2003}große 🦀 Wörter\n\n ende".as_bytes();
        let whole = counts(&[text]);
        for size in 1..text.len() {
            let pieces: Vec<_> = text.chunks(size).collect();
            assert_eq!(counts(&pieces), whole, "pieces of {size}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_count_as_a_word() {
        assert_eq!(counts(&[b"\xff\xfe \xe4"]), (0, 2, 4));
    }
}
