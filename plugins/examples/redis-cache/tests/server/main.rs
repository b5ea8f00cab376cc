//! The plugin without a guest, with a real Redis server.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod away;
mod guest;
mod keyvalue;
mod redis_server;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let missing = redis_server::program().is_none();
    let counted_on = std::env::var("CI").is_ok_and(|value| value == "true");
    let needs_server = keyvalue::TESTS.iter().chain(away::TESTS);
    let mut trials: Vec<Trial> = needs_server
        .map(|(name, test)| {
            let trial = Trial::test(*name, || run(*test));
            if missing && !counted_on {
                let trial = trial.with_kind("needs C12_REDIS_SERVER: run `cargo xtask test`");
                trial.with_ignored_flag(true)
            } else {
                trial
            }
        })
        .collect();
    let without = away::WITHOUT_SERVER.iter();
    trials.extend(without.map(|(name, test)| Trial::test(*name, || run(*test))));
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test with its name.
type Test = (&'static str, fn());

macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name as fn())),*] };
}
pub(crate) use tests;

fn run(test: fn()) -> Result<(), Failed> {
    std::panic::catch_unwind(test).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Failed::from(text.unwrap_or_else(|| "panicked".into()))
    })
}
