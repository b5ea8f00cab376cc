//! What components get as lists, where core modules pass buffers.

use c12_crypto_core::{Errno, Handle, IDENTIFIER_BYTES, Result, Session};
use zeroize::Zeroizing;

/// The core's functions with buffers, with lists instead.
pub(super) trait Lists {
    fn set_guest_buffer(&mut self, options: Handle, name: &str, buffer: &[u8]) -> Result<()>;

    /// All of an output, which is closed in any case.
    fn pull(&mut self, output: Handle) -> Result<Zeroizing<Vec<u8>>>;

    /// A tag, which is closed in any case.
    fn pull_tag(&mut self, tag: Handle) -> Result<Vec<u8>>;

    fn store_keypair(&mut self, manager: Handle, keypair: Handle) -> Result<Vec<u8>>;

    /// The old handle is closed in any case.
    fn replace_keypair(&mut self, manager: Handle, old: Handle, new: Handle) -> Result<u64>;

    fn keypair_identifier(&mut self, keypair: Handle) -> Result<(Vec<u8>, u64)>;

    fn store_key(&mut self, manager: Handle, key: Handle) -> Result<Vec<u8>>;

    /// The old handle is closed in any case.
    fn replace_key(&mut self, manager: Handle, old: Handle, new: Handle) -> Result<u64>;

    fn key_identifier(&mut self, key: Handle) -> Result<(Vec<u8>, u64)>;

    fn store_secret(&mut self, manager: Handle, secret: &[u8], expiration: u64) -> Result<Vec<u8>>;

    /// Components cannot say which one.
    fn replace_secret(
        &mut self,
        manager: Handle,
        secret: &[u8],
        expiration: u64,
    ) -> Result<(Vec<u8>, u64)>;

    fn squeeze(&mut self, state: Handle) -> Result<Zeroizing<Vec<u8>>>;

    fn encrypt(&mut self, state: Handle, data: &[u8]) -> Result<Vec<u8>>;

    fn encrypt_detached(&mut self, state: Handle, data: &[u8]) -> Result<(Vec<u8>, Handle)>;

    fn decrypt(&mut self, state: Handle, data: &[u8], out_len: usize) -> Result<Vec<u8>>;

    fn decrypt_detached(&mut self, state: Handle, data: &[u8], raw_tag: &[u8]) -> Result<Vec<u8>>;
}

impl Lists for Session {
    fn set_guest_buffer(&mut self, options: Handle, name: &str, buffer: &[u8]) -> Result<()> {
        self.options_set_guest_buffer(options, name, buffer.len())
    }

    fn pull(&mut self, output: Handle) -> Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(vec![0; self.array_output_len(output)?]);
        let read = self.array_output_pull(output, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    fn pull_tag(&mut self, tag: Handle) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.symmetric_tag_len(tag)?];
        let read = self.symmetric_tag_pull(tag, &mut bytes);
        bytes.truncate(read?);
        Ok(bytes)
    }

    fn store_keypair(&mut self, manager: Handle, keypair: Handle) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.keypair_store_managed(manager, keypair, &mut identifier)?;
        Ok(identifier)
    }

    fn replace_keypair(&mut self, manager: Handle, old: Handle, new: Handle) -> Result<u64> {
        let version = self.keypair_replace_managed(manager, old, new);
        if version.is_err() {
            let _ = self.keypair_close(old);
        }
        version
    }

    fn keypair_identifier(&mut self, keypair: Handle) -> Result<(Vec<u8>, u64)> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        let (length, version) = self.keypair_id(keypair, &mut identifier)?;
        identifier.truncate(length);
        Ok((identifier, version))
    }

    fn store_key(&mut self, manager: Handle, key: Handle) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.symmetric_key_store_managed(manager, key, &mut identifier)?;
        Ok(identifier)
    }

    fn replace_key(&mut self, manager: Handle, old: Handle, new: Handle) -> Result<u64> {
        let version = self.symmetric_key_replace_managed(manager, old, new);
        if version.is_err() {
            let _ = self.symmetric_key_close(old);
        }
        version
    }

    fn key_identifier(&mut self, key: Handle) -> Result<(Vec<u8>, u64)> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        let (length, version) = self.symmetric_key_id(key, &mut identifier)?;
        identifier.truncate(length);
        Ok((identifier, version))
    }

    fn store_secret(&mut self, manager: Handle, secret: &[u8], expiration: u64) -> Result<Vec<u8>> {
        let mut identifier = vec![0; IDENTIFIER_BYTES];
        self.external_secret_store(manager, secret, expiration, &mut identifier)?;
        Ok(identifier)
    }

    fn replace_secret(&mut self, _: Handle, _: &[u8], _: u64) -> Result<(Vec<u8>, u64)> {
        Err(Errno::UnsupportedFeature)
    }

    fn squeeze(&mut self, state: Handle) -> Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(vec![0; self.symmetric_state_squeeze_len(state)?]);
        self.symmetric_state_squeeze(state, &mut bytes)?;
        Ok(bytes)
    }

    fn encrypt(&mut self, state: Handle, data: &[u8]) -> Result<Vec<u8>> {
        let tag = self.symmetric_state_max_tag_len(state)?;
        let mut buffer = Vec::with_capacity(data.len().saturating_add(tag));
        buffer.extend_from_slice(data);
        buffer.resize(data.len().saturating_add(tag), 0);
        let length = self.symmetric_state_encrypt_in_place(state, &mut buffer, data.len())?;
        buffer.truncate(length);
        Ok(buffer)
    }

    fn encrypt_detached(&mut self, state: Handle, data: &[u8]) -> Result<(Vec<u8>, Handle)> {
        let mut buffer = data.to_vec();
        let tag = self.symmetric_state_encrypt_detached_in_place(state, &mut buffer)?;
        Ok((buffer, tag))
    }

    fn decrypt(&mut self, state: Handle, data: &[u8], out_len: usize) -> Result<Vec<u8>> {
        let tag = self.symmetric_state_max_tag_len(state)?;
        if out_len.checked_add(tag) == Some(data.len()) {
            let mut buffer = data.to_vec();
            let length = self.symmetric_state_decrypt_in_place(state, &mut buffer)?;
            buffer.truncate(length);
            return Ok(buffer);
        }
        if out_len > data.len() {
            return Err(Errno::InvalidLength);
        }
        let mut out = vec![0; out_len];
        let length = self.symmetric_state_decrypt(state, &mut out, data)?;
        out.truncate(length);
        Ok(out)
    }

    fn decrypt_detached(&mut self, state: Handle, data: &[u8], raw_tag: &[u8]) -> Result<Vec<u8>> {
        let mut buffer = data.to_vec();
        let length = self.symmetric_state_decrypt_detached_in_place(state, &mut buffer, raw_tag)?;
        buffer.truncate(length);
        Ok(buffer)
    }
}
