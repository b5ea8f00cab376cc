//! AES in counter mode (NIST SP 800-38A, section 6.5): no authentication.

use std::sync::Arc;

use aes::{Aes128, Aes256};
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, OverflowError, StreamCipher, StreamCipherSeek};

use super::key::Material;
use super::lease::Lease;
use crate::{Errno, Options, Result};

/// The length of the first counter block in bytes.
const NONCE_LEN: usize = 16;

enum Cipher {
    Aes128(Ctr128BE<Aes128>),
    Aes256(Ctr128BE<Aes256>),
}

impl Cipher {
    /// The key stream from its beginning.
    fn new(raw: &[u8], nonce: &[u8; NONCE_LEN]) -> Result<Self> {
        let cipher = match raw.len() {
            16 => KeyIvInit::new_from_slices(raw, nonce).map(Self::Aes128),
            _ => KeyIvInit::new_from_slices(raw, nonce).map(Self::Aes256),
        };
        cipher.map_err(|_| Errno::InvalidKey)
    }
}

/// A key stream, somewhere on its way.
pub(super) struct CtrState {
    cipher: Box<Cipher>,
    material: Arc<Material>,
    nonce: [u8; NONCE_LEN],
    lease: Lease,
}

impl CtrState {
    pub(super) fn open(material: &Arc<Material>, options: Option<&Options>) -> Result<Self> {
        let nonce = options
            .and_then(|options| options.get("nonce").ok())
            .ok_or(Errno::NonceRequired)?;
        let nonce = nonce.try_into().map_err(|_| Errno::InvalidNonce)?;
        let cipher = Box::new(Cipher::new(material.raw(), &nonce)?);
        Ok(Self {
            cipher,
            material: Arc::clone(material),
            nonce,
            lease: Lease::default(),
        })
    }

    pub(super) fn duplicate(&mut self) -> Result<Self> {
        let mut cipher = Box::new(Cipher::new(self.material.raw(), &self.nonce)?);
        let moved = match (&*self.cipher, &mut *cipher) {
            (Cipher::Aes128(from), Cipher::Aes128(to)) => from
                .try_current_pos::<u128>()
                .and_then(|position| to.try_seek(position).map_err(|_| OverflowError)),
            (Cipher::Aes256(from), Cipher::Aes256(to)) => from
                .try_current_pos::<u128>()
                .and_then(|position| to.try_seek(position).map_err(|_| OverflowError)),
            _ => return Err(Errno::InternalError),
        };
        moved.map_err(|_| Errno::Overflow)?;
        let material = Arc::clone(&self.material);
        Ok(Self {
            cipher,
            material,
            nonce: self.nonce,
            lease: self.lease.split(),
        })
    }

    pub(super) fn held(&self) -> usize {
        size_of::<Cipher>() + self.material.bytes()
    }

    pub(super) fn nonce(&self) -> &[u8] {
        &self.nonce
    }

    /// The key stream itself.
    pub(super) fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        self.lease.claim()?;
        out.fill(0);
        self.apply(out)
    }

    pub(super) fn encrypt(&mut self, out: &mut [u8], data: &[u8]) -> Result<()> {
        self.lease.claim()?;
        self.decrypt(out, data)
    }

    pub(super) fn encrypt_in_place(&mut self, buf: &mut [u8]) -> Result<()> {
        self.lease.claim()?;
        self.apply(buf)
    }

    pub(super) fn decrypt(&mut self, out: &mut [u8], data: &[u8]) -> Result<()> {
        match &mut *self.cipher {
            Cipher::Aes128(cipher) => cipher.try_apply_keystream_b2b(data, out),
            Cipher::Aes256(cipher) => cipher.try_apply_keystream_b2b(data, out),
        }
        .map_err(|_| Errno::Overflow)
    }

    pub(super) fn apply(&mut self, buf: &mut [u8]) -> Result<()> {
        match &mut *self.cipher {
            Cipher::Aes128(cipher) => cipher.try_apply_keystream(buf),
            Cipher::Aes256(cipher) => cipher.try_apply_keystream(buf),
        }
        .map_err(|_| Errno::Overflow)
    }
}
