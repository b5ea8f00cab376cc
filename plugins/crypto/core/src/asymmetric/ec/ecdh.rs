//! The secret keys of ECDH.

use std::sync::Arc;

use aws_lc_rs::agreement::{self, ParsedPublicKey, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use zeroize::Zeroizing;

use super::Point;
use super::scalar::{Parts, to_pkcs8};
use crate::asymmetric::Curve;
use crate::asymmetric::key::{Public, Secret};
use crate::{Errno, Result};

pub(crate) struct EcdhSecret {
    curve: Curve,
    key: PrivateKey,
    point: Arc<Point>,
}

impl EcdhSecret {
    pub(crate) fn generate(curve: Curve) -> Result<Self> {
        Self::new(
            curve,
            PrivateKey::generate(curve.agreement()?).map_err(|_| Errno::AlgorithmFailure)?,
        )
    }

    /// A key of its scalar, which must be from 1 to the curve's order less 1. A point beside it must be the right one.
    pub(crate) fn from_parts(curve: Curve, parts: &Parts<'_>) -> Result<Self> {
        let key = PrivateKey::from_private_key(curve.agreement()?, parts.scalar)
            .map_err(|_| Errno::InvalidKey)?;
        let secret = Self::new(curve, key)?;
        secret.point.check_same(parts.point)?;
        Ok(secret)
    }

    fn new(curve: Curve, key: PrivateKey) -> Result<Self> {
        let public = key.compute_public_key().map_err(|_| Errno::InvalidKey)?;
        let point = Arc::new(Point::from_sec1(curve, public.as_ref())?);
        Ok(Self { curve, key, point })
    }

    fn scalar(&self) -> Result<Zeroizing<Vec<u8>>> {
        let scalar: EcPrivateKeyBin<'_> = self
            .key
            .as_be_bytes()
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(scalar.as_ref().to_vec()))
    }
}

impl Secret for EcdhSecret {
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

    fn agree(&self, partner: ParsedPublicKey) -> Result<Zeroizing<Vec<u8>>> {
        agreement::agree(&self.key, partner, Errno::InvalidKey, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}
