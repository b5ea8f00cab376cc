//! RSA public keys.

use aws_lc_rs::digest::Digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::ParsedPublicKey;
use pkcs1::RsaPublicKeyRef;
use pkcs8::der::{AnyRef, Decode};
use zeroize::Zeroizing;

use super::Scheme;
use super::parts::{RSA_ENCRYPTION, check_algorithm};
use crate::asymmetric::RsaPadding;
use crate::asymmetric::encoding::spki::{self, Spki};
use crate::asymmetric::encoding::{check_length, unreadable};
use crate::asymmetric::key::{Encapsulated, Public};
use crate::{Errno, Result, random};

/// The length of the secrets that are made and encrypted.
const SECRET_BYTES: usize = 32;

pub(crate) struct RsaPublic {
    scheme: Scheme,
    spki: Vec<u8>,
    key: ParsedPublicKey,
    /// For OAEP.
    encryption: Option<OaepPublicEncryptingKey>,
}

impl RsaPublic {
    /// Reads an `RSAPublicKey` of PKCS#1. The library refuses moduli that are even, and exponents that are even, 1 or longer
    /// than 33 bits.
    pub(crate) fn from_pkcs1(scheme: Scheme, der: &[u8]) -> Result<Self> {
        check_length(der)?;
        let parts = RsaPublicKeyRef::from_der(der).map_err(unreadable)?;
        scheme.check_modulus(parts.modulus.as_bytes())?;
        let key =
            ParsedPublicKey::new(scheme.verification(), der).map_err(|_| Errno::InvalidKey)?;
        let spki = spki::encode(RSA_ENCRYPTION, Some(AnyRef::NULL), der)?;
        let encryption = match scheme.padding {
            RsaPadding::Oaep => Some(encryption_key(&spki).map_err(|_| Errno::InvalidKey)?),
            RsaPadding::Pkcs1 | RsaPadding::Pss => None,
        };
        Ok(Self {
            scheme,
            spki,
            key,
            encryption,
        })
    }

    pub(crate) fn from_spki(scheme: Scheme, info: &Spki<'_>) -> Result<Self> {
        check_algorithm(scheme, &info.algorithm)?;
        Self::from_pkcs1(scheme, info.key)
    }

    /// Encrypts a message with OAEP.
    fn encrypt(&self, message: &[u8]) -> Result<Vec<u8>> {
        let key = self.encryption.as_ref().ok_or(Errno::InvalidOperation)?;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        key.encrypt(self.scheme.encryption()?, message, &mut ciphertext, None)
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(ciphertext)
    }
}

fn encryption_key(spki: &[u8]) -> core::result::Result<OaepPublicEncryptingKey, Unspecified> {
    OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(spki)?)
}

impl Public for RsaPublic {
    fn spki(&self) -> Result<Vec<u8>> {
        Ok(self.spki.clone())
    }

    fn canonical(&self) -> Result<Vec<u8>> {
        self.spki()
    }

    fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<()> {
        self.scheme.signing()?;
        self.key
            .verify_digest_sig(digest, signature)
            .map_err(|_| Errno::VerificationFailed)
    }

    fn encapsulate(&self) -> Result<Encapsulated> {
        let mut secret = Zeroizing::new(vec![0; SECRET_BYTES]);
        random::fill(&mut secret)?;
        let encapsulated = self.encrypt(&secret)?;
        Ok(Encapsulated {
            secret,
            encapsulated,
        })
    }
}
