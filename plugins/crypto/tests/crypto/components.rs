//! Components use `wasi:crypto`.

use c12_crypto_core::Errno;

use crate::support::component::ComponentScript;
use crate::support::{OK, Value, at, code, long, n};

const SYMMETRIC: u32 = 1;

/// Opens a state without key and options; returns where its handle is.
fn open(guest: &mut ComponentScript, algorithm: &str) -> u32 {
    let [name, length] = guest.script.text(algorithm);
    let [no, key] = ComponentScript::none();
    guest.call(
        "symmetric_state_open",
        &[name, length, no.clone(), key.clone(), no, key],
        OK,
    )
}

/// The list at an address must hold bytes.
fn expect_list(guest: &mut ComponentScript, list: u32, expected: &[u8]) {
    guest.script.expect(at(list + 4), expected.len() as u32);
    for (offset, byte) in (0..).zip(expected) {
        let load = format!("(i32.load8_u offset={offset} {})", at(list).0);
        guest.script.expect(Value(load), (*byte).into());
    }
}

/// A key and options with a nonce, both zeros; returns where their handles are.
fn aead(guest: &mut ComponentScript, algorithm: &str) -> (u32, u32) {
    let [name, length] = guest.script.text(algorithm);
    let [raw, raw_length] = guest.script.list(&[0; 32]);
    let key = guest.call("symmetric_key_import", &[name, length, raw, raw_length], OK);
    let options = guest.call("options_open", &[n(SYMMETRIC)], OK);
    let [name, length] = guest.script.text("nonce");
    let [nonce, nonce_length] = guest.script.list(&[0; 12]);
    guest.call(
        "options_set",
        &[at(options), name, length, nonce, nonce_length],
        OK,
    );
    (key, options)
}

fn cipher(guest: &mut ComponentScript, algorithm: &str, (key, options): (u32, u32)) -> u32 {
    let [name, length] = guest.script.text(algorithm);
    guest.call(
        "symmetric_state_open",
        &[name, length, n(1), at(key), n(1), at(options)],
        OK,
    )
}

/// NIST's test case 14 for GCM: a key and a nonce of zeros, one block of zeros.
const SEALED: [u8; 32] = [
    0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
    0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
];

/// SHA-256 of `abc`.
const ABC: [u8; 32] = [
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
];

#[tokio::test]
async fn a_hash_is_given_in_full() {
    let mut guest = ComponentScript::new();
    for (algorithm, bytes) in [
        ("SHA-256", 32),
        ("SHA-384", 48),
        ("SHA-512", 64),
        ("BLAKE3", 32),
    ] {
        let state = open(&mut guest, algorithm);
        let [text, length] = guest.script.text("abc");
        guest.call("symmetric_state_absorb", &[at(state), text, length], OK);
        let digest = guest.call("symmetric_state_squeeze", &[at(state)], OK);
        if algorithm == "SHA-256" {
            expect_list(&mut guest, digest, &ABC);
        } else {
            guest.script.expect(at(digest + 4), bytes);
        }
        guest.drop("symmetric-state", at(state));
    }
    guest.succeed().await;
}

#[tokio::test]
async fn as_much_is_squeezed_as_an_option_says() {
    let mut guest = ComponentScript::new();
    let options = guest.call("options_open", &[n(SYMMETRIC)], OK);
    let [name, length] = guest.script.text("output_len");
    guest.call(
        "options_set_u64",
        &[at(options), name, length, long(100)],
        OK,
    );
    let [name, length] = guest.script.text("BLAKE3");
    let state = guest.call(
        "symmetric_state_open",
        &[name, length, n(0), n(0), n(1), at(options)],
        OK,
    );
    let output = guest.call("symmetric_state_squeeze", &[at(state)], OK);
    guest.script.expect(at(output + 4), 100);
    guest.succeed().await;
}

#[tokio::test]
async fn what_is_encrypted_is_decrypted() {
    let mut guest = ComponentScript::new();
    let with = aead(&mut guest, "AES-256-GCM");
    let state = cipher(&mut guest, "AES-256-GCM", with);
    let [text, length] = guest.script.list(&[0; 16]);
    let sealed = guest.call("symmetric_state_encrypt", &[at(state), text, length], OK);
    expect_list(&mut guest, sealed, &SEALED);
    let state = cipher(&mut guest, "AES-256-GCM", with);
    let opened = guest.call(
        "symmetric_state_decrypt",
        &[at(state), at(sealed), at(sealed + 4), n(16)],
        OK,
    );
    expect_list(&mut guest, opened, &[0; 16]);
    for (out_len, answer) in [
        (15, Errno::Overflow),
        (17, Errno::InvalidLength),
        (u32::MAX, Errno::InvalidLength),
    ] {
        let state = cipher(&mut guest, "AES-256-GCM", with);
        guest.call(
            "symmetric_state_decrypt",
            &[at(state), at(sealed), at(sealed + 4), n(out_len)],
            code(answer),
        );
    }
    let mut forged = SEALED;
    forged[3] ^= 1;
    let [data, length] = guest.script.list(&forged);
    let state = cipher(&mut guest, "AES-256-GCM", with);
    guest.call(
        "symmetric_state_decrypt",
        &[at(state), data, length, n(16)],
        code(Errno::InvalidTag),
    );
    guest.succeed().await;
}

