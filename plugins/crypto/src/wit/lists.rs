//! What components get as lists, where core modules pass buffers.

use std::ops::{Deref, DerefMut};

use c12_crypto_core::{Errno, Handle, IDENTIFIER_BYTES, Result, Session};
use zeroize::Zeroizing;

use super::output::{Output, OutputBuffer};

/// A session, for components: the core's functions with buffers have lists here.
pub(super) struct Lists<'a> {
    session: &'a mut Session,
    /// Bytes that the host may allocate for it.
    most: usize,
    buffer: &'a mut OutputBuffer,
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
    pub(super) fn new(session: &'a mut Session, most: usize, buffer: &'a mut OutputBuffer) -> Self {
        Lists {
            session,
            most,
            buffer,
        }
    }

    /// That many bytes, if the host may have them.
    fn within(&self, bytes: usize) -> Result<usize> {
        if bytes > self.most {
            return Err(Errno::Overflow);
        }
        Ok(bytes)
    }

    /// An output of at most so many bytes, of which `work` says how many there are.
    fn output(
        &mut self,
        length: usize,
        work: impl FnOnce(&mut Session, &mut [u8]) -> Result<usize>,
    ) -> Result<Output> {
        let length = self.within(length)?;
        let buffer = self.buffer.room(length);
        let length = work(self.session, buffer)?;
        buffer.truncate(length);
        Ok(self.buffer.output())
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
    pub(super) fn pull(&mut self, output: Handle) -> Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(vec![0; self.array_output_len(output)?]);
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

    pub(super) fn squeeze(&mut self, state: Handle) -> Result<Zeroizing<Vec<u8>>> {
        let length = self.within(self.symmetric_state_squeeze_len(state)?)?;
        let mut bytes = Zeroizing::new(vec![0; length]);
        self.symmetric_state_squeeze(state, &mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn encrypt(&mut self, state: Handle, data: &[u8]) -> Result<Output> {
        let tag = self.symmetric_state_max_tag_len(state)?;
        self.output(data.len().saturating_add(tag), |session, out| {
            session.symmetric_state_encrypt(state, out, data)
        })
    }

    pub(super) fn encrypt_detached(
        &mut self,
        state: Handle,
        data: &[u8],
    ) -> Result<(Output, Handle)> {
        let mut tag = None;
        let output = self.output(data.len(), |session, out| {
            tag = Some(session.symmetric_state_encrypt_detached(state, out, data)?);
            Ok(data.len())
        })?;
        Ok((output, tag.ok_or(Errno::InternalError)?))
    }

    pub(super) fn decrypt(&mut self, state: Handle, data: &[u8], out_len: usize) -> Result<Output> {
        // What cannot decrypt says so, whatever the length.
        self.symmetric_state_max_tag_len(state)?;
        if out_len > data.len() {
            return Err(Errno::InvalidLength);
        }
        self.output(out_len, |session, out| {
            session.symmetric_state_decrypt(state, out, data)
        })
    }

    pub(super) fn decrypt_detached(
        &mut self,
        state: Handle,
        data: &[u8],
        raw_tag: &[u8],
    ) -> Result<Output> {
        self.output(data.len(), |session, out| {
            session.symmetric_state_decrypt_detached(state, out, data, raw_tag)
        })
    }
}
