//! Guests call plugins that call guests.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Needs, Tests};
use super::{compile, run};
use c12::{Engine, Error, Limits};

/// `back` does what the number says; `keep` gives back what it gets.
const GUEST: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "nesting" "try" (func $try (param i32) (result i32)))
  (import "nesting" "call" (func $call (param i32) (result i32)))
  (import "nesting" "references" (func $references (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  ;; A clock, relative, of so many nanoseconds.
  (func $sleep (param $time i64)
    (i32.store8 (i32.const 8) (i32.const 0))
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (local.get $time))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
  (func $back (export "back") (param $what i32) (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eq (local.get $what) (i32.const -1)) (then unreachable))
    (if (i32.eq (local.get $what) (i32.const -2)) (then (call $exit (i32.const 7))))
    (if (i32.eq (local.get $what) (i32.const -3)) (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $what) (i32.const -4)) (then (call $sleep (i64.const 20000000))))
    (if (i32.eq (local.get $what) (i32.const -5)) (then (call $sleep (i64.const 60000000000))))
    (if (i32.gt_s (local.get $what) (i32.const 0))
      (then (return (i32.add (i32.const 1) (call $call (i32.sub (local.get $what) (i32.const 1)))))))
    (i32.const 0))
  (func (export "keep") (param externref) (result externref) (local.get 0))
  (func (export "try") (param i32) (result i32) (call $try (local.get 0)))
  (func (export "call") (param i32) (result i32) (call $call (local.get 0)))
  (func (export "references") (param i32) (result i32) (call $references (local.get 0)))
  (func (export "_start") (drop (call $try (i32.const -2)))))"#;

fn plugin() -> PathBuf {
    compile::plugin(&compile::source("nesting.c"), "nesting", &[])
}

fn invoke(call: &str) -> Result<Vec<String>, Error> {
    run::invoke(run::host(&plugin()), GUEST, call)
}

fn limited(call: &str, limits: Limits) -> Result<Vec<String>, Error> {
    let engine = Engine::builder()
        .cache(false)
        .interruptible(limits.timeout.is_some())
        .fuel(limits.fuel.is_some())
        .build()
        .unwrap();
    let workload = engine.load("guest", GUEST.as_bytes()).unwrap();
    let host = run::host(&plugin()).limits(limits).build();
    run::wait(host.link(&workload).unwrap().invoke(call))
}

fn timeout(milliseconds: u64) -> Limits {
    let mut limits = Limits::default();
    limits.timeout = Some(Duration::from_millis(milliseconds));
    limits
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add("calls_nest", Needs::Header, || {
        assert_eq!(invoke("call(0)").unwrap(), ["0"]);
        assert_eq!(invoke("call(30)").unwrap(), ["30"]);
    });
    tests.add("calls_do_not_nest_for_ever", Needs::Header, || {
        let error = invoke("call(1000)").unwrap_err();
        let found = run::causes(&error);
        assert!(
            found.contains("plugin `nesting` and the guest call each other more than 64 times"),
            "{found}"
        );
    });
    tests.add("a_plugin_may_go_on_after_a_trap", Needs::Header, || {
        assert_eq!(invoke("try(-1)").unwrap(), [0x40A.to_string()]);
    });
    tests.add("a_trap_that_is_passed_on_is_named", Needs::Header, || {
        let error = invoke("call(-1)").unwrap_err();
        let found = run::causes(&error);
        assert!(
            found.contains("`nesting.call` failed: unreachable (code 0x40a)"),
            "{found}"
        );
        assert!(
            found.contains("unreachable` instruction executed"),
            "{found}"
        );
    });
    tests.add("a_guest_that_exits_within_ends", Needs::Header, || {
        let (_, outcome) = run::output(run::host(&plugin()), GUEST);
        assert_eq!(outcome.unwrap(), 7);
    });
    tests.add("a_guest_can_wait_within", Needs::Header, || {
        let start = Instant::now();
        assert_eq!(invoke("try(-4)").unwrap(), ["0"]);
        assert!(start.elapsed() >= Duration::from_millis(20));
    });
    tests.add("the_time_limit_holds_within", Needs::Header, || {
        let start = Instant::now();
        for call in ["try(-3)", "try(-5)"] {
            let error = limited(call, timeout(100)).unwrap_err();
            assert!(matches!(error, Error::Timeout { .. }), "{call}: {error:?}");
        }
        assert!(start.elapsed() < Duration::from_secs(20));
    });
    tests.add("fuel_is_counted_within", Needs::Header, || {
        let mut limits = Limits::default();
        limits.fuel = Some(1_000_000);
        let error = limited("try(-3)", limits).unwrap_err();
        assert!(matches!(error, Error::Limit(_)), "{error:?}");
    });
    tests.add(
        "references_made_within_do_not_pile_up",
        Needs::Header,
        || {
            assert_eq!(invoke("references(20000)").unwrap(), ["20000"]);
        },
    );
}
