//! Encryption.

use c12_wasm::crypto::{Error, Result, raw};

use crate::fields::{Expected, Fields};
use crate::tally::{Outcome, Tallies, Verdict, failed, gives, refused};

/// A key's size for which there is no algorithm.
const OTHER_KEYS: &str = "keys of 192 bits";
/// What the host has to refuse as `invalid_nonce`.
const OTHER_NONCES: &str = "nonces of other sizes";
/// What the host has to refuse as `invalid_tag`.
const SHORT_TAGS: &str = "tags that are cut off";
/// What the host has to refuse as `invalid_length`.
const NO_MESSAGE: &str = "messages of no bytes";

pub(crate) fn aead(set: &str, group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let algorithm = match (set, group.number("keySize")) {
        ("AES-GCM", 128) => "AES-128-GCM",
        ("AES-GCM", _) => "AES-256-GCM",
        ("AES-GCM-SIV", 128) => "AES-128-GCM-SIV",
        ("AES-GCM-SIV", _) => "AES-256-GCM-SIV",
        (other, _) => other,
    };
    for test in tests {
        let outcome = aead_vector(algorithm, group, *test);
        tallies.add(algorithm, &test.name(), outcome);
    }
    let name = format!("batch of {}", tests.len());
    tallies.check(algorithm, &name, aead_batch(algorithm, tests));
}

/// A state with key, nonce and additional data in it.
fn open(
    algorithm: &str,
    key: &raw::SymmetricKey,
    nonce: &[u8],
    additional_data: &[u8],
) -> Result<raw::SymmetricState> {
    let options = raw::options_open(raw::AlgorithmType::Symmetric)?;
    raw::options_set(&options, "nonce", nonce)?;
    let state = raw::symmetric_state_open(algorithm, Some(key), Some(&options))?;
    raw::symmetric_state_absorb(&state, additional_data)?;
    Ok(state)
}

fn aead_vector(algorithm: &str, group: Fields<'_>, test: Fields<'_>) -> Outcome {
    let key = raw::symmetric_key_import(algorithm, &test.bytes("key"));
    if group.number("keySize") == 192 {
        refused(key, &[Error::InvalidKey])?;
        return Ok(Verdict::Outside(OTHER_KEYS));
    }
    let key = key.map_err(failed)?;
    let (nonce, additional_data) = (test.bytes("iv"), test.bytes("aad"));
    let expected = test.expected();
    let state = || open(algorithm, &key, &nonce, &additional_data);
    if matches!(state(), Err(Error::InvalidNonce)) {
        return Ok(match expected {
            Expected::Invalid => Verdict::Refused,
            _ => Verdict::Outside(OTHER_NONCES),
        });
    }
    let (message, ciphertext, tag) = (test.bytes("msg"), test.bytes("ct"), test.bytes("tag"));
    let sealed = [ciphertext.as_slice(), &tag].concat();
    let decrypted =
        raw::symmetric_state_decrypt(&state().map_err(failed)?, &sealed, ciphertext.len());
    let detached =
        raw::symmetric_state_decrypt_detached(&state().map_err(failed)?, &ciphertext, &tag);
    if tag.len() < 16 {
        // Where the tag begins in what is sealed, the host cannot know, so that the length of the message is wrong.
        refused(decrypted, &[Error::InvalidTag, Error::InvalidLength])?;
        refused(detached, &[Error::InvalidTag])?;
        return Ok(Verdict::Outside(SHORT_TAGS));
    }
    if expected == Expected::Invalid {
        refused(decrypted, &[Error::InvalidTag])?;
        refused(detached, &[Error::InvalidTag])?;
        return Ok(Verdict::Refused);
    }
    gives("decryption", decrypted, &message)?;
    gives("detached decryption", detached, &message)?;
    let encrypted = raw::symmetric_state_encrypt(&state().map_err(failed)?, &message);
    gives("encryption", encrypted, &sealed)?;
    let (encrypted, computed) =
        raw::symmetric_state_encrypt_detached(&state().map_err(failed)?, &message)
            .map_err(failed)?;
    gives("detached encryption", Ok(encrypted), &ciphertext)?;
    gives("the tag", raw::symmetric_tag_pull(computed), &tag)?;
    Ok(Verdict::Verified)
}

