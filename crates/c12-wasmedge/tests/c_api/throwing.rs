//! Plugins in C++ that throw.

use std::path::PathBuf;

use super::{Needs, Tests};
use super::{compile, run};
use c12_wasmedge::WasmEdgePlugin;

const GUEST: &str = r#"(module
  (import "throws" "throws" (func $throws (param i32)))
  (import "throws" "witnesses" (func $witnesses (result i32)))
  (import "throws" "nested" (func $nested (param i32) (result i32)))
  (func (export "back") (param i32) (call $throws (local.get 0)))
  (func (export "throws") (param i32) (call $throws (local.get 0)))
  (func (export "nested") (param i32) (result i32 i32) (call $nested (local.get 0)) (call $witnesses)))"#;

fn plugin(name: &str, flags: &[&str]) -> PathBuf {
    compile::plugin(&compile::source("throws.cpp"), name, flags)
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add("an_exception_ends_the_guest_alone", Needs::Cxx, || {
        let linked = run::link(run::host(&plugin("throws", &[])), GUEST).unwrap();
        for _ in 0..10 {
            for number in [1, 2] {
                let error = run::wait(linked.invoke(&format!("throws({number})"))).unwrap_err();
                let found = run::causes(&error);
                assert!(
                    found.contains("plugin `throws`: `throws.throws` threw an exception"),
                    "{found}"
                );
            }
            run::wait(linked.invoke("throws(0)")).unwrap();
        }
    });
    tests.add(
        "an_exception_within_is_a_failure_of_the_guest",
        Needs::Cxx,
        || {
            let linked = run::link(run::host(&plugin("throws", &[])), GUEST).unwrap();
            for number in [1, 2] {
                let results = run::wait(linked.invoke(&format!("nested({number})"))).unwrap();
                // A runtime error, and what was made on the way is gone.
                assert_eq!(results, ["2", "0"]);
            }
        },
    );
    tests.add("exceptions_while_loading_are_refusals", Needs::Cxx, || {
        let refused = |name: &str, flag: &str| {
            let error = WasmEdgePlugin::load(plugin(name, &[flag])).unwrap_err();
            error.to_string()
        };
        let found = refused("throws_at_create", "-DCREATE_THROWS");
        assert!(
            found.contains("did not make its module `throws`: it threw an exception"),
            "{found}"
        );
        let found = refused("throws_at_once", "-DDESCRIPTOR_THROWS");
        assert!(
            found.contains("describes itself wrongly: it threw an exception"),
            "{found}"
        );
    });
}
