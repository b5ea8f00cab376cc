//! Keys of `wasi_ephemeral_crypto_symmetric` in the secrets store.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::Session;
use super::symmetric::ROOM;
use crate::secrets::{Kind, Secret, SecretId};
use crate::symmetric::{Algorithm, SymmetricKey};
use crate::{AlgorithmType, Errno, Handle, Options, Result};

impl Session {
    /// Generates a key in the secrets store.
    ///
    /// # Errors
    /// `unsupported_feature` without a store; as [`Session::symmetric_key_generate`].
    pub fn symmetric_key_generate_managed(
        &mut self,
        secrets_manager: Handle,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let store = self.store(secrets_manager)?;
        let algorithm = Algorithm::parse(algorithm)?;
        let options = self.options_of(options, AlgorithmType::Symmetric)?;
        let expiration = expiration(options)?;
        self.table.check_room(1, ROOM)?;
        let mut key = SymmetricKey::generate(algorithm)?;
        key.set_managed(store.add(&secret(&key, expiration))?, store);
        self.table.insert(key)
    }

    /// Puts a key in the secrets store, and its identifier in `symmetric_key_id`.
    ///
    /// # Errors
    /// `overflow` when the identifier does not fit; nothing is stored then.
    pub fn symmetric_key_store_managed(
        &mut self,
        secrets_manager: Handle,
        symmetric_key: Handle,
        symmetric_key_id: &mut [u8],
    ) -> Result<()> {
        let store = self.store(secrets_manager)?;
        let key: &SymmetricKey = self.table.get(symmetric_key)?;
        if symmetric_key_id.len() < SecretId::LEN {
            return Err(Errno::Overflow);
        }
        store.check_len(key.raw())?;
        let managed = store.add(&secret(
            key,
            key.managed.and_then(|managed| managed.expiration),
        ))?;
        managed.id.write(symmetric_key_id)?;
        let shared = Arc::clone(&self.shared);
        let store = shared.store().ok_or(Errno::InternalError)?;
        self.table
            .get_mut::<SymmetricKey>(symmetric_key)?
            .set_managed(managed, store);
        Ok(())
    }

    /// Stores `symmetric_key_new` as the next version of `symmetric_key_old`, whose handle is closed, and says which version
    /// that is.
    ///
    /// # Errors
    /// `incompatible_keys`.
    pub fn symmetric_key_replace_managed(
        &mut self,
        secrets_manager: Handle,
        symmetric_key_old: Handle,
        symmetric_key_new: Handle,
    ) -> Result<u64> {
        let store = self.store(secrets_manager)?;
        let old: &SymmetricKey = self.table.get(symmetric_key_old)?;
        let new: &SymmetricKey = self.table.get(symmetric_key_new)?;
        if symmetric_key_old == symmetric_key_new {
            return Err(Errno::InvalidHandle);
        }
        if old.algorithm() != new.algorithm() {
            return Err(Errno::IncompatibleKeys);
        }
        let replaced = old.managed.ok_or(Errno::UnsupportedFeature)?;
        let expiration = new.managed.and_then(|managed| managed.expiration);
        store.check_len(new.raw())?;
        let managed = store.replace(replaced.id, &secret(new, expiration))?;
        let shared = Arc::clone(&self.shared);
        let store = shared.store().ok_or(Errno::InternalError)?;
        self.table
            .get_mut::<SymmetricKey>(symmetric_key_new)?
            .set_managed(managed, store);
        self.table.close::<SymmetricKey>(symmetric_key_old)?;
        Ok(managed.version)
    }

    /// Writes the identifier of a stored key; returns its length and the version.
    ///
    /// # Errors
    /// `unsupported_feature` when the key is not stored; `overflow`.
    pub fn symmetric_key_id(
        &mut self,
        symmetric_key: Handle,
        symmetric_key_id: &mut [u8],
    ) -> Result<(usize, u64)> {
        let key: &SymmetricKey = self.table.get(symmetric_key)?;
        let managed = key.managed.ok_or(Errno::UnsupportedFeature)?;
        Ok((managed.id.write(symmetric_key_id)?, managed.version))
    }

    /// Opens a stored key.
    ///
    /// # Errors
    /// `not_found`, `expired`.
    pub fn symmetric_key_from_id(
        &mut self,
        secrets_manager: Handle,
        symmetric_key_id: &[u8],
        symmetric_key_version: u64,
    ) -> Result<Handle> {
        let store = self.store(secrets_manager)?;
        let id = SecretId::read(symmetric_key_id)?;
        let (secret, managed) = store.load(Kind::SymmetricKey, id, symmetric_key_version)?;
        let algorithm = Algorithm::parse(&secret.algorithm)?;
        let mut key = SymmetricKey::import(algorithm, &secret.content)?;
        key.set_managed(managed, store);
        self.table.insert(key)
    }
}

/// What is stored of a key.
fn secret(key: &SymmetricKey, expiration: Option<u64>) -> Secret {
    Secret {
        kind: Kind::SymmetricKey,
        algorithm_type: AlgorithmType::Symmetric,
        algorithm: key.algorithm().name().to_owned(),
        content: Zeroizing::new(key.raw().to_vec()),
        expiration,
    }
}

/// The option `expiration`, which is the only one that the generation of a stored key has.
pub(super) fn expiration(options: Option<&Options>) -> Result<Option<u64>> {
    let Some(options) = options else {
        return Ok(None);
    };
    if options.names().any(|name| name != "expiration") {
        return Err(Errno::UnsupportedOption);
    }
    Ok(options.get_u64("expiration").ok())
}
