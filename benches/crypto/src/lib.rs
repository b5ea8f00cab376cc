//! What the benchmark of cryptography computes, and how it is timed: the same in a guest and natively.
//!
//! A program that measures is a [`Way`] of computing the operations. It is called with how many batches it measures, how many
//! milliseconds each takes at least, and the names of operations; it prints a line for each: its name, the nanoseconds of
//! one operation in the best batch, and a checksum of what came of it.

mod inputs;
mod measure;

use std::fmt;

pub use inputs::{
    ED25519, KEY, Known, MANY, NONCE, P256, TAG_BYTES, bytes_of_hex, message, messages,
};
pub use measure::{Call, Failure, NO_CHECKSUM, Way, run};

/// An algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// AES in Galois/Counter Mode with a key of 256 bits.
    Aes256Gcm,
    /// ChaCha20 with Poly1305.
    ChaCha20Poly1305,
    /// SHA-256.
    Sha256,
    /// BLAKE3.
    Blake3,
    /// Ed25519.
    Ed25519,
    /// ECDSA with P-256 and SHA-256.
    EcdsaP256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Algorithm::Aes256Gcm => "AES-256-GCM",
            Algorithm::ChaCha20Poly1305 => "ChaCha20-Poly1305",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Blake3 => "BLAKE3",
            Algorithm::Ed25519 => "Ed25519",
            Algorithm::EcdsaP256 => "ECDSA-P-256",
        })
    }
}

/// What is done with an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Encrypts and authenticates.
    Seal,
    /// Checks and decrypts.
    Open,
    /// Hashes.
    Hash,
    /// Signs.
    Sign,
    /// Verifies a signature.
    Verify,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Work::Seal => "seal",
            Work::Open => "open",
            Work::Hash => "hash",
            Work::Sign => "sign",
            Work::Verify => "verify",
        })
    }
}

/// On how many messages, and in how many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// One message.
    One,
    /// [`MANY`] messages, one after the other.
    Each,
    /// [`MANY`] messages in one call.
    Batch,
}

/// Something to measure. Its name is how it is displayed, as `AES-256-GCM.seal.64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// With what.
    pub algorithm: Algorithm,
    /// What is done.
    pub work: Work,
    /// Bytes of a message. Those that are signed by themselves are the published vectors', and as long as these.
    pub bytes: usize,
    /// On how many messages.
    pub calls: Calls,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.algorithm, self.work, self.bytes)?;
        match self.calls {
            Calls::One => Ok(()),
            Calls::Each => f.write_str(".each"),
            Calls::Batch => f.write_str(".batch"),
        }
    }
}

impl Operation {
    /// Whether everybody who does it right gets the same. ECDSA's signatures may have random numbers in them.
    #[must_use]
    pub fn has_one_result(&self) -> bool {
        (self.algorithm, self.work) != (Algorithm::EcdsaP256, Work::Sign)
    }
}

/// Bytes of the messages that are encrypted and hashed.
pub const SIZES: [usize; 4] = [64, 1 << 10, 1 << 16, 1 << 20];

/// All that is done on one message, in the order in which it is told.
#[must_use]
pub fn singles() -> Vec<Operation> {
    let bulk = [
        (Algorithm::Aes256Gcm, Work::Seal),
        (Algorithm::Aes256Gcm, Work::Open),
        (Algorithm::ChaCha20Poly1305, Work::Seal),
        (Algorithm::ChaCha20Poly1305, Work::Open),
        (Algorithm::Sha256, Work::Hash),
        (Algorithm::Blake3, Work::Hash),
    ];
    let bulk = bulk.into_iter().flat_map(|what| {
        let one = move |bytes| operation(what, bytes, Calls::One);
        SIZES.map(one)
    });
    let signed = [
        (Algorithm::Ed25519, Work::Sign),
        (Algorithm::Ed25519, Work::Verify),
        (Algorithm::EcdsaP256, Work::Sign),
        (Algorithm::EcdsaP256, Work::Verify),
    ];
    let signed = signed.map(|what| {
        let known = if what.0 == Algorithm::Ed25519 {
            ED25519
        } else {
            P256
        };
        operation(what, known.message.len() / 2, Calls::One)
    });
    bulk.chain(signed).collect()
}

/// What is done on many messages of 64 bytes: one after the other, and in one call.
#[must_use]
pub fn many() -> Vec<[Operation; 2]> {
    let all = [
        (Algorithm::Aes256Gcm, Work::Seal),
        (Algorithm::Aes256Gcm, Work::Open),
        (Algorithm::Sha256, Work::Hash),
        (Algorithm::Ed25519, Work::Sign),
        (Algorithm::Ed25519, Work::Verify),
        (Algorithm::EcdsaP256, Work::Sign),
        (Algorithm::EcdsaP256, Work::Verify),
    ];
    all.map(|what| [Calls::Each, Calls::Batch].map(|calls| operation(what, 64, calls)))
        .to_vec()
}

fn operation((algorithm, work): (Algorithm, Work), bytes: usize, calls: Calls) -> Operation {
    Operation {
        algorithm,
        work,
        bytes,
        calls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_operations_have_one_name() {
        let operations = singles().into_iter().chain(many().into_iter().flatten());
        let names: Vec<String> = operations.map(|operation| operation.to_string()).collect();
        let mut distinct = names.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), names.len());
        assert_eq!(names[0], "AES-256-GCM.seal.64");
        assert_eq!(names[24], "Ed25519.sign.2");
    }
}
