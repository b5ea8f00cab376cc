//! Public keys.

use std::fmt;
use std::sync::Arc;

use super::Algorithm;
use super::ec::Point;
use super::ed25519::{self, Ed25519Public};
use super::encoding::local::{self, Kind};
use super::encoding::{pem, spki};
use super::key::Public;
use super::mldsa::MlDsaPublic;
use super::mlkem::MlKemPublic;
use super::rsa::{RsaPublic, Scheme};
use super::x25519::{self, X25519Public};
use super::xwing::XWingPublic;
use crate::{Errno, PublickeyEncoding, Result};

/// A public key, for one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    key: Arc<dyn Public>,
}

// The algorithm is enough: whoever wants the key exports it.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl PublicKey {
    pub(crate) fn new(algorithm: Algorithm, key: Arc<dyn Public>) -> Self {
        Self { algorithm, key }
    }

    /// Reads a key. Points must be on their curve and not at infinity, RSA moduli of the length in the algorithm's name, the
    /// coefficients of ML-KEM reduced.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`]; [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so.
    pub fn import(
        algorithm: Algorithm,
        encoded: &[u8],
        encoding: PublickeyEncoding,
    ) -> Result<Self> {
        let key = match encoding {
            PublickeyEncoding::Raw => from_raw(algorithm, encoded),
            PublickeyEncoding::Pkcs8 => from_spki(algorithm, encoded),
            PublickeyEncoding::Pem => from_pem(algorithm, encoded),
            PublickeyEncoding::Sec => match algorithm {
                Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) => {
                    share(Point::from_sec1(curve, encoded))
                }
                _ => Err(Errno::UnsupportedEncoding),
            },
            PublickeyEncoding::Local => {
                from_canonical(algorithm, local::decode(Kind::Public, algorithm, encoded)?)
            }
        }?;
        Ok(Self::new(algorithm, key))
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`Errno::UnsupportedEncoding`] when the algorithm's keys are not written so.
    pub fn export(&self, encoding: PublickeyEncoding) -> Result<Vec<u8>> {
        match encoding {
            PublickeyEncoding::Raw => self.key.raw(),
            PublickeyEncoding::Pkcs8 => self.key.spki(),
            PublickeyEncoding::Pem => Ok(pem::encode(pem::PUBLIC_KEY, &self.key.spki()?)?.to_vec()),
            PublickeyEncoding::Sec => self.key.sec(),
            PublickeyEncoding::Local => {
                Ok(local::encode(Kind::Public, self.algorithm, &self.key.canonical()?)?.to_vec())
            }
        }
    }

    /// Checks the key more strictly than importing does: Ed25519 and X25519 keys must be canonical, and no points of small
    /// order.
    ///
    /// # Errors
    /// [`Errno::InvalidKey`].
    pub fn verify(&self) -> Result<()> {
        self.key.check()
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn key(&self) -> &dyn Public {
        &*self.key
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.algorithm.public_bytes()
    }

    /// Whether both are the same key, for the same algorithm.
    pub(crate) fn is(&self, other: &Self) -> Result<bool> {
        Ok(self.algorithm == other.algorithm && self.key.canonical()? == other.key.canonical()?)
    }
}

fn share<T: Public + 'static>(key: Result<T>) -> Result<Arc<dyn Public>> {
    Ok(Arc::new(key?))
}

fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Arc<dyn Public>> {
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Public::from_raw(raw)),
        Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) => share(Point::from_sec1(curve, raw)),
        Algorithm::Rsa(..) => Err(Errno::UnsupportedEncoding),
        Algorithm::MlDsa(size) => share(MlDsaPublic::from_raw(size, raw)),
        Algorithm::X25519 => share(X25519Public::from_raw(raw)),
        Algorithm::MlKem(size) => share(MlKemPublic::from_raw(size, raw)),
        Algorithm::XWing => share(XWingPublic::from_raw(raw)),
    }
}

fn from_spki(algorithm: Algorithm, der: &[u8]) -> Result<Arc<dyn Public>> {
    if algorithm == Algorithm::XWing {
        return Err(Errno::UnsupportedEncoding);
    }
    let info = spki::decode(der)?;
    match algorithm {
        Algorithm::Ed25519 => share(Ed25519Public::from_raw(info.plain(ed25519::OID)?)),
        Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) => share(Point::from_spki(curve, &info)),
        Algorithm::Rsa(padding, size, hash) => share(RsaPublic::from_spki(
            Scheme {
                padding,
                size,
                hash,
            },
            &info,
        )),
        Algorithm::MlDsa(size) => share(MlDsaPublic::from_raw(size, info.plain(size.oid())?)),
        Algorithm::X25519 => share(X25519Public::from_raw(info.plain(x25519::OID)?)),
        Algorithm::MlKem(size) => share(MlKemPublic::from_raw(size, info.plain(size.oid())?)),
        Algorithm::XWing => Err(Errno::UnsupportedEncoding),
    }
}

fn from_pem(algorithm: Algorithm, text: &[u8]) -> Result<Arc<dyn Public>> {
    if algorithm == Algorithm::XWing {
        return Err(Errno::UnsupportedEncoding);
    }
    let (label, der) = pem::decode(text)?;
    match (label, algorithm) {
        (pem::PUBLIC_KEY, _) => from_spki(algorithm, &der),
        (pem::RSA_PUBLIC_KEY, Algorithm::Rsa(padding, size, hash)) => share(RsaPublic::from_pkcs1(
            Scheme {
                padding,
                size,
                hash,
            },
            &der,
        )),
        _ => Err(Errno::InvalidKey),
    }
}

fn from_canonical(algorithm: Algorithm, canonical: &[u8]) -> Result<Arc<dyn Public>> {
    match algorithm {
        Algorithm::Rsa(..) => from_spki(algorithm, canonical),
        _ => from_raw(algorithm, canonical),
    }
}
