//! PKCS#8 without encryption (RFC 5208), and its second version with a public key (RFC 5958).

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{ContextSpecific, OctetStringRef};
use pkcs8::der::{AnyRef, Decode, Encode, Reader, SliceReader, TagMode, TagNumber};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier};
use zeroize::Zeroizing;

use super::{check_length, unreadable, unwritable};
use crate::{Errno, Result};

/// The algorithm's identifier and parameters, the key's bytes, and the public key where it is given.
pub(crate) struct Pkcs8<'a> {
    pub(crate) algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) key: &'a [u8],
    pub(crate) public: Option<&'a [u8]>,
}

impl Pkcs8<'_> {
    /// The key's bytes, when the algorithm is this one, without parameters.
    pub(crate) fn plain(&self, oid: ObjectIdentifier) -> Result<&[u8]> {
        if self.algorithm.oid == oid && self.algorithm.parameters.is_none() {
            Ok(self.key)
        } else {
            Err(Errno::InvalidKey)
        }
    }

    /// Refuses a public key that is not that of the secret key.
    pub(crate) fn check_public(&self, public: &[u8]) -> Result<()> {
        if self.public.is_none_or(|given| given == public) {
            Ok(())
        } else {
            Err(Errno::InvalidKey)
        }
    }
}

/// Reads the envelope.
///
/// # Errors
/// [`Errno::InvalidKey`] when it is not DER, or something follows it.
pub(crate) fn decode(der: &[u8]) -> Result<Pkcs8<'_>> {
    check_length(der)?;
    let info = PrivateKeyInfoRef::from_der(der).map_err(unreadable)?;
    let public = match info.public_key {
        Some(bits) => Some(bits.as_bytes().ok_or(Errno::InvalidKey)?),
        None => None,
    };
    Ok(Pkcs8 {
        algorithm: info.algorithm,
        key: info.private_key.as_bytes(),
        public,
    })
}

/// Writes the envelope, in its first version, which every reader knows.
pub(crate) fn encode(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let key = OctetStringRef::new(key).map_err(unwritable)?;
    let info = PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid, parameters }, key);
    info.to_der().map(Zeroizing::new).map_err(unwritable)
}

/// Reads `OCTET STRING` with `N` bytes: `CurvePrivateKey` of RFC 8410.
pub(crate) fn decode_octets(der: &[u8]) -> Result<&[u8]> {
    <&OctetStringRef>::from_der(der)
        .map(OctetStringRef::as_bytes)
        .map_err(unreadable)
}

/// Writes `OCTET STRING`.
pub(crate) fn encode_octets(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let octets = OctetStringRef::new(bytes).map_err(unwritable)?;
    octets.to_der().map(Zeroizing::new).map_err(unwritable)
}

/// The private keys of ML-DSA and ML-KEM (RFC 9881, section 6; RFC 9935, section 6): a seed, an expanded key, or both.
pub(crate) struct SeedOrExpanded<'a> {
    pub(crate) seed: Option<&'a [u8]>,
    pub(crate) expanded: Option<&'a [u8]>,
}

const SEED: TagNumber = TagNumber(0);

impl<'a> SeedOrExpanded<'a> {
    /// Reads the choice.
    pub(crate) fn decode(der: &'a [u8]) -> Result<Self> {
        let mut reader = SliceReader::new(der).map_err(unreadable)?;
        let choice = Self::read(&mut reader).map_err(unreadable)?;
        reader.finish().map_err(unreadable)?;
        Ok(choice)
    }

    fn read(reader: &mut SliceReader<'a>) -> pkcs8::der::Result<Self> {
        if let Some(seed) = reader.context_specific::<&OctetStringRef>(SEED, TagMode::Implicit)? {
            return Ok(Self {
                seed: Some(seed.as_bytes()),
                expanded: None,
            });
        }
        if let Ok(expanded) = <&OctetStringRef>::decode(&mut reader.clone()) {
            <&OctetStringRef>::decode(reader)?;
            return Ok(Self {
                seed: None,
                expanded: Some(expanded.as_bytes()),
            });
        }
        reader.sequence(|both| {
            let seed = <&OctetStringRef>::decode(both)?.as_bytes();
            let expanded = <&OctetStringRef>::decode(both)?.as_bytes();
            Ok(Self {
                seed: Some(seed),
                expanded: Some(expanded),
            })
        })
    }
}

/// Writes a seed.
pub(crate) fn encode_seed(seed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let value = OctetStringRef::new(seed).map_err(unwritable)?;
    let tagged = ContextSpecific {
        tag_number: SEED,
        tag_mode: TagMode::Implicit,
        value,
    };
    tagged.to_der().map(Zeroizing::new).map_err(unwritable)
}
