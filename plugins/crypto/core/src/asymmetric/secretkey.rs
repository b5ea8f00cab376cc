//! Secret keys.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::ec::ecdh::EcdhSecret;
use super::ec::ecdsa::EcdsaSecret;
use super::ec::{scalar_from_pkcs8, scalar_from_sec1};
use super::ed25519::Ed25519Secret;
use super::encoding::local::{self, Kind};
use super::encoding::{pem, pkcs8};
use super::key::Secret;
use super::mldsa::MlDsaSecret;
use super::mlkem::MlKemSecret;
use super::rsa::{RsaSecret, Scheme};
use super::x25519::X25519Secret;
use super::xwing::XWingSecret;
use super::{Algorithm, PublicKey};
use crate::secrets::Managed;
use crate::{Errno, Result, SecretkeyEncoding};

/// A secret key, for one algorithm. It is wiped when the last copy is dropped.
#[derive(Clone)]
pub struct SecretKey {
    algorithm: Algorithm,
    key: Arc<dyn Secret>,
    stored: Option<Stored>,
}

/// What is known of a key that the secrets store has.
#[derive(Clone, Copy)]
struct Stored {
    managed: Managed,
    is_exportable: bool,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl SecretKey {
    /// Reads a key. Scalars must be in range, and what is written beside a secret must belong to it.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`]; [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so.
    pub fn import(
        algorithm: Algorithm,
        encoded: &[u8],
        encoding: SecretkeyEncoding,
    ) -> Result<Self> {
        let key = match encoding {
            SecretkeyEncoding::Raw => from_raw(algorithm, encoded),
            SecretkeyEncoding::Pkcs8 => from_pkcs8(algorithm, encoded),
            SecretkeyEncoding::Pem => from_pem(algorithm, encoded),
            SecretkeyEncoding::Sec => from_sec(algorithm, encoded),
            SecretkeyEncoding::Local => {
                from_canonical(algorithm, local::decode(Kind::Secret, algorithm, encoded)?)
            }
        }?;
        Ok(Self::new(algorithm, key))
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so; [`Errno::ProhibitedOperation`] when the
    /// host forbids it for stored keys, and this is one; [`Errno::Expired`].
    pub fn export(&self, encoding: SecretkeyEncoding) -> Result<Zeroizing<Vec<u8>>> {
        let key = self.exportable()?;
        match encoding {
            SecretkeyEncoding::Raw => key.raw(),
            SecretkeyEncoding::Pkcs8 => key.pkcs8(),
            SecretkeyEncoding::Pem => pem::encode(pem::PRIVATE_KEY, &key.pkcs8()?),
            SecretkeyEncoding::Sec => key.sec(),
            SecretkeyEncoding::Local => {
                local::encode(Kind::Secret, self.algorithm, &key.canonical()?)
            }
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::new(self.algorithm, self.key.public())
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn new(algorithm: Algorithm, key: Arc<dyn Secret>) -> Self {
        Self {
            algorithm,
            key,
            stored: None,
        }
    }

    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self> {
        Ok(Self::new(algorithm, generate(algorithm)?))
    }

    /// The key, to be used.
    ///
    /// # Errors
    /// [`Errno::Expired`].
    pub(crate) fn usable(&self) -> Result<&dyn Secret> {
        if let Some(stored) = self.stored {
            stored.managed.check()?;
        }
        Ok(&*self.key)
    }

    /// The key, to be given away.
    ///
    /// # Errors
    /// [`Errno::ProhibitedOperation`], [`Errno::Expired`].
    pub(crate) fn exportable(&self) -> Result<&dyn Secret> {
        match self.stored {
            Some(stored) if !stored.is_exportable => Err(Errno::ProhibitedOperation),
            _ => self.usable(),
        }
    }

    /// Where the key is stored.
    pub(crate) fn managed(&self) -> Option<Managed> {
        self.stored.map(|stored| stored.managed)
    }

    /// Says where the key is stored, and whether the host allows to export it.
    pub(crate) fn set_managed(&mut self, managed: Managed, is_exportable: bool) {
        self.stored = Some(Stored {
            managed,
            is_exportable,
        });
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.algorithm.secret_bytes()
    }
}

pub(super) fn share<T: Secret + 'static>(key: Result<T>) -> Result<Arc<dyn Secret>> {
    Ok(Arc::new(key?))
}

fn generate(algorithm: Algorithm) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Secret::generate()),
        Algorithm::Ecdsa(curve) => share(EcdsaSecret::generate(curve)),
        Algorithm::Rsa(padding, size, hash) => share(RsaSecret::generate(Scheme {
            padding,
            size,
            hash,
        })),
        Algorithm::MlDsa(size) => share(MlDsaSecret::generate(size)),
        Algorithm::X25519 => share(X25519Secret::generate()),
        Algorithm::Ecdh(curve) => share(EcdhSecret::generate(curve)),
        Algorithm::MlKem(size) => share(MlKemSecret::generate(size)),
        Algorithm::XWing => share(XWingSecret::generate()),
    }
}

