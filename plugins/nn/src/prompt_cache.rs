//! Whose texts a language model may take up again. What it has read of one guest's is not for another, which could tell
//! from the time, and from the number of tokens, what the first has asked.

use c12_nn_core::{Options, Result, Tensor};
use serde_json::Value;

use crate::options;

/// The option: only texts of the same key share what was read of them.
pub(crate) const KEY: &str = "cache-key";

/// Gives options the key of the guest, with what the guest itself asks for within it. If the user gave the model a key,
/// that one holds for all guests.
pub(crate) fn keep_apart(guest: &str, model: &Options, options: &mut Options) {
    let own = options.take(KEY);
    if model.value(KEY).is_some() {
        return;
    }
    let own = own.map(|key| key.to_string()).unwrap_or_default();
    options.set(KEY, format!("{guest}\n{own}"));
}

/// The same for options of one call.
pub(crate) fn keep_call_apart(guest: &str, model: &Options, call: &mut Options) {
    // A key that is null would take the place of the guest's.
    match call.take(KEY) {
        Some(own) if !own.is_null() => {
            call.set(KEY, own);
            keep_apart(guest, model, call);
        }
        _ => {}
    }
}

/// Options as guests for WasmEdge give them, in an input, without the key and without what is null.
///
/// # Errors
///
/// They are too long.
pub(crate) fn option_input(mut tensor: Tensor) -> Result<Tensor> {
    options::check_length(tensor.data.len())?;
    if let Ok(Value::Object(mut options)) = serde_json::from_slice(&tensor.data) {
        let given = options.len();
        options.retain(|key, value| key != KEY && !value.is_null());
        if options.len() < given {
            let data = Value::Object(options).to_string();
            tensor.dimensions = vec![u32::try_from(data.len()).unwrap_or(u32::MAX)];
            tensor.data = data.into();
        }
    }
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(guest: &str, model: &str, own: &str) -> Option<String> {
        let mut options = Options::from_query(own).unwrap();
        keep_apart(guest, &Options::from_query(model).unwrap(), &mut options);
        options.text(KEY).unwrap()
    }

    #[test]
    fn guests_share_nothing_unless_the_user_says_so() {
        assert_eq!(key("a", "", ""), key("a", "", ""));
        assert_ne!(key("a", "", ""), key("b", "", ""));
        assert_ne!(key("a", "", "cache-key=b"), key("b", "", ""));
        assert_ne!(key("a", "", "cache-key=x"), key("b", "", "cache-key=x"));
        assert_ne!(key("a", "", "cache-key=x"), key("a", "", "cache-key=y"));
        // The model's own stays.
        assert_eq!(key("a", "cache-key=all", "cache-key=x"), None);
    }

    #[test]
    fn a_guest_cannot_slip_in_anothers_key() {
        let given = |text: &str| option_input(Tensor::from_text(text.to_owned())).unwrap();
        let kept = r#"{"temp":0.5}"#;
        assert_eq!(given(kept).data, kept);
        for hidden in [
            r#"{"temp":0.5,"cache-key":"b\n"}"#,
            r#"{"cache\u002dkey":"b\n","temp":0.5}"#,
            r#"{"cache-key":null,"seed":null,"temp":0.5}"#,
        ] {
            assert_eq!(given(hidden).data, kept);
        }
        assert_eq!(given("hello").data, "hello");
    }

    /// Null is no key: it must not take the place of the guest's own.
    #[test]
    fn a_guest_cannot_do_without_a_key() {
        let none = Options::new();
        let chosen = |guest: &str, call: &[u8]| {
            let mut graph = Options::new();
            keep_apart(guest, &none, &mut graph);
            let mut call = Options::from_json(call).unwrap();
            keep_call_apart(guest, &none, &mut call);
            graph.overridden_by(&call).text(KEY).unwrap()
        };
        for call in [&b"{}"[..], br#"{"cache-key":null}"#] {
            assert!(chosen("a", call).is_some());
            assert_eq!(chosen("a", call), chosen("a", b"{}"));
            assert_ne!(chosen("a", call), chosen("b", call));
        }
        let key = br#"{"cache-key":"x"}"#;
        assert_ne!(chosen("a", key), chosen("b", key));
    }
}