#[tokio::test]
async fn tags_come_apart() {
    let mut guest = ComponentScript::new();
    let with = aead(&mut guest, "AES-256-GCM");
    let state = cipher(&mut guest, "AES-256-GCM", with);
    let [text, length] = guest.script.list(&[0; 16]);
    let sealed = guest.call(
        "symmetric_state_encrypt_detached",
        &[at(state), text, length],
        OK,
    );
    expect_list(&mut guest, sealed, &SEALED[..16]);
    let tag = at(sealed + 8);
    let size = guest.call("symmetric_tag_len", std::slice::from_ref(&tag), OK);
    guest.script.expect(at(size), 16);
    let [right, right_length] = guest.script.list(&SEALED[16..]);
    guest.call(
        "symmetric_tag_verify",
        &[tag.clone(), right.clone(), right_length.clone()],
        OK,
    );
    let raw = guest.call("symmetric_tag_pull", &[tag], OK);
    expect_list(&mut guest, raw, &SEALED[16..]);
    for (given, answer) in [(right, OK), (n(0), code(Errno::InvalidTag))] {
        let state = cipher(&mut guest, "AES-256-GCM", with);
        guest.call(
            "symmetric_state_decrypt_detached",
            &[
                at(state),
                at(sealed),
                at(sealed + 4),
                given,
                right_length.clone(),
            ],
            answer,
        );
    }
    guest.succeed().await;
}

#[tokio::test]
async fn keys_go_out_and_come_back() {
    let mut guest = ComponentScript::new();
    let [no, options] = ComponentScript::none();
    let [name, length] = guest.script.text("Ed25519");
    let pair = guest.call(
        "keypair_generate",
        &[n(0), name.clone(), length.clone(), no, options],
        OK,
    );
    let output = guest.call("keypair_export", &[at(pair), n(0)], OK);
    let size = guest.call("array_output_len", &[at(output)], OK);
    guest.script.expect(at(size), 64);
    let raw = guest.call("array_output_pull", &[at(output)], OK);
    let again = guest.call(
        "keypair_import",
        &[n(0), name, length, at(raw), at(raw + 4), n(0)],
        OK,
    );
    let state = guest.call("signature_state_open", &[at(pair)], OK);
    let [text, length] = guest.script.text("message");
    guest.call(
        "signature_state_update",
        &[at(state), text.clone(), length.clone()],
        OK,
    );
    let signature = guest.call("signature_state_sign", &[at(state)], OK);
    let public = guest.call("keypair_publickey", &[at(again)], OK);
    let verify = guest.call("signature_verification_state_open", &[at(public)], OK);
    guest.call(
        "signature_verification_state_update",
        &[at(verify), text, length],
        OK,
    );
    guest.call(
        "signature_verification_state_verify",
        &[at(verify), at(signature)],
        OK,
    );
    let [no, options] = ComponentScript::none();
    let [unknown, length] = guest.script.text("Ed25518");
    guest.call(
        "keypair_generate",
        &[n(0), unknown, length, no, options],
        code(Errno::UnsupportedAlgorithm),
    );
    guest.succeed().await;
}

#[tokio::test]
async fn what_is_dropped_is_closed() {
    let mut guest = ComponentScript::new();
    // With three places: nothing is left behind, whether it is closed, dropped, or consumed.
    let [name, length] = guest.script.text("HMAC/SHA-256");
    for _ in 0..5 {
        let options = guest.call("options_open", &[n(SYMMETRIC)], OK);
        guest.drop("options", at(options));
        let options = guest.call("options_open", &[n(SYMMETRIC)], OK);
        guest.call("options_close", &[at(options)], OK);
        let [no, none] = ComponentScript::none();
        let key = guest.call(
            "symmetric_key_generate",
            &[name.clone(), length.clone(), no, none],
            OK,
        );
        let output = guest.call("symmetric_key_export", &[at(key)], OK);
        guest.drop("array-output", at(output));
        let output = guest.call("symmetric_key_export", &[at(key)], OK);
        guest.call("array_output_pull", &[at(output)], OK);
        let [no, none] = ComponentScript::none();
        let state = guest.call(
            "symmetric_state_open",
            &[name.clone(), length.clone(), n(1), at(key), no, none],
            OK,
        );
        let tag = guest.call("symmetric_state_squeeze_tag", &[at(state)], OK);
        guest.call("symmetric_tag_pull", &[at(tag)], OK);
        guest.call("symmetric_state_close", &[at(state)], OK);
        guest.call("symmetric_key_close", &[at(key)], OK);
    }
    let mut kept = [0; 3];
    for place in &mut kept {
        *place = guest.call("options_open", &[n(SYMMETRIC)], OK);
    }
    guest.call("options_open", &[n(SYMMETRIC)], code(Errno::TooManyHandles));
    guest.succeed_with(&[("handles", "3")]).await;
}

