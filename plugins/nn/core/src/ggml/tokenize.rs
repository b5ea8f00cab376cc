//! Text into tokens.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::{Error, Result};

/// The longest text, in bytes.
const TEXT: usize = 64 << 20;
/// The longest run of characters without a space between them, or of spaces. Of most models llama.cpp finds words with
/// an expression that goes some levels deeper with each character.
const RUN: usize = 32 << 10;
/// The longest run that this thread's stack is surely large enough for.
const SHORT: usize = 256;
/// A stack for the longest run, in bytes, of which only what is needed is ever there.
const STACK: usize = 256 << 20;

/// The tokens of a text, control tokens among them.
///
/// # Errors
///
/// `too-large` if the text, or a part of it without a space, is longer than any that is written.
pub(super) fn tokens(model: &LlamaModel, text: &str) -> Result<Vec<LlamaToken>> {
    if text.len() > TEXT {
        return Err(Error::too_large(format!(
            "a text of {} bytes is longer than any context",
            text.len()
        )));
    }
    let split = || model.vocab().tokenize(text.as_bytes(), true, true);
    let run = longest_run(text);
    if run > RUN {
        return Err(Error::too_large(format!(
            "a text has {run} characters with no space between them, or as many spaces; {RUN} are allowed"
        )));
    }
    if run > SHORT {
        return on_large_stack(split);
    }
    Ok(split())
}

fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("c12-nn-tokens".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|error| Error::runtime(format!("no thread could be started: {error}")))?
            .join()
            .map_err(|_| Error::runtime("the text could not be split into tokens"))
    })
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run, mut of_spaces) = (0, 0, false);
    for letter in text.chars() {
        if letter.is_whitespace() == of_spaces {
            run += 1;
        } else {
            of_spaces = !of_spaces;
            run = 1;
        }
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::longest_run;

    #[test]
    fn runs_are_of_letters_or_of_spaces() {
        for (text, longest) in [
            ("", 0),
            ("a", 1),
            ("one three", 5),
            ("a  \n\u{3000} b", 5),
            ("日本語 日", 3),
        ] {
            assert_eq!(longest_run(text), longest, "{text:?}");
        }
    }
}
