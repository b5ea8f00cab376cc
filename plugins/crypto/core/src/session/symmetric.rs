//! Operations with one key, or none (`wasi_ephemeral_crypto_symmetric`).

use std::cmp::Ordering;

use zeroize::Zeroizing;

use super::Session;
use crate::symmetric::{Algorithm, SymmetricKey, SymmetricState, SymmetricTag};
use crate::{AlgorithmType, Errno, Handle, Result};

/// Bytes for a tag or a key that is made: asked before it is.
pub(super) const ROOM: usize = 512;

impl Session {
    /// Generates a key. Options for states of the algorithm have no effect.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `unsupported_feature`, `unsupported_option`, `rng_error`.
    pub fn symmetric_key_generate(
        &mut self,
        algorithm: &str,
        options: Option<Handle>,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm)?;
        let options = self.options_of(options, AlgorithmType::Symmetric)?;
        // What is for states does no harm to keys: programs give both the same options.
        if options.is_some_and(|options| options.names().any(|name| !algorithm.has_option(name))) {
            return Err(Errno::UnsupportedOption);
        }
        self.table.insert(SymmetricKey::generate(algorithm)?)
    }

    /// Imports a key.
    ///
    /// # Errors
    /// `unsupported_algorithm`, `invalid_key`, `overflow`.
    pub fn symmetric_key_import(&mut self, algorithm: &str, raw: &[u8]) -> Result<Handle> {
        let algorithm = Algorithm::parse(algorithm)?;
        algorithm.check_key_len(raw.len())?;
        // Asked before it is copied: keys of MACs are as long as the guest's memory.
        self.table.check_room(1, raw.len())?;
        self.table.insert(SymmetricKey::import(algorithm, raw)?)
    }

    /// Exports a key.
    ///
    /// # Errors
    /// `prohibited_operation`.
    pub fn symmetric_key_export(&mut self, symmetric_key: Handle) -> Result<Handle> {
        let key: &SymmetricKey = self.table.get(symmetric_key)?;
        if let Some(managed) = &key.managed {
            managed.check()?;
            if !self.shared.config().export_managed {
                return Err(Errno::ProhibitedOperation);
            }
        }
        self.table.check_room(1, key.raw().len())?;
        let raw = Zeroizing::new(key.raw().to_vec());
        self.insert_output(raw)
    }

    /// Closes a key. States made of it go on.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_key_close(&mut self, symmetric_key: Handle) -> Result<()> {
        self.table.close::<SymmetricKey>(symmetric_key)
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
        let algorithm = Algorithm::parse(algorithm)?;
        let key = key
            .map(|key| self.table.get::<SymmetricKey>(key))
            .transpose()?;
        let options = self.options_of(options, AlgorithmType::Symmetric)?;
        let state = SymmetricState::open(algorithm, key, options, &self.limits)?;
        self.table.insert(state)
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
        let option = self.table.get::<SymmetricState>(handle)?.option(name)?;
        value
            .get_mut(..option.len())
            .ok_or(Errno::Overflow)?
            .copy_from_slice(option);
        Ok(option.len())
    }

    /// The value of an option, for callers that need no buffer of their own.
    ///
    /// # Errors
    /// As [`Session::symmetric_state_options_get`].
    pub fn symmetric_state_option(&mut self, handle: Handle, name: &str) -> Result<Vec<u8>> {
        self.table
            .get::<SymmetricState>(handle)?
            .option(name)
            .map(<[u8]>::to_vec)
    }

    /// The value of an option that is a number.
    ///
    /// # Errors
    /// `option_not_set`, `unsupported_option`.
    pub fn symmetric_state_options_get_u64(&mut self, handle: Handle, name: &str) -> Result<u64> {
        self.table.get::<SymmetricState>(handle)?.option_u64(name)
    }

    /// Clones a state.
    ///
    /// # Errors
    /// `too_many_handles`.
    pub fn symmetric_state_clone(&mut self, handle: Handle) -> Result<Handle> {
        let bytes = self.table.get::<SymmetricState>(handle)?.bytes();
        self.table.check_room(1, bytes)?;
        let state = self.table.get_mut::<SymmetricState>(handle)?.duplicate()?;
        self.table.insert(state)
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_state_close(&mut self, handle: Handle) -> Result<()> {
        self.table.close::<SymmetricState>(handle)
    }

    /// Absorbs data.
    ///
    /// # Errors
    /// `invalid_operation`, `overflow`.
    pub fn symmetric_state_absorb(&mut self, handle: Handle, data: &[u8]) -> Result<()> {
        let (state, mut charge) = self.table.growing::<SymmetricState>(handle)?;
        state.absorb(data, &mut charge)
    }

    /// Squeezes bytes.
    ///
    /// # Errors
    /// `invalid_operation`, `invalid_length`.
    pub fn symmetric_state_squeeze(&mut self, handle: Handle, out: &mut [u8]) -> Result<()> {
        self.table.get_mut::<SymmetricState>(handle)?.squeeze(out)
    }

    /// A tag of all that was absorbed.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_squeeze_tag(&mut self, handle: Handle) -> Result<Handle> {
        self.table.check_room(1, ROOM)?;
        let tag = self
            .table
            .get_mut::<SymmetricState>(handle)?
            .squeeze_tag()?;
        self.table.insert(tag)
    }

    /// A key of another algorithm, made of the state.
    ///
    /// # Errors
    /// `invalid_operation`, `unsupported_algorithm`, `invalid_key`.
    pub fn symmetric_state_squeeze_key(&mut self, handle: Handle, alg_str: &str) -> Result<Handle> {
        let target = Algorithm::parse(alg_str)?;
        self.table.check_room(1, ROOM)?;
        let key = self
            .table
            .get_mut::<SymmetricState>(handle)?
            .squeeze_key(target)?;
        self.table.insert(key)
    }

    /// How much longer than its input the output of an encryption is, in bytes.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_max_tag_len(&mut self, handle: Handle) -> Result<usize> {
        self.table.get::<SymmetricState>(handle)?.max_tag_len()
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .encrypt(out, data)
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .encrypt_in_place(buf, data_len)
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
        // Asked first: what is encrypted cannot be encrypted again.
        self.table.check_room(1, ROOM)?;
        let tag = self
            .table
            .get_mut::<SymmetricState>(handle)?
            .encrypt_detached(out, data)?;
        self.table.insert(tag)
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
        self.table.check_room(1, ROOM)?;
        let tag = self
            .table
            .get_mut::<SymmetricState>(handle)?
            .encrypt_detached_in_place(buf)?;
        self.table.insert(tag)
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .decrypt(out, data)
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .decrypt_in_place(buf)
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .decrypt_detached(out, data, raw_tag)
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
        self.table
            .get_mut::<SymmetricState>(handle)?
            .decrypt_detached_in_place(buf, raw_tag)
    }

    /// Makes what came before unrecoverable.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_ratchet(&mut self, handle: Handle) -> Result<()> {
        self.table.get_mut::<SymmetricState>(handle)?.ratchet()
    }

    /// The length of a tag in bytes.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn symmetric_tag_len(&mut self, symmetric_tag: Handle) -> Result<usize> {
        Ok(self
            .table
            .get::<SymmetricTag>(symmetric_tag)?
            .as_slice()
            .len())
    }

    /// Copies a tag and closes its handle; returns its length.
    ///
    /// # Errors
    /// `overflow` when `buf` is too small, `invalid_length` when it is too large.
    pub fn symmetric_tag_pull(&mut self, symmetric_tag: Handle, buf: &mut [u8]) -> Result<usize> {
        let tag = self.table.get::<SymmetricTag>(symmetric_tag)?.as_slice();
        match buf.len().cmp(&tag.len()) {
            Ordering::Less => return Err(Errno::Overflow),
            Ordering::Greater => return Err(Errno::InvalidLength),
            Ordering::Equal => buf.copy_from_slice(tag),
        }
        self.table.close::<SymmetricTag>(symmetric_tag)?;
        Ok(buf.len())
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
        self.table
            .get::<SymmetricTag>(symmetric_tag)?
            .verify(expected_raw_tag)
    }

    /// Closes a tag.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn symmetric_tag_close(&mut self, symmetric_tag: Handle) -> Result<()> {
        self.table.close::<SymmetricTag>(symmetric_tag)
    }
}
