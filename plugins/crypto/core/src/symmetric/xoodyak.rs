//! Xoodyak (specification, "Session authenticated modes").
//!
//! Without a key it is a hash with as much output as is wanted. With one, it absorbs, squeezes, encrypts, decrypts and
//! ratchets in any order, and everything depends on all that came before. A nonce is optional: what is derived from a key
//! without one is the same in every session, and so is the key stream; the specification leaves that to the guest.
//!
//! A message of no bytes is `invalid_length`. The designers' Xoodyak counts it as a block, the library takes no notice of it, and
//! its tag would be what the next squeezed bytes are: no other implementation could open it, and who sees those bytes could make
//! it.

use xoodyak::{XoodyakAny, XoodyakCommon, XoodyakHash, XoodyakKeyed, XoodyakTag};

use super::aead::TAG_LEN;
use super::key::Material;
use super::lease::Lease;
use super::tag::SymmetricTag;
use crate::{Errno, Options, Result};

/// The length of a nonce in bytes.
const NONCE_LEN: usize = 16;

/// A session.
pub(super) struct XoodyakState {
    inner: XoodyakAny,
    nonce: Option<Vec<u8>>,
    lease: Lease,
}

impl XoodyakState {
    pub(super) fn open(key: Option<&Material>, options: Option<&Options>) -> Result<Self> {
        let nonce = options.and_then(|options| options.get("nonce").ok());
        let inner = match (key, nonce) {
            (Some(_), Some(nonce)) if nonce.len() != NONCE_LEN => return Err(Errno::InvalidNonce),
            (Some(key), nonce) => {
                let keyed = XoodyakKeyed::new(key.raw(), nonce, None, None);
                XoodyakAny::Keyed(keyed.map_err(|_| Errno::InvalidNonce)?)
            }
            (None, None) => XoodyakAny::Hash(XoodyakHash::new()),
            // A nonce that has no effect would only seem to have one.
            (None, Some(_)) => return Err(Errno::UnsupportedOption),
        };
        Ok(Self {
            inner,
            nonce: nonce.map(<[u8]>::to_vec),
            lease: Lease::default(),
        })
    }

    pub(super) fn duplicate(&mut self) -> Self {
        Self {
            inner: self.inner.clone(),
            nonce: self.nonce.clone(),
            lease: self.lease.split(),
        }
    }

    pub(super) fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    pub(super) fn absorb(&mut self, data: &[u8]) {
        self.inner.absorb(data);
    }

    pub(super) fn squeeze(&mut self, out: &mut [u8]) {
        self.inner.squeeze(out);
    }

    pub(super) fn squeeze_key(&mut self, out: &mut [u8]) {
        self.inner.squeeze_key(out);
    }

    pub(super) fn squeeze_tag(&mut self) -> SymmetricTag {
        let mut tag = zeroize::Zeroizing::new([0; TAG_LEN]);
        self.inner.squeeze(&mut *tag);
        SymmetricTag::new(&*tag)
    }

    pub(super) fn ratchet(&mut self) -> Result<()> {
        self.inner.ratchet().map_err(|_| Errno::InvalidOperation)
    }

    pub(super) fn encrypt(&mut self, out: &mut [u8], data: &[u8], tag: &mut [u8]) -> Result<()> {
        let keyed = keyed(&mut self.inner)?;
        check_message(data)?;
        self.lease.claim()?;
        let computed = keyed
            .aead_encrypt_detached(out, Some(data))
            .map_err(|_| Errno::InternalError)?;
        tag.copy_from_slice(computed.as_ref());
        Ok(())
    }

    pub(super) fn encrypt_in_place(&mut self, buf: &mut [u8], tag: &mut [u8]) -> Result<()> {
        let keyed = keyed(&mut self.inner)?;
        check_message(buf)?;
        self.lease.claim()?;
        tag.copy_from_slice(keyed.aead_encrypt_in_place_detached(buf).as_ref());
        Ok(())
    }

    /// A message that does not verify leaves the session as it was.
    pub(super) fn decrypt(&mut self, out: &mut [u8], data: &[u8], tag: &[u8]) -> Result<()> {
        let keyed = keyed(&mut self.inner)?;
        check_message(data)?;
        let tag = tag_of(tag)?;
        let mut next = keyed.clone();
        next.aead_decrypt_detached(out, &tag, Some(data))
            .map_err(|_| {
                out.fill(0);
                Errno::InvalidTag
            })?;
        *keyed = next;
        Ok(())
    }

    /// As [`XoodyakState::decrypt`].
    pub(super) fn decrypt_in_place(&mut self, buf: &mut [u8], tag: &[u8]) -> Result<()> {
        let keyed = keyed(&mut self.inner)?;
        check_message(buf)?;
        let tag = tag_of(tag)?;
        let mut next = keyed.clone();
        next.aead_decrypt_in_place_detached(buf, &tag)
            .map_err(|_| {
                buf.fill(0);
                Errno::InvalidTag
            })?;
        *keyed = next;
        Ok(())
    }
}

fn keyed(inner: &mut XoodyakAny) -> Result<&mut XoodyakKeyed> {
    match inner {
        XoodyakAny::Keyed(keyed) => Ok(keyed),
        XoodyakAny::Hash(_) => Err(Errno::InvalidOperation),
    }
}

/// # Errors
/// `invalid_length` for a message of no bytes.
fn check_message(message: &[u8]) -> Result<()> {
    if message.is_empty() {
        Err(Errno::InvalidLength)
    } else {
        Ok(())
    }
}

fn tag_of(tag: &[u8]) -> Result<XoodyakTag> {
    let tag: [u8; TAG_LEN] = tag.try_into().map_err(|_| Errno::InvalidTag)?;
    Ok(XoodyakTag::from(tag))
}