pub(super) fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Secret::from_seed(raw)),
        Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) if raw.len() != curve.bytes() => {
            Err(Errno::InvalidKey)
        }
        Algorithm::Ecdsa(_) | Algorithm::Ecdh(_) => from_sec(algorithm, raw),
        Algorithm::Rsa(..) => Err(Errno::UnsupportedEncoding),
        Algorithm::MlDsa(size) => share(MlDsaSecret::from_raw(size, raw)),
        Algorithm::X25519 => share(X25519Secret::from_raw(raw)),
        Algorithm::MlKem(size) => share(MlKemSecret::from_raw(size, raw)),
        Algorithm::XWing => share(XWingSecret::from_raw(raw)),
    }
}

fn from_sec(algorithm: Algorithm, encoded: &[u8]) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Ecdsa(curve) => share(EcdsaSecret::from_parts(
            curve,
            &scalar_from_sec1(curve, encoded)?,
        )),
        Algorithm::Ecdh(curve) => share(EcdhSecret::from_parts(
            curve,
            &scalar_from_sec1(curve, encoded)?,
        )),
        _ => Err(Errno::UnsupportedEncoding),
    }
}

pub(super) fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Arc<dyn Secret>> {
    if algorithm == Algorithm::XWing {
        return Err(Errno::UnsupportedEncoding);
    }
    let info = match pkcs8::decode(der) {
        Ok(info) => info,
        // Other hosts write these where they say PKCS#8.
        Err(_) => return from_older_form(algorithm, der),
    };
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Secret::from_pkcs8(&info)),
        Algorithm::Ecdsa(curve) => share(EcdsaSecret::from_parts(
            curve,
            &scalar_from_pkcs8(curve, &info)?,
        )),
        Algorithm::Rsa(padding, size, hash) => share(RsaSecret::from_pkcs8(
            Scheme {
                padding,
                size,
                hash,
            },
            &info,
        )),
        Algorithm::MlDsa(size) => share(MlDsaSecret::from_pkcs8(size, &info)),
        Algorithm::X25519 => share(X25519Secret::from_pkcs8(&info)),
        Algorithm::Ecdh(curve) => share(EcdhSecret::from_parts(
            curve,
            &scalar_from_pkcs8(curve, &info)?,
        )),
        Algorithm::MlKem(size) => share(MlKemSecret::from_pkcs8(size, &info)),
        Algorithm::XWing => Err(Errno::UnsupportedEncoding),
    }
}

/// Reads what was written before there was PKCS#8: PKCS#1 for RSA, SEC 1 for curves.
fn from_older_form(algorithm: Algorithm, der: &[u8]) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Rsa(padding, size, hash) => share(RsaSecret::from_pkcs1(
            Scheme {
                padding,
                size,
                hash,
            },
            der,
        )),
        Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) if der.len() != curve.bytes() => {
            from_sec(algorithm, der)
        }
        _ => Err(Errno::InvalidKey),
    }
}

pub(super) fn from_pem(algorithm: Algorithm, text: &[u8]) -> Result<Arc<dyn Secret>> {
    if algorithm == Algorithm::XWing {
        return Err(Errno::UnsupportedEncoding);
    }
    let (label, der) = pem::decode(text)?;
    match (label, algorithm) {
        (pem::PRIVATE_KEY, _) => from_pkcs8(algorithm, &der),
        (pem::RSA_PRIVATE_KEY, Algorithm::Rsa(..))
        | (pem::EC_PRIVATE_KEY, Algorithm::Ecdsa(_) | Algorithm::Ecdh(_)) => {
            from_older_form(algorithm, &der)
        }
        _ => Err(Errno::InvalidKey),
    }
}

pub(super) fn from_canonical(algorithm: Algorithm, canonical: &[u8]) -> Result<Arc<dyn Secret>> {
    match algorithm {
        Algorithm::Rsa(..) => from_pkcs8(algorithm, canonical),
        _ => from_raw(algorithm, canonical),
    }
}
