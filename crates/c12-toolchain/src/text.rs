//! The WebAssembly text format, turned into the binary format.

use std::borrow::Cow;

use wast::Wat;
use wast::parser::{ParseBuffer, parse};

/// How many characters of a line an error shows, at most.
const EXCERPT: usize = 80;

/// Text that is not valid in the WebAssembly text format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
#[non_exhaustive]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The byte, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
    /// The line itself; of a long one, the part around the column. Control characters are escaped.
    pub excerpt: String,
    /// Where in the excerpt the column is, in characters from 0.
    pub caret: usize,
}

impl TextError {
    /// The excerpt with a mark under the column, two lines without a line feed at the end.
    #[must_use]
    pub fn snippet(&self) -> String {
        format!("{}\n{:>width$}", self.excerpt, "^", width = self.caret + 1)
    }

    fn new(text: &str, offset: usize, message: String) -> Self {
        let offset = floor_char_boundary(text, offset);
        let (before, after) = text.split_at(offset);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let head = before.get(start..).unwrap_or_default();
        let tail = after.lines().next().unwrap_or_default();
        let column = head.chars().count() + 1;
        let skipped = column.saturating_sub(EXCERPT / 2 + 1);
        let mut excerpt = String::new();
        let mut caret = 0;
        for (index, c) in head
            .chars()
            .chain(tail.chars())
            .enumerate()
            .skip(skipped)
            .take(EXCERPT)
        {
            if index + 1 == column {
                caret = excerpt.chars().count();
            }
            excerpt.extend(crate::printable::character(c));
        }
        if skipped + EXCERPT >= column && head.chars().chain(tail.chars()).nth(column - 1).is_none()
        {
            caret = excerpt.chars().count();
        }
        Self {
            line,
            column,
            offset,
            message,
            excerpt,
            caret,
        }
    }
}

/// Encodes text in the binary format. Bytes that are a binary already are handed back as they are.
///
/// # Errors
///
/// [`TextError`] with the position, if the text does not parse or names something that does not exist. Whether types
/// fit is not checked here: that is the validation of the binary.
///
/// # Example
///
/// ```
/// use c12_toolchain::text;
///
/// assert_eq!(&*text::encode(b"(module)")?, b"\0asm\x01\0\0\0");
///
/// let error = text::encode(b"(module\n  (func nope))").unwrap_err();
/// assert_eq!((error.line, error.column), (2, 9));
/// # Ok::<(), text::TextError>(())
/// ```
pub fn encode(bytes: &[u8]) -> Result<Cow<'_, [u8]>, TextError> {
    if bytes.starts_with(b"\0asm") {
        return Ok(Cow::Borrowed(bytes));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        TextError::new(
            valid,
            valid.len(),
            "the bytes here are not UTF-8".to_owned(),
        )
    })?;
    let located = |error: wast::Error| TextError::new(text, error.span().offset(), error.message());
    let buffer = ParseBuffer::new(text).map_err(located)?;
    let mut wat: Wat<'_> = parse(&buffer).map_err(located)?;
    wat.encode().map(Cow::Owned).map_err(located)
}

/// The last boundary of a character at or before `offset`.
fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
