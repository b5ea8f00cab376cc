//! Secrets that are not keys (`wasi_ephemeral_crypto_external_secrets`).

use zeroize::Zeroizing;

use super::Session;
use crate::secrets::{Kind, Secret, SecretId};
use crate::{AlgorithmType, Errno, Handle, Result};

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
        let store = self.store(secrets_manager)?;
        if secret_id.len() < SecretId::LEN {
            return Err(Errno::Overflow);
        }
        store.check_len(secret)?;
        store
            .add(&external(secret, expiration))?
            .id
            .write(secret_id)
            .map(drop)
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
        let store = self.store(secrets_manager)?;
        let id = SecretId::read(secret_id)?;
        store.check_len(secret)?;
        store
            .replace(id, &external(secret, expiration))
            .map(|managed| managed.version)
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
        let store = self.store(secrets_manager)?;
        let (secret, _) = store.load(Kind::External, SecretId::read(secret_id)?, secret_version)?;
        self.insert_output(secret.content)
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
        let store = self.store(secrets_manager)?;
        store.invalidate(
            |kind| kind == Kind::External,
            SecretId::read(secret_id)?,
            secret_version,
        )
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
        let encapsulated = self
            .store(secrets_manager)?
            .encapsulate(secret, expiration)?;
        self.insert_output(Zeroizing::new(encapsulated))
    }

    /// The secret that was encrypted.
    ///
    /// # Errors
    /// `verification_failed`, `expired`; `overflow` when it is longer than any that the host makes.
    pub fn external_secret_decapsulate(
        &mut self,
        secrets_manager: Handle,
        encrypted_secret: &[u8],
    ) -> Result<Handle> {
        let secret = self.store(secrets_manager)?.decapsulate(encrypted_secret)?;
        self.insert_output(secret)
    }
}

fn external(secret: &[u8], expiration: u64) -> Secret {
    Secret {
        kind: Kind::External,
        algorithm_type: AlgorithmType::Symmetric,
        algorithm: String::new(),
        content: Zeroizing::new(secret.to_vec()),
        expiration: Some(expiration),
    }
}
