//! Core modules use what `wasi_ephemeral_crypto_…` offers, rightly and wrongly.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod support;

use c12::Error;
use c12_crypto_core::Errno;
use support::{MEMORY, OK, Script, Value, at, code, long, n, witx};

const SYMMETRIC: u32 = 1;

/// NIST's test case 14 for GCM: a key and a nonce of zeros, one block of zeros.
const CIPHERTEXT: [u8; 16] = [
    0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
];
const TAG: [u8; 16] = [
    0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
];

/// SHA-256 of `abc`.
const ABC: [u8; 32] = [
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
];

/// Opens a state without key and options; returns where its handle is.
fn open(script: &mut Script, algorithm: &str) -> u32 {
    let state = script.room(4);
    let [name, length] = script.text(algorithm);
    let none = script.none();
    script.call(
        "symmetric_state_open",
        &[name, length, none.clone(), none, n(state)],
        OK,
    );
    state
}

/// A key and options with a nonce, both zeros; returns where their handles are.
fn aead(script: &mut Script) -> (u32, u32) {
    let (key, options) = (script.room(4), script.room(4));
    let [name, length] = script.text("AES-256-GCM");
    let [raw, raw_length] = script.list(&[0; 32]);
    script.call(
        "symmetric_key_import",
        &[name, length, raw, raw_length, n(key)],
        OK,
    );
    script.call("options_open", &[n(SYMMETRIC), n(options)], OK);
    let [name, length] = script.text("nonce");
    let [nonce, nonce_length] = script.list(&[0; 12]);
    script.call(
        "options_set",
        &[at(options), name, length, nonce, nonce_length],
        OK,
    );
    (key, options)
}

/// A state that encrypts or decrypts once.
fn cipher(script: &mut Script, (key, options): (u32, u32)) -> u32 {
    let state = script.room(4);
    let [name, length] = script.text("AES-256-GCM");
    let (key, options) = (script.some(at(key)), script.some(at(options)));
    script.call(
        "symmetric_state_open",
        &[name, length, key, options, n(state)],
        OK,
    );
    state
}

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

/// Numbers that break things.
const HARD: [u32; 14] = [
    0,
    1,
    2,
    3,
    8,
    64,
    65_535,
    65_536,
    MEMORY - 8,
    MEMORY - 1,
    MEMORY,
    0x7fff_ffff,
    0xffff_fff0,
    u32::MAX,
];

#[tokio::test]
async fn no_arguments_are_a_trap() {
    let mut numbers = (0..).map(|step: u32| {
        let mixed = step.wrapping_mul(2_654_435_761) ^ (step << 7);
        HARD[(mixed >> 16) as usize % HARD.len()]
    });
    let mut calls = String::new();
    for function in witx::functions() {
        for _ in 0..60 {
            let arguments: String = function
                .parameters
                .iter()
                .map(|ty| format!("({ty}.const {})", numbers.next().unwrap()))
                .collect();
            calls += &format!(
                "(if (i32.gt_u (call ${} {arguments}) (i32.const 30)) (then (return (i32.const 1))))\n",
                function.name
            );
        }
    }
    let mut script = Script::new();
    script.then(&calls);
    script.succeed().await;
}

/// One object of nearly every kind; returns where their handles are.
fn one_of_each(script: &mut Script) -> Vec<u32> {
    let (key, options) = aead(script);
    let mut handles = vec![key, options, cipher(script, (key, options))];
    for algorithm in ["SHA-512", "BLAKE3", "XOODYAK-128"] {
        handles.push(open(script, algorithm));
    }
    let mut make = |script: &mut Script, function: &str, arguments: &[Value]| {
        let place = script.room(4);
        script.call(function, &[arguments, &[n(place)]].concat(), OK);
        handles.push(place);
        at(place)
    };
    let none = script.none();
    let [name, length] = script.text("Ed25519");
    let pair = make(
        script,
        "keypair_generate",
        &[n(0), name, length, none.clone()],
    );
    let public = make(script, "keypair_publickey", &[pair.clone()]);
    make(script, "keypair_secretkey", &[pair.clone()]);
    make(script, "keypair_export", &[pair.clone(), n(0)]);
    let state = make(script, "signature_state_open", &[pair]);
    make(script, "signature_state_sign", &[state]);
    make(script, "signature_verification_state_open", &[public]);
    let [name, length] = script.text("X25519");
    let pair = make(script, "keypair_generate", &[n(2), name, length, none]);
    make(script, "keypair_publickey", &[pair.clone()]);
    make(script, "keypair_secretkey", &[pair]);
    handles
}

#[tokio::test]
async fn strange_calls_with_real_handles_do_no_harm() {
    for seed in 0..8_u32 {
        let mut script = Script::new();
        let handles = one_of_each(&mut script);
        let mut mixed = seed;
        let mut next = || {
            mixed = mixed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            mixed >> 8
        };
        let functions = witx::functions();
        let mut calls = String::new();
        for _ in 0..2000 {
            let function = &functions[next() as usize % functions.len()];
            // Handles would soon be gone.
            if function.name.ends_with("_close") && next() % 8 != 0 {
                continue;
            }
            let arguments: String = function
                .parameters
                .iter()
                .map(|ty| match (*ty, next() % 3) {
                    ("i32", 0) => at(handles[next() as usize % handles.len()]).0,
                    // Behind all that the script needs.
                    ("i32", 1) => n((512 << 10) + next() % 1024).0,
                    _ => format!("({ty}.const {})", HARD[next() as usize % HARD.len()]),
                })
                .collect();
            calls += &format!(
                "(if (i32.gt_u (call ${} {arguments}) (i32.const 30)) (then (return (i32.const 1))))\n",
                function.name
            );
        }
        script.then(&calls);
        script.succeed().await;
    }
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
        code(Errno::InvalidHandle),
    );
    script.succeed().await;
}
