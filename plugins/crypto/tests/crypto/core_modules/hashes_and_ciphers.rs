//! Hashes, encryption, tags and outputs.

use c12_crypto_core::Errno;

use super::{ABC, CIPHERTEXT, TAG};
use crate::support::objects::{aead, cipher, open};
use crate::support::{OK, Script, Value, at, code, n};

#[tokio::test]
async fn a_hash_is_computed() {
    let mut script = Script::new();
    let state = open(&mut script, "SHA-256");
    for part in ["a", "", "bc"] {
        let [data, length] = script.text(part);
        script.call("symmetric_state_absorb", &[at(state), data, length], OK);
    }
    let out = script.room(33);
    // Twice, as the state goes on; shorter, as hashes can be cut; and never longer.
    for length in [32, 32, 16] {
        script.call(
            "symmetric_state_squeeze",
            &[at(state), n(out), n(length)],
            OK,
        );
        script.expect_bytes(out, &ABC[..length as usize]);
    }
    script.call(
        "symmetric_state_squeeze",
        &[at(state), n(out), n(33)],
        code(Errno::InvalidLength),
    );
    script.call("symmetric_state_close", &[at(state)], OK);
    script.succeed().await;
}

#[tokio::test]
async fn encryption_works_wherever_input_and_output_are() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let (base, length) = (script.room(128), script.room(4));
    // The input is at 48; the output of 32 bytes is apart, touching, overlapping from both sides, and the same.
    for out in [0, 16, 17, 32, 47, 48, 49, 63, 64, 80] {
        let state = cipher(&mut script, with);
        script.then(&format!(
            "(memory.fill (i32.const {base}) (i32.const 0) (i32.const 128))"
        ));
        script.call(
            "symmetric_state_encrypt",
            &[
                at(state),
                n(base + out),
                n(32),
                n(base + 48),
                n(16),
                n(length),
            ],
            OK,
        );
        script.expect(at(length), 32);
        script.expect_bytes(base + out, &CIPHERTEXT);
        script.expect_bytes(base + out + 16, &TAG);
        script.call("symmetric_state_close", &[at(state)], OK);
    }
    script.succeed().await;
}

#[tokio::test]
async fn decryption_works_wherever_input_and_output_are() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let (base, length) = (script.room(128), script.room(4));
    let sealed = script.bytes(&[CIPHERTEXT, TAG].concat());
    let copy = |script: &mut Script| {
        script.then(&format!(
            "(memory.fill (i32.const {base}) (i32.const 0x55) (i32.const 128))
             (memory.copy (i32.const {}) (i32.const {sealed}) (i32.const 32))",
            base + 48
        ));
    };
    for out in [0, 32, 33, 47, 48, 49, 64, 79, 80] {
        let state = cipher(&mut script, with);
        copy(&mut script);
        script.call(
            "symmetric_state_decrypt",
            &[
                at(state),
                n(base + out),
                n(16),
                n(base + 48),
                n(32),
                n(length),
            ],
            OK,
        );
        script.expect(at(length), 16);
        script.expect_bytes(base + out, &[0; 16]);
        script.call("symmetric_state_close", &[at(state)], OK);

        // The tag apart, wherever it is.
        let state = cipher(&mut script, with);
        copy(&mut script);
        script.call(
            "symmetric_state_decrypt_detached",
            &[
                at(state),
                n(base + out),
                n(16),
                n(base + 48),
                n(16),
                n(base + 64),
                n(16),
                n(length),
            ],
            OK,
        );
        script.expect_bytes(base + out, &[0; 16]);
        script.call("symmetric_state_close", &[at(state)], OK);
    }
    script.succeed().await;
}

#[tokio::test]
async fn nothing_of_a_forgery_comes_out() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let mut forged = [CIPHERTEXT, TAG].concat();
    forged[31] ^= 1;
    let (data, out, length) = (
        script.bytes(&forged),
        script.bytes(&[0x77; 16]),
        script.room(4),
    );
    let state = cipher(&mut script, with);
    script.call(
        "symmetric_state_decrypt",
        &[at(state), n(out), n(16), n(data), n(32), n(length)],
        code(Errno::InvalidTag),
    );
    // The plaintext would be zeros; neither it nor the length is there.
    let nothing = format!(
        "(i32.and (i64.eqz (i64.load (i32.const {out}))) (i64.eqz (i64.load (i32.const {}))))",
        out + 8
    );
    let wiped_or_as_it_was = format!(
        "(i32.or {nothing} (i64.eq (i64.load (i32.const {out})) (i64.const 0x7777777777777777)))"
    );
    script.expect(Value(wiped_or_as_it_was), 1);
    script.expect(at(length), 0);
    script.succeed().await;
}

