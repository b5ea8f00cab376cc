//! Keys with a public half (`wasi_ephemeral_crypto_asymmetric_common`).

use super::Session;
use crate::{
    AlgorithmType, Errno, Handle, KeypairEncoding, PublickeyEncoding, Result, SecretkeyEncoding,
};

impl Session {
    /// Generates a key pair.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_option`, `rng_error`.
    pub fn keypair_generate(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let _ = (algorithm_type, algorithm, options);
        Err(Errno::NotImplemented)
    }

    /// Imports a key pair.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn keypair_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: KeypairEncoding,
    ) -> Result<Handle> {
        let _ = (algorithm_type, algorithm, encoded, encoding);
        Err(Errno::NotImplemented)
    }

    /// Generates a key pair in the secrets store.
    ///
    /// # Errors
    /// `unsupported_feature` without a store; as [`Session::keypair_generate`].
    pub fn keypair_generate_managed(
        &mut self,
        secrets_manager: Handle,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let _ = (secrets_manager, algorithm_type, algorithm, options);
        Err(Errno::NotImplemented)
    }

    /// Puts a key pair in the secrets store, and its identifier in `kp_id`.
    ///
    /// # Errors
    /// `overflow` when the identifier does not fit; nothing is stored then.
    pub fn keypair_store_managed(
        &mut self,
        secrets_manager: Handle,
        kp: Handle,
        kp_id: &mut [u8],
    ) -> Result<()> {
        let _ = (secrets_manager, kp, kp_id);
        Err(Errno::NotImplemented)
    }

    /// Stores `kp_new` as the next version of `kp_old`, whose handle is closed, and says which version that is.
    ///
    /// # Errors
    /// `incompatible_keys`.
    pub fn keypair_replace_managed(
        &mut self,
        secrets_manager: Handle,
        kp_old: Handle,
        kp_new: Handle,
    ) -> Result<u64> {
        let _ = (secrets_manager, kp_old, kp_new);
        Err(Errno::NotImplemented)
    }

    /// Writes the identifier of a stored key pair; returns its length and the version.
    ///
    /// # Errors
    /// `unsupported_feature` when the key pair is not stored; `overflow`.
    pub fn keypair_id(&mut self, kp: Handle, kp_id: &mut [u8]) -> Result<(usize, u64)> {
        let _ = (kp, kp_id);
        Err(Errno::NotImplemented)
    }

    /// Opens a stored key pair.
    ///
    /// # Errors
    /// `not_found`, `expired`.
    pub fn keypair_from_id(
        &mut self,
        secrets_manager: Handle,
        kp_id: &[u8],
        kp_version: u64,
    ) -> Result<Handle> {
        let _ = (secrets_manager, kp_id, kp_version);
        Err(Errno::NotImplemented)
    }

    /// Makes a key pair of its halves.
    ///
    /// # Errors
    /// `incompatible_keys`.
    pub fn keypair_from_pk_and_sk(
        &mut self,
        publickey: Handle,
        secretkey: Handle,
    ) -> Result<Handle> {
        let _ = (publickey, secretkey);
        Err(Errno::NotImplemented)
    }

    /// Exports a key pair.
    ///
    /// # Errors
    /// `unsupported_encoding`, `prohibited_operation`.
    pub fn keypair_export(&mut self, kp: Handle, encoding: KeypairEncoding) -> Result<Handle> {
        let _ = (kp, encoding);
        Err(Errno::NotImplemented)
    }

    /// The public half.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn keypair_publickey(&mut self, kp: Handle) -> Result<Handle> {
        let _ = (kp,);
        Err(Errno::NotImplemented)
    }

    /// The secret half.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn keypair_secretkey(&mut self, kp: Handle) -> Result<Handle> {
        let _ = (kp,);
        Err(Errno::NotImplemented)
    }

    /// Closes a key pair.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn keypair_close(&mut self, kp: Handle) -> Result<()> {
        let _ = (kp,);
        Err(Errno::NotImplemented)
    }

    /// Imports a public key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn publickey_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: PublickeyEncoding,
    ) -> Result<Handle> {
        let _ = (algorithm_type, algorithm, encoded, encoding);
        Err(Errno::NotImplemented)
    }

    /// Exports a public key.
    ///
    /// # Errors
    /// `unsupported_encoding`.
    pub fn publickey_export(&mut self, pk: Handle, encoding: PublickeyEncoding) -> Result<Handle> {
        let _ = (pk, encoding);
        Err(Errno::NotImplemented)
    }

    /// Checks a public key.
    ///
    /// # Errors
    /// `invalid_key`.
    pub fn publickey_verify(&mut self, pk: Handle) -> Result<()> {
        let _ = (pk,);
        Err(Errno::NotImplemented)
    }

    /// The public key of a secret key.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn publickey_from_secretkey(&mut self, sk: Handle) -> Result<Handle> {
        let _ = (sk,);
        Err(Errno::NotImplemented)
    }

    /// Closes a public key.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn publickey_close(&mut self, pk: Handle) -> Result<()> {
        let _ = (pk,);
        Err(Errno::NotImplemented)
    }

    /// Imports a secret key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_encoding`, `invalid_key`.
    pub fn secretkey_import(
        &mut self,
        algorithm_type: AlgorithmType,
        algorithm: &str,
        encoded: &[u8],
        encoding: SecretkeyEncoding,
    ) -> Result<Handle> {
        let _ = (algorithm_type, algorithm, encoded, encoding);
        Err(Errno::NotImplemented)
    }

    /// Exports a secret key.
    ///
    /// # Errors
    /// `unsupported_encoding`, `prohibited_operation`.
    pub fn secretkey_export(&mut self, sk: Handle, encoding: SecretkeyEncoding) -> Result<Handle> {
        let _ = (sk, encoding);
        Err(Errno::NotImplemented)
    }

    /// Closes a secret key.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn secretkey_close(&mut self, sk: Handle) -> Result<()> {
        let _ = (sk,);
        Err(Errno::NotImplemented)
    }
}
