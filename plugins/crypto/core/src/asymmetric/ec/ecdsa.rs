//! The secret keys of ECDSA. The library makes nonces of the key, the message and fresh random numbers.

use std::sync::Arc;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::scalar::{Parts, to_pkcs8, to_sec1};
use super::{Point, signature};
use crate::asymmetric::Curve;
use crate::asymmetric::key::{Public, Secret};
use crate::{Errno, Result};

pub(crate) struct EcdsaSecret {
    curve: Curve,
    pair: EcdsaKeyPair,
    point: Arc<Point>,
}

impl EcdsaSecret {
    pub(crate) fn generate(curve: Curve) -> Result<Self> {
        Self::new(
            curve,
            EcdsaKeyPair::generate(curve.signing()).map_err(|_| Errno::AlgorithmFailure)?,
        )
    }

    /// A key of its scalar, which must be from 1 to the curve's order less 1. A point beside it must be the right one.
    pub(crate) fn from_parts(curve: Curve, parts: &Parts<'_>) -> Result<Self> {
        if parts.scalar.len() != curve.bytes() {
            return Err(Errno::InvalidKey);
        }
        let der = to_sec1(parts.scalar, None)?;
        let pair = EcdsaKeyPair::from_private_key_der(curve.signing(), &der)
            .map_err(|_| Errno::InvalidKey)?;
        let secret = Self::new(curve, pair)?;
        secret.point.check_same(parts.point)?;
        Ok(secret)
    }

    fn new(curve: Curve, pair: EcdsaKeyPair) -> Result<Self> {
        let point = Arc::new(Point::from_sec1(curve, pair.public_key().as_ref())?);
        Ok(Self { curve, pair, point })
    }

    fn scalar(&self) -> Result<Zeroizing<Vec<u8>>> {
        let scalar = self
            .pair
            .private_key()
            .as_be_bytes()
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(scalar.as_ref().to_vec()))
    }
}

impl Secret for EcdsaSecret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<Point>::clone(&self.point)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.scalar()
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        to_pkcs8(self.curve, &self.scalar()?, self.point.uncompressed())
    }

    fn sec(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.scalar()
    }

    fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>> {
        let signature = self
            .pair
            .sign_digest(digest)
            .map_err(|_| Errno::AlgorithmFailure)?;
        let mut raw = signature.as_ref().to_vec();
        if self.curve == Curve::K256 {
            signature::make_low(&mut raw)?;
        }
        Ok(raw)
    }
}
