//! Core modules use what `wasi_ephemeral_crypto_…` offers, rightly and wrongly.

mod batches;
mod hashes_and_ciphers;
mod pointers_and_handles;
mod strange_calls;

use crate::support::{OK, Script, at, n};

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
