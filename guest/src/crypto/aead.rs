//! Encryption that detects every change.

use super::raw::{self, Result};
use super::{Aead, Error, Key, Nonce};

impl<A: Aead> Key<A> {
    /// Encrypts a message. The additional data is not encrypted and not sent, but has to be the same to open it: say there
    /// what the message is for.
    ///
    /// The result is a new random nonce, the ciphertext and the tag, in this order.
    ///
    /// With nonces of 12 bytes, as those of AES-GCM and ChaCha20-Poly1305, one key seals at most 2³² messages: of more, two
    /// become likely to have the same nonce, which gives away both and lets others make messages. Nobody counts them, and all
    /// instances that have the key share the number. A key that lives long, as a stored one, better is one of
    /// [`XChaCha20Poly1305`](super::XChaCha20Poly1305), whose 24 bytes do not run out, or counts with a
    /// [`NonceSequence`](super::NonceSequence).
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Error, Key, XChaCha20Poly1305};
    ///
    /// let key = Key::<XChaCha20Poly1305>::generate()?;
    /// let sealed = key.seal(b"42", b"the answer")?;
    /// assert_eq!(key.open(&sealed, b"the answer")?, b"42");
    ///
    /// let mut changed = sealed.clone();
    /// changed[30] ^= 1;
    /// assert_eq!(key.open(&changed, b"the answer").unwrap_err(), Error::InvalidTag);
    /// assert_eq!(key.open(&sealed, b"the question").unwrap_err(), Error::InvalidTag);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RngError`](Error::RngError) if the host has no random numbers, [`Overflow`](Error::Overflow) if the message is too
    /// large for it.
    pub fn seal(&self, message: &[u8], additional_data: &[u8]) -> Result<Vec<u8>> {
        let nonce = Nonce::<A>::random()?;
        let mut sealed = Vec::with_capacity(A::NONCE_BYTES + message.len() + A::TAG_BYTES);
        sealed.extend_from_slice(nonce.as_bytes());
        let state = self.absorbed(&nonce, additional_data)?;
        raw::symmetric_state_encrypt_onto(&state, message, &mut sealed)?;
        Ok(sealed)
    }

    /// Decrypts what [`seal`](Key::seal) gave.
    ///
    /// # Errors
    ///
    /// [`InvalidTag`](Error::InvalidTag) if anything was changed, or was sealed with another key or other additional data.
    pub fn open(&self, sealed: &[u8], additional_data: &[u8]) -> Result<Vec<u8>> {
        let (nonce, ciphertext) = sealed
            .split_at_checked(A::NONCE_BYTES)
            .ok_or(Error::InvalidTag)?;
        self.open_with(&Nonce::from_bytes(nonce)?, ciphertext, additional_data)
    }

    /// Encrypts a message with this nonce, which must not be used with this key again. The result is the ciphertext and the
    /// tag. See [`Nonce`].
    ///
    /// # Errors
    ///
    /// [`Overflow`](Error::Overflow) if the message is too large for the host.
    pub fn seal_with(
        &self,
        nonce: Nonce<A>,
        message: &[u8],
        additional_data: &[u8],
    ) -> Result<Vec<u8>> {
        raw::symmetric_state_encrypt(&self.absorbed(&nonce, additional_data)?, message)
    }

    /// Decrypts what [`seal_with`](Key::seal_with) gave.
    ///
    /// # Errors
    ///
    /// As [`open`](Key::open).
    pub fn open_with(
        &self,
        nonce: &Nonce<A>,
        ciphertext: &[u8],
        additional_data: &[u8],
    ) -> Result<Vec<u8>> {
        let length = ciphertext
            .len()
            .checked_sub(A::TAG_BYTES)
            .ok_or(Error::InvalidTag)?;
        let state = self.absorbed(nonce, additional_data)?;
        raw::symmetric_state_decrypt(&state, ciphertext, length)
    }

    /// Encrypts a message with this nonce, and gives the tag by itself, for formats that keep it elsewhere.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Aes128Gcm, Key, Nonce};
    ///
    /// let key = Key::<Aes128Gcm>::generate()?;
    /// let (ciphertext, tag) = key.seal_detached(Nonce::from_bytes(&[0; 12])?, b"message", b"")?;
    /// assert_eq!((ciphertext.len(), tag.len()), (7, 16));
    /// let nonce = Nonce::from_bytes(&[0; 12])?;
    /// assert_eq!(key.open_detached(&nonce, &ciphertext, &tag, b"")?, b"message");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`seal_with`](Key::seal_with).
    pub fn seal_detached(
        &self,
        nonce: Nonce<A>,
        message: &[u8],
        additional_data: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let state = self.absorbed(&nonce, additional_data)?;
        let (ciphertext, tag) = raw::symmetric_state_encrypt_detached(&state, message)?;
        Ok((ciphertext, raw::symmetric_tag_pull(tag)?))
    }

    /// Decrypts what [`seal_detached`](Key::seal_detached) gave.
    ///
    /// # Errors
    ///
    /// As [`open`](Key::open).
    pub fn open_detached(
        &self,
        nonce: &Nonce<A>,
        ciphertext: &[u8],
        tag: &[u8],
        additional_data: &[u8],
    ) -> Result<Vec<u8>> {
        let state = self.absorbed(nonce, additional_data)?;
        raw::symmetric_state_decrypt_detached(&state, ciphertext, tag)
    }

    /// The algorithm at work, with the additional data in it.
    pub(super) fn absorbed(
        &self,
        nonce: &Nonce<A>,
        additional_data: &[u8],
    ) -> Result<raw::SymmetricState> {
        let state = self.state(Some(nonce.as_bytes()))?;
        if !additional_data.is_empty() {
            raw::symmetric_state_absorb(&state, additional_data)?;
        }
        Ok(state)
    }
}
