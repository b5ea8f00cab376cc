//! Real models, compared with what their frameworks' own Python packages compute.
//!
//! `C12_NN_MODELS` names the folder of models that `cargo xtask test` makes of PyPI's packages. The frameworks are set up in
//! it by the tests themselves, with what `c12 plugin setup nn` does: 100 MB, and 550 MB more for PyTorch. Without the
//! variable these tests are ignored.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod case;
mod crash;
mod frameworks;
#[cfg(feature = "ggml")]
mod language;
#[cfg(feature = "ggml")]
mod language_limits;
mod litert;
#[cfg(feature = "ggml")]
mod native;
mod onnx;
#[allow(dead_code)]
#[path = "../../../tests/nn/onnx.rs"]
mod onnx_file;
mod onnx_guests;
mod openvino;
mod packages;
mod pytorch;
mod rten;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::packages::Models;

/// A test with its name.
type Test = (&'static str, fn(&Models));

macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name as fn(&Models))),*] };
}
pub(crate) use tests;

fn main() {
    if crash::run_if_asked() {
        return;
    }
    #[cfg(feature = "ggml")]
    if native::run_if_asked() {
        return;
    }
    let arguments = Arguments::from_args();
    let missing = Models::named().is_none();
    let counted_on = std::env::var("CI").is_ok_and(|value| value == "true");
    let trials = all()
        .map(|(name, test)| {
            let trial = Trial::test(name, move || run(test));
            if missing && !counted_on {
                let trial = trial.with_kind("needs C12_NN_MODELS, a folder for models");
                trial.with_ignored_flag(true)
            } else {
                trial
            }
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn all() -> impl Iterator<Item = Test> {
    let tests = [
        onnx::TESTS,
        onnx_guests::TESTS,
        rten::TESTS,
        openvino::TESTS,
        litert::TESTS,
        pytorch::TESTS,
    ];
    let tests = tests.into_iter().flatten().copied();
    #[cfg(feature = "ggml")]
    let tests = tests
        .chain(language::TESTS.iter().copied())
        .chain(language_limits::TESTS.iter().copied());
    tests
}

fn run(test: fn(&Models)) -> Result<(), Failed> {
    let models = Models::named().ok_or("C12_NN_MODELS is not set")?;
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&models))).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Failed::from(text.unwrap_or_else(|| "panicked".into()))
    })
}
