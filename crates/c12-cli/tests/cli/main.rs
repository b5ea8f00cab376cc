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
mod crypto;
mod docs;
mod examples;
mod features;
mod grants;
mod guests;
mod harness;
mod inference;
mod inspect;
mod interruption;
mod invoke;
mod limits;
mod new;
mod plugins;
mod shell;
mod watch;

/// Where tests are counted on, none may be left out for want of a prerequisite.
#[test]
fn nothing_is_missing_where_tests_are_counted_on() {
    let counted_on = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        !counted_on || cfg!(guests),
        "guests are not built; run the tests with `cargo xtask test`"
    );
    assert!(
        !counted_on || cfg!(js_guests),
        "guests in JavaScript are not built; `cargo xtask guests` says why"
    );
    assert!(
        !counted_on || cfg!(cxx),
        "there is no C++ compiler; run the tests with `cargo xtask test`"
    );
    assert!(
        !counted_on || (cfg!(make) && cfg!(guest_rust)),
        "there is no make, or no Rust for guests; run the tests with `cargo xtask test`"
    );
    assert!(
        !counted_on || cfg!(redis),
        "there is no Redis server; run the tests with `cargo xtask test`"
    );
    assert!(
        !counted_on || cfg!(published_vectors),
        "there are no vectors of NIST; run the tests with `cargo xtask test`"
    );
    assert!(
        !counted_on || (cfg!(nn_models) && cfg!(feature = "nn-ggml")),
        "there are no models, or nothing that runs language models; run the tests with `cargo xtask test`"
    );
}
