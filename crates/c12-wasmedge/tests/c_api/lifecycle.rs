//! When modules are made and finished, whose state they have, and how calls end.

use std::path::{Path, PathBuf};

use super::{Needs, Tests};
use super::{compile, run};
use c12::Error;
use c12::plugin::Plugin as _;
use c12_wasmedge::CallError;

const GUEST: &str = r#"(module
  (import "one" "number" (func $one (result i32 i32)))
  (import "two" "number" (func $two (result i32 i32)))
  (import "one" "end" (func $end (param i32)))
  (func (export "numbers") (result i32 i32 i32 i32) (call $one) (call $two))
  (func (export "end") (param i32) (call $end (local.get 0)))
  (func (export "_start") (drop (drop (call $one))) (drop (drop (call $two)))))"#;

fn plugin() -> PathBuf {
    compile::plugin(&compile::source("lifecycle.c"), "lifecycle", &[])
}

fn ending_with(code: u32) -> String {
    format!(
        r#"(module
  (import "one" "end" (func $end (param i32)))
  (func (export "_start") (call $end (i32.const {code}))))"#
    )
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add("modules_live_as_in_wasmedge", Needs::WasmEdge, || {
        let plugin = plugin();
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
        let (_, code) =
            run::in_wasmedge(&plugin, GUEST, &["--events", &theirs.display().to_string()]);
        assert_eq!(code, 0);
        let host = run::host(&plugin).setting("lifecycle", "events", ours.display().to_string());
        let (_, outcome) = run::output(host, GUEST);
        assert_eq!(outcome.unwrap(), 0);
        // Here they are made once more, to be looked at.
        let (looked_at, ours) = {
            let ours = lines(&ours);
            let (looked_at, ours) = ours.split_at(4);
            (looked_at.to_vec(), ours.to_vec())
        };
        assert_eq!(
            looked_at,
            ["make one 1", "make two 2", "finish one 1", "finish two 2"]
        );
        let kinds = |lines: &[String]| -> Vec<String> {
            lines
                .iter()
                .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
                .collect()
        };
        assert_eq!(kinds(&ours), kinds(&lines(&theirs)));
        assert_eq!(ours.len(), 6);
    });
    tests.add(
        "each_instance_has_modules_of_its_own",
        Needs::Header,
        || {
            let linked = run::link(run::host(&plugin()), GUEST).unwrap();
            let mut numbers = Vec::new();
            for _ in 0..3 {
                let results = run::wait(linked.invoke("numbers()")).unwrap();
                assert_eq!((&*results[1], &*results[3]), ("1", "1"));
                numbers.extend([results[0].clone(), results[2].clone()]);
            }
            numbers.sort();
            numbers.dedup();
            assert_eq!(numbers.len(), 6);
        },
    );
    tests.add("the_plugin_says_what_it_is", Needs::Header, || {
        let plugin = run::load(&plugin());
        assert_eq!((plugin.name(), plugin.version()), ("lifecycle", "0.1.2"));
        assert_eq!(plugin.description(), "writes down what happens to it");
        assert!(plugin.origin().starts_with("WasmEdge C API version 4, "));
        let provided: Vec<_> = plugin
            .provides()
            .iter()
            .map(|p| p.name().to_string())
            .collect();
        assert_eq!(provided, ["one", "two"]);
        assert_eq!(plugin.keys()[0].about(), "a file for events");
        assert_eq!(plugin.named("other").name(), "other");
    });
    tests.add("finalisers_run_after_a_trap_too", Needs::Header, || {
        let folder = tempfile::tempdir().unwrap();
        let events = folder.path().join("events");
        let host =
            run::host(&plugin()).setting("lifecycle", "events", events.display().to_string());
        run::invoke(host, GUEST, "end(2)").unwrap_err();
        let lines = lines(&events);
        assert_eq!(
            lines
                .iter()
                .filter(|line| line.starts_with("finish"))
                .count(),
            4
        );
    });
    tests.add(
        "results_end_the_guest_as_in_wasmedge",
        Needs::WasmEdge,
        || {
            let plugin = plugin();
            for (code, exit_code) in [(0, 0), (1, 0), (2, 134), (0x40e, 134), (0x0100_0005, 134)] {
                let guest = ending_with(code);
                let (printed, found) = run::in_wasmedge(&plugin, &guest, &[]);
                assert_eq!(found, exit_code, "{code:#x}: {printed}");
                match run::output(run::host(&plugin), &guest).1 {
                    Ok(found) => assert_eq!(found, exit_code, "{code:#x}"),
                    Err(error) => {
                        assert!(matches!(error, Error::Trap(_)), "{error:?}");
                        assert_eq!(exit_code, 134, "{code:#x}");
                    }
                }
            }
        },
    );
    tests.add("a_failure_names_plugin_and_function", Needs::Header, || {
        let message = |code: u32| {
            let error =
                run::invoke(run::host(&plugin()), GUEST, &format!("end({code})")).unwrap_err();
            run::causes(&error)
        };
        let found = message(0x40e);
        let expected = "plugin `lifecycle`: `one.end` failed: host function failed (code 0x40e)";
        assert!(found.contains(expected), "{found}");
        let found = message(0x0100_0005);
        assert!(
            found.contains("failed: error 0x5 of its own, category 1"),
            "{found}"
        );
        let found = message(0x88);
        assert!(
            found.contains("failed: unknown error code (code 0x88)"),
            "{found}"
        );
    });
    tests.add("a_failure_can_be_told_from_others", Needs::Header, || {
        let linked = run::link(run::host(&plugin()), GUEST).unwrap();
        let found = run::wait(async {
            let mut instance = linked.instantiate().await.unwrap();
            let (c12::RawInstance::Module(raw), store) = instance.parts() else {
                panic!("a module");
            };
            let end = raw.get_typed_func::<i32, ()>(&mut *store, "end").unwrap();
            end.call_async(&mut *store, 7).await.unwrap_err()
        });
        let Some(CallError::Failed { code, .. }) = found.downcast_ref::<CallError>() else {
            panic!("{found:?}");
        };
        assert_eq!(*code, 7);
    });
}
