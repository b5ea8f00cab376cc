//! Operations with one key, or none (`wasi_ephemeral_crypto_symmetric`).

use super::Session;
use crate::{Errno, Handle, Result};

impl Session {
    /// Generates a key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_feature`, `rng_error`.
    pub fn symmetric_key_generate(
        &mut self,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let _ = (algorithm, options);
        Err(Errno::NotImplemented)
    }

    /// Imports a key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `invalid_key`.
    pub fn symmetric_key_import(&mut self, algorithm: &str, raw: &[u8]) -> Result<Handle> {
        let _ = (algorithm, raw);
        Err(Errno::NotImplemented)
    }

    /// Exports a key.
    ///
    /// # Errors
    /// `prohibited_operation`.
    pub fn symmetric_key_export(&mut self, symmetric_key: Handle) -> Result<Handle> {
        let _ = (symmetric_key,);
        Err(Errno::NotImplemented)
    }

    /// Closes a key. States made of it go on.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_key_close(&mut self, symmetric_key: Handle) -> Result<()> {
        let _ = (symmetric_key,);
        Err(Errno::NotImplemented)
    }

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
        let _ = (secrets_manager, algorithm, options);
        Err(Errno::NotImplemented)
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
        let _ = (secrets_manager, symmetric_key, symmetric_key_id);
        Err(Errno::NotImplemented)
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
        let _ = (secrets_manager, symmetric_key_old, symmetric_key_new);
        Err(Errno::NotImplemented)
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
        let _ = (symmetric_key, symmetric_key_id);
        Err(Errno::NotImplemented)
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
        let _ = (secrets_manager, symmetric_key_id, symmetric_key_version);
        Err(Errno::NotImplemented)
    }

    /// Opens a state.
    ///
    /// # Errors
    /// `key_required`, `key_not_supported`, `invalid_key`, `nonce_required`, `invalid_nonce`, `parameters_missing`.
    pub fn symmetric_state_open(
        &mut self,
        algorithm: &str,
        key: Option<Handle>,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let _ = (algorithm, key, options);
        Err(Errno::NotImplemented)
    }

    /// Writes the value of an option; returns its length.
    ///
    /// # Errors
    /// `option_not_set`, `unsupported_option`, `overflow`.
    pub fn symmetric_state_options_get(
        &mut self,
        handle: Handle,
        name: &str,
        value: &mut [u8],
    ) -> Result<usize> {
        let _ = (handle, name, value);
        Err(Errno::NotImplemented)
    }

    /// The value of an option, for callers that need no buffer of their own.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_options_get`].
    pub fn symmetric_state_option(&mut self, handle: Handle, name: &str) -> Result<Vec<u8>> {
        let _ = (handle, name);
        Err(Errno::NotImplemented)
    }

    /// The value of an option that is a number.
    ///
    /// # Errors
    /// `option_not_set`, `unsupported_option`.
    pub fn symmetric_state_options_get_u64(&mut self, handle: Handle, name: &str) -> Result<u64> {
        let _ = (handle, name);
        Err(Errno::NotImplemented)
    }

    /// Clones a state.
    ///
    /// # Errors
    /// `too_many_handles`.
    pub fn symmetric_state_clone(&mut self, handle: Handle) -> Result<Handle> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_state_close(&mut self, handle: Handle) -> Result<()> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// Absorbs data.
    ///
    /// # Errors
    /// `invalid_operation`, `overflow`.
    pub fn symmetric_state_absorb(&mut self, handle: Handle, data: &[u8]) -> Result<()> {
        let _ = (handle, data);
        Err(Errno::NotImplemented)
    }

    /// Squeezes bytes.
    ///
    /// # Errors
    /// `invalid_operation`, `invalid_length`.
    pub fn symmetric_state_squeeze(&mut self, handle: Handle, out: &mut [u8]) -> Result<()> {
        let _ = (handle, out);
        Err(Errno::NotImplemented)
    }

    /// A tag of all that was absorbed.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_squeeze_tag(&mut self, handle: Handle) -> Result<Handle> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// A key of another algorithm, made of the state.
    ///
    /// # Errors
    /// `invalid_operation`, `unsupported_algorithm`, `invalid_key`.
    pub fn symmetric_state_squeeze_key(&mut self, handle: Handle, alg_str: &str) -> Result<Handle> {
        let _ = (handle, alg_str);
        Err(Errno::NotImplemented)
    }

    /// How much longer than its input the output of an encryption is, in bytes.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_max_tag_len(&mut self, handle: Handle) -> Result<usize> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// Encrypts; the tag comes after the ciphertext. Returns the length of both.
    ///
    /// # Errors
    /// `invalid_operation`, `overflow` and `invalid_length` when `out` has not the right size.
    pub fn symmetric_state_encrypt(
        &mut self,
        handle: Handle,
        out: &mut [u8],
        data: &[u8],
    ) -> Result<usize> {
        let _ = (handle, out, data);
        Err(Errno::NotImplemented)
    }

    /// Encrypts in place: the first `data_len` bytes of `buf` are the plaintext, and `buf` is the output of
    /// [`Session::symmetric_state_encrypt`].
    ///
    /// # Errors
    /// As [`Session::symmetric_state_encrypt`].
    pub fn symmetric_state_encrypt_in_place(
        &mut self,
        handle: Handle,
        buf: &mut [u8],
        data_len: usize,
    ) -> Result<usize> {
        let _ = (handle, buf, data_len);
        Err(Errno::NotImplemented)
    }

    /// Encrypts, and returns the tag.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_encrypt`].
    pub fn symmetric_state_encrypt_detached(
        &mut self,
        handle: Handle,
        out: &mut [u8],
        data: &[u8],
    ) -> Result<Handle> {
        let _ = (handle, out, data);
        Err(Errno::NotImplemented)
    }

    /// Encrypts in place, and returns the tag.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_encrypt`].
    pub fn symmetric_state_encrypt_detached_in_place(
        &mut self,
        handle: Handle,
        buf: &mut [u8],
    ) -> Result<Handle> {
        let _ = (handle, buf);
        Err(Errno::NotImplemented)
    }

    /// Decrypts a ciphertext with its tag behind it; returns the length of the plaintext. Nothing of it is in `out` if it does
    /// not verify.
    ///
    /// # Errors
    /// `invalid_tag`, `invalid_operation`, `overflow` and `invalid_length` when `out` has not the right size.
    pub fn symmetric_state_decrypt(
        &mut self,
        handle: Handle,
        out: &mut [u8],
        data: &[u8],
    ) -> Result<usize> {
        let _ = (handle, out, data);
        Err(Errno::NotImplemented)
    }

    /// Decrypts in place: `buf` is ciphertext and tag; the plaintext is at its beginning.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_decrypt`].
    pub fn symmetric_state_decrypt_in_place(
        &mut self,
        handle: Handle,
        buf: &mut [u8],
    ) -> Result<usize> {
        let _ = (handle, buf);
        Err(Errno::NotImplemented)
    }

    /// Decrypts a ciphertext whose tag is given.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_decrypt`].
    pub fn symmetric_state_decrypt_detached(
        &mut self,
        handle: Handle,
        out: &mut [u8],
        data: &[u8],
        raw_tag: &[u8],
    ) -> Result<usize> {
        let _ = (handle, out, data, raw_tag);
        Err(Errno::NotImplemented)
    }

    /// Decrypts in place a ciphertext whose tag is given.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_decrypt`].
    pub fn symmetric_state_decrypt_detached_in_place(
        &mut self,
        handle: Handle,
        buf: &mut [u8],
        raw_tag: &[u8],
    ) -> Result<usize> {
        let _ = (handle, buf, raw_tag);
        Err(Errno::NotImplemented)
    }

    /// Makes what came before unrecoverable.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_ratchet(&mut self, handle: Handle) -> Result<()> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// The length of a tag in bytes.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn symmetric_tag_len(&mut self, symmetric_tag: Handle) -> Result<usize> {
        let _ = (symmetric_tag,);
        Err(Errno::NotImplemented)
    }

    /// Copies a tag and closes its handle; returns its length.
    ///
    /// # Errors
    /// `overflow` when `buf` is too small, `invalid_length` when it is too large.
    pub fn symmetric_tag_pull(&mut self, symmetric_tag: Handle, buf: &mut [u8]) -> Result<usize> {
        let _ = (symmetric_tag, buf);
        Err(Errno::NotImplemented)
    }

    /// Compares a tag in constant time.
    ///
    /// # Errors
    /// `invalid_tag`.
    pub fn symmetric_tag_verify(
        &mut self,
        symmetric_tag: Handle,
        expected_raw_tag: &[u8],
    ) -> Result<()> {
        let _ = (symmetric_tag, expected_raw_tag);
        Err(Errno::NotImplemented)
    }

    /// Closes a tag.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_tag_close(&mut self, symmetric_tag: Handle) -> Result<()> {
        let _ = (symmetric_tag,);
        Err(Errno::NotImplemented)
    }
}
