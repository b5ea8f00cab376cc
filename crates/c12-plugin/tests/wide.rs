//! A variant and an enum with more cases than a byte can count.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use c12_plugin::harness::{Generator, Harness, Value};
use c12_plugin::{Plugin, Result, Settings};

c12_plugin::generate!({ path: "../c12-bindgen/tests/cases/wide.wit" });

use exports::test::wide::cases::{Choice, Guest, Large, Pair};

struct Wide;

impl Plugin for Wide {
    const NAME: Option<&'static str> = Some("wide");
    type Instance = Wide;

    fn open(_: &Settings<'_>) -> Result<Self> {
        Ok(Wide)
    }

    fn instantiate(&self) -> Result<Wide> {
        Ok(Wide)
    }
}

impl Guest for Wide {
    fn echo(&mut self, x: Vec<Pair>) -> Result<Vec<Pair>> {
        Ok(x)
    }

    fn echo_option(&mut self, x: Option<Large>) -> Result<Option<Large>> {
        Ok(x)
    }

    fn echo_choice(&mut self, x: Choice) -> Result<Choice> {
        Ok(x)
    }
}

c12_plugin::export!(Wide);

#[test]
fn cases_beyond_a_byte() {
    let plugin = Harness::open(c12_plugin, &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    for seed in 0..300 {
        let mut generator = Generator::new(seed);
        for entry in plugin.functions() {
            let (_, ty) = &entry.function.params[0];
            let value = generator
                .value(plugin.world(), ty, &mut |_, _| None)
                .unwrap();
            let back = instance
                .call(
                    "test:wide/cases",
                    &entry.function.name,
                    std::slice::from_ref(&value),
                )
                .unwrap();
            assert_eq!(back, Some(value));
        }
    }
    let last = Value::enumeration("c256");
    assert_eq!(
        instance
            .call(
                "test:wide/cases",
                "echo-choice",
                std::slice::from_ref(&last)
            )
            .unwrap(),
        Some(last)
    );
}
