//! Options that guests give.

use c12_nn_core::{Error, Options, Result};
use serde_json::Value;

/// More than options have, grammars among them, in bytes. Graphs keep them.
pub(crate) const LARGEST: usize = 64 << 10;

/// Refuses more than [`LARGEST`].
///
/// # Errors
///
/// `invalid-argument` if it is more.
pub(crate) fn check_length(length: usize) -> Result<()> {
    if length <= LARGEST {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "the options have {length} bytes; {LARGEST} are allowed"
    )))
}

/// Options in JSON, as guests for WasmEdge give them.
///
/// # Errors
///
/// They are too long, or no JSON object.
pub(crate) fn from_json(json: &[u8]) -> Result<Options> {
    check_length(json.len())?;
    Options::from_json(json).map(without_nulls)
}

/// What is null was left out: it must not take the place of what the user set.
fn without_nulls(mut options: Options) -> Options {
    let nulls: Vec<String> = options
        .keys()
        .filter(|key| options.value(key).is_none())
        .map(str::to_owned)
        .collect();
    for key in &nulls {
        options.take(key);
    }
    options
}

/// What the options take, in bytes.
pub(crate) fn size(options: &Options) -> usize {
    options
        .keys()
        .map(|key| size_of_text(key) + options.value(key).map_or(0, size_of_value))
        .sum()
}

fn size_of_text(text: &str) -> usize {
    size_of::<String>() + text.len()
}

fn size_of_value(value: &Value) -> usize {
    let behind: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(size_of_value).sum(),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| size_of_text(key) + size_of_value(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_as_if_it_was_left_out() {
        let given = from_json(br#"{"seed": null, "temp": 0.5}"#).unwrap();
        assert_eq!(given.keys().collect::<Vec<_>>(), ["temp"]);
        let user = Options::from_query("seed=7").unwrap();
        let chosen = user.overridden_by(&given);
        assert_eq!(chosen.parsed::<u32>("seed").unwrap(), Some(7));
    }

    #[test]
    fn options_are_not_longer_than_they_need_be() {
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(LARGEST));
        let words = from_json(long.as_bytes()).unwrap_err().to_string();
        assert_eq!(words, "the options have 65545 bytes; 65536 are allowed");
        // What is small as text may be large as values.
        let many = format!(r#"{{"a": [0{}]}}"#, ",0".repeat(1000));
        let size = size(&from_json(many.as_bytes()).unwrap());
        assert!(size > 10 * many.len(), "{size}");
    }
}
