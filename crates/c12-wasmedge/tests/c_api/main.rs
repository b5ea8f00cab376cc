//! Plugins in C, compiled against WasmEdge's own header, used by guests in C12, and beside it in WasmEdge itself.
//!
//! `C12_WASMEDGE_INCLUDE` names the folder of the header and `C12_WASMEDGE` the program; `cargo xtask test` gets both.
//! Tests that lack what they need are ignored and say so.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod compile;
mod examples;
mod hostile;
mod lifecycle;
mod loading;
mod nesting;
mod options;
mod run;
mod throwing;
mod transcript;
mod valgrind;

use libtest_mimic::{Arguments, Failed, Trial};

/// What a test needs besides itself.
#[derive(Clone, Copy)]
enum Needs {
    /// A C compiler and the header.
    Header,
    /// WasmEdge's program as well.
    WasmEdge,
    /// A C++ compiler and the header.
    Cxx,
    /// A C++ compiler, the header, and the guests that `cargo xtask guests` builds.
    CxxAndGuests,
    /// All of that, and WasmEdge's program.
    Everything,
    /// A C compiler, the header and valgrind.
    Valgrind,
}

impl Needs {
    fn missing(self) -> Option<&'static str> {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("C12_WASMEDGE_INCLUDE") {
            return Some("needs C12_WASMEDGE_INCLUDE");
        }
        let cxx = matches!(self, Needs::Cxx | Needs::CxxAndGuests | Needs::Everything);
        let guests = matches!(self, Needs::CxxAndGuests | Needs::Everything);
        let wasmedge = matches!(self, Needs::WasmEdge | Needs::Everything);
        if wasmedge && !set("C12_WASMEDGE") {
            return Some("needs C12_WASMEDGE");
        }
        if guests && !set("C12_GUESTS") {
            return Some("needs C12_GUESTS");
        }
        if matches!(self, Needs::Valgrind) && !compile::has("valgrind") {
            return Some("needs valgrind");
        }
        (cxx && !compile::has("c++")).then_some("needs a C++ compiler")
    }
}

struct Tests(Vec<Trial>);

impl Tests {
    fn add(&mut self, name: &str, needs: Needs, test: fn()) {
        let run = move || {
            std::panic::catch_unwind(test).map_err(|panic| {
                let text = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Failed::from(text.unwrap_or_else(|| "panicked".into()))
            })
        };
        let trial = Trial::test(name, run);
        self.0.push(match needs.missing() {
            Some(reason) => trial.with_kind(reason).with_ignored_flag(true),
            None => trial,
        });
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = tempfile::tempdir().unwrap();
    compile::FOLDER.set(folder.path().to_owned()).unwrap();
    let mut tests = Tests(Vec::new());
    transcript::list(&mut tests);
    lifecycle::list(&mut tests);
    options::list(&mut tests);
    nesting::list(&mut tests);
    loading::list(&mut tests);
    hostile::list(&mut tests);
    throwing::list(&mut tests);
    examples::list(&mut tests);
    valgrind::list(&mut tests);
    let conclusion = libtest_mimic::run(&arguments, tests.0);
    drop(folder);
    conclusion.exit();
}
