//! Points: the public keys of ECDSA and ECDH.

use aws_lc_rs::agreement;
use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::ParsedPublicKey;
use pkcs8::der::Tag;
use pkcs8::der::asn1::AnyRef;

use super::EC_PUBLIC_KEY;
use crate::asymmetric::Curve;
use crate::asymmetric::encoding::spki::{self, Spki};
use crate::asymmetric::key::Public;
use crate::{Errno, Result};

const EVEN: u8 = 2;
const ODD: u8 = 3;
const UNCOMPRESSED: u8 = 4;

/// A point of a curve, other than infinity: that was checked when it was made.
pub(crate) struct Point {
    curve: Curve,
    uncompressed: Vec<u8>,
    key: ParsedPublicKey,
}

impl Point {
    /// Reads a point, compressed or not (SEC 1, section 2.3.4). The hybrid form is not among the specification's.
    pub(crate) fn from_sec1(curve: Curve, encoded: &[u8]) -> Result<Self> {
        let expected = match encoded.first() {
            Some(&(EVEN | ODD)) => 1 + curve.bytes(),
            Some(&UNCOMPRESSED) => 1 + 2 * curve.bytes(),
            _ => return Err(Errno::InvalidKey),
        };
        if encoded.len() != expected {
            return Err(Errno::InvalidKey);
        }
        let key =
            ParsedPublicKey::new(curve.verification(), encoded).map_err(|_| Errno::InvalidKey)?;
        let der = key.as_der().map_err(|_| Errno::AlgorithmFailure)?;
        let uncompressed = spki::decode(der.as_ref())?.key.to_vec();
        Ok(Self {
            curve,
            uncompressed,
            key,
        })
    }

    /// Reads a point of a named curve; that must be this one.
    pub(crate) fn from_spki(curve: Curve, info: &Spki<'_>) -> Result<Self> {
        let parameters = info
            .algorithm
            .parameters
            .and_then(|parameters| parameters.decode_as().ok());
        if info.algorithm.oid == EC_PUBLIC_KEY && parameters == Some(curve.oid()) {
            Self::from_sec1(curve, info.key)
        } else {
            Err(Errno::InvalidKey)
        }
    }

    /// Refuses another point than this that was written beside a scalar, in whatever form.
    pub(crate) fn check_same(&self, written: Option<&[u8]>) -> Result<()> {
        match written {
            Some(written)
                if Self::from_sec1(self.curve, written)?.uncompressed != self.uncompressed =>
            {
                Err(Errno::InvalidKey)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn uncompressed(&self) -> &[u8] {
        &self.uncompressed
    }

    fn compressed(&self) -> Vec<u8> {
        let is_odd = self.uncompressed.last().is_some_and(|last| last & 1 == 1);
        let x = self
            .uncompressed
            .get(1..=self.curve.bytes())
            .unwrap_or_default();
        [&[if is_odd { ODD } else { EVEN }], x].concat()
    }
}

impl Public for Point {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.compressed())
    }

    fn spki(&self) -> Result<Vec<u8>> {
        let oid = self.curve.oid();
        let parameters =
            AnyRef::new(Tag::ObjectIdentifier, oid.as_bytes()).map_err(|_| Errno::InternalError)?;
        spki::encode(EC_PUBLIC_KEY, Some(parameters), &self.uncompressed)
    }

    fn sec(&self) -> Result<Vec<u8>> {
        Ok(self.uncompressed.clone())
    }

    fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<()> {
        self.key
            .verify_digest_sig(digest, signature)
            .map_err(|_| Errno::VerificationFailed)
    }

    fn agreement(&self) -> Result<agreement::ParsedPublicKey> {
        let algorithm = self.curve.agreement()?;
        agreement::UnparsedPublicKey::new(algorithm, &self.uncompressed)
            .try_into()
            .map_err(|_| Errno::InvalidKey)
    }
}
