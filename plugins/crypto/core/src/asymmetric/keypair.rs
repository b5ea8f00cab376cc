//! Key pairs.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::ed25519::Ed25519Secret;
use super::encoding::local::{self, Kind};
use super::encoding::pem;
use super::key::Secret;
use super::mlkem::MlKemSecret;
use super::secretkey::{from_canonical, from_pem, from_pkcs8, from_raw, share};
use super::x25519::X25519Secret;
use super::xwing::XWingSecret;
use super::{Algorithm, PublicKey, SecretKey};
use crate::secrets::Managed;
use crate::{Errno, KeypairEncoding, Options, Result};

/// A secret key, with its public half.
#[derive(Clone)]
pub struct KeyPair {
    secret: SecretKey,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

impl KeyPair {
    /// Makes a key pair with random numbers of the operating system, or of AWS-LC's own generator, which the operating system
    /// seeds. RSA keys take long: seconds, with 4096 bits.
    ///
    /// # Errors
    /// [`Errno::UnsupportedOption`] for every option: none of these algorithms has any.
    pub fn generate(algorithm: Algorithm, options: Option<&Options>) -> Result<Self> {
        if options.is_some_and(|options| options.names().next().is_some()) {
            return Err(Errno::UnsupportedOption);
        }
        Ok(Self {
            secret: SecretKey::generate(algorithm)?,
        })
    }

    /// Reads a key pair. Its halves must belong together.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`]; [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so.
    pub fn import(algorithm: Algorithm, encoded: &[u8], encoding: KeypairEncoding) -> Result<Self> {
        let key = match encoding {
            KeypairEncoding::Raw => from_raw_pair(algorithm, encoded),
            KeypairEncoding::Pkcs8 => from_pkcs8(algorithm, encoded),
            KeypairEncoding::Pem => from_pem(algorithm, encoded),
            KeypairEncoding::Local => {
                from_canonical(algorithm, local::decode(Kind::Pair, algorithm, encoded)?)
            }
        }?;
        Ok(Self {
            secret: SecretKey::new(algorithm, key),
        })
    }

    /// Writes the key pair.
    ///
    /// # Errors
    /// [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so; [`Errno::ProhibitedOperation`] when the
    /// host forbids it for stored keys, and this is one; [`Errno::Expired`].
    pub fn export(&self, encoding: KeypairEncoding) -> Result<Zeroizing<Vec<u8>>> {
        let key = self.secret.exportable()?;
        match encoding {
            KeypairEncoding::Raw => key.raw_pair(),
            KeypairEncoding::Pkcs8 => key.pkcs8(),
            KeypairEncoding::Pem => pem::encode(pem::PRIVATE_KEY, &key.pkcs8()?),
            KeypairEncoding::Local => {
                local::encode(Kind::Pair, self.algorithm(), &key.canonical()?)
            }
        }
    }

    /// A key pair of its halves.
    ///
    /// # Errors
    /// [`Errno::IncompatibleKeys`] when they are for different algorithms or do not belong together.
    pub fn from_parts(public: &PublicKey, secret: &SecretKey) -> Result<Self> {
        if secret.public_key().is(public)? {
            Ok(Self {
                secret: secret.clone(),
            })
        } else {
            Err(Errno::IncompatibleKeys)
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.secret.public_key()
    }

    /// The secret half.
    #[must_use]
    pub fn secret_key(&self) -> SecretKey {
        self.secret.clone()
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.secret.algorithm()
    }

    /// The secret half, to be used.
    ///
    /// # Errors
    /// [`Errno::Expired`].
    pub(crate) fn usable(&self) -> Result<&dyn Secret> {
        self.secret.usable()
    }

    /// What the secrets store keeps: the encoding `local`, whether guests can have it or not.
    ///
    /// # Errors
    /// [`Errno::Expired`].
    pub(crate) fn to_stored(&self) -> Result<Zeroizing<Vec<u8>>> {
        local::encode(
            Kind::Pair,
            self.algorithm(),
            &self.secret.usable()?.canonical()?,
        )
    }

    /// Where the key pair is stored.
    pub(crate) fn managed(&self) -> Option<Managed> {
        self.secret.managed()
    }

    /// Says where the key pair is stored, and whether the host allows to export it.
    pub(crate) fn set_managed(&mut self, managed: Managed, is_exportable: bool) {
        self.secret.set_managed(managed, is_exportable);
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.secret.bytes()
    }
}

/// Where a pair has a raw form of its own; otherwise it is that of the secret key.
fn from_raw_pair(algorithm: Algorithm, raw: &[u8]) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Secret::from_raw_pair(raw)),
        Algorithm::X25519 => share(X25519Secret::from_raw_pair(raw)),
        Algorithm::MlKem(size) => share(MlKemSecret::from_raw_pair(size, raw)),
        Algorithm::XWing => share(XWingSecret::from_raw_pair(raw)),
        Algorithm::Ecdsa(_) | Algorithm::Ecdh(_) | Algorithm::Rsa(..) | Algorithm::MlDsa(_) => {
            from_raw(algorithm, raw)
        }
    }
}
