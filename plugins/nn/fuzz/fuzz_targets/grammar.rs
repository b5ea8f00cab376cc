//! Grammars and schemas of guests, and texts that may follow them.
#![no_main]

use c12_nn_core::{Code, Grammar};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (grammar, text) = input;
    for grammar in [
        Grammar::from_gbnf(grammar),
        Grammar::from_json_schema(grammar),
    ] {
        match grammar {
            Ok(grammar) => {
                if let Err(error) = grammar.matches(text) {
                    assert_eq!(error.code(), Code::TooLarge);
                }
            }
            Err(error) => {
                assert!(matches!(
                    error.code(),
                    Code::InvalidArgument | Code::TooLarge
                ));
            }
        }
    }
});
