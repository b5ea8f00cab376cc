//! The fields of vectors.

use serde_json::Value;

/// What a vector is expected to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Valid,
    Invalid,
    /// Right if it gives what it says, and right if it is refused.
    Acceptable,
}

#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(&'a Value);

impl<'a> Fields<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(value)
    }

    pub(crate) fn maybe_text(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    pub(crate) fn text(self, name: &str) -> &'a str {
        self.maybe_text(name)
            .unwrap_or_else(|| panic!("no text `{name}` in {}", self.0))
    }

    pub(crate) fn number(self, name: &str) -> u64 {
        let number = self.0.get(name).and_then(Value::as_u64);
        number.unwrap_or_else(|| panic!("no number `{name}` in {}", self.0))
    }

    /// Bytes in hexadecimal digits.
    pub(crate) fn bytes(self, name: &str) -> Vec<u8> {
        hex(self.text(name))
    }

    pub(crate) fn maybe_bytes(self, name: &str) -> Option<Vec<u8>> {
        self.maybe_text(name).map(hex)
    }

    pub(crate) fn fields(self, name: &str) -> Fields<'a> {
        Fields(self.0.get(name).unwrap_or(&Value::Null))
    }

    pub(crate) fn list(self, name: &str) -> impl Iterator<Item = Fields<'a>> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter().flatten().map(Fields)
    }

    pub(crate) fn has_flag(self, flag: &str) -> bool {
        let flags = self.0.get("flags").and_then(Value::as_array);
        flags
            .into_iter()
            .flatten()
            .any(|found| found.as_str() == Some(flag))
    }

    pub(crate) fn expected(self) -> Expected {
        match self.text("result") {
            "valid" => Expected::Valid,
            "invalid" => Expected::Invalid,
            "acceptable" => Expected::Acceptable,
            other => panic!("`{other}` is no expectation"),
        }
    }

    /// For messages.
    pub(crate) fn name(self) -> String {
        format!("vector {}", self.number("tcId"))
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8;
    let pairs = text.as_bytes().chunks_exact(2);
    assert!(pairs.remainder().is_empty(), "half a byte");
    pairs
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}
