//! Messages in one order, once, and whole.

use std::fmt;

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{ChaCha20Poly1305, Error, HkdfExpand, Key, NonceSequence, Result, Sha256};

type Aead = ChaCha20Poly1305;

/// Whose messages a key is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Direction {
    FromAlice,
    FromBob,
}

impl Direction {
    fn other(self) -> Self {
        match self {
            Self::FromAlice => Self::FromBob,
            Self::FromBob => Self::FromAlice,
        }
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::FromAlice => b"from Alice",
            Self::FromBob => b"from Bob",
        }
    }
}

/// One end of the conversation.
pub(super) struct Channel {
    sending: Lane,
    receiving: Lane,
}

// ANCHOR: lane
/// The messages of one direction: their key, and the nonce of the next.
struct Lane {
    key: Key<Aead>,
    nonces: NonceSequence<Aead>,
}

impl Lane {
    fn new(master: &Key<HkdfExpand<Sha256>>, direction: Direction) -> Result<Self> {
        let info = |what: &[u8]| [direction.label(), b" ", what].concat();
        Ok(Self {
            key: master.expand_key(&info(b"key"), 32)?,
            nonces: NonceSequence::new(master.expand(&info(b"nonce"), 12)?.expose())?,
        })
    }
}
// ANCHOR_END: lane

/// Why a message was refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It was received before.
    Replayed { number: u64, expected: u64 },
    /// One before it is missing.
    OutOfOrder { number: u64, expected: u64 },
    /// It is not what the other sent.
    NotAuthentic(Error),
}

impl Refusal {
    /// The specification's error that comes closest.
    pub(super) fn error(self) -> Error {
        match self {
            Self::Replayed { .. } | Self::OutOfOrder { .. } => Error::InvalidNonce,
            Self::NotAuthentic(error) => error,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replayed { number, expected } => {
                write!(f, "replayed, {number} instead of {expected}")
            }
            Self::OutOfOrder { number, expected } => {
                write!(f, "out of order, {number} instead of {expected}")
            }
            Self::NotAuthentic(error) => write!(f, "{}", error.name()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::NotAuthentic(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::failed(format!("a message was refused: {refusal}"))
    }
}

impl Channel {
    pub(super) fn new(master: &Key<HkdfExpand<Sha256>>, own: Direction) -> Result<Self> {
        Ok(Self {
            sending: Lane::new(master, own)?,
            receiving: Lane::new(master, own.other())?,
        })
    }

    // ANCHOR: send
    /// Encrypts the next message. Its number goes in front, in the open; the tag covers it, because the nonce is made of it.
    pub(super) fn send(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        let Lane { key, nonces } = &mut self.sending;
        let number = nonces.number().to_be_bytes();
        let ciphertext = nonces.seal(key, message, &number)?;
        Ok([&number, ciphertext.as_slice()].concat())
    }

    /// Decrypts the next message, and no other. What is refused changes nothing: the next one is still expected.
    pub(super) fn receive(&mut self, sent: &[u8]) -> std::result::Result<Vec<u8>, Refusal> {
        let Some((number, ciphertext)) = sent.split_first_chunk::<8>() else {
            return Err(Refusal::NotAuthentic(Error::InvalidTag));
        };
        let Lane { key, nonces } = &mut self.receiving;
        let expected = nonces.number();
        match u64::from_be_bytes(*number) {
            number if number < expected => return Err(Refusal::Replayed { number, expected }),
            number if number > expected => return Err(Refusal::OutOfOrder { number, expected }),
            _ => {}
        }
        Ok(nonces.open(key, ciphertext, number)?)
    }
    // ANCHOR_END: send
}
