//! Scalars: the secret keys of ECDSA and ECDH.

use pkcs8::der::Tag;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Encode};
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use super::EC_PUBLIC_KEY;
use crate::asymmetric::Curve;
use crate::asymmetric::encoding::pkcs8::{self as envelope, Pkcs8};
use crate::asymmetric::encoding::{check_length, unreadable, unwritable};
use crate::{Errno, Result};

/// A scalar and the point that was written beside it, if there was one: it must be compared.
pub(crate) struct Parts<'a> {
    pub(crate) scalar: &'a [u8],
    pub(crate) point: Option<&'a [u8]>,
}

/// Reads what the specification calls SEC: the scalar as it is, or an `ECPrivateKey`, which is never as short.
pub(crate) fn scalar_from_sec1(curve: Curve, encoded: &[u8]) -> Result<Parts<'_>> {
    if encoded.len() == curve.bytes() {
        return Ok(Parts {
            scalar: encoded,
            point: None,
        });
    }
    check_length(encoded)?;
    let key = EcPrivateKey::from_der(encoded).map_err(unreadable)?;
    let named = match key.parameters {
        Some(EcParameters::NamedCurve(oid)) => oid == curve.oid(),
        None => true,
    };
    if named && key.private_key.len() == curve.bytes() {
        Ok(Parts {
            scalar: key.private_key,
            point: key.public_key,
        })
    } else {
        Err(Errno::InvalidKey)
    }
}

/// Reads PKCS#8 for a named curve; that must be this one.
pub(crate) fn scalar_from_pkcs8<'a>(curve: Curve, info: &Pkcs8<'a>) -> Result<Parts<'a>> {
    let parameters = info
        .algorithm
        .parameters
        .and_then(|parameters| parameters.decode_as().ok());
    if info.algorithm.oid != EC_PUBLIC_KEY
        || parameters != Some(curve.oid())
        || info.key.len() == curve.bytes()
    {
        return Err(Errno::InvalidKey);
    }
    let mut parts = scalar_from_sec1(curve, info.key)?;
    match (parts.point, info.public) {
        (Some(inner), Some(outer)) if inner != outer => return Err(Errno::InvalidKey),
        (inner, outer) => parts.point = inner.or(outer),
    }
    Ok(parts)
}

/// Writes an `ECPrivateKey`, with its point if there is one, and without the curve's name, which stands outside.
pub(crate) fn to_sec1(scalar: &[u8], point: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>> {
    let key = EcPrivateKey {
        private_key: scalar,
        parameters: None,
        public_key: point,
    };
    key.to_der().map(Zeroizing::new).map_err(unwritable)
}

/// Writes PKCS#8.
pub(crate) fn to_pkcs8(curve: Curve, scalar: &[u8], point: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let oid = curve.oid();
    let parameters = AnyRef::new(Tag::ObjectIdentifier, oid.as_bytes()).map_err(unwritable)?;
    envelope::encode(
        EC_PUBLIC_KEY,
        Some(parameters),
        &to_sec1(scalar, Some(point))?,
    )
}
