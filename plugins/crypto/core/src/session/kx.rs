//! Key exchange (`wasi_ephemeral_crypto_kx`).

use super::Session;
use crate::{Errno, Handle, Result};

impl Session {
    /// Agrees on a secret.
    ///
    /// # Errors
    /// `incompatible_keys`, `invalid_operation`, `invalid_key`.
    pub fn kx_dh(&mut self, pk: Handle, sk: Handle) -> Result<Handle> {
        let _ = (pk, sk);
        Err(Errno::NotImplemented)
    }

    /// Makes a secret and encrypts it for a public key: returns both, the secret first.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn kx_encapsulate(&mut self, pk: Handle) -> Result<(Handle, Handle)> {
        let _ = (pk,);
        Err(Errno::NotImplemented)
    }

    /// The secret that was encrypted for a key.
    ///
    /// # Errors
    /// `verification_failed`, `invalid_operation`.
    pub fn kx_decapsulate(&mut self, sk: Handle, encapsulated_secret: &[u8]) -> Result<Handle> {
        let _ = (sk, encapsulated_secret);
        Err(Errno::NotImplemented)
    }
}
