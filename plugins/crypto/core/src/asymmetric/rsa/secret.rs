//! RSA secret keys.

use std::sync::Arc;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{
    KeyPair, KeyPairComponents, OaepPrivateDecryptingKey, PrivateDecryptingKey, PublicKeyComponents,
};
use aws_lc_rs::signature::KeyPair as _;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::der::Decode;
use zeroize::Zeroizing;

use super::parts::check_algorithm;
use super::{RsaPublic, Scheme};
use crate::asymmetric::encoding::pkcs8::Pkcs8;
use crate::asymmetric::encoding::{check_length, unreadable};
use crate::asymmetric::key::{Public, Secret};
use crate::{Errno, Result};

pub(crate) struct RsaSecret {
    scheme: Scheme,
    pair: KeyPair,
    public: Arc<RsaPublic>,
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
        Ok(Self {
            scheme,
            pair,
            public,
        })
    }
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
        let algorithm = self.scheme.encryption()?;
        let key = PrivateDecryptingKey::from_pkcs8(&self.pkcs8()?)
            .map_err(|_| Errno::AlgorithmFailure)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| Errno::AlgorithmFailure)?;
        let mut message = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key
            .decrypt(algorithm, encapsulated, &mut message, None)
            .map_err(|_| Errno::VerificationFailed)?
            .len();
        message.truncate(length);
        Ok(message)
    }
}
