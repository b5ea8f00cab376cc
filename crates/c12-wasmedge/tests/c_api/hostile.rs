//! Plugins that do what they should not: the host goes on.

use std::path::PathBuf;

use super::{Needs, Tests};
use super::{compile, run};
use c12::Error;
use c12_wasmedge::{LoadError, WasmEdgePlugin};

const GUEST: &str = r#"(module
  (import "hostile" "delete_twice" (func $delete_twice (result i32)))
  (import "hostile" "false_function" (func $false_function (param i32) (result funcref)))
  (import "hostile" "from_another_thread" (func $from_another_thread (result i32)))
  (import "hostile" "keep" (func $keep))
  (import "hostile" "use_kept" (func $use_kept (result i32)))
  (import "hostile" "embed" (func $embed (result i32)))
  (import "hostile" "replace" (func $replace (result i32)))
  (memory (export "memory") 2)
  (global (export "g") i32 (i32.const 1))
  (func (export "f") (result i32) (i32.const 1))
  (func (export "delete_twice") (result i32) (call $delete_twice))
  (func (export "false_function") (param i32) (drop (call $false_function (local.get 0))))
  (func (export "from_another_thread") (result i32) (call $from_another_thread))
  (func (export "keep") (call $keep))
  (func (export "use_kept") (result i32) (call $use_kept))
  (func (export "embed") (result i32) (call $embed))
  (func (export "replace") (result i32) (i32.add (call $replace) (call $replace))))"#;

fn plugin(case: &str) -> PathBuf {
    let flag = format!("-DCASE={case}");
    compile::plugin(
        &compile::source("hostile.c"),
        &format!("hostile_{case}"),
        &[&flag],
    )
}

fn invoke(call: &str) -> Result<Vec<String>, Error> {
    run::invoke(run::host(&plugin("FINE")), GUEST, call)
}

fn refused(case: &str) -> String {
    WasmEdgePlugin::load(plugin(case)).unwrap_err().to_string()
}