#[tokio::test]
async fn the_tag_comes_apart() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let (buffer, tag, length, raw) = (
        script.room(16),
        script.room(4),
        script.room(4),
        script.room(16),
    );
    let state = cipher(&mut script, with);
    script.call(
        "symmetric_state_encrypt_detached",
        &[at(state), n(buffer), n(16), n(buffer), n(16), n(tag)],
        OK,
    );
    script.expect_bytes(buffer, &CIPHERTEXT);
    script.call("symmetric_tag_len", &[at(tag), n(length)], OK);
    script.expect(at(length), 16);
    let [expected, expected_length] = script.list(&TAG);
    script.call(
        "symmetric_tag_verify",
        &[at(tag), expected, expected_length],
        OK,
    );
    let [wrong, wrong_length] = script.list(&[0; 16]);
    script.call(
        "symmetric_tag_verify",
        &[at(tag), wrong, wrong_length],
        code(Errno::InvalidTag),
    );
    for (length_given, answer) in [
        (15, code(Errno::Overflow)),
        (17, code(Errno::InvalidLength)),
        (16, OK),
    ] {
        script.call(
            "symmetric_tag_pull",
            &[at(tag), n(raw), n(length_given), n(length)],
            answer,
        );
    }
    script.expect_bytes(raw, &TAG);
    script.call(
        "symmetric_tag_pull",
        &[at(tag), n(raw), n(16), n(length)],
        code(Errno::InvalidHandle),
    );
    script.succeed().await;
}

#[tokio::test]
async fn buffers_of_the_wrong_size_are_refused() {
    let mut script = Script::new();
    let with = aead(&mut script);
    let (data, out, length) = (script.room(64), script.room(64), script.room(4));
    let sealed = script.bytes(&[CIPHERTEXT, TAG].concat());
    let state = cipher(&mut script, with);
    for (function, input, input_length, fitting) in [
        ("symmetric_state_encrypt", data, 16, 32),
        ("symmetric_state_decrypt", sealed, 32, 16),
    ] {
        for to in [out, input] {
            for (size, answer) in [
                (0, Errno::Overflow),
                (fitting - 1, Errno::Overflow),
                (fitting + 1, Errno::InvalidLength),
            ] {
                script.call(
                    function,
                    &[
                        at(state),
                        n(to),
                        n(size),
                        n(input),
                        n(input_length),
                        n(length),
                    ],
                    code(answer),
                );
            }
        }
    }
    script.succeed().await;
}

#[tokio::test]
async fn outputs_are_read_in_pieces() {
    let mut script = Script::new();
    let (key, output, length, raw) = (
        script.room(4),
        script.room(4),
        script.room(4),
        script.room(40),
    );
    let [name, name_length] = script.text("HMAC/SHA-256");
    let bytes: Vec<u8> = (1..=32).collect();
    let [secret, secret_length] = script.list(&bytes);
    script.call(
        "symmetric_key_import",
        &[name, name_length, secret, secret_length, n(key)],
        OK,
    );
    script.call("symmetric_key_export", &[at(key), n(output)], OK);
    script.call("array_output_len", &[at(output), n(length)], OK);
    script.expect(at(length), 32);
    for (asked, got) in [(10, 10), (0, 0), (40, 22)] {
        script.call(
            "array_output_pull",
            &[at(output), n(raw), n(asked), n(length)],
            OK,
        );
        script.expect(at(length), got);
    }
    script.expect_bytes(raw, &bytes[10..]);
    script.call(
        "array_output_pull",
        &[at(output), n(raw), n(1), n(length)],
        code(Errno::InvalidHandle),
    );
    script.succeed().await;
}

#[tokio::test]
async fn wrong_order_is_an_error_and_does_no_harm() {
    let mut script = Script::new();
    let state = open(&mut script, "SHA-256");
    let (out, place) = (script.room(32), script.room(4));
    let [data, length] = script.text("ab");
    script.call("symmetric_state_absorb", &[at(state), data, length], OK);
    script.call("symmetric_state_squeeze", &[at(state), n(out), n(32)], OK);
    let [data, length] = script.text("c");
    script.call("symmetric_state_absorb", &[at(state), data, length], OK);
    script.call("symmetric_state_squeeze", &[at(state), n(out), n(32)], OK);
    script.expect_bytes(out, &ABC);
    // What a hash does not do.
    let refused = [Errno::InvalidOperation, Errno::UnsupportedFeature].map(code);
    for call in [
        format!(
            "(call $symmetric_state_squeeze_tag {} {})",
            at(state).0,
            n(place).0
        ),
        format!("(call $symmetric_state_ratchet {})", at(state).0),
        format!(
            "(call $symmetric_state_encrypt {s} {o} {o} {o} {o} {p})",
            s = at(state).0,
            o = n(16).0,
            p = n(place).0
        ),
    ] {
        let either = format!(
            "(global.set $answer {call}) (if (i32.eqz (i32.or (i32.eq (global.get $answer) (i32.const {})) (i32.eq (global.get $answer) (i32.const {})))) (then (return (i32.const -1))))",
            refused[0], refused[1]
        );
        script.then(&either);
    }
    script.call("symmetric_state_squeeze", &[at(state), n(out), n(32)], OK);
    script.expect_bytes(out, &ABC);
    script.succeed().await;
}
