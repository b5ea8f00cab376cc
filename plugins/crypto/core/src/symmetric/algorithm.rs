//! Names, key sizes and options of the symmetric algorithms.

mod table;

use std::fmt;
use std::ops::RangeInclusive;

use crate::options::OUTPUT_LEN;
use crate::{Errno, Result};

pub(crate) use self::table::TABLE;

/// The hash functions of the SHA-2 family that constructions are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sha2 {
    Sha256,
    Sha384,
    Sha512,
}

impl Sha2 {
    /// The length of a digest in bytes.
    pub(crate) const fn digest_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// Authenticated ciphers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aead {
    Aes128Gcm,
    Aes256Gcm,
    Aes128GcmSiv,
    Aes256GcmSiv,
    ChaCha20Poly1305,
    XChaCha20Poly1305,
}

/// Hash functions of a fixed length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
    Sha512Of256,
    Sha3Of256,
    Sha3Of384,
    Sha3Of512,
    Blake2b256,
    Blake2b512,
}

impl Hash {
    /// The length of a digest in bytes.
    pub(crate) const fn digest_len(self) -> usize {
        match self {
            Self::Sha256 | Self::Sha512Of256 | Self::Sha3Of256 | Self::Blake2b256 => 32,
            Self::Sha384 | Self::Sha3Of384 => 48,
            Self::Sha512 | Self::Sha3Of512 | Self::Blake2b512 => 64,
        }
    }
}

/// What stretches passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Password {
    Pbkdf2(Sha2),
    Argon2id,
    Scrypt,
}

/// What an algorithm is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Aead(Aead),
    /// AES in counter mode.
    Ctr,
    Hash(Hash),
    Blake3,
    Hmac(Sha2),
    Cmac,
    HkdfExtract(Sha2),
    HkdfExpand(Sha2),
    Password(Password),
    Xoodyak,
}

/// Which keys an algorithm takes.
#[derive(Clone, Debug)]
pub(crate) enum KeyRule {
    /// It has none.
    None,
    /// It needs one.
    Needed {
        /// Sizes that can be imported, in bytes.
        sizes: RangeInclusive<usize>,
        /// The size that is generated.
        generated: usize,
    },
    /// It works with and without.
    Optional {
        /// Sizes that can be imported, in bytes.
        sizes: RangeInclusive<usize>,
        /// The size that is generated.
        generated: usize,
    },
}

/// All that is known of an algorithm.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) scheme: Scheme,
    pub(crate) purpose: &'static str,
    pub(crate) key: KeyRule,
    /// Options of its states.
    pub(crate) options: &'static [&'static str],
    pub(crate) operations: &'static [&'static str],
    pub(crate) library: &'static str,
}

/// An algorithm: a line of the table.
#[derive(Clone, Copy)]
pub(crate) struct Algorithm(&'static Entry);

impl PartialEq for Algorithm {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Algorithm {
    /// The algorithm of a name, whatever its case.
    ///
    /// # Errors
    /// `unsupported_algorithm`.
    pub(crate) fn parse(name: &str) -> Result<Self> {
        TABLE
            .iter()
            .find(|entry| {
                entry.name.eq_ignore_ascii_case(name)
                    || entry
                        .aliases
                        .iter()
                        .any(|alias| alias.eq_ignore_ascii_case(name))
            })
            .map(Self)
            .ok_or(Errno::UnsupportedAlgorithm)
    }

    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn scheme(self) -> Scheme {
        self.0.scheme
    }

    /// Whether its random nonces are so short that they have to be counted.
    pub(crate) fn counts_nonces(self) -> bool {
        matches!(
            self.0.scheme,
            Scheme::Aead(Aead::Aes128GcmSiv | Aead::Aes256GcmSiv)
        )
    }

    pub(crate) fn has_option(self, name: &str) -> bool {
        self.0.options.contains(&name)
            || name == OUTPUT_LEN && self.0.operations.contains(&"squeeze")
    }

    /// # Errors
    /// `key_not_supported` for an algorithm without keys, `invalid_key` for a size that it does not have.
    pub(crate) fn check_key_len(self, len: usize) -> Result<()> {
        match &self.0.key {
            KeyRule::None => Err(Errno::KeyNotSupported),
            KeyRule::Needed { sizes, .. } | KeyRule::Optional { sizes, .. } => {
                if sizes.contains(&len) {
                    Ok(())
                } else {
                    Err(Errno::InvalidKey)
                }
            }
        }
    }

    /// The size of a key that is generated, in bytes.
    ///
    /// # Errors
    /// `unsupported_feature` for an algorithm without keys.
    pub(crate) fn generated_key_len(self) -> Result<usize> {
        match &self.0.key {
            KeyRule::None => Err(Errno::UnsupportedFeature),
            KeyRule::Needed { generated, .. } | KeyRule::Optional { generated, .. } => {
                Ok(*generated)
            }
        }
    }

    /// Whether a key that is, or is not, given can be used.
    ///
    /// # Errors
    /// `key_required`, `key_not_supported`.
    pub(crate) fn check_key_given(self, given: bool) -> Result<()> {
        match (&self.0.key, given) {
            (KeyRule::None, true) => Err(Errno::KeyNotSupported),
            (KeyRule::Needed { .. }, false) => Err(Errno::KeyRequired),
            _ => Ok(()),
        }
    }
}
