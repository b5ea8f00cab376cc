//! What core modules open and make in many tests.

use super::{OK, Script, at, n};

/// The kind of algorithm.
pub(crate) const SYMMETRIC: u32 = 1;

/// Opens a state without key and options; returns where its handle is.
pub(crate) fn open(script: &mut Script, algorithm: &str) -> u32 {
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
pub(crate) fn aead(script: &mut Script) -> (u32, u32) {
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
pub(crate) fn cipher(script: &mut Script, (key, options): (u32, u32)) -> u32 {
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
