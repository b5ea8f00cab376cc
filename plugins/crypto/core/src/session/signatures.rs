//! Signatures (`wasi_ephemeral_crypto_signatures`).

use super::Session;
use crate::{Errno, Handle, Result, SignatureEncoding};

impl Session {
    /// Exports a signature.
    ///
    /// # Errors
    /// `unsupported_encoding`.
    pub fn signature_export(
        &mut self,
        signature: Handle,
        encoding: SignatureEncoding,
    ) -> Result<Handle> {
        let _ = (signature, encoding);
        Err(Errno::NotImplemented)
    }

    /// Imports a signature.
    ///
    /// # Errors
    /// `invalid_signature`, `unsupported_algorithm`, `unsupported_encoding`.
    pub fn signature_import(
        &mut self,
        algorithm: &str,
        encoded: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<Handle> {
        let _ = (algorithm, encoded, encoding);
        Err(Errno::NotImplemented)
    }

    /// Opens a state that collects what is to be signed.
    ///
    /// # Errors
    /// `invalid_handle`, `invalid_key`.
    pub fn signature_state_open(&mut self, kp: Handle) -> Result<Handle> {
        let _ = (kp,);
        Err(Errno::NotImplemented)
    }

    /// Adds data to be signed.
    ///
    /// # Errors
    /// `overflow`.
    pub fn signature_state_update(&mut self, state: Handle, input: &[u8]) -> Result<()> {
        let _ = (state, input);
        Err(Errno::NotImplemented)
    }

    /// Signs all that was added so far. As in the `wasi-crypto` crate and in the bindings made for it, the handle is that of a
    /// signature, whatever the witx file calls it.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn signature_state_sign(&mut self, state: Handle) -> Result<Handle> {
        let _ = (state,);
        Err(Errno::NotImplemented)
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_state_close(&mut self, state: Handle) -> Result<()> {
        let _ = (state,);
        Err(Errno::NotImplemented)
    }

    /// Opens a state that collects what was signed.
    ///
    /// # Errors
    /// `invalid_handle`, `invalid_key`.
    pub fn signature_verification_state_open(&mut self, kp: Handle) -> Result<Handle> {
        let _ = (kp,);
        Err(Errno::NotImplemented)
    }

    /// Adds data that was signed.
    ///
    /// # Errors
    /// `overflow`.
    pub fn signature_verification_state_update(
        &mut self,
        state: Handle,
        input: &[u8],
    ) -> Result<()> {
        let _ = (state, input);
        Err(Errno::NotImplemented)
    }

    /// Verifies a signature of all that was added so far.
    ///
    /// # Errors
    /// `invalid_signature`.
    pub fn signature_verification_state_verify(
        &mut self,
        state: Handle,
        signature: Handle,
    ) -> Result<()> {
        let _ = (state, signature);
        Err(Errno::NotImplemented)
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_verification_state_close(&mut self, state: Handle) -> Result<()> {
        let _ = (state,);
        Err(Errno::NotImplemented)
    }

    /// Closes a signature.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_close(&mut self, signature: Handle) -> Result<()> {
        let _ = (signature,);
        Err(Errno::NotImplemented)
    }
}
