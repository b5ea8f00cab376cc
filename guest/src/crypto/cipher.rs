//! Encryption that detects no change, and sessions.

use super::raw::{self, Result};
use super::{Error, Key, SessionCipher, StreamCipher};

impl<A: StreamCipher> Key<A> {
    /// Encrypts without a tag, so whoever can change the ciphertext changes the message, bit by bit. For formats that
    /// authenticate by other means; everybody else wants an [`Aead`](super::Aead).
    ///
    /// The counter begins at `nonce`. It must not come to the same block twice under one key.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Aes256Ctr, Error, Key};
    ///
    /// let key = Key::<Aes256Ctr>::generate()?;
    /// let ciphertext = key.encrypt_unauthenticated(&[0; 16], b"message")?;
    /// assert_eq!(key.decrypt_unauthenticated(&[0; 16], &ciphertext)?, b"message");
    /// assert_eq!(key.encrypt_unauthenticated(&[0; 12], b"").unwrap_err(), Error::InvalidNonce);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidNonce`](Error::InvalidNonce) if the nonce has another length than the algorithm's.
    pub fn encrypt_unauthenticated(&self, nonce: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        if nonce.len() != A::NONCE_BYTES {
            return Err(Error::InvalidNonce);
        }
        raw::symmetric_state_encrypt(&self.state(Some(nonce))?, message)
    }

    /// Decrypts what [`encrypt_unauthenticated`](Key::encrypt_unauthenticated) gave, or something else.
    ///
    /// # Errors
    ///
    /// As [`encrypt_unauthenticated`](Key::encrypt_unauthenticated).
    pub fn decrypt_unauthenticated(&self, nonce: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
        if nonce.len() != A::NONCE_BYTES {
            return Err(Error::InvalidNonce);
        }
        raw::symmetric_state_decrypt(&self.state(Some(nonce))?, ciphertext, ciphertext.len())
    }
}

/// A conversation in which everything depends on all that came before: both sides do the same in the same order.
///
/// ```no_run
/// use c12_wasm::crypto::{Error, Key, Session, Xoodyak128};
///
/// let key = Key::<Xoodyak128>::generate()?;
/// let mut here = Session::new(&key, Some(&[1; 16]))?;
/// let mut there = Session::new(&key, Some(&[1; 16]))?;
/// let mut elsewhere = Session::new(&key, Some(&[2; 16]))?;
///
/// here.absorb(b"greeting")?;
/// there.absorb(b"greeting")?;
/// let sealed = here.encrypt(b"hello")?;
/// assert_eq!(there.decrypt(&sealed)?, b"hello");
/// assert_eq!(elsewhere.decrypt(&sealed).unwrap_err(), Error::InvalidTag);
///
/// here.ratchet()?;
/// there.ratchet()?;
/// assert_eq!(here.squeeze()?.expose(), there.squeeze()?.expose());
/// let (ours, theirs) = (here.next_key()?, there.next_key()?);
/// assert_eq!(ours.export()?.expose(), theirs.export()?.expose());
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug)]
pub struct Session<A> {
    raw: raw::SymmetricState,
    tag_bytes: usize,
    algorithm: std::marker::PhantomData<fn() -> A>,
}

impl<A: SessionCipher> Session<A> {
    /// Begins a session. Without a nonce, a key must begin no other.
    ///
    /// # Errors
    ///
    /// [`InvalidNonce`](Error::InvalidNonce) if the algorithm has no nonces of this length.
    pub fn new(key: &Key<A>, nonce: Option<&[u8]>) -> Result<Self> {
        let raw = key.state(nonce)?;
        Ok(Self {
            tag_bytes: raw::symmetric_state_max_tag_len(&raw)?,
            raw,
            algorithm: std::marker::PhantomData,
        })
    }

    /// Makes what follows depend on this.
    ///
    /// # Errors
    ///
    /// [`Overflow`](Error::Overflow) if it is too large for the host.
    pub fn absorb(&mut self, data: &[u8]) -> Result<()> {
        raw::symmetric_state_absorb(&self.raw, data)
    }

    /// 32 secret bytes that depend on all before: always as many, because how many there were changes what comes after, and
    /// components cannot choose.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn squeeze(&mut self) -> Result<super::Secret> {
        raw::symmetric_state_squeeze(&self.raw, 32).map(super::Secret::from)
    }

    /// Encrypts; the tag is at the end.
    ///
    /// # Errors
    ///
    /// [`InvalidLength`](Error::InvalidLength) for a message of no bytes, which Xoodyak's library cannot authenticate;
    /// [`Overflow`](Error::Overflow) if it is too large for the host.
    pub fn encrypt(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        raw::symmetric_state_encrypt(&self.raw, message)
    }

    /// Decrypts what the other side encrypted.
    ///
    /// # Errors
    ///
    /// [`InvalidTag`](Error::InvalidTag) if it was changed, or if the two sides have not done the same before. C12's host is
    /// then where it was, so that what was not changed can still come; with other hosts, begin a new session.
    /// [`InvalidLength`](Error::InvalidLength) for a message of no bytes.
    pub fn decrypt(&mut self, ciphertext: &[u8]) -> Result<Vec<u8>> {
        let length = ciphertext
            .len()
            .checked_sub(self.tag_bytes)
            .ok_or(Error::InvalidTag)?;
        raw::symmetric_state_decrypt(&self.raw, ciphertext, length)
    }

    /// Forgets how it came here: whoever gets hold of the state later cannot decrypt what was before.
    ///
    /// # Errors
    ///
    /// [`InvalidOperation`](Error::InvalidOperation) if the algorithm cannot do it.
    pub fn ratchet(&mut self) -> Result<()> {
        raw::symmetric_state_ratchet(&self.raw)
    }

    /// A key to go on with in another session.
    ///
    /// # Errors
    ///
    /// [`InvalidOperation`](Error::InvalidOperation) if the algorithm cannot do it.
    pub fn next_key(&mut self) -> Result<Key<A>> {
        raw::symmetric_state_squeeze_key(&self.raw, A::NAME).map(Key::from_raw)
    }
}
