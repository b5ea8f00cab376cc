//! RSA secret keys.

use std::sync::Arc;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{
    KeyPair, KeyPairComponents, OaepPrivateDecryptingKey, PrivateDecryptingKey, PublicKeyComponents,
};
use aws_lc_rs::signature::KeyPair as _;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::der::Decode;
use zeroize::Zeroizing;

use super::parts::check_algorithm;
use super::{RsaPublic, Scheme};
use crate::asymmetric::RsaPadding;
use crate::asymmetric::encoding::pkcs8::Pkcs8;
use crate::asymmetric::encoding::{check_length, unreadable};
use crate::asymmetric::key::{Public, Secret};
use crate::{Errno, Result};

pub(crate) struct RsaSecret {
    scheme: Scheme,
    pair: KeyPair,
    public: Arc<RsaPublic>,
    /// For OAEP.
    decryption: Option<OaepPrivateDecryptingKey>,
}

impl RsaSecret {
    pub(crate) fn generate(scheme: Scheme) -> Result<Self> {
        Self::new(
            scheme,
            KeyPair::generate(scheme.key_size()).map_err(|_| Errno::AlgorithmFailure)?,
        )
    }

    /// Reads an `RSAPrivateKey` of PKCS#1 with two primes. The library refuses numbers that do not belong together.
    pub(crate) fn from_pkcs1(scheme: Scheme, der: &[u8]) -> Result<Self> {
        check_length(der)?;
        let parts = RsaPrivateKeyRef::from_der(der).map_err(unreadable)?;
        scheme.check_modulus(parts.modulus.as_bytes())?;
        if parts.other_prime_infos.is_some() {
            return Err(Errno::InvalidKey);
        }
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: parts.modulus.as_bytes(),
                e: parts.public_exponent.as_bytes(),
            },
            d: parts.private_exponent.as_bytes(),
            p: parts.prime1.as_bytes(),
            q: parts.prime2.as_bytes(),
            dP: parts.exponent1.as_bytes(),
            dQ: parts.exponent2.as_bytes(),
            qInv: parts.coefficient.as_bytes(),
        };
        Self::new(
            scheme,
            KeyPair::from_components(&components).map_err(|_| Errno::InvalidKey)?,
        )
    }

    pub(crate) fn from_pkcs8(scheme: Scheme, info: &Pkcs8<'_>) -> Result<Self> {
        check_algorithm(scheme, &info.algorithm)?;
        let secret = Self::from_pkcs1(scheme, info.key)?;
        info.check_public(secret.pair.public_key().as_ref())?;
        Ok(secret)
    }

    fn new(scheme: Scheme, pair: KeyPair) -> Result<Self> {
        let public = Arc::new(RsaPublic::from_pkcs1(scheme, pair.public_key().as_ref())?);
        let decryption = match scheme.padding {
            RsaPadding::Oaep => Some(decryption_key(&pair).map_err(|_| Errno::AlgorithmFailure)?),
            RsaPadding::Pkcs1 | RsaPadding::Pss => None,
        };
        Ok(Self {
            scheme,
            pair,
            public,
            decryption,
        })
    }
}

/// The library has one type of key for signatures and another for encryption; the first becomes the second through PKCS#8,
/// which wipes itself.
fn decryption_key(pair: &KeyPair) -> core::result::Result<OaepPrivateDecryptingKey, Unspecified> {
    OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(pair.as_der()?.as_ref())?)
}

impl Secret for RsaSecret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<RsaPublic>::clone(&self.public)
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let der = self.pair.as_der().map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    fn canonical(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.pkcs8()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.scheme.size.bytes()];
        self.pair
            .sign_digest(self.scheme.signing()?, digest, &mut signature)
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(signature)
    }

    /// Decrypts a message with OAEP, whatever its length. All that can be wrong with it is one error, so that nobody learns
    /// what it was.
    fn decapsulate(&self, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let key = self.decryption.as_ref().ok_or(Errno::InvalidOperation)?;
        let mut message = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key
            .decrypt(self.scheme.encryption()?, encapsulated, &mut message, None)
            .map_err(|_| Errno::VerificationFailed)?
            .len();
        message.truncate(length);
        Ok(message)
    }
}
