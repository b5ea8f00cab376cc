//! What the real `c12` prints and returns, with real guests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod artifacts;
mod bad_input;
mod cache;
mod config;
mod counter;
mod docs;
mod examples;
mod features;
mod grants;
mod guests;
mod harness;
mod inspect;
mod interruption;
mod invoke;
mod limits;
mod plugins;
mod shell;

/// Where tests are counted on, none may be left out for want of a prerequisite.
#[test]
fn nothing_is_missing_where_tests_are_counted_on() {
    let counted_on = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        !counted_on || cfg!(guests),
        "guests are not built; run the tests with `cargo xtask test`"
    );
}
