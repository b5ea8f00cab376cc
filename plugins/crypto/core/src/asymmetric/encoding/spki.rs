//! SubjectPublicKeyInfo (RFC 5280), which the specification calls PKCS#8.

use pkcs8::der::asn1::BitStringRef;
use pkcs8::der::{AnyRef, Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::{check_length, unreadable, unwritable};
use crate::{Errno, Result};

/// The algorithm's identifier and parameters, and the key's bytes.
pub(crate) struct Spki<'a> {
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) key: &'a [u8],
}

impl Spki<'_> {
    /// The key's bytes, when the algorithm is this one, without parameters.
    pub(crate) fn plain(&self, oid: ObjectIdentifier) -> Result<&[u8]> {
        if self.algorithm.oid == oid && self.algorithm.parameters.is_none() {
            Ok(self.key)
        } else {
            Err(Errno::InvalidKey)
        }
    }
}

/// Reads the envelope.
///
/// # Errors
/// [`Errno::InvalidKey`] when it is not DER, or something follows it.
pub(crate) fn decode(der: &[u8]) -> Result<Spki<'_>> {
    check_length(der)?;
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(unreadable)?;
    let key = info
        .subject_public_key
        .as_bytes()
        .ok_or(Errno::InvalidKey)?;
    Ok(Spki {
        algorithm: info.algorithm,
        key,
    })
}

/// Writes the envelope.
pub(crate) fn encode(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<Vec<u8>> {
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key).map_err(unwritable)?,
    }
    .to_der()
    .map_err(unwritable)
}
