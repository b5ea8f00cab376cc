//! RSA (RFC 8017): signatures with PKCS#1 v1.5 and PSS, encryption with OAEP.

mod parts;
mod public;
mod secret;

use aws_lc_rs::digest;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};

pub(crate) use self::public::RsaPublic;
pub(crate) use self::secret::RsaSecret;
use super::{RsaHash, RsaPadding, RsaSize};
use crate::{Errno, Result};

/// What a key is for.
#[derive(Clone, Copy)]
pub(crate) struct Scheme {
    pub(crate) padding: RsaPadding,
    pub(crate) size: RsaSize,
    pub(crate) hash: RsaHash,
}

impl Scheme {
    /// Refuses a modulus of any length but the one in the algorithm's name.
    fn check_modulus(self, modulus: &[u8]) -> Result<()> {
        let is_full = modulus.first().is_some_and(|first| first >> 7 == 1);
        if is_full && modulus.len() == self.size.bytes() {
            Ok(())
        } else {
            Err(Errno::InvalidKey)
        }
    }

    fn key_size(self) -> KeySize {
        match self.size {
            RsaSize::Bits2048 => KeySize::Rsa2048,
            RsaSize::Bits3072 => KeySize::Rsa3072,
            RsaSize::Bits4096 => KeySize::Rsa4096,
        }
    }

    /// How the library verifies. For OAEP, where it does not, what makes it read a public key.
    fn verification(self) -> &'static RsaParameters {
        match (self.padding, self.hash) {
            (RsaPadding::Pss, RsaHash::Sha256) => &RSA_PSS_2048_8192_SHA256,
            (RsaPadding::Pss, RsaHash::Sha384) => &RSA_PSS_2048_8192_SHA384,
            (RsaPadding::Pss, RsaHash::Sha512) => &RSA_PSS_2048_8192_SHA512,
            (RsaPadding::Pkcs1 | RsaPadding::Oaep, RsaHash::Sha256) => &RSA_PKCS1_2048_8192_SHA256,
            (RsaPadding::Pkcs1 | RsaPadding::Oaep, RsaHash::Sha384) => &RSA_PKCS1_2048_8192_SHA384,
            (RsaPadding::Pkcs1 | RsaPadding::Oaep, RsaHash::Sha512) => &RSA_PKCS1_2048_8192_SHA512,
        }
    }

    /// How the library signs.
    fn signing(self) -> Result<&'static dyn RsaEncoding> {
        Ok(match (self.padding, self.hash) {
            (RsaPadding::Pkcs1, RsaHash::Sha256) => &RSA_PKCS1_SHA256,
            (RsaPadding::Pkcs1, RsaHash::Sha384) => &RSA_PKCS1_SHA384,
            (RsaPadding::Pkcs1, RsaHash::Sha512) => &RSA_PKCS1_SHA512,
            (RsaPadding::Pss, RsaHash::Sha256) => &RSA_PSS_SHA256,
            (RsaPadding::Pss, RsaHash::Sha384) => &RSA_PSS_SHA384,
            (RsaPadding::Pss, RsaHash::Sha512) => &RSA_PSS_SHA512,
            (RsaPadding::Oaep, _) => return Err(Errno::InvalidOperation),
        })
    }

    /// How the library encrypts.
    fn encryption(self) -> Result<&'static OaepAlgorithm> {
        match (self.padding, self.hash) {
            (RsaPadding::Oaep, RsaHash::Sha256) => Ok(&OAEP_SHA256_MGF1SHA256),
            (RsaPadding::Oaep, RsaHash::Sha384) => Ok(&OAEP_SHA384_MGF1SHA384),
            (RsaPadding::Oaep, RsaHash::Sha512) => Ok(&OAEP_SHA512_MGF1SHA512),
            (RsaPadding::Pkcs1 | RsaPadding::Pss, _) => Err(Errno::InvalidOperation),
        }
    }
}

impl RsaHash {
    /// The hash function.
    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// Checks the length of a signature.
pub(crate) fn check_signature(size: RsaSize, raw: &[u8]) -> Result<()> {
    if raw.len() == size.bytes() {
        Ok(())
    } else {
        Err(Errno::InvalidSignature)
    }
}
