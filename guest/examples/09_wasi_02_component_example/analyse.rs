//! `analyse`: what a text is made of.

use std::collections::HashMap;
use std::fs;

use c12_wasm::cli::Failure;
use c12_wasm::log;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::files;

pub(crate) fn run(paths: &[String], top: usize) -> Result<(), Failure> {
    let mut analysis = Analysis::default();
    for path in paths {
        let bytes = fs::read(path).map_err(|cause| Failure::path("cannot read", path, &cause))?;
        let text = String::from_utf8_lossy(&bytes);
        if let std::borrow::Cow::Owned(_) = text {
            log::warn!(path; "not UTF-8 everywhere; wrong bytes are read as U+FFFD");
        }
        analysis.add(path, &text);
        log::info!(path, bytes = bytes.len(); "analysed");
    }
    files::print(&analysis.report(top))
}

#[derive(Default)]
struct Analysis {
    lines: usize,
    blank_lines: usize,
    characters: usize,
    words: usize,
    frequencies: HashMap<String, usize>,
    longest: Option<LongestLine>,
}

struct LongestLine {
    path: String,
    /// Counted from 1.
    number: usize,
    /// In graphemes: what a reader would call characters.
    length: usize,
}

impl Analysis {
    fn add(&mut self, path: &str, text: &str) {
        for (index, line) in text.lines().enumerate() {
            self.lines += 1;
            self.blank_lines += usize::from(line.trim().is_empty());
            let length = line.graphemes(true).count();
            self.characters += length;
            if self
                .longest
                .as_ref()
                .is_none_or(|longest| length > longest.length)
            {
                self.longest = Some(LongestLine {
                    path: path.to_owned(),
                    number: index + 1,
                    length,
                });
            }
            // By Unicode's rules for words, so punctuation is no word and `don't` is one.
            for word in line.unicode_words() {
                self.words += 1;
                *self.frequencies.entry(word.to_lowercase()).or_default() += 1;
            }
        }
    }

    fn report(&self, top: usize) -> String {
        let mut report = format!(
            "lines: {} ({} blank)\ncharacters: {}\nwords: {} ({} different)\n",
            self.lines,
            self.blank_lines,
            self.characters,
            self.words,
            self.frequencies.len()
        );
        if let Some(LongestLine {
            path,
            number,
            length,
        }) = &self.longest
        {
            report += &format!("longest line: {path}:{number}, {length} characters\n");
        }
        let mut frequencies: Vec<_> = self.frequencies.iter().collect();
        // By number, and by the word where numbers are equal: the order must not depend on the hash map's.
        frequencies.sort_by(|(word_a, count_a), (word_b, count_b)| {
            count_b.cmp(count_a).then_with(|| word_a.cmp(word_b))
        });
        if top > 0 && !frequencies.is_empty() {
            report += "most frequent words:\n";
        }
        for (word, count) in frequencies.into_iter().take(top) {
            report += &format!("{count:>8}  {word}\n");
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_sorted_by_word() {
        let mut analysis = Analysis::default();
        analysis.add("f", "b a\n\nB, a! c");
        assert_eq!(
            analysis.report(2),
            "lines: 3 (1 blank)\ncharacters: 10\nwords: 5 (3 different)\n\
             longest line: f:3, 7 characters\nmost frequent words:\n       2  a\n       2  b\n"
        );
    }

    #[test]
    fn an_empty_text_has_a_report_too() {
        let report = Analysis::default().report(10);
        assert_eq!(
            report,
            "lines: 0 (0 blank)\ncharacters: 0\nwords: 0 (0 different)\n"
        );
    }
}
