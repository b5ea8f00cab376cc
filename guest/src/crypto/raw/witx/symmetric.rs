//! The module `symmetric`.

use super::super::{
    Error, Options, Result, SecretsManager, SymmetricKey, SymmetricState, SymmetricTag, Version,
};
use super::imports::Maybe;
use super::{ID_BYTES, call, maybe_options, pull};

pub(in crate::crypto::raw) fn symmetric_key_generate(
    algorithm: &str,
    options: Option<&Options>,
) -> Result<SymmetricKey> {
    call!(symmetric_key_generate(algorithm.as_ptr(), algorithm.len(), &maybe_options(options)) -> u32)
        .map(SymmetricKey::owning)
}

pub(in crate::crypto::raw) fn symmetric_key_import(
    algorithm: &str,
    raw: &[u8],
) -> Result<SymmetricKey> {
    call!(symmetric_key_import(algorithm.as_ptr(), algorithm.len(), raw.as_ptr(), raw.len()) -> u32)
        .map(SymmetricKey::owning)
}

pub(in crate::crypto::raw) fn symmetric_key_export(key: &SymmetricKey) -> Result<Vec<u8>> {
    call!(symmetric_key_export(key.handle()) -> u32).and_then(pull)
}

pub(in crate::crypto::raw) fn symmetric_key_generate_managed(
    manager: &SecretsManager,
    algorithm: &str,
    options: Option<&Options>,
) -> Result<SymmetricKey> {
    call!(symmetric_key_generate_managed(manager.handle(), algorithm.as_ptr(), algorithm.len(), &maybe_options(options)) -> u32)
        .map(SymmetricKey::owning)
}

pub(in crate::crypto::raw) fn symmetric_key_store_managed(
    manager: &SecretsManager,
    key: &SymmetricKey,
) -> Result<Vec<u8>> {
    // The function does not say how long the identifier is, but the key knows it from now on.
    let mut id = [0; ID_BYTES];
    call!(symmetric_key_store_managed(
        manager.handle(),
        key.handle(),
        id.as_mut_ptr(),
        id.len()
    ))?;
    symmetric_key_id(key).map(|(id, _)| id)
}

pub(in crate::crypto::raw) fn symmetric_key_replace_managed(
    manager: &SecretsManager,
    old: SymmetricKey,
    new: &SymmetricKey,
) -> Result<Version> {
    let version =
        call!(symmetric_key_replace_managed(manager.handle(), old.handle(), new.handle()) -> u64)?;
    // The host has closed it.
    old.into_handle();
    Ok(Version::from_u64(version))
}

pub(in crate::crypto::raw) fn symmetric_key_id(key: &SymmetricKey) -> Result<(Vec<u8>, Version)> {
    let mut id = vec![0; ID_BYTES];
    let mut length = 0;
    let version =
        call!(symmetric_key_id(key.handle(), id.as_mut_ptr(), id.len(), &mut length) -> u64)?;
    id.truncate(length);
    Ok((id, Version::from_u64(version)))
}

pub(in crate::crypto::raw) fn symmetric_key_from_id(
    manager: &SecretsManager,
    id: &[u8],
    version: Version,
) -> Result<SymmetricKey> {
    call!(symmetric_key_from_id(manager.handle(), id.as_ptr(), id.len(), version.to_u64()) -> u32)
        .map(SymmetricKey::owning)
}

pub(in crate::crypto::raw) fn symmetric_state_open(
    algorithm: &str,
    key: Option<&SymmetricKey>,
    options: Option<&Options>,
) -> Result<SymmetricState> {
    let key = Maybe::new(key.map(SymmetricKey::handle));
    call!(symmetric_state_open(algorithm.as_ptr(), algorithm.len(), &key, &maybe_options(options)) -> u32)
        .map(SymmetricState::owning)
}

pub(in crate::crypto::raw) fn symmetric_state_options_get(
    state: &SymmetricState,
    name: &str,
) -> Result<Vec<u8>> {
    // The function does not say how long the value is, only when the buffer is too small for it.
    let mut capacity = 64;
    loop {
        let mut value = vec![0; capacity];
        let got = call!(symmetric_state_options_get(state.handle(), name.as_ptr(), name.len(), value.as_mut_ptr(), capacity) -> usize);
        match got {
            Ok(length) => {
                value.truncate(length);
                return Ok(value);
            }
            Err(Error::Overflow) if capacity < 1 << 20 => capacity *= 4,
            Err(error) => return Err(error),
        }
    }
}

pub(in crate::crypto::raw) fn symmetric_state_options_get_u64(
    state: &SymmetricState,
    name: &str,
) -> Result<u64> {
    call!(symmetric_state_options_get_u64(state.handle(), name.as_ptr(), name.len()) -> u64)
}

pub(in crate::crypto::raw) fn symmetric_state_clone(
    state: &SymmetricState,
) -> Result<SymmetricState> {
    call!(symmetric_state_clone(state.handle()) -> u32).map(SymmetricState::owning)
}

