//! What is known not to pass, and why.

use std::collections::BTreeMap;

use serde::Deserialize;
use wasmtime::error::Context as _;

use crate::script::Failure;

/// `exceptions.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// Failures that have one reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// Why the engine does not do what the scripts say.
    pub(crate) reason: String,
    /// What the message of each failure contains.
    error: String,
    /// The lines of the directives that fail, by script; none if the script fails as a whole.
    pub(crate) scripts: BTreeMap<String, Vec<u32>>,
}

impl Exceptions {
    pub(crate) fn read() -> wasmtime::Result<Self> {
        const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/exceptions.toml");
        let text = std::fs::read_to_string(PATH).with_context(|| format!("cannot read {PATH}"))?;
        toml::from_str(&text).with_context(|| format!("{PATH} is not right"))
    }

    /// All scripts that are named.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &str> {
        self.exception
            .iter()
            .flat_map(|exception| exception.scripts.keys().map(String::as_str))
    }

    /// What is to fail in a script.
    pub(crate) fn of(&self, script: &str) -> Vec<Expected<'_>> {
        let mut expected = Vec::new();
        for exception in &self.exception {
            match exception.scripts.get(script).map(Vec::as_slice) {
                None => {}
                Some([]) => expected.push(Expected {
                    exception,
                    line: None,
                }),
                Some(lines) => expected.extend(lines.iter().map(|&line| Expected {
                    exception,
                    line: Some(line),
                })),
            }
        }
        expected
    }
}

/// A failure that is to happen.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) exception: &'a Exception,
    pub(crate) line: Option<u32>,
}

impl Expected<'_> {
    pub(crate) fn is(&self, failure: &Failure) -> bool {
        (self.line.is_none() || self.line == failure.line)
            && failure.message.contains(&self.exception.error)
    }
}
