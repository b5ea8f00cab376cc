//! States that collect what was signed.

use std::fmt;

use super::transcript::{Message, Transcript};
use super::{Algorithm, PublicKey, Signature};
use crate::{Errno, Result};

/// A message that grows, and the key that verifies its signatures.
pub struct VerificationState {
    key: PublicKey,
    transcript: Transcript,
}

impl fmt::Debug for VerificationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationState")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl VerificationState {
    /// A state with an empty message.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`] when the key is not for signatures.
    pub fn new(key: &PublicKey) -> Result<Self> {
        Ok(Self {
            key: key.clone(),
            transcript: Transcript::new(key.algorithm())?,
        })
    }

    /// Adds to the message. ECDSA and RSA hash it at once; Ed25519 and ML-DSA keep it.
    ///
    /// # Errors
    /// [`Errno::Overflow`] when the message gets too long to be kept.
    pub fn update(&mut self, input: &[u8]) -> Result<()> {
        self.transcript.update(input)
    }

    /// Verifies a signature of the message so far.
    ///
    /// # Errors
    /// [`Errno::VerificationFailed`] when it is not this key's signature of this message; [`Errno::InvalidSignature`] when it
    /// is one of another algorithm.
    pub fn verify(&self, signature: &Signature) -> Result<()> {
        if signature.algorithm() != self.algorithm() {
            return Err(Errno::InvalidSignature);
        }
        let key = self.key.key();
        match self.transcript.message() {
            Message::Digest(digest) => key.verify_digest(&digest, signature.raw()),
            Message::Whole(message) => key.verify_message(message, signature.raw()),
        }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
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
        self.key.bytes() + self.transcript.bytes()
    }
}
