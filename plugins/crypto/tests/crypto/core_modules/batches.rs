//! Many operations with one call.

use c12_crypto_core::Errno;

use super::{ABC, CIPHERTEXT, TAG};
use crate::support::objects::{aead, cipher, open};
use crate::support::{MEMORY, OK, Script, Value, at, code, n};

#[tokio::test]
async fn batches_do_each_operation() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let states: Vec<u32> = (0..3).map(|_| cipher(&mut script, with)).collect();
    let (data, out, results) = (script.room(16), script.room(96), script.room(24));
    let list = script.room(60);
    for (index, state) in (0..).zip(&states) {
        let fields = [
            at(*state),
            n(out + index * 32),
            // The second output is too small.
            n(if index == 1 { 31 } else { 32 }),
            n(data),
            n(16),
        ];
        for (field, place) in fields.iter().zip((list + index * 20..).step_by(4)) {
            script.then(&format!("(i32.store (i32.const {place}) {})", field.0));
        }
    }
    script.call(
        "batch_symmetric_state_encrypt",
        &[n(list), n(3), n(results)],
        OK,
    );
    for (index, (length, answer)) in (0..).zip([(32, OK), (0, code(Errno::Overflow)), (32, OK)]) {
        script.expect(at(results + index * 8), length);
        script.expect(at(results + index * 8 + 4), answer);
    }
    script.expect_bytes(out, &CIPHERTEXT);
    script.expect_bytes(out + 64 + 16, &TAG);

    // The whole batch is refused, and nothing done, where it makes no sense.
    let other = open(&mut script, "SHA-256");
    script.then(&format!(
        "(i32.store (i32.const {}) {})",
        list + 20,
        at(other).0
    ));
    for (start, count, to, answer) in [
        (list, 3, results, Errno::UnsupportedFeature),
        (list, 3, MEMORY - 8, Errno::GuestError),
        (MEMORY - 20, 3, results, Errno::GuestError),
        (list, u32::MAX, results, Errno::GuestError),
    ] {
        script.call(
            "batch_symmetric_state_encrypt",
            &[n(start), n(count), n(to)],
            code(answer),
        );
    }
    script.call(
        "batch_symmetric_state_encrypt",
        &[n(list), n(0), n(results)],
        OK,
    );
    script.succeed().await;
}

#[tokio::test]
async fn batches_of_hashes_and_tags() {
    let mut script = Script::new();
    let hashes: Vec<u32> = (0..2).map(|_| open(&mut script, "SHA-256")).collect();
    let [abc, length] = script.text("abc");
    let (list, out, codes) = (script.room(24), script.room(64), script.room(4));
    for (index, state) in (0..).zip(&hashes) {
        script.call(
            "symmetric_state_absorb",
            &[at(*state), abc.clone(), length.clone()],
            OK,
        );
        for (field, place) in [at(*state), n(out + index * 32), n(32)]
            .iter()
            .zip((list + index * 12..).step_by(4))
        {
            script.then(&format!("(i32.store (i32.const {place}) {})", field.0));
        }
    }
    script.call(
        "batch_symmetric_state_squeeze",
        &[n(list), n(2), n(codes)],
        OK,
    );
    script.expect(at(codes), 0);
    script.expect_bytes(out + 32, &ABC);
    script.succeed().await;
}

#[tokio::test]
async fn signatures_are_made_and_verified_also_in_batches() {
    let mut script = Script::new();
    let (pair, public, state, signature) = (
        script.room(4),
        script.room(4),
        script.room(4),
        script.room(4),
    );
    let [name, length] = script.text("Ed25519");
    let none = script.none();
    script.call("keypair_generate", &[n(0), name, length, none, n(pair)], OK);
    script.call("keypair_publickey", &[at(pair), n(public)], OK);
    script.call("signature_state_open", &[at(pair), n(state)], OK);
    let [text, length] = script.text("to be signed");
    script.call(
        "signature_state_update",
        &[at(state), text.clone(), length.clone()],
        OK,
    );
    script.call("signature_state_sign", &[at(state), n(signature)], OK);
    let verify = script.room(4);
    script.call(
        "signature_verification_state_open",
        &[at(public), n(verify)],
        OK,
    );
    script.call(
        "signature_verification_state_update",
        &[at(verify), text, length],
        OK,
    );
    script.call(
        "signature_verification_state_verify",
        &[at(verify), at(signature)],
        OK,
    );
    // The states of making and verifying are no substitutes.
    script.call(
        "signature_verification_state_verify",
        &[at(state), at(signature)],
        code(Errno::InvalidHandle),
    );

    let (list, results) = (script.room(16), script.room(16));
    script.then(&format!("(i32.store (i32.const {list}) {})", at(state).0));
    script.call(
        "batch_signature_state_sign",
        &[n(list), n(1), n(results)],
        OK,
    );
    script.expect(at(results + 4), OK);
    script.then(&format!(
        "(i32.store (i32.const {list}) {}) (i32.store (i32.const {}) {})",
        at(verify).0,
        list + 4,
        at(results).0
    ));
    let codes = script.room(2);
    script.call(
        "batch_signature_state_verify",
        &[n(list), n(1), n(codes)],
        OK,
    );
    script.expect(Value(format!("(i32.load16_u (i32.const {codes}))")), OK);
    script.succeed().await;
}