/// Instantiates, and calls exports of the instance.
async fn call(instance: &mut c12::Instance, function: &str) -> Option<i32> {
    let (c12::RawInstance::Module(raw), store) = instance.parts() else {
        panic!("a module");
    };
    let function = raw.get_func(&mut *store, function).unwrap();
    let mut results = vec![wasmtime::Val::I32(0); function.ty(&*store).results().len()];
    function
        .call_async(&mut *store, &[], &mut results)
        .await
        .unwrap();
    results.first().and_then(wasmtime::Val::i32)
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add(
        "what_a_plugin_says_of_itself_is_checked",
        Needs::Header,
        || {
            for (case, expected) in [
                ("NO_DESCRIPTOR", "there is no descriptor"),
                ("NO_NAME", "the plugin's name is missing"),
                ("EMPTY_NAME", "the plugin's name is missing"),
                (
                    "NAME_OF_TWO_LINES",
                    "the plugin's name `a\\nb` has control characters",
                ),
                ("NAME_NOT_UTF8", "the plugin's name is not UTF-8"),
                ("NO_MODULES", "it has no modules"),
                (
                    "NO_MODULE_TABLE",
                    "2 modules are announced, but there is no table",
                ),
                ("TOO_MANY_MODULES", "2147483647 modules are announced"),
                (
                    "NO_CREATE",
                    "the module `one` has no function that makes it",
                ),
                (
                    "OPTION_WITHOUT_STORAGE",
                    "the option `option` has no place for its value",
                ),
                (
                    "OPTION_OF_NO_TYPE",
                    "the option `option` has the unknown type 99",
                ),
                (
                    "CREATES_NOTHING",
                    "plugin `hostile` did not make its module `two`: it returned NULL",
                ),
                ("CREATES_THE_SAME", "or one that it returned before"),
                (
                    "CREATES_SOMETHING_ELSE",
                    "did not make its module `one`: what it returned is not a module instance",
                ),
                ("CREATES_A_BAD_NAME", "the name `h\\xff` is not UTF-8"),
            ] {
                let found = refused(case);
                assert!(found.contains(expected), "{case}: {found}");
            }
        },
    );
    tests.add(
        "other_versions_of_the_interface_are_refused",
        Needs::Header,
        || {
            let load = |version: u32| {
                let flag = format!("-DAPI_VERSION={version}");
                let name = format!("hostile_version_{version}");
                WasmEdgePlugin::load(compile::plugin(
                    &compile::source("hostile.c"),
                    &name,
                    &[&flag],
                ))
            };
            assert_eq!(load(3).unwrap().api_version(), 3);
            for version in [0, 2, 5, 99] {
                let error = load(version).unwrap_err();
                let LoadError::ApiVersion { found, .. } = &error else {
                    panic!("{error:?}")
                };
                assert_eq!(*found, version);
                assert!(error.help().is_some());
            }
            let found = load(5).unwrap_err().to_string();
            assert!(
                found.contains("version 5") && found.contains("WasmEdge_MemoryInstanceGrowPage"),
                "{found}"
            );
        },
    );
    tests.add("a_module_that_changes_is_noticed", Needs::Header, || {
        let error =
            run::invoke(run::host(&plugin("CREATES_ANOTHER_NAME")), GUEST, "embed").unwrap_err();
        let found = run::causes(&error);
        assert!(
            found.contains("it is called `another` now, and was `hostile` before"),
            "{found}"
        );
        let error = run::invoke(
            run::host(&plugin("CREATES_FEWER_FUNCTIONS")),
            GUEST,
            "embed",
        )
        .unwrap_err();
        let found = run::causes(&error);
        assert!(
            found.contains("plugin `hostile` has no function `hostile.embed` in this instance"),
            "{found}"
        );
    });
    tests.add("types_that_nobody_knows_are_refused", Needs::Header, || {
        let error = run::link(run::host(&plugin("STRANGE_TYPE")), GUEST).unwrap_err();
        let found = run::causes(&error);
        assert!(
            found.contains("values of type 1111 cannot be passed"),
            "{found}"
        );
    });
    tests.add("deleting_twice_is_ignored", Needs::Header, || {
        assert_eq!(invoke("delete_twice()").unwrap(), ["102"]);
    });
    tests.add("what_is_no_function_is_no_reference", Needs::Header, || {
        for argument in [0, 1] {
            let error = invoke(&format!("false_function({argument})")).unwrap_err();
            let found = run::causes(&error);
            let expected = "plugin `hostile`: `hostile.false_function`: result 1: a function reference that is no function instance";
            assert!(found.contains(expected), "{found}");
        }
    });
    tests.add(
        "a_guest_is_reached_only_from_its_own_call",
        Needs::Header,
        || {
            assert_eq!(invoke("from_another_thread()").unwrap(), ["0"]);
            let linked = run::link(run::host(&plugin("FINE")), GUEST).unwrap();
            run::wait(async {
                let mut one = linked.instantiate().await.unwrap();
                let mut two = linked.instantiate().await.unwrap();
                call(&mut one, "keep").await;
                assert_eq!(call(&mut two, "use_kept").await, Some(0));
                // In a call of its own guest it can be used: all but the call of the function, for which `f` is found.
                assert_eq!(call(&mut one, "use_kept").await, Some(0b11_1111));
            });
        },
    );
    tests.add("what_is_not_for_plugins_fails", Needs::Header, || {
        assert_eq!(invoke("embed()").unwrap(), ["1"]);
    });
    tests.add(
        "functions_may_be_replaced_while_they_run",
        Needs::Header,
        || {
            assert_eq!(invoke("replace()").unwrap(), ["14"]);
        },
    );
    tests.add(
        "a_memory_of_a_plugin_is_not_an_import",
        Needs::Header,
        || {
            let guest = r#"(module (import "hostile" "memory" (memory 1)))"#;
            let error = run::link(run::host(&plugin("FINE")), guest).unwrap_err();
            let found = run::causes(&error);
            assert!(
                found
                    .contains("`hostile.memory` is a memory, and guests can import only functions"),
                "{found}"
            );
        },
    );
    tests.add("a_guest_without_memory_gets_null", Needs::Header, || {
        let guest = r#"(module
          (import "hostile" "delete_twice" (func $delete_twice (result i32)))
          (memory 1)
          (func (export "go") (result i32) (call $delete_twice)))"#;
        // Its memory is not exported, so it has none as far as plugins can tell.
        assert_eq!(
            run::invoke(run::host(&plugin("FINE")), guest, "go()").unwrap(),
            ["100"]
        );
    });
    tests.add("a_thousand_instances_live_at_once", Needs::Header, || {
        let linked = run::link(run::host(&plugin("FINE")), GUEST).unwrap();
        run::wait(async {
            let mut instances = Vec::new();
            for _ in 0..1000 {
                instances.push(linked.instantiate().await.unwrap());
            }
            for instance in &mut instances {
                assert_eq!(call(instance, "delete_twice").await, Some(102));
            }
        });
    });
    tests.add("instances_run_on_many_threads", Needs::Header, || {
        let linked = run::link(run::host(&plugin("FINE")), GUEST).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert_eq!(run::wait(linked.invoke("replace()")).unwrap(), ["14"]);
                    }
                });
            }
        });
    });
}
