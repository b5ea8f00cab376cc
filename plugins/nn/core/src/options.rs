use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

use crate::{Error, Result};

/// The most threads that an inference may have: no machine has use for more.
pub const MOST_THREADS: u64 = 512;

/// An option that a backend understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name, in lower case with hyphens.
    pub name: &'static str,
    /// What it does, its unit and default, in one line.
    pub help: &'static str,
}

/// Options of a model or of one of its contexts: from a command line, `c12.toml`, or a guest's JSON.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    values: BTreeMap<String, Value>,
    owner: Option<Arc<str>>,
}

impl Options {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// From `key=value&key=value`, with `%XX` for what has a meaning there. A key without a value is `true`.
    ///
    /// # Errors
    ///
    /// A key is empty or there twice, or what follows a `%` is no byte.
    pub fn from_query(query: &str) -> Result<Self> {
        let mut options = Self::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, "true"));
            let key = percent_decoded(key)?;
            if key.is_empty() {
                return Err(Error::invalid_argument(format!(
                    "`{part}` is no option; `key=value` is expected"
                )));
            }
            let value = Value::String(percent_decoded(value)?);
            if options.values.insert(key.clone(), value).is_some() {
                return Err(Error::invalid_argument(format!(
                    "the option `{key}` is there twice"
                )));
            }
        }
        Ok(options)
    }

    /// From a JSON object.
    ///
    /// # Errors
    ///
    /// It is no JSON object.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(object)) => Ok(Self {
                values: object.into_iter().collect(),
                owner: None,
            }),
            Ok(_) => Err(Error::invalid_argument(
                "the options are no JSON object".to_owned(),
            )),
            Err(error) => Err(Error::invalid_argument(format!(
                "the options are no JSON: {error}"
            ))),
        }
    }

    /// Sets an option.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(key.into(), value.into());
    }

    /// Says for whom all is done that these options are for: a language model serves one after the other. Nothing that
    /// options are read from can say so.
    pub fn set_owner(&mut self, owner: impl Into<Arc<str>>) {
        self.owner = Some(owner.into());
    }

    /// For whom it is done, if that was said.
    pub fn owner(&self) -> Option<&Arc<str>> {
        self.owner.as_ref()
    }

    /// These options, and the others where they have the same key. A `null` overrides nothing.
    #[must_use]
    pub fn overridden_by(&self, others: &Options) -> Self {
        let mut values = self.values.clone();
        let given = others.values.iter().filter(|(_, value)| !value.is_null());
        values.extend(given.map(|(key, value)| (key.clone(), value.clone())));
        Self {
            values,
            owner: others.owner.clone().or_else(|| self.owner.clone()),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// An option as it is.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    /// Takes an option out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key)
    }

    /// An option as text.
    ///
    /// # Errors
    ///
    /// It is a list or an object.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(yes)) => Ok(Some(yes.to_string())),
            Some(_) => Err(Error::invalid_argument(format!(
                "the option `{key}` must be a text"
            ))),
        }
    }

    /// An option as a number, or anything else that is parsed from text.
    ///
    /// # Errors
    ///
    /// It cannot be parsed; the message has the reason.
    pub fn parsed<T: FromStr<Err: Display>>(&self, key: &str) -> Result<Option<T>> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        // JSON written by guests has `4.0` where a whole number is meant.
        let whole = text.strip_suffix(".0").unwrap_or(&text);
        text.parse()
            .or_else(|error| whole.parse().map_err(|_| error))
            .map(Some)
            .map_err(|error: T::Err| {
                Error::invalid_argument(format!(
                    "the option `{key}` cannot be `{}`: {error}",
                    text.escape_debug()
                ))
            })
    }

    /// How many threads there are to be, or nothing where the framework is to choose.
    ///
    /// # Errors
    ///
    /// It is no number, or more than any machine has use for.
    pub(crate) fn threads(&self) -> Result<Option<u16>> {
        let Some(text) = self.text("threads")? else {
            return Ok(None);
        };
        match self.parsed("threads") {
            Ok(Some(0)) => Ok(None),
            Ok(Some(threads)) if u64::from(threads) <= MOST_THREADS => Ok(Some(threads)),
            _ => Err(Error::invalid_argument(format!(
                "the option `threads` must be from 0 to {MOST_THREADS}, not `{}`",
                text.escape_debug()
            ))),
        }
    }

    /// How many inferences may run at once, each with a copy of the weights.
    ///
    /// # Errors
    ///
    /// It is no number, or not within reason.
    pub(crate) fn sessions(&self) -> Result<usize> {
        const MOST: usize = 64;
        let sessions = self.parsed("sessions")?.unwrap_or(1);
        if (1..=MOST).contains(&sessions) {
            return Ok(sessions);
        }
        Err(Error::invalid_argument(format!(
            "the option `sessions` must be from 1 to {MOST}, not {sessions}"
        )))
    }

    /// An option as yes or no.
    ///
    /// # Errors
    ///
    /// It is neither.
    pub fn flag(&self, key: &str) -> Result<Option<bool>> {
        match self.text(key)?.as_deref() {
            None => Ok(None),
            Some("true" | "yes" | "on" | "1") => Ok(Some(true)),
            Some("false" | "no" | "off" | "0") => Ok(Some(false)),
            Some(other) => Err(Error::invalid_argument(format!(
                "the option `{key}` must be `true` or `false`, not `{}`",
                other.escape_debug()
            ))),
        }
    }

    /// Refuses options that nobody understands.
    ///
    /// # Errors
    ///
    /// There is such an option; the help lists those that are understood.
    pub fn check_keys<'a>(&self, known: impl IntoIterator<Item = &'a Key> + Clone) -> Result<()> {
        let is_known = |key: &str| known.clone().into_iter().any(|known| known.name == key);
        match self.keys().find(|key| !is_known(key)) {
            None => Ok(()),
            Some(unknown) => {
                let mut names: Vec<&str> = known.into_iter().map(|key| key.name).collect();
                // Several backends may have the same.
                names.sort_unstable();
                names.dedup();
                Err(Error::invalid_argument(format!(
                    "there is no option `{}`",
                    unknown.escape_debug()
                ))
                .with_help(format!("the options are {}", names.join(", "))))
            }
        }
    }
}

/// With `%XX` replaced by the bytes that they stand for.
pub(crate) fn percent_decoded(text: &str) -> Result<String> {
    let wrong = || {
        Error::invalid_argument(format!(
            "`{}` has a `%` without a byte in two hexadecimal digits behind it",
            text.escape_debug()
        ))
    };
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(wrong)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::invalid_argument(format!("`{}` is not UTF-8", text.escape_debug())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_no_more_than_machines_have_use_for() {
        let threads = |value: Value| {
            let mut options = Options::new();
            options.set("threads", value);
            options.threads()
        };
        assert_eq!(Options::new().threads().unwrap(), None);
        assert_eq!(threads(0.into()).unwrap(), None);
        assert_eq!(threads(4.0.into()).unwrap(), Some(4));
        assert_eq!(threads("512".into()).unwrap(), Some(512));
        for wrong in ["100000", "513", "-1", "", "true"] {
            let error = threads(wrong.into()).unwrap_err();
            let words = format!("the option `threads` must be from 0 to 512, not `{wrong}`");
            assert_eq!(error.message(), words);
        }
    }
}
