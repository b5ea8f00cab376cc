//! Nonces: numbers that a key may see once.

use std::fmt;
use std::marker::PhantomData;

use super::raw::{self, Result};
use super::{Aead, Error, Key};

/// A nonce for an algorithm.
///
/// A nonce must never encrypt two messages under one key: that gives the messages away, and for AES-GCM the key that makes
/// tags as well. So [`Key::seal_with`](super::Key::seal_with) takes a nonce and does not give it back, and a nonce is not
/// `Clone`.
///
/// ```no_run
/// use c12_wasm::crypto::{ChaCha20Poly1305, Error, Key, Nonce};
///
/// let key = Key::<ChaCha20Poly1305>::generate()?;
/// let nonce = Nonce::random()?;
/// let sent = nonce.as_bytes().to_vec();
/// let sealed = key.seal_with(nonce, b"message", b"")?;
///
/// let nonce = Nonce::from_bytes(&sent)?;
/// assert_eq!(key.open_with(&nonce, &sealed, b"")?, b"message");
/// assert_eq!(Nonce::<ChaCha20Poly1305>::from_bytes(&[0; 8]).unwrap_err(), Error::InvalidNonce);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub struct Nonce<A> {
    bytes: Vec<u8>,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Aead> Nonce<A> {
    /// A nonce from the host's random numbers.
    ///
    /// With 12 bytes it is safe to draw them at random for up to 2³² messages under one key; with the 24 bytes of
    /// [`XChaCha20Poly1305`](super::XChaCha20Poly1305), for as many as one likes.
    ///
    /// # Errors
    ///
    /// [`RngError`](Error::RngError) if the host has no random numbers.
    pub fn random() -> Result<Self> {
        raw::random(A::NONCE_BYTES).map(Self::new)
    }

    /// A nonce that was chosen elsewhere: received, or counted.
    ///
    /// # Errors
    ///
    /// [`InvalidNonce`](Error::InvalidNonce) if it has another length than the algorithm's.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != A::NONCE_BYTES {
            return Err(Error::InvalidNonce);
        }
        Ok(Self::new(bytes.to_vec()))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            algorithm: PhantomData,
        }
    }
}

impl<A: Aead> fmt::Debug for Nonce<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce<{}>({:02x?})", A::NAME, self.bytes)
    }
}

/// Nonces that count: the n-th message of a conversation has the n-th nonce, on both sides, and none is sent.
///
/// The number is added into the end of an initial value without carry, as TLS 1.3 does (RFC 8446, section 5.3).
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Key, NonceSequence};
///
/// let key = Key::<Aes256Gcm>::generate()?;
/// let mut sending = NonceSequence::new(&[7; 12])?;
/// let mut receiving = NonceSequence::new(&[7; 12])?;
/// let one = sending.seal(&key, b"one", b"")?;
/// let two = sending.seal(&key, b"two", b"")?;
/// assert!(receiving.open(&key, &two, b"").is_err());
/// assert_eq!(receiving.open(&key, &one, b"")?, b"one");
/// assert_eq!(receiving.open(&key, &two, b"")?, b"two");
/// assert_eq!((sending.number(), receiving.number()), (2, 2));
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub struct NonceSequence<A> {
    initial: Vec<u8>,
    number: u64,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Aead> NonceSequence<A> {
    /// A sequence with an initial value, which comes from the same derivation as the key.
    ///
    /// # Errors
    ///
    /// [`InvalidNonce`](Error::InvalidNonce) if it has another length than the algorithm's nonces.
    pub fn new(initial: &[u8]) -> Result<Self> {
        if initial.len() != A::NONCE_BYTES {
            return Err(Error::InvalidNonce);
        }
        Ok(Self {
            initial: initial.to_vec(),
            number: 0,
            algorithm: PhantomData,
        })
    }

    /// The number of the next message.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Encrypts the next message.
    ///
    /// # Errors
    ///
    /// [`NonceRequired`](Error::NonceRequired) when all numbers are used up; as [`Key::seal_with`].
    pub fn seal(
        &mut self,
        key: &Key<A>,
        message: &[u8],
        additional_data: &[u8],
    ) -> Result<Vec<u8>> {
        key.seal_with(self.next_nonce()?, message, additional_data)
    }

    /// Decrypts the next message. What is not authentic does not count: the same message is still expected.
    ///
    /// # Errors
    ///
    /// As [`Key::open_with`].
    pub fn open(
        &mut self,
        key: &Key<A>,
        ciphertext: &[u8],
        additional_data: &[u8],
    ) -> Result<Vec<u8>> {
        let following = self.number.checked_add(1).ok_or(Error::NonceRequired)?;
        let message = key.open_with(&self.nonce(), ciphertext, additional_data)?;
        self.number = following;
        Ok(message)
    }

    /// The next nonce.
    ///
    /// # Errors
    ///
    /// [`NonceRequired`](Error::NonceRequired) when all numbers are used up.
    pub fn next_nonce(&mut self) -> Result<Nonce<A>> {
        let following = self.number.checked_add(1).ok_or(Error::NonceRequired)?;
        let nonce = self.nonce();
        self.number = following;
        Ok(nonce)
    }

    fn nonce(&self) -> Nonce<A> {
        let mut bytes = self.initial.clone();
        for (byte, digit) in bytes.iter_mut().rev().zip(self.number.to_le_bytes()) {
            *byte ^= digit;
        }
        Nonce::new(bytes)
    }
}

impl<A: Aead> fmt::Debug for NonceSequence<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NonceSequence<{}>(next {})", A::NAME, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Aes256Gcm;
    use super::*;

    #[test]
    fn nonces_count_at_their_end_and_no_two_are_the_same() {
        let mut sequence = NonceSequence::<Aes256Gcm>::new(&[0xff; 12]).unwrap();
        let first = sequence.next_nonce().unwrap();
        assert_eq!(first.as_bytes(), [0xff; 12]);
        let second = sequence.next_nonce().unwrap();
        assert_eq!(second.as_bytes()[..11], [0xff; 11]);
        assert_eq!(second.as_bytes()[11], 0xfe);
        sequence.number = 1 << 32;
        assert_eq!(sequence.next_nonce().unwrap().as_bytes()[7], 0xfe);
    }

    #[test]
    fn a_sequence_ends_before_it_repeats() {
        let mut sequence = NonceSequence::<Aes256Gcm>::new(&[0; 12]).unwrap();
        sequence.number = u64::MAX - 1;
        sequence.next_nonce().unwrap();
        assert_eq!(sequence.next_nonce().unwrap_err(), Error::NonceRequired);
        assert_eq!(sequence.next_nonce().unwrap_err(), Error::NonceRequired);
    }

    #[test]
    fn a_nonce_of_another_length_is_refused() {
        assert_eq!(
            Nonce::<Aes256Gcm>::from_bytes(&[0; 24]).unwrap_err(),
            Error::InvalidNonce
        );
        assert!(NonceSequence::<Aes256Gcm>::new(&[0; 11]).is_err());
    }
}
