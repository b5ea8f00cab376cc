//! What every test needs to act as a guest.

use c12_crypto_core::{AlgorithmType, Config, Handle, Result, Session, Shared};

/// A session with the default limits and without a store.
pub(crate) fn session() -> Session {
    with(Config::default())
}

pub(crate) fn with(config: Config) -> Session {
    Session::new(&Shared::new(config).unwrap())
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The whole of an output.
pub(crate) fn pull(session: &mut Session, output: Handle) -> Vec<u8> {
    let mut bytes = vec![0; session.array_output_len(output).unwrap()];
    session.array_output_pull(output, &mut bytes).unwrap();
    bytes
}

pub(crate) enum Set<'a> {
    Bytes(&'a str, &'a [u8]),
    Number(&'a str, u64),
    Buffer(&'a str, usize),
}

/// Options of symmetric algorithms.
pub(crate) fn options(session: &mut Session, values: &[Set<'_>]) -> Handle {
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    for value in values {
        match *value {
            Set::Bytes(name, value) => session.options_set(options, name, value),
            Set::Number(name, value) => session.options_set_u64(options, name, value),
            Set::Buffer(name, len) => session.options_set_guest_buffer(options, name, len),
        }
        .unwrap();
    }
    options
}

/// A state with a key and, perhaps, a nonce; the other handles are closed.
pub(crate) fn open(
    session: &mut Session,
    algorithm: &str,
    key: Option<&[u8]>,
    values: &[Set<'_>],
) -> Result<Handle> {
    let key = key
        .map(|key| session.symmetric_key_import(algorithm, key))
        .transpose()?;
    let options = (!values.is_empty()).then(|| options(session, values));
    let state = session.symmetric_state_open(algorithm, key, options);
    if let Some(key) = key {
        session.symmetric_key_close(key).unwrap();
    }
    if let Some(options) = options {
        session.options_close(options).unwrap();
    }
    state
}

pub(crate) fn squeeze(session: &mut Session, state: Handle, len: usize) -> Result<Vec<u8>> {
    let mut out = vec![0; len];
    session
        .symmetric_state_squeeze(state, &mut out)
        .map(|()| out)
}

/// The tag of a state.
pub(crate) fn tag(session: &mut Session, state: Handle) -> Result<Vec<u8>> {
    let tag = session.symmetric_state_squeeze_tag(state)?;
    let mut bytes = vec![0; session.symmetric_tag_len(tag)?];
    session.symmetric_tag_pull(tag, &mut bytes)?;
    Ok(bytes)
}

/// Ciphertext and tag of one message.
pub(crate) fn encrypt(session: &mut Session, state: Handle, data: &[u8]) -> Result<Vec<u8>> {
    let mut out = vec![0; data.len() + session.symmetric_state_max_tag_len(state)?];
    let len = session.symmetric_state_encrypt(state, &mut out, data)?;
    assert_eq!(len, out.len());
    Ok(out)
}

/// The plaintext of one message; nothing of it is left when it does not verify.
pub(crate) fn decrypt(session: &mut Session, state: Handle, data: &[u8]) -> Result<Vec<u8>> {
    let mut out = vec![
        0xa5;
        data.len()
            .saturating_sub(session.symmetric_state_max_tag_len(state)?)
    ];
    match session.symmetric_state_decrypt(state, &mut out, data) {
        Ok(len) => {
            assert_eq!(len, out.len());
            Ok(out)
        }
        Err(errno) => {
            assert!(
                out.iter().all(|byte| *byte == 0 || *byte == 0xa5),
                "plaintext was released"
            );
            Err(errno)
        }
    }
}
