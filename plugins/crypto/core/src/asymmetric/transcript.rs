//! What is signed: hashed as it comes, or kept whole for algorithms that read it twice.

use aws_lc_rs::digest::{Context, Digest};
use zeroize::Zeroizing;

use super::{Algorithm, RsaPadding};
use crate::wiped::append;
use crate::{Errno, Result};

/// The longest message that is kept whole, in bytes. A session's limit on what it holds usually is reached before.
const LONGEST: usize = 1 << 30;

/// A message, or its hash so far.
#[derive(Clone)]
pub(crate) enum Transcript {
    /// ECDSA and RSA.
    Hash(Context),
    /// Ed25519 and ML-DSA.
    Whole(Zeroizing<Vec<u8>>),
}

/// What an algorithm signs.
pub(crate) enum Message<'a> {
    Digest(Digest),
    Whole(&'a [u8]),
}

impl Transcript {
    /// An empty message.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`] when the algorithm is not for signatures.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self> {
        match algorithm {
            Algorithm::Ecdsa(curve) => Ok(Self::Hash(Context::new(curve.digest()))),
            Algorithm::Rsa(RsaPadding::Pkcs1 | RsaPadding::Pss, _, hash) => {
                Ok(Self::Hash(Context::new(hash.digest())))
            }
            Algorithm::Ed25519 | Algorithm::MlDsa(_) => Ok(Self::Whole(Zeroizing::default())),
            Algorithm::Rsa(RsaPadding::Oaep, ..)
            | Algorithm::X25519
            | Algorithm::Ecdh(_)
            | Algorithm::MlKem(_)
            | Algorithm::XWing => Err(Errno::InvalidKey),
        }
    }

    /// Adds to the message.
    ///
    /// # Errors
    /// [`Errno::Overflow`] when it gets too long to be kept.
    pub(crate) fn update(&mut self, input: &[u8]) -> Result<()> {
        match self {
            Self::Hash(context) => context.update(input),
            Self::Whole(message) => {
                if message.len().saturating_add(input.len()) > LONGEST {
                    return Err(Errno::Overflow);
                }
                append(message, input);
            }
        }
        Ok(())
    }

    /// The bytes that `input` would make it hold more.
    pub(crate) fn growth(&self, input: &[u8]) -> usize {
        match self {
            Self::Hash(_) => 0,
            Self::Whole(_) => input.len(),
        }
    }

    /// Bytes of the message, unless it is hashed as it comes.
    pub(crate) fn message_len(&self) -> usize {
        match self {
            Self::Hash(_) => 0,
            Self::Whole(message) => message.len(),
        }
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Hash(_) => 512,
            Self::Whole(message) => size_of::<Self>() + message.len(),
        }
    }

    /// The message so far.
    pub(crate) fn message(&self) -> Message<'_> {
        match self {
            Self::Hash(context) => Message::Digest(context.clone().finish()),
            Self::Whole(message) => Message::Whole(message),
        }
    }
}
