//! Secrets that are not keys (`wasi_ephemeral_crypto_external_secrets`).

use super::Session;
use crate::{Errno, Handle, Result};

impl Session {
    /// Stores a secret, valid until `expiration` (UNIX time, seconds), and writes its identifier.
    ///
    /// # Errors
    /// `overflow` when the identifier does not fit; nothing is stored then.
    pub fn external_secret_store(
        &mut self,
        secrets_manager: Handle,
        secret: &[u8],
        expiration: u64,
        secret_id: &mut [u8],
    ) -> Result<()> {
        let _ = (secrets_manager, secret, expiration, secret_id);
        Err(Errno::NotImplemented)
    }

    /// Stores the next version of a secret, and says which it is.
    ///
    /// # Errors
    /// `not_found`.
    pub fn external_secret_replace(
        &mut self,
        secrets_manager: Handle,
        secret: &[u8],
        expiration: u64,
        secret_id: &[u8],
    ) -> Result<u64> {
        let _ = (secrets_manager, secret, expiration, secret_id);
        Err(Errno::NotImplemented)
    }

    /// A copy of a secret.
    ///
    /// # Errors
    /// `not_found`, `expired`.
    pub fn external_secret_from_id(
        &mut self,
        secrets_manager: Handle,
        secret_id: &[u8],
        secret_version: u64,
    ) -> Result<Handle> {
        let _ = (secrets_manager, secret_id, secret_version);
        Err(Errno::NotImplemented)
    }

    /// Revokes a version of a secret, the latest or all.
    ///
    /// # Errors
    /// `not_found`.
    pub fn external_secret_invalidate(
        &mut self,
        secrets_manager: Handle,
        secret_id: &[u8],
        secret_version: u64,
    ) -> Result<()> {
        let _ = (secrets_manager, secret_id, secret_version);
        Err(Errno::NotImplemented)
    }

    /// Encrypts a secret, with its date, under a key that only the host has.
    ///
    /// # Errors
    /// `overflow`.
    pub fn external_secret_encapsulate(
        &mut self,
        secrets_manager: Handle,
        secret: &[u8],
        expiration: u64,
    ) -> Result<Handle> {
        let _ = (secrets_manager, secret, expiration);
        Err(Errno::NotImplemented)
    }

    /// The secret that was encrypted.
    ///
    /// # Errors
    /// `verification_failed`, `expired`.
    pub fn external_secret_decapsulate(
        &mut self,
        secrets_manager: Handle,
        encrypted_secret: &[u8],
    ) -> Result<Handle> {
        let _ = (secrets_manager, encrypted_secret);
        Err(Errno::NotImplemented)
    }
}