/// The same once more, all at once.
fn aead_batch(algorithm: &str, tests: &[Fields<'_>]) -> std::result::Result<(), String> {
    let (mut states, mut sealed, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    for test in tests {
        let Ok(key) = raw::symmetric_key_import(algorithm, &test.bytes("key")) else {
            continue;
        };
        let Ok(state) = open(algorithm, &key, &test.bytes("iv"), &test.bytes("aad")) else {
            continue;
        };
        if test.bytes("tag").len() < 16 {
            continue;
        }
        states.push(state);
        sealed.push([test.bytes("ct"), test.bytes("tag")].concat());
        messages.push((test.expected(), test.bytes("msg")));
    }
    let batch = states.iter().zip(&sealed);
    let batch: Vec<_> = batch
        .map(|(state, sealed)| (state, sealed.as_slice()))
        .collect();
    let opened = raw::batch_symmetric_state_decrypt(&batch).map_err(failed)?;
    for (result, (expected, message)) in opened.into_iter().zip(&messages) {
        match expected {
            Expected::Invalid => refused(result, &[Error::InvalidTag])?,
            _ => gives("decryption", result, message)?,
        }
    }
    Ok(())
}

pub(crate) fn ctr(algorithm: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        tallies.add(algorithm, &test.name(), ctr_vector(algorithm, *test));
    }
}

fn ctr_vector(algorithm: &str, test: Fields<'_>) -> Outcome {
    let key = raw::symmetric_key_import(algorithm, &test.bytes("key")).map_err(failed)?;
    let (message, ciphertext) = (test.bytes("msg"), test.bytes("ct"));
    let state = || {
        let options = raw::options_open(raw::AlgorithmType::Symmetric)?;
        raw::options_set(&options, "nonce", &test.bytes("iv"))?;
        raw::symmetric_state_open(algorithm, Some(&key), Some(&options))
    };
    let encrypted = raw::symmetric_state_encrypt(&state().map_err(failed)?, &message);
    gives("encryption", encrypted, &ciphertext)?;
    let state = state().map_err(failed)?;
    let decrypted = raw::symmetric_state_decrypt(&state, &ciphertext, ciphertext.len());
    gives("decryption", decrypted, &message)?;
    Ok(Verdict::Verified)
}

/// The tests of the competition have key, nonce, message and additional data that count from zero, so that the lengths say all.
pub(crate) fn xoodyak(algorithm: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        tallies.add(algorithm, &test.name(), xoodyak_vector(algorithm, *test));
    }
}

fn xoodyak_vector(algorithm: &str, test: Fields<'_>) -> Outcome {
    let counting = |length: u64| (0..length).map(|byte| byte as u8).collect::<Vec<u8>>();
    let key = raw::symmetric_key_import(algorithm, &counting(16)).map_err(failed)?;
    let message = counting(test.number("msgLen"));
    let additional_data = counting(test.number("aadLen"));
    let state = || open(algorithm, &key, &counting(16), &additional_data);
    let sealed = test.bytes("ct");
    let encrypted = raw::symmetric_state_encrypt(&state().map_err(failed)?, &message);
    if message.is_empty() {
        // The library that hosts have takes no notice of them, where the designers' counts them as a block: no tag would do.
        refused(encrypted, &[Error::InvalidLength])?;
        let decrypted = raw::symmetric_state_decrypt(&state().map_err(failed)?, &sealed, 0);
        refused(decrypted, &[Error::InvalidLength])?;
        return Ok(Verdict::Outside(NO_MESSAGE));
    }
    gives("encryption", encrypted, &sealed)?;
    let decrypted = raw::symmetric_state_decrypt(&state().map_err(failed)?, &sealed, message.len());
    gives("decryption", decrypted, &message)?;
    let mut changed = sealed.clone();
    changed[0] ^= 1;
    let decrypted =
        raw::symmetric_state_decrypt(&state().map_err(failed)?, &changed, message.len());
    refused(decrypted, &[Error::InvalidTag])?;
    Ok(Verdict::Verified)
}
