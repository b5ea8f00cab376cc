//! What components get as lists, where core modules pass buffers.

use std::ops::{Deref, DerefMut};

use c12_crypto_core::{Errno, Handle, IDENTIFIER_BYTES, Result, Session};

use crate::instance::Turn;
use crate::wiped::Wiped;

/// Whether encrypting or decrypting takes long.
pub(super) fn is_long(session: &Session, state: Handle, data: &[u8]) -> bool {
    data.len() > Turn::BYTES || session.symmetric_state_is_slow(state)
}

/// Whether squeezing takes long.
pub(super) fn squeezes_long(session: &Session, state: Handle) -> bool {
    let bytes = session.symmetric_state_squeeze_len(state).unwrap_or(0);
    bytes > Turn::BYTES || session.symmetric_state_is_slow(state)
}

/// A session, for components: the core's functions with buffers have lists here.
pub(super) struct Lists<'a> {
    session: &'a mut Session,
    /// Bytes that the host may allocate for it.
    most: usize,
}

impl Deref for Lists<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Lists<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

impl<'a> Lists<'a> {
    pub(super) fn new(session: &'a mut Session, most: usize) -> Self {
        Lists { session, most }
    }

    /// That many bytes, if the host may have them.
    fn within(&self, bytes: usize) -> Result<usize> {
        if bytes > self.most {
            return Err(Errno::Overflow);
        }
        Ok(bytes)
    }

    /// A copy, with room behind it. It is wiped: it has the plaintext before or afterwards.
    fn copied(&self, data: &[u8], more: usize) -> Result<Wiped> {
        let length = self.within(data.len().saturating_add(more))?;
        let mut buffer = Wiped::new(Vec::with_capacity(length));
        buffer.extend_from_slice(data);
        buffer.resize(length, 0);
        Ok(buffer)
    }

    pub(super) fn set_guest_buffer(
        &mut self,
        options: Handle,
        name: &str,
        buffer: &[u8],
    ) -> Result<()> {
        self.options_set_guest_buffer(options, name, buffer.len())
    }

    /// All of an output, which is closed in any case.
    pub(super) fn pull(&mut self, output: Handle) -> Result<Wiped> {
        let mut bytes = Wiped::new(vec![0; self.array_output_len(output)?]);
        let read = self.array_output_pull(output, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// A tag, which is closed in any case.
    pub(super) fn pull_tag(&mut self, tag: Handle) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.symmetric_tag_len(tag)?];
        let read = self.symmetric_tag_pull(tag, &mut bytes);
        bytes.truncate(read?);
        Ok(bytes)
    }

    pub(super) fn store_keypair(&mut self, manager: Handle, keypair: Handle) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.keypair_store_managed(manager, keypair, &mut identifier)?;
        Ok(identifier)
    }

    /// The old handle is closed in any case.
    pub(super) fn replace_keypair(
        &mut self,
        manager: Handle,
        old: Handle,
        new: Handle,
    ) -> Result<u64> {
        let version = self.keypair_replace_managed(manager, old, new);
        if version.is_err() {
            let _ = self.keypair_close(old);
        }
        version
    }

    pub(super) fn keypair_identifier(&mut self, keypair: Handle) -> Result<(Vec<u8>, u64)> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        let (length, version) = self.keypair_id(keypair, &mut identifier)?;
        identifier.truncate(length);
        Ok((identifier, version))
    }

    pub(super) fn store_key(&mut self, manager: Handle, key: Handle) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.symmetric_key_store_managed(manager, key, &mut identifier)?;
        Ok(identifier)
    }

    /// The old handle is closed in any case.
    pub(super) fn replace_key(&mut self, manager: Handle, old: Handle, new: Handle) -> Result<u64> {
        let version = self.symmetric_key_replace_managed(manager, old, new);
        if version.is_err() {
            let _ = self.symmetric_key_close(old);
        }
        version
    }

    pub(super) fn key_identifier(&mut self, key: Handle) -> Result<(Vec<u8>, u64)> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        let (length, version) = self.symmetric_key_id(key, &mut identifier)?;
        identifier.truncate(length);
        Ok((identifier, version))
    }

    pub(super) fn store_secret(
        &mut self,
        manager: Handle,
        secret: &[u8],
        expiration: u64,
    ) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.external_secret_store(manager, secret, expiration, &mut identifier)?;
        Ok(identifier)
    }

    /// Components cannot say which one.
    pub(super) fn replace_secret(&mut self, _: Handle, _: &[u8], _: u64) -> Result<(Vec<u8>, u64)> {
        Err(Errno::UnsupportedFeature)
    }

    pub(super) fn squeeze(&mut self, state: Handle) -> Result<Wiped> {
        let length = self.within(self.symmetric_state_squeeze_len(state)?)?;
        let mut bytes = Wiped::new(vec![0; length]);
        self.symmetric_state_squeeze(state, &mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn encrypt(&mut self, state: Handle, data: &[u8]) -> Result<Vec<u8>> {
        let tag = self.symmetric_state_max_tag_len(state)?;
        let mut buffer = self.copied(data, tag)?;
        let length = self.symmetric_state_encrypt_in_place(state, &mut buffer, data.len())?;
        buffer.truncate(length);
        Ok(std::mem::take(&mut *buffer))
    }

    pub(super) fn encrypt_detached(
        &mut self,
        state: Handle,
        data: &[u8],
    ) -> Result<(Vec<u8>, Handle)> {
        let mut buffer = self.copied(data, 0)?;
        let tag = self.symmetric_state_encrypt_detached_in_place(state, &mut buffer)?;
        Ok((std::mem::take(&mut *buffer), tag))
    }

    pub(super) fn decrypt(&mut self, state: Handle, data: &[u8], out_len: usize) -> Result<Wiped> {
        let tag = self.symmetric_state_max_tag_len(state)?;
        if out_len.checked_add(tag) == Some(data.len()) {
            let mut buffer = self.copied(data, 0)?;
            let length = self.symmetric_state_decrypt_in_place(state, &mut buffer)?;
            buffer.truncate(length);
            return Ok(buffer);
        }
        if out_len > data.len() {
            return Err(Errno::InvalidLength);
        }
        let mut out = Wiped::new(vec![0; self.within(out_len)?]);
        let length = self.symmetric_state_decrypt(state, &mut out, data)?;
        out.truncate(length);
        Ok(out)
    }

    pub(super) fn decrypt_detached(
        &mut self,
        state: Handle,
        data: &[u8],
        raw_tag: &[u8],
    ) -> Result<Wiped> {
        let mut buffer = self.copied(data, 0)?;
        let length = self.symmetric_state_decrypt_detached_in_place(state, &mut buffer, raw_tag)?;
        buffer.truncate(length);
        Ok(buffer)
    }
}
