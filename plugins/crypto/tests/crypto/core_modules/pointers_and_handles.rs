//! What guests pass in the place of memory, handles and cases.

use c12::Error;
use c12_crypto_core::Errno;

use crate::support::objects::{SYMMETRIC, open};
use crate::support::{self, MEMORY, OK, Script, Value, at, code, long, n};

#[tokio::test]
async fn pointers_that_lead_nowhere_are_errors() {
    let guest_error = code(Errno::GuestError);
    let mut script = Script::new();
    let state = open(&mut script, "SHA-256");
    for (start, length) in [
        (MEMORY, 1),
        (MEMORY - 1, 2),
        (0, MEMORY + 1),
        (u32::MAX, 1),
        (u32::MAX, u32::MAX),
        (1, u32::MAX),
    ] {
        script.call(
            "symmetric_state_absorb",
            &[at(state), n(start), n(length)],
            guest_error,
        );
        script.call(
            "symmetric_state_squeeze",
            &[at(state), n(start), n(length)],
            guest_error,
        );
    }
    for result in [MEMORY, MEMORY - 3, u32::MAX] {
        script.call("options_open", &[n(SYMMETRIC), n(result)], guest_error);
        script.call(
            "symmetric_state_clone",
            &[at(state), n(result)],
            guest_error,
        );
    }
    // All of the memory, and nothing at its end.
    script.call("symmetric_state_absorb", &[at(state), n(0), n(MEMORY)], OK);
    script.call("symmetric_state_absorb", &[at(state), n(MEMORY), n(0)], OK);
    let [name, length] = script.text("SHA-256");
    let none = script.none();
    for option in [MEMORY, u32::MAX] {
        script.call(
            "symmetric_state_open",
            &[
                name.clone(),
                length.clone(),
                n(option),
                none.clone(),
                n(state),
            ],
            guest_error,
        );
    }
    // Names that are no text.
    let [bad, bad_length] = script.list(b"SHA-\xff");
    script.call(
        "symmetric_state_open",
        &[bad, bad_length, none.clone(), none, n(state)],
        guest_error,
    );
    script.succeed().await;
}

#[tokio::test]
async fn nothing_is_opened_where_the_result_has_no_place() {
    let mut script = Script::new();
    let options = script.room(4);
    for _ in 0..10 {
        script.call(
            "options_open",
            &[n(SYMMETRIC), n(MEMORY)],
            code(Errno::GuestError),
        );
    }
    script.call("options_open", &[n(SYMMETRIC), n(options)], OK);
    script.call(
        "options_open",
        &[n(SYMMETRIC), n(options)],
        code(Errno::TooManyHandles),
    );
    script.succeed_with(&[("handles", "1")]).await;
}

#[tokio::test]
async fn handles_are_checked() {
    let invalid = code(Errno::InvalidHandle);
    let mut script = Script::new();
    let state = open(&mut script, "SHA-256");
    let (options, place) = (script.room(4), script.room(8));
    script.call("options_open", &[n(SYMMETRIC), n(options)], OK);
    let forged = |mask: u32| Value(format!("(i32.xor {} (i32.const {mask}))", at(state).0));
    for handle in [
        n(0),
        n(1),
        n(u32::MAX),
        forged(1),
        forged(1 << 31),
        forged(0x00ff_0000),
        at(options),
    ] {
        script.call(
            "symmetric_state_absorb",
            &[handle.clone(), n(0), n(1)],
            invalid,
        );
        script.call(
            "symmetric_state_clone",
            &[handle.clone(), n(place)],
            invalid,
        );
        script.call("symmetric_state_close", &[handle], invalid);
    }
    script.call("options_close", &[at(state)], invalid);
    script.call("keypair_close", &[at(options)], invalid);
    // What was closed stays closed.
    script.call("symmetric_state_close", &[at(state)], OK);
    script.call("symmetric_state_close", &[at(state)], code(Errno::Closed));
    script.call("symmetric_state_absorb", &[at(state), n(0), n(1)], invalid);
    script.succeed().await;
}

#[tokio::test]
async fn a_million_handles_are_too_many() {
    let mut script = Script::new();
    let options = script.room(4);
    // Opens until it is refused, and a million times in all.
    script.then(&format!(
        "(loop $again
           (local.set $last (call $options_open (i32.const {SYMMETRIC}) (i32.const {options})))
           (local.set $count (i32.add (local.get $count) (i32.eqz (local.get $last))))
           (global.set $answer (i32.add (global.get $answer) (i32.const 1)))
           (br_if $again (i32.lt_u (global.get $answer) (i32.const 1000000))))"
    ));
    script.expect(
        Value("(local.get $last)".into()),
        code(Errno::TooManyHandles),
    );
    script.expect(Value("(local.get $count)".into()), 5000);
    // One goes, another comes, as often as it likes.
    script.then(&format!(
        "(global.set $answer (i32.const 0))
         (loop $again
           (local.set $last (call $options_close {handle}))
           (if (i32.eqz (local.get $last)) (then
             (local.set $last (call $options_open (i32.const {SYMMETRIC}) (i32.const {options})))))
           (if (local.get $last) (then (return (i32.const -1))))
           (global.set $answer (i32.add (global.get $answer) (i32.const 1)))
           (br_if $again (i32.lt_u (global.get $answer) (i32.const 1000000))))",
        handle = at(options).0
    ));
    script.succeed_with(&[("handles", "5000")]).await;
}

#[tokio::test]
async fn numbers_that_are_no_cases_are_errors() {
    let mut script = Script::new();
    let place = script.room(4);
    for number in [3, 0xffff, 0x10001, u32::MAX] {
        script.call(
            "options_open",
            &[n(number), n(place)],
            code(Errno::GuestError),
        );
    }
    let [name, length] = script.text("Ed25519");
    script.call(
        "keypair_import",
        &[n(0), name, length, n(0), n(0), n(0x10000), n(place)],
        code(Errno::UnsupportedEncoding),
    );
    script.succeed().await;
}

#[tokio::test]
async fn a_guest_needs_a_memory() {
    for memory in ["", "(memory 1)", "(memory (export \"heap\") 1)"] {
        let guest = format!(
            "(module (import \"wasi_ephemeral_crypto_common\" \"options_close\" (func $close (param i32) (result i32)))
               {memory} (func (export \"go\") (result i32) (call $close (i32.const 0))))"
        );
        let linked = support::link(support::host(&[]), guest.as_bytes());
        let Err(Error::Trap(trap)) = linked.invoke("go()").await else {
            panic!("no trap")
        };
        assert_eq!(
            trap.message,
            "plugin `crypto`: the guest exports no memory called `memory`"
        );
    }
}

#[tokio::test]
async fn without_a_store_there_is_no_secrets_manager() {
    let mut script = Script::new();
    let manager = script.room(4);
    let none = script.none();
    script.call(
        "secrets_manager_open",
        &[none, n(manager)],
        code(Errno::UnsupportedFeature),
    );
    script.call(
        "external_secret_encapsulate",
        &[n(0), n(0), n(0), long(0), n(manager)],
        code(Errno::UnsupportedFeature),
    );
    script.succeed().await;
}
