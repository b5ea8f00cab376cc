//! Keys on NIST curves and secp256k1 (SEC 1): ECDSA and ECDH.

pub(crate) mod ecdh;
pub(crate) mod ecdsa;
mod point;
mod scalar;
pub(crate) mod signature;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm,
};
use aws_lc_rs::{agreement, digest};
use pkcs8::ObjectIdentifier;

pub(crate) use self::point::Point;
pub(crate) use self::scalar::{scalar_from_pkcs8, scalar_from_sec1};
use super::Curve;
use crate::{Errno, Result};

/// `id-ecPublicKey` (RFC 5480).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

impl Curve {
    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::K256 => ObjectIdentifier::new_unwrap("1.3.132.0.10"),
        }
    }

    fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::K256 => &ECDSA_P256K1_SHA256_FIXED_SIGNING,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::K256 => &ECDSA_P256K1_SHA256_FIXED,
        }
    }

    /// The hash function of ECDSA.
    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::P256 | Self::K256 => &digest::SHA256,
            Self::P384 => &digest::SHA384,
        }
    }

    fn agreement(self) -> Result<&'static agreement::Algorithm> {
        match self {
            Self::P256 => Ok(&agreement::ECDH_P256),
            Self::P384 => Ok(&agreement::ECDH_P384),
            Self::K256 => Err(Errno::UnsupportedAlgorithm),
        }
    }
}
