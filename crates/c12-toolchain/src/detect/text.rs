//! Telling the WebAssembly text format from other text.

use super::{DetectError, Kind};

/// How far into a file a look is taken before it counts as binary: comments may be long, text formats are not
/// told by anything later.
const TEXT_PROBE: usize = 4096;
/// How many characters of an unknown text are shown.
const SHOWN: usize = 40;
/// How many characters of a script's first line are shown.
const SHOWN_INTERPRETER: usize = 60;

/// Fields of a module that may stand alone, without `(module …)` around them (core specification, section 6.6.15).
const MODULE_FIELDS: &[&[u8]] = &[
    b"data", b"elem", b"export", b"func", b"global", b"import", b"memory", b"rec", b"start",
    b"table", b"tag", b"type",
];

/// Decides what text is. Called with bytes that are not a known binary format.
pub(super) fn detect(bytes: &[u8]) -> Result<Kind, DetectError> {
    let (body, at) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (body, 3),
        None => (bytes, 0),
    };
    if let Some(error) = foreign(body) {
        return Err(error);
    }
    let mut rest = match skip_trivia(body) {
        Ok(rest) => rest,
        // Random bytes may hold `(;` too: only text is told about its comments.
        Err(offset) if is_text(body) => {
            return Err(DetectError::UnclosedComment {
                offset: offset + at,
            });
        }
        Err(_) => return Err(unknown(bytes)),
    };
    if rest.is_empty() {
        return Err(DetectError::Blank);
    }
    while let Some(inner) = rest.strip_prefix(b"(") {
        // Annotations may stand before the first field: `(@name …)` is skipped as a balanced form.
        if !inner.starts_with(b"@") {
            return keyword(inner).ok_or_else(|| unknown(bytes));
        }
        match skip_form(inner).map(skip_trivia) {
            Some(Ok(after)) => rest = after,
            _ => break,
        }
    }
    Err(unknown(bytes))
}

/// The first word of a form decides.
fn keyword(inner: &[u8]) -> Option<Kind> {
    let inner = skip_trivia(inner).ok()?;
    let end = inner
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(inner.len());
    match inner.get(..end)? {
        b"module" => Some(Kind::ModuleText),
        b"component" => Some(Kind::ComponentText),
        word if MODULE_FIELDS.contains(&word) => Some(Kind::ModuleText),
        _ => None,
    }
}

/// Skips white space, line comments and nested block comments. The error is the offset of an unclosed comment.
fn skip_trivia(bytes: &[u8]) -> Result<&[u8], usize> {
    let mut rest = bytes;
    loop {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b";;") {
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'))
                .unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default();
        } else if rest.starts_with(b"(;") {
            rest = skip_block_comment(rest).ok_or(bytes.len() - rest.len())?;
        } else {
            return Ok(rest);
        }
    }
}

/// Skips one block comment, which may hold others.
fn skip_block_comment(bytes: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    let mut rest = bytes;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b"(;") {
            depth += 1;
            rest = after;
        } else if let Some(after) = rest.strip_prefix(b";)") {
            depth = depth.saturating_sub(1);
            rest = after;
            if depth == 0 {
                return Some(rest);
            }
        } else {
            rest = rest.get(1..)?;
        }
    }
    None
}

/// Skips to behind the parenthesis that closes the form which `bytes` is the inside of, minding strings.
fn skip_form(bytes: &[u8]) -> Option<&[u8]> {
    let mut depth = 1_usize;
    let mut quoted = false;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' if quoted => rest = rest.get(1..)?,
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(rest);
                }
            }
            _ => {}
        }
    }
    None
}

/// Recognises other text formats that people hand over by mistake.
fn foreign(bytes: &[u8]) -> Option<DetectError> {
    if let Some(line) = bytes.strip_prefix(b"#!") {
        return Some(DetectError::Script {
            interpreter: first_line(line, SHOWN_INTERPRETER),
        });
    }
    if bytes.starts_with(b"version https://git-lfs.github.com/") {
        return Some(DetectError::GitLfsPointer);
    }
    let body = bytes.trim_ascii_start();
    let tag = |tag: &[u8]| {
        body.get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    if tag(b"<!doctype html") || tag(b"<html") || tag(b"<head") || tag(b"<!--") {
        return Some(DetectError::Html);
    }
    if tag(b"<?xml") || tag(b"<!doctype") {
        return Some(DetectError::Xml);
    }
    if json(body) {
        return Some(DetectError::Json);
    }
    let wit = [&b"package "[..], b"world ", b"interface "];
    if wit.iter().any(|word| body.starts_with(word))
        && body.iter().any(|byte| matches!(byte, b';' | b'{'))
    {
        return Some(DetectError::Wit);
    }
    None
}

/// An object, or an array that starts as JSON's do.
fn json(body: &[u8]) -> bool {
    let Some((open, rest)) = body.split_first() else {
        return false;
    };
    let next = rest.trim_ascii_start().first();
    match open {
        b'{' => matches!(next, Some(b'"' | b'}')),
        b'[' => matches!(next, Some(b'"' | b'{' | b'[' | b']' | b'0'..=b'9')),
        _ => false,
    }
}

/// Whether the start of the file is text: UTF-8 without control characters, except a character cut at the probe's end.
fn is_text(bytes: &[u8]) -> bool {
    let probe = bytes.get(..TEXT_PROBE).unwrap_or(bytes);
    let valid = match std::str::from_utf8(probe) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && probe.len() < bytes.len() => {
            std::str::from_utf8(probe.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && !valid.chars().any(|c| c.is_control() && !c.is_whitespace())
}

fn unknown(bytes: &[u8]) -> DetectError {
    if is_text(bytes) {
        DetectError::UnknownText {
            start: first_line(bytes.trim_ascii_start(), SHOWN),
        }
    } else {
        DetectError::Unknown {
            start: bytes.get(..8).unwrap_or(bytes).to_vec(),
        }
    }
}

/// The first line, cut to `limit` characters.
fn first_line(bytes: &[u8], limit: usize) -> String {
    let line = bytes
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .next()
        .unwrap_or_default();
    // Four bytes hold any character, so this many are enough and the rest of a long line is never copied.
    let line = String::from_utf8_lossy(line.get(..limit * 4).unwrap_or(line)).into_owned();
    let line = line.trim();
    let shown: String = line
        .chars()
        .take(limit)
        .flat_map(char::escape_debug)
        .collect();
    if line.chars().count() > limit {
        format!("{shown}…")
    } else {
        shown
    }
}
