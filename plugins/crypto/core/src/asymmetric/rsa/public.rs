//! RSA public keys.

use aws_lc_rs::digest::Digest;
use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::ParsedPublicKey;
use pkcs1::RsaPublicKeyRef;
use pkcs8::der::{AnyRef, Decode};
use zeroize::Zeroizing;

use super::Scheme;
use super::parts::{RSA_ENCRYPTION, check_algorithm};
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
        Ok(Self { scheme, spki, key })
    }

    pub(crate) fn from_spki(scheme: Scheme, info: &Spki<'_>) -> Result<Self> {
        check_algorithm(scheme, &info.algorithm)?;
        Self::from_pkcs1(scheme, info.key)
    }

    /// Encrypts a message with OAEP.
    fn encrypt(&self, message: &[u8]) -> Result<Vec<u8>> {
        let algorithm = self.scheme.encryption()?;
        let key = PublicEncryptingKey::from_der(&self.spki).map_err(|_| Errno::InvalidKey)?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| Errno::InvalidKey)?;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        key.encrypt(algorithm, message, &mut ciphertext, None)
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(ciphertext)
    }
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
        self.scheme.encryption()?;
        let secret = Zeroizing::new(random::array::<SECRET_BYTES>()?);
        let encapsulated = self.encrypt(secret.as_slice())?;
        Ok(Encapsulated {
            secret: Zeroizing::new(secret.to_vec()),
            encapsulated,
        })
    }
}
