//! Much at once: piece by piece, or on a thread of its own.

use c12_crypto_core::Errno;

use crate::support::objects::{aead, cipher, open};
use crate::support::{MEMORY, OK, Script, Value, at, code, n};

const MIB: u32 = 1 << 20;
/// More than is done at once, and no multiple of it.
const LARGE: u32 = 9 * MIB + 5;

/// Where there is room for so much twice.
const ONE: u32 = MEMORY;
const OTHER: u32 = MEMORY + 10 * MIB;

fn grow(script: &mut Script) {
    script.then("(drop (memory.grow (i32.const 320)))");
    script.then(&format!(
        "(memory.fill (i32.const {ONE}) (i32.const 7) (i32.const {LARGE}))"
    ));
}

fn expect_same(script: &mut Script, one: u32, other: u32, bytes: u32) {
    for offset in (0..bytes).step_by(4) {
        let (one, other) = (at(one + offset).0, at(other + offset).0);
        script.expect(Value(format!("(i32.eq {one} {other})")), 1);
    }
}

#[tokio::test]
async fn what_is_hashed_at_once_is_what_is_hashed_in_parts() {
    for algorithm in ["SHA-256", "BLAKE3"] {
        let mut script = Script::new();
        grow(&mut script);
        let (whole, parts) = (open(&mut script, algorithm), open(&mut script, algorithm));
        let absorb = "symmetric_state_absorb";
        script.call(absorb, &[at(whole), n(ONE), n(LARGE)], OK);
        for part in 0..9 {
            script.call(absorb, &[at(parts), n(ONE + part * MIB), n(MIB)], OK);
        }
        script.call(absorb, &[at(parts), n(ONE + 9 * MIB), n(5)], OK);
        let (one, other) = (script.room(32), script.room(32));
        for (state, out) in [(whole, one), (parts, other)] {
            script.call("symmetric_state_squeeze", &[at(state), n(out), n(32)], OK);
        }
        expect_same(&mut script, one, other, 32);
        // Outside of the memory, nothing is absorbed.
        script.call(
            absorb,
            &[at(whole), n(OTHER), n(u32::MAX - OTHER)],
            code(Errno::GuestError),
        );
        script.call("symmetric_state_squeeze", &[at(whole), n(one), n(32)], OK);
        if algorithm == "SHA-256" {
            expect_same(&mut script, one, other, 32);
        }
        script.succeed().await;
    }
}

#[tokio::test]
async fn a_large_message_is_encrypted_and_decrypted() {
    let mut script = Script::new();
    grow(&mut script);
    let with = aead(&mut script);
    let length = script.room(4);
    let state = cipher(&mut script, with);
    let (sealed, crypt) = (LARGE + 16, "symmetric_state_encrypt");
    script.call(
        crypt,
        &[at(state), n(OTHER), n(sealed), n(ONE), n(LARGE), n(length)],
        OK,
    );
    script.expect(at(length), sealed);
    let again = cipher(&mut script, with);
    script.then(&format!(
        "(memory.fill (i32.const {ONE}) (i32.const 0) (i32.const {LARGE}))"
    ));
    let decrypt = "symmetric_state_decrypt";
    let arguments = [at(again), n(ONE), n(LARGE), n(OTHER), n(sealed), n(length)];
    script.call(decrypt, &arguments, OK);
    script.expect(at(length), LARGE);
    script.expect_bytes(ONE, &[7; 8]);
    script.expect_bytes(ONE + LARGE - 8, &[7; 8]);
    // Of one that was changed, nothing arrives.
    script.then(&format!(
        "(memory.fill (i32.const {ONE}) (i32.const 1) (i32.const {LARGE}))
         (i32.store8 (i32.const {OTHER}) (i32.const 0x55))"
    ));
    script.call(decrypt, &arguments, code(Errno::InvalidTag));
    script.expect_bytes(ONE, &[1; 8]);
    script.succeed().await;
}

#[tokio::test]
async fn of_an_option_no_more_is_written_than_there_is() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let state = cipher(&mut script, with);
    let [name, name_length] = script.text("nonce");
    let (value, length) = (script.bytes(&[0x55; 16]), script.room(4));
    let arguments = |bytes| {
        [
            at(state),
            name.clone(),
            name_length.clone(),
            n(value),
            n(bytes),
            n(length),
        ]
    };
    let get = "symmetric_state_options_get";
    script.call(get, &arguments(11), code(Errno::Overflow));
    script.expect_bytes(value, &[0x55; 16]);
    script.call(get, &arguments(16), OK);
    script.expect(at(length), 12);
    script.expect_bytes(value, &[0; 12]);
    script.expect_bytes(value + 12, &[0x55; 4]);
    script.succeed().await;
}
