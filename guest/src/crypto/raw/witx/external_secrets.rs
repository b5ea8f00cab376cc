//! The module `external_secrets`.

use super::super::{Error, Result, SecretsManager, Version};
use super::{ID_BYTES, call, pull};

pub(in crate::crypto::raw) fn external_secret_store(
    manager: &SecretsManager,
    secret: &[u8],
    expiration: u64,
) -> Result<Vec<u8>> {
    // The function does not say how long the identifier is. But nothing is stored while it does not fit, so the smallest
    // buffer that suffices is as long as the identifier.
    for length in 1..=ID_BYTES {
        let mut id = vec![0; length];
        let stored = call!(external_secret_store(
            manager.handle(),
            secret.as_ptr(),
            secret.len(),
            expiration,
            id.as_mut_ptr(),
            id.len()
        ));
        match stored {
            Err(Error::Overflow) => {}
            stored => return stored.map(|()| id),
        }
    }
    Err(Error::Overflow)
}

pub(in crate::crypto::raw) fn external_secret_replace(
    manager: &SecretsManager,
    secret: &[u8],
    expiration: u64,
    id: &[u8],
) -> Result<Version> {
    call!(external_secret_replace(manager.handle(), secret.as_ptr(), secret.len(), expiration, id.as_ptr(), id.len()) -> u64)
        .map(Version::from_u64)
}

pub(in crate::crypto::raw) fn external_secret_from_id(
    manager: &SecretsManager,
    id: &[u8],
    version: Version,
) -> Result<Vec<u8>> {
    call!(external_secret_from_id(manager.handle(), id.as_ptr(), id.len(), version.to_u64()) -> u32)
        .and_then(pull)
}

pub(in crate::crypto::raw) fn external_secret_invalidate(
    manager: &SecretsManager,
    id: &[u8],
    version: Version,
) -> Result<()> {
    call!(external_secret_invalidate(
        manager.handle(),
        id.as_ptr(),
        id.len(),
        version.to_u64()
    ))
}

pub(in crate::crypto::raw) fn external_secret_encapsulate(
    manager: &SecretsManager,
    secret: &[u8],
    expiration: u64,
) -> Result<Vec<u8>> {
    call!(external_secret_encapsulate(manager.handle(), secret.as_ptr(), secret.len(), expiration) -> u32)
        .and_then(pull)
}

pub(in crate::crypto::raw) fn external_secret_decapsulate(
    manager: &SecretsManager,
    encrypted: &[u8],
) -> Result<Vec<u8>> {
    call!(external_secret_decapsulate(manager.handle(), encrypted.as_ptr(), encrypted.len()) -> u32)
        .and_then(pull)
}
