//! `transform`: a text file in another form.

use std::fmt::Write as _;
use std::fs;
use std::str::FromStr;

use c12_wasm::cli::Failure;
use c12_wasm::log;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::files;
use crate::options::Existing;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Transformation {
    Upper,
    Lower,
    /// Each line backwards.
    Reverse,
    /// Each line behind its number, as `cat -n` prints it.
    Number,
}

impl FromStr for Transformation {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "upper" => Ok(Self::Upper),
            "lower" => Ok(Self::Lower),
            "reverse" => Ok(Self::Reverse),
            "number" => Ok(Self::Number),
            _ => Err(Failure::usage(format!(
                "unknown transformation {name}; one of upper, lower, reverse, number"
            ))),
        }
    }
}

pub(crate) fn run(how: Transformation, path: &str, output: Option<&str>) -> Result<(), Failure> {
    let bytes = fs::read(path).map_err(|cause| Failure::path("cannot read", path, &cause))?;
    // Letters cannot be told in bytes of an unknown encoding: guessing would damage the text.
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::failed(format!(
            "{path} is not UTF-8 text: wrong byte at offset {at}"
        ))
    })?;
    let result = apply(how, &text);
    log::info!(path, how:? = how, bytes_in = text.len(), bytes_out = result.len(); "transformed");
    match output {
        None => files::print(&result),
        Some(output) => {
            files::save(output, result.as_bytes(), Existing::Refuse)?;
            files::print(&format!("wrote {} bytes to {output}\n", result.len()))
        }
    }
}

fn apply(how: Transformation, text: &str) -> String {
    match how {
        Transformation::Upper => text.to_uppercase(),
        Transformation::Lower => text.to_lowercase(),
        Transformation::Reverse => text
            .split_inclusive('\n')
            .map(|line| {
                let (content, end) = match line.strip_suffix('\n') {
                    Some(content) => (content, "\n"),
                    None => (line, ""),
                };
                // By grapheme, or an accent would move to its neighbour.
                content
                    .graphemes(true)
                    .rev()
                    .chain([end])
                    .collect::<String>()
            })
            .collect(),
        Transformation::Number => {
            let mut numbered = String::with_capacity(text.len() + text.len() / 4);
            for (index, line) in text.split_inclusive('\n').enumerate() {
                // Writing to a `String` cannot fail.
                let _ = write!(numbered, "{:>6}\t{line}", index + 1);
            }
            numbered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_grow() {
        assert_eq!(apply(Transformation::Upper, "straße\n"), "STRASSE\n");
    }

    #[test]
    fn reversing_keeps_accents_and_line_ends_where_they_belong() {
        assert_eq!(
            apply(Transformation::Reverse, "e\u{301}a\nbc"),
            "ae\u{301}\ncb"
        );
    }

    #[test]
    fn numbering_keeps_a_missing_last_line_end() {
        assert_eq!(
            apply(Transformation::Number, "a\n\nb"),
            "     1\ta\n     2\t\n     3\tb"
        );
    }
}