#[tokio::test]
async fn batches_do_each_operation() {
    let mut guest = ComponentScript::new();
    let with = aead(&mut guest, "AES-256-GCM");
    let states: Vec<u32> = (0..3)
        .map(|_| cipher(&mut guest, "AES-256-GCM", with))
        .collect();
    // The second state was used already, so it cannot encrypt again.
    let zeros = guest.script.room(16);
    let list = guest.script.room(36);
    for (state, place) in states.iter().zip((list..).step_by(12)) {
        guest.script.then(&format!(
            "(i32.store (i32.const {place}) {}) (i32.store (i32.const {}) (i32.const {zeros})) (i32.store (i32.const {}) (i32.const 16))",
            at(*state).0,
            place + 4,
            place + 8
        ));
    }
    let results = guest.call("batch_symmetric_state_encrypt", &[n(list), n(3)], OK);
    guest.script.expect(at(results + 4), 3);
    for item in 0..3 {
        let field = |offset: u32| {
            Value(format!(
                "(i32.load offset={} {})",
                item * 12 + offset,
                at(results).0
            ))
        };
        guest.script.expect(field(4), 32);
        guest.script.expect(
            Value(format!(
                "(i32.load8_u offset={} {})",
                item * 12 + 8,
                at(results).0
            )),
            OK,
        );
        guest.script.expect(
            Value(format!("(i32.load8_u {})", field(0).0)),
            SEALED[0].into(),
        );
    }
    // A signature that cannot be made is a code beside an output that is none, which may be dropped.
    let hash = open(&mut guest, "SHA-256");
    let single = guest.script.room(4);
    guest
        .script
        .then(&format!("(i32.store (i32.const {single}) {})", at(hash).0));
    let tags = guest.call("batch_symmetric_state_squeeze_tag", &[n(single), n(1)], OK);
    let failed = Value(format!(
        "(i32.ne (i32.load8_u offset=4 {}) (i32.const 0))",
        at(tags).0
    ));
    guest.script.expect(failed, 1);
    let nothing = Value(format!("(i32.load {})", at(tags).0));
    guest.call(
        "symmetric_tag_len",
        std::slice::from_ref(&nothing),
        code(Errno::InvalidHandle),
    );
    guest.drop("symmetric-tag", nothing);
    guest.succeed().await;
}

#[tokio::test]
async fn keys_and_secrets_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    let settings = [("store", file.to_str().unwrap())];
    let mut guest = ComponentScript::new();
    let [no, none] = ComponentScript::none();
    let manager = guest.call("secrets_manager_open", &[no.clone(), none.clone()], OK);
    let [name, length] = guest.script.text("AES-256-GCM");
    let key = guest.call(
        "symmetric_key_generate_managed",
        &[at(manager), name, length, no, none],
        OK,
    );
    let identifier = guest.call("symmetric_key_id", &[at(key)], OK);
    let latest = [n(1), long(0)];
    let again = guest.call(
        "symmetric_key_from_id",
        &[
            at(manager),
            at(identifier),
            at(identifier + 4),
            latest[0].clone(),
            latest[1].clone(),
        ],
        OK,
    );
    guest.call("symmetric_key_close", &[at(again)], OK);
    guest.call(
        "symmetric_key_export",
        &[at(key)],
        code(Errno::ProhibitedOperation),
    );
    let [secret, secret_length] = guest.script.text("token");
    let far = long(4_000_000_000);
    let stored = guest.call(
        "external_secret_store",
        &[
            at(manager),
            secret.clone(),
            secret_length.clone(),
            far.clone(),
        ],
        OK,
    );
    let output = guest.call(
        "external_secret_from_id",
        &[
            at(manager),
            at(stored),
            at(stored + 4),
            latest[0].clone(),
            latest[1].clone(),
        ],
        OK,
    );
    let read = guest.call("array_output_pull", &[at(output)], OK);
    expect_list(&mut guest, read, b"token");
    guest.call(
        "external_secret_replace",
        &[at(manager), secret, secret_length, far],
        code(Errno::UnsupportedFeature),
    );
    guest.succeed_with(&settings).await;
    assert!(file.exists());
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"token"));
}
