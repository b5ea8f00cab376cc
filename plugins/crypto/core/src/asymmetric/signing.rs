//! States that collect what is to be signed.

use std::fmt;

use super::transcript::{Message, Transcript};
use super::{Algorithm, KeyPair, Signature};
use crate::Result;

/// A message that grows, and the key that signs it.
pub struct SigningState {
    pair: KeyPair,
    transcript: Transcript,
}

impl fmt::Debug for SigningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningState")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl SigningState {
    /// A state with an empty message.
    ///
    /// # Errors
    /// [`crate::Errno::InvalidKey`] when the key is not for signatures.
    pub fn new(pair: &KeyPair) -> Result<Self> {
        Ok(Self {
            pair: pair.clone(),
            transcript: Transcript::new(pair.algorithm())?,
        })
    }

    /// Adds to the message. ECDSA and RSA hash it at once; Ed25519 and ML-DSA keep it.
    ///
    /// # Errors
    /// [`crate::Errno::Overflow`] when the message gets too long to be kept.
    pub fn update(&mut self, input: &[u8]) -> Result<()> {
        self.transcript.update(input)
    }

    /// Signs the message so far. More can be added, and signed again, afterwards.
    ///
    /// # Errors
    /// [`crate::Errno::Expired`] when the key is a stored one that passed its date; [`crate::Errno::AlgorithmFailure`] when the
    /// library refuses the key.
    pub fn sign(&self) -> Result<Signature> {
        let key = self.pair.usable()?;
        let raw = match self.transcript.message() {
            Message::Digest(digest) => key.sign_digest(&digest),
            Message::Whole(message) => key.sign_message(message),
        }?;
        Ok(Signature::new(self.algorithm(), raw))
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.pair.algorithm()
    }

    /// The bytes that `input` would make it hold more.
    pub(crate) fn growth(&self, input: &[u8]) -> usize {
        self.transcript.growth(input)
    }

    /// Bytes of the message that are kept until then.
    pub(crate) fn message_len(&self) -> usize {
        self.transcript.message_len()
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.pair.bytes() + self.transcript.bytes()
    }
}
