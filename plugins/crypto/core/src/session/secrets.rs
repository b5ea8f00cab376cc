//! The secrets manager (`wasi_ephemeral_crypto_common`).

use super::Session;
use crate::secrets::{SecretsManager, Store};
use crate::{Errno, Handle, Result};

impl Session {
    /// Opens the secrets manager.
    ///
    /// # Errors
    /// `unsupported_feature` when the host has no store.
    pub fn secrets_manager_open(&mut self, options: Option<Handle>) -> Result<Handle> {
        let _ = (options,);
        Err(Errno::NotImplemented)
    }

    /// Closes a secrets manager.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn secrets_manager_close(&mut self, secrets_manager: Handle) -> Result<()> {
        let _ = (secrets_manager,);
        Err(Errno::NotImplemented)
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
        let _ = (secrets_manager, key_id, key_version);
        Err(Errno::NotImplemented)
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
