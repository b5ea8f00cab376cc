//! The settings.

use std::collections::BTreeMap;
use std::time::Duration;

use c12_plugin::{Error, Key, Result, Settings};

/// The settings that the plugin knows.
pub(crate) const KEYS: &[Key] = &[
    // It may have a password.
    Key::secret("url").required().description(
        "The server: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or redis+unix:///SOCKET",
    ),
    Key::text("prefix")
        .fallback("")
        .description("What all keys in the server begin with; the bucket's name and `:` follow"),
    Key::text("buckets")
        .fallback("default")
        .description("The buckets that guests may open, separated by commas; NAME:ro is only read"),
    Key::integer("timeout-ms")
        .fallback("2000")
        .description("How long one call may take, with connecting"),
    Key::integer("connections")
        .fallback("8")
        .description("How many connections there are, for all guests together"),
    Key::integer("max-value-bytes")
        .fallback("1048576")
        .description("How large one value may be"),
    Key::integer("max-batch-bytes")
        .fallback("8388608")
        .description("How large all keys and values of one call may be"),
];

/// What a guest may do with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    ReadWrite,
}

/// The settings, understood. The URL is not kept.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) prefix: String,
    pub(crate) buckets: BTreeMap<String, Access>,
    pub(crate) timeout: Duration,
    pub(crate) connections: usize,
    pub(crate) value: usize,
    pub(crate) batch: usize,
}

impl Config {
    pub(crate) fn new(settings: &Settings<'_>) -> Result<Self> {
        let milliseconds: u64 = settings.integer_in("timeout-ms", 1..=600_000)?;
        Ok(Config {
            prefix: settings.text("prefix")?.to_owned(),
            buckets: settings
                .text("buckets")?
                .split(',')
                .map(|bucket| access(bucket.trim()))
                .collect::<Result<_>>()?,
            timeout: Duration::from_millis(milliseconds),
            connections: settings.integer_in("connections", 1..=1_000)?,
            value: settings.integer_in("max-value-bytes", 1..=512 << 20)?,
            batch: settings.integer_in("max-batch-bytes", 1..=1 << 30)?,
        })
    }
}

/// `NAME` or `NAME:ro`.
fn access(bucket: &str) -> Result<(String, Access)> {
    let (name, access) = match bucket.split_once(':') {
        None => (bucket, Access::ReadWrite),
        Some((name, "ro")) => (name, Access::Read),
        Some((_, other)) => {
            return Err(Error::new(format_args!(
                "the setting `buckets`: behind `{bucket}` only `:ro` is known, not `:{other}`"
            )));
        }
    };
    // A `:` in it could reach into another bucket.
    let proper = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 || !name.chars().all(proper) {
        return Err(Error::new(format_args!(
            "the setting `buckets`: `{name}` is not 1 to 64 letters, digits, `-`, `_` and `.`"
        )));
    }
    Ok((name.to_owned(), access))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_name_and_what_may_be_done() {
        assert_eq!(access("a.b").unwrap(), ("a.b".into(), Access::ReadWrite));
        assert_eq!(access("a:ro").unwrap(), ("a".into(), Access::Read));
        for wrong in ["", ":ro", "a:rw", "a:ro:ro", "a*", "a b"] {
            let error = access(wrong).unwrap_err();
            assert!(error.to_string().contains("`buckets`"), "{error}");
        }
    }
}
