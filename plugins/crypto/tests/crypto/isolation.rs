//! Guests have nothing of each other's, and leave nothing behind.

use std::time::{Duration, Instant};

use c12::{Error, Instance, Linked, RawInstance};
use c12_crypto_core::Errno;

use crate::support::component::ComponentScript;
use crate::support::{self, OK, Script, at, code, n};

const SYMMETRIC: u32 = 1;

/// Calls an export of an instance.
async fn call(instance: &mut Instance, name: &str, argument: u32) -> u32 {
    let (raw, store) = instance.parts();
    let RawInstance::Module(raw) = raw else {
        panic!("no module")
    };
    let function = raw.get_typed_func::<u32, u32>(&mut *store, name).unwrap();
    function.call_async(store, argument).await.unwrap()
}

const HANDLES: &str = r#"(module
  (import "wasi_ephemeral_crypto_common" "options_open" (func $open (param i32 i32) (result i32)))
  (import "wasi_ephemeral_crypto_common" "options_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "open") (param i32) (result i32)
    (if (call $open (local.get 0) (i32.const 8)) (then (unreachable)))
    (i32.load (i32.const 8)))
  (func (export "close") (param i32) (result i32) (call $close (local.get 0))))"#;

#[tokio::test]
async fn handles_mean_nothing_to_other_instances() {
    let linked = support::link(support::host(&[]), HANDLES.as_bytes());
    let mut first = linked.instantiate().await.unwrap();
    let mut second = linked.instantiate().await.unwrap();
    let mut of_first = Vec::new();
    for _ in 0..100 {
        of_first.push(call(&mut first, "open", SYMMETRIC).await);
        call(&mut second, "open", SYMMETRIC).await;
    }
    for handle in &of_first {
        let answer = call(&mut second, "close", *handle).await;
        assert!(
            [Errno::InvalidHandle, Errno::Closed]
                .map(code)
                .contains(&answer),
            "{answer}"
        );
    }
    drop(second);
    for handle in of_first {
        assert_eq!(call(&mut first, "close", handle).await, OK);
    }
}

/// The memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kibibytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kibibytes << 10
}

#[tokio::test]
async fn a_guest_that_ends_with_open_handles_leaks_nothing() {
    let mut script = Script::new();
    let options = script.room(4);
    let [name, length] = script.text("nonce");
    // 1000 objects of 32 KiB.
    script.then(&format!(
        "(loop $again
           (drop (call $options_open (i32.const {SYMMETRIC}) (i32.const {options})))
           (if (call $options_set {} {} {} (i32.const 0) (i32.const 32768)) (then (return (i32.const 1))))
           (local.set $count (i32.add (local.get $count) (i32.const 1)))
           (br_if $again (i32.lt_u (local.get $count) (i32.const 1000))))",
        at(options).0,
        name.0,
        length.0
    ));
    let linked = support::link(support::host(&[]), script.module().as_bytes());
    let run = async || assert_eq!(linked.invoke("go()").await.unwrap(), ["0"]);
    for _ in 0..3 {
        run().await;
    }
    let before = resident();
    for _ in 0..30 {
        run().await;
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 200 << 20, "{grown} bytes");
}

/// A guest that hashes a password for seconds.
fn slow_module() -> String {
    let mut script = Script::new();
    let (options, state, out) = (script.room(4), script.room(4), script.room(32));
    script.call("options_open", &[n(SYMMETRIC), n(options)], OK);
    for (name, value) in [
        ("memory_limit", 64 << 20),
        ("ops_limit", 60),
        ("parallelism", 1),
    ] {
        let [name, length] = script.text(name);
        let value = support::long(value);
        script.call("options_set_u64", &[at(options), name, length, value], OK);
    }
    let [name, length] = script.text("salt");
    let [salt, salt_length] = script.list(b"0123456789abcdef");
    script.call(
        "options_set",
        &[at(options), name, length, salt, salt_length],
        OK,
    );
    let [name, length] = script.text("ARGON2ID");
    let (none, options) = (script.none(), script.some(at(options)));
    script.call(
        "symmetric_state_open",
        &[name, length, none, options, n(state)],
        OK,
    );
    let [password, length] = script.text("password");
    script.call("symmetric_state_absorb", &[at(state), password, length], OK);
    script.call("symmetric_state_squeeze", &[at(state), n(out), n(32)], OK);
    script.module()
}

