//! Grammars that text of a language model must follow: GBNF, llama.cpp's notation, and JSON schemas.
//!
//! A grammar comes from a guest and is looked at for every token, so this is written here and bounded everywhere:
//! llama.cpp's own gives up by ending the process.

mod gbnf;
mod json;
#[cfg_attr(
    not(any(feature = "ggml", test)),
    expect(dead_code, reason = "for `ggml`")
)]
mod matcher;
mod recursion;
mod schema;

use std::sync::Arc;

pub(crate) use matcher::Matcher;
#[cfg(feature = "ggml")]
pub(crate) use matcher::Vocabulary;

use crate::{Cancel, Result};

/// The number of a rule.
type RuleId = usize;

/// A place in a grammar.
type Position = u32;

/// One step of an alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A character of these ranges, which are sorted and apart.
    Characters(Arc<[(u32, u32)]>),
    /// What another rule says.
    Rule(RuleId),
    /// The alternative ends here.
    End,
}

/// A grammar that is ready to be followed.
#[derive(Debug, Clone)]
pub struct Grammar {
    rules: Arc<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    steps: Vec<Step>,
    /// Where the alternatives of each rule begin.
    alternatives: Vec<Vec<Position>>,
    root: RuleId,
}

impl Grammar {
    /// From GBNF, whose rule `root` is the whole text.
    ///
    /// # Errors
    ///
    /// `invalid-argument` if it is not GBNF, lacks a rule or has one that begins with itself; `too-large` if it is
    /// larger than any grammar needs to be.
    pub fn from_gbnf(text: &str) -> Result<Self> {
        gbnf::parsed(text).map(|rules| Self {
            rules: Arc::new(rules),
        })
    }

    /// From a JSON schema, as text. Properties come in the order in which they stand there.
    ///
    /// # Errors
    ///
    /// `invalid-argument` if it is no JSON, or a keyword constrains values in a way that is not supported.
    pub fn from_json_schema(schema: &str) -> Result<Self> {
        Self::from_gbnf(&schema::to_gbnf(schema)?)
    }

    /// Whether the whole text follows the grammar.
    ///
    /// # Errors
    ///
    /// `too-large` if the grammar is so ambiguous that this takes too much memory or time.
    pub fn matches(&self, text: &str) -> Result<bool> {
        let mut matcher = Matcher::new(self, &Cancel::new())?;
        Ok(matcher.accept(text.as_bytes())? && matcher.may_end())
    }
}