pub(in crate::crypto::raw) fn symmetric_state_absorb(
    state: &SymmetricState,
    data: &[u8],
) -> Result<()> {
    call!(symmetric_state_absorb(
        state.handle(),
        data.as_ptr(),
        data.len()
    ))
}

pub(in crate::crypto::raw) fn symmetric_state_squeeze(
    state: &SymmetricState,
    length: usize,
) -> Result<Vec<u8>> {
    let mut out = vec![0; length];
    call!(symmetric_state_squeeze(
        state.handle(),
        out.as_mut_ptr(),
        length
    ))?;
    Ok(out)
}

pub(in crate::crypto::raw) fn symmetric_state_squeeze_tag(
    state: &SymmetricState,
) -> Result<SymmetricTag> {
    call!(symmetric_state_squeeze_tag(state.handle()) -> u32).map(SymmetricTag::owning)
}

pub(in crate::crypto::raw) fn symmetric_state_squeeze_key(
    state: &SymmetricState,
    algorithm: &str,
) -> Result<SymmetricKey> {
    call!(symmetric_state_squeeze_key(state.handle(), algorithm.as_ptr(), algorithm.len()) -> u32)
        .map(SymmetricKey::owning)
}

pub(in crate::crypto::raw) fn symmetric_state_max_tag_len(state: &SymmetricState) -> Result<usize> {
    call!(symmetric_state_max_tag_len(state.handle()) -> usize)
}

pub(in crate::crypto::raw) fn symmetric_state_encrypt(
    state: &SymmetricState,
    data: &[u8],
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    symmetric_state_encrypt_onto(state, data, &mut out)?;
    Ok(out)
}

pub(in crate::crypto::raw) fn symmetric_state_encrypt_onto(
    state: &SymmetricState,
    data: &[u8],
    out: &mut Vec<u8>,
) -> Result<()> {
    let longest = data.len() + symmetric_state_max_tag_len(state)?;
    write_onto(
        out,
        longest,
        |free| call!(symmetric_state_encrypt(state.handle(), free, longest, data.as_ptr(), data.len()) -> usize),
    )
}

/// Lets the host write at most so many bytes behind what is there. It says how many they are, so nothing need be there before.
fn write_onto(
    out: &mut Vec<u8>,
    longest: usize,
    write: impl FnOnce(*mut u8) -> Result<usize>,
) -> Result<()> {
    out.reserve(longest);
    let length = write(out.spare_capacity_mut().as_mut_ptr().cast())?;
    if length > longest {
        return Err(Error::InternalError);
    }
    // SAFETY: so many bytes are reserved, and the host has written them.
    unsafe { out.set_len(out.len() + length) };
    Ok(())
}

pub(in crate::crypto::raw) fn symmetric_state_encrypt_detached(
    state: &SymmetricState,
    data: &[u8],
) -> Result<(Vec<u8>, SymmetricTag)> {
    let mut out = vec![0; data.len()];
    let tag = call!(symmetric_state_encrypt_detached(state.handle(), out.as_mut_ptr(), out.len(), data.as_ptr(), data.len()) -> u32)?;
    Ok((out, SymmetricTag::owning(tag)))
}

pub(in crate::crypto::raw) fn symmetric_state_decrypt(
    state: &SymmetricState,
    data: &[u8],
    length: usize,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_onto(
        &mut out,
        length,
        |free| call!(symmetric_state_decrypt(state.handle(), free, length, data.as_ptr(), data.len()) -> usize),
    )?;
    Ok(out)
}

pub(in crate::crypto::raw) fn symmetric_state_decrypt_detached(
    state: &SymmetricState,
    data: &[u8],
    tag: &[u8],
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_onto(
        &mut out,
        data.len(),
        |free| call!(symmetric_state_decrypt_detached(state.handle(), free, data.len(), data.as_ptr(), data.len(), tag.as_ptr(), tag.len()) -> usize),
    )?;
    Ok(out)
}

pub(in crate::crypto::raw) fn symmetric_state_ratchet(state: &SymmetricState) -> Result<()> {
    call!(symmetric_state_ratchet(state.handle()))
}

pub(in crate::crypto::raw) fn symmetric_tag_len(tag: &SymmetricTag) -> Result<usize> {
    call!(symmetric_tag_len(tag.handle()) -> usize)
}

pub(in crate::crypto::raw) fn symmetric_tag_pull(tag: SymmetricTag) -> Result<Vec<u8>> {
    let mut bytes = vec![0; symmetric_tag_len(&tag)?];
    let length = call!(symmetric_tag_pull(tag.handle(), bytes.as_mut_ptr(), bytes.len()) -> usize)?;
    // The host has closed it.
    tag.into_handle();
    bytes.truncate(length);
    Ok(bytes)
}

pub(in crate::crypto::raw) fn symmetric_tag_verify(
    tag: &SymmetricTag,
    expected: &[u8],
) -> Result<()> {
    call!(symmetric_tag_verify(
        tag.handle(),
        expected.as_ptr(),
        expected.len()
    ))
}
