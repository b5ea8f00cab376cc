//! The tokens that a model knows. llama.cpp ends the process if there are two of the same text, or if a text has a byte
//! for which there is none.

use std::collections::HashSet;

use super::broken;
use crate::Result;

/// The key of their texts.
pub(super) const KEY: &str = "tokenizer.ggml.tokens";

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    texts: HashSet<Vec<u8>>,
    count: u64,
}

impl Vocabulary {
    /// Adds the next one.
    ///
    /// # Errors
    ///
    /// There is such a token already.
    pub(super) fn add(&mut self, mut text: Vec<u8>) -> Result<()> {
        // For llama.cpp a text ends with the first zero, and one without anything gets a name of its own.
        if let Some(end) = text.iter().position(|byte| *byte == 0) {
            text.truncate(end);
        }
        if text.is_empty() {
            text = format!("[EMPTY_{}]", self.count).into_bytes();
        }
        self.count += 1;
        if self.texts.insert(text) {
            Ok(())
        } else {
            Err(broken("a token is there twice"))
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn has(&self, text: &[u8]) -> bool {
        self.texts.contains(text)
    }

    /// Whether every byte can be written with a token of its own. Bytes themselves are good enough for some tokenizers.
    pub(super) fn has_bytes(&self, themselves: bool) -> bool {
        // A zero is in no text.
        (1..=u8::MAX).all(|byte| {
            self.has(format!("<0x{byte:02X}>").as_bytes()) || (themselves && self.has(&[byte]))
        })
    }

    /// Lets go of the texts.
    pub(super) fn forget(&mut self) {
        self.texts = HashSet::new();
    }
}
