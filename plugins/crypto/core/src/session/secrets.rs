//! The secrets manager (`wasi_ephemeral_crypto_common`).

use super::Session;
use crate::secrets::{Kind, SecretId, SecretsManager, Store};
use crate::{Errno, Handle, Options, Result};

impl Session {
    /// Opens the secrets manager. It has no options: which store a guest has is the host's decision.
    ///
    /// # Errors
    /// `unsupported_feature` when the host has no store; `unsupported_option`.
    pub fn secrets_manager_open(&mut self, options: Option<Handle>) -> Result<Handle> {
        if self.shared.store().is_none() {
            return Err(Errno::UnsupportedFeature);
        }
        if let Some(options) = options {
            let options: &Options = self.table.get(options)?;
            if options.names().next().is_some() {
                return Err(Errno::UnsupportedOption);
            }
        }
        self.table.insert(SecretsManager)
    }

    /// Closes a secrets manager.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn secrets_manager_close(&mut self, secrets_manager: Handle) -> Result<()> {
        if self.shared.store().is_none() {
            return Err(Errno::UnsupportedFeature);
        }
        self.table.close::<SecretsManager>(secrets_manager)
    }

    /// Revokes a version of a stored key, the latest or all.
    ///
    /// # Errors
    /// `not_found`.
    pub fn secrets_manager_invalidate(
        &mut self,
        secrets_manager: Handle,
        key_id: &[u8],
        key_version: u64,
    ) -> Result<()> {
        let store = self.store(secrets_manager)?;
        store.invalidate(Kind::is_key, SecretId::read(key_id)?, key_version)
    }

    /// The store behind a handle of the secrets manager.
    ///
    /// # Errors
    /// `invalid_handle`; `unsupported_feature` when the host has no store.
    pub(crate) fn store(&self, secrets_manager: Handle) -> Result<&Store> {
        let store = self.shared.store().ok_or(Errno::UnsupportedFeature)?;
        self.table.get::<SecretsManager>(secrets_manager)?;
        Ok(store)
    }
}