/// The same as a component.
fn slow_component() -> Vec<u8> {
    let mut guest = ComponentScript::new();
    let options = guest.call("options_open", &[n(SYMMETRIC)], OK);
    for (name, value) in [
        ("memory_limit", 64 << 20),
        ("ops_limit", 60),
        ("parallelism", 1),
    ] {
        let [name, length] = guest.script.text(name);
        let value = support::long(value);
        guest.call("options_set_u64", &[at(options), name, length, value], OK);
    }
    let [name, length] = guest.script.text("salt");
    let [salt, salt_length] = guest.script.list(b"0123456789abcdef");
    guest.call(
        "options_set",
        &[at(options), name, length, salt, salt_length],
        OK,
    );
    let [name, length] = guest.script.text("ARGON2ID");
    let [no, none] = ComponentScript::none();
    let state = guest.call(
        "symmetric_state_open",
        &[name, length, no, none, n(1), at(options)],
        OK,
    );
    let [password, length] = guest.script.text("password");
    guest.call("symmetric_state_absorb", &[at(state), password, length], OK);
    guest.call("symmetric_state_squeeze", &[at(state)], OK);
    guest.component()
}

/// Does little, often.
async fn quick(linked: &Linked, until: impl Fn() -> bool) -> u32 {
    let mut instance = linked.instantiate().await.unwrap();
    let mut times = 0;
    while !until() {
        let handle = call(&mut instance, "open", SYMMETRIC).await;
        assert_eq!(call(&mut instance, "close", handle).await, OK);
        times += 1;
        tokio::task::yield_now().await;
    }
    times
}

#[tokio::test(flavor = "current_thread")]
async fn a_slow_guest_does_not_stall_another() {
    let other = support::link(support::host(&[]), HANDLES.as_bytes());
    for guest in [slow_module().into_bytes(), slow_component()] {
        let slow = support::link(support::host(&[]), &guest);
        let done = std::cell::Cell::new(false);
        let started = Instant::now();
        let working = async {
            let results = slow.invoke("go()").await.unwrap();
            done.set(true);
            (results, started.elapsed())
        };
        let ((results, took), times) = tokio::join!(working, quick(&other, || done.get()));
        assert_eq!(results, ["0"]);
        // Both share one thread, and it was free for the other nearly all the time.
        assert!(took > Duration::from_millis(100), "{took:?}");
        assert!(times > 500, "{times} times in {took:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_time_limit_ends_what_is_slow() {
    for guest in [slow_module().into_bytes(), slow_component()] {
        let limit = Duration::from_millis(50);
        let host = support::host(&[]).limits(support::limits(limit));
        let linked = support::link(host, &guest);
        let started = Instant::now();
        let outcome = linked.invoke("go()").await;
        assert!(matches!(outcome, Err(Error::Timeout { .. })), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn the_limit_on_handles_of_a_run_holds() {
    let mut limits = c12::Limits::default();
    limits.handles = 2;
    let mut script = Script::new();
    let options = script.room(4);
    for answer in [OK, OK, code(Errno::TooManyHandles)] {
        script.call("options_open", &[n(SYMMETRIC), n(options)], answer);
    }
    let linked = support::link(
        support::host(&[]).limits(limits),
        script.module().as_bytes(),
    );
    assert_eq!(linked.invoke("go()").await.unwrap(), ["0"]);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    for (settings, message) in [
        (
            vec![("handles", "0")],
            "`crypto.handles` must be at least 1",
        ),
        (
            vec![("threads", "-1")],
            "`crypto.threads` must be at least 1",
        ),
        (
            vec![("key-file", "k")],
            "`crypto.key-file` is the key of a store, and `crypto.store` names none",
        ),
    ] {
        let Err(error) = support::try_link(support::host(&settings), HANDLES.as_bytes()) else {
            panic!("{settings:?}")
        };
        let Error::Plugin { source, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(source.to_string(), message);
    }
}
