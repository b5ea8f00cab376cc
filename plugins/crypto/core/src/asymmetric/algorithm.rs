//! What an algorithm is, and its name.

use super::names::NAMES;
use crate::{AlgorithmType, Errno, Result};

/// An elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, also secp256r1.
    P256,
    /// NIST P-384, also secp384r1.
    P384,
    /// secp256k1.
    K256,
}

/// The length of an RSA modulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaSize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

/// How RSA pads a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaPadding {
    /// Signatures with PKCS#1 v1.5.
    Pkcs1,
    /// Signatures with PSS; the salt is as long as the hash, which also is that of MGF1.
    Pss,
    /// Encryption with OAEP; the hash also is that of MGF1, the label is empty.
    Oaep,
}

/// The hash function of an RSA algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaHash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A parameter set of ML-DSA (FIPS 204).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlDsaSize {
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

/// A parameter set of ML-KEM (FIPS 203).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlKemSize {
    /// ML-KEM-512.
    MlKem512,
    /// ML-KEM-768.
    MlKem768,
    /// ML-KEM-1024.
    MlKem1024,
}

/// An algorithm with public keys, its parameters included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), without prehashing.
    Ed25519,
    /// ECDSA with the hash function of the curve's size: SHA-256, or SHA-384 for P-384.
    Ecdsa(Curve),
    /// RSA: signatures or encryption, as the padding says.
    Rsa(RsaPadding, RsaSize, RsaHash),
    /// ML-DSA (FIPS 204), pure, with an empty context.
    MlDsa(MlDsaSize),
    /// X25519 (RFC 7748).
    X25519,
    /// ECDH with cofactor 1 (SEC 1, section 3.3.1). The secret is the raw x coordinate; the hash in the algorithm's name is
    /// that of the key derivation that follows.
    Ecdh(Curve),
    /// ML-KEM (FIPS 203).
    MlKem(MlKemSize),
    /// X-Wing: ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem).
    XWing,
}

impl Algorithm {
    /// The algorithm that a guest names, without regard to case.
    ///
    /// # Errors
    /// [`Errno::UnsupportedAlgorithm`] when the category has no such algorithm; [`Errno::InvalidOperation`] when the category
    /// has no public keys.
    pub fn parse(algorithm_type: AlgorithmType, name: &str) -> Result<Self> {
        if algorithm_type == AlgorithmType::Symmetric {
            return Err(Errno::InvalidOperation);
        }
        NAMES
            .iter()
            .find(|entry| entry.is(name))
            .map(|entry| entry.algorithm)
            .filter(|algorithm| algorithm.algorithm_type() == algorithm_type)
            .ok_or(Errno::UnsupportedAlgorithm)
    }

    /// The specification's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|entry| entry.algorithm == self)
            .map_or("", |entry| entry.name)
    }

    /// The category.
    #[must_use]
    pub const fn algorithm_type(self) -> AlgorithmType {
        match self {
            Self::Ed25519
            | Self::Ecdsa(_)
            | Self::Rsa(RsaPadding::Pkcs1 | RsaPadding::Pss, ..)
            | Self::MlDsa(_) => AlgorithmType::Signatures,
            Self::Rsa(RsaPadding::Oaep, ..)
            | Self::X25519
            | Self::Ecdh(_)
            | Self::MlKem(_)
            | Self::XWing => AlgorithmType::KeyExchange,
        }
    }

    /// What a public key takes in memory, about, in bytes: what is written here and what the libraries keep.
    pub(crate) const fn public_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 512,
            Self::Ecdsa(_) | Self::Ecdh(_) => 1024,
            Self::Rsa(_, size, _) => 1024 + 4 * size.bytes(),
            Self::MlDsa(size) => 512 + 2 * size.public_bytes(),
            Self::MlKem(size) => 512 + 2 * size.public_bytes(),
            // With the matrix of ML-KEM-768 expanded.
            Self::XWing => 12 * 1024,
        }
    }

    /// What a key pair takes.
    pub(crate) const fn secret_bytes(self) -> usize {
        let secret = match self {
            Self::Ed25519 | Self::X25519 => 512,
            Self::Ecdsa(_) | Self::Ecdh(_) => 1024,
            Self::Rsa(_, size, _) => 2048 + 16 * size.bytes(),
            Self::MlDsa(size) => 512 + 2 * size.expanded_bytes(),
            Self::MlKem(size) => 512 + 2 * size.expanded_bytes(),
            Self::XWing => 12 * 1024,
        };
        secret + self.public_bytes()
    }

    /// Every algorithm.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|entry| entry.algorithm)
    }
}

impl Curve {
    /// The length of a coordinate and of a scalar in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::P256 | Self::K256 => 32,
            Self::P384 => 48,
        }
    }
}

impl RsaSize {
    /// The length of the modulus and of a signature in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Bits2048 => 256,
            Self::Bits3072 => 384,
            Self::Bits4096 => 512,
        }
    }
}

impl MlDsaSize {
    /// The length of a public key in bytes (FIPS 204, table 2).
    #[must_use]
    pub const fn public_bytes(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// The length of an expanded secret key in bytes.
    #[must_use]
    pub const fn expanded_bytes(self) -> usize {
        match self {
            Self::MlDsa44 => 2560,
            Self::MlDsa65 => 4032,
            Self::MlDsa87 => 4896,
        }
    }

    /// The length of a signature in bytes.
    #[must_use]
    pub const fn signature_bytes(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

impl MlKemSize {
    /// The length of an encapsulation key in bytes (FIPS 203, table 3).
    #[must_use]
    pub const fn public_bytes(self) -> usize {
        match self {
            Self::MlKem512 => 800,
            Self::MlKem768 => 1184,
            Self::MlKem1024 => 1568,
        }
    }

    /// The length of an expanded decapsulation key in bytes.
    #[must_use]
    pub const fn expanded_bytes(self) -> usize {
        match self {
            Self::MlKem512 => 1632,
            Self::MlKem768 => 2400,
            Self::MlKem1024 => 3168,
        }
    }

    /// The length of an encapsulated secret in bytes.
    #[must_use]
    pub const fn ciphertext_bytes(self) -> usize {
        match self {
            Self::MlKem512 => 768,
            Self::MlKem768 => 1088,
            Self::MlKem1024 => 1568,
        }
    }
}
