//! The identifiers and parameters that stand beside RSA keys (RFC 4055, RFC 8017, appendix A).

use pkcs1::{RsaPssParamsOwned, TrailerField};
use pkcs8::ObjectIdentifier;
use pkcs8::der::AnyRef;
use pkcs8::der::referenced::OwnedToRef;
use pkcs8::spki::AlgorithmIdentifierRef;

use super::Scheme;
use crate::asymmetric::{RsaHash, RsaPadding};
use crate::{Errno, Result};

/// `rsaEncryption`.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSAES_OAEP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");

/// Refuses keys for another algorithm: beside `rsaEncryption`, which serves all, PSS and OAEP have identifiers of their own.
/// With those, parameters can bind a key to a hash function, which then must be ours. Those of OAEP are refused: no program
/// is known that writes any.
pub(crate) fn check_algorithm(
    scheme: Scheme,
    algorithm: &AlgorithmIdentifierRef<'_>,
) -> Result<()> {
    let accepted = match (algorithm.oid, scheme.padding) {
        (RSA_ENCRYPTION, _) => algorithm.parameters == Some(AnyRef::NULL),
        (RSASSA_PSS, RsaPadding::Pss) => algorithm
            .parameters
            .is_none_or(|parameters| are_pss(scheme.hash, parameters)),
        (RSAES_OAEP, RsaPadding::Oaep) => algorithm.parameters.is_none(),
        _ => false,
    };
    if accepted {
        Ok(())
    } else {
        Err(Errno::InvalidKey)
    }
}

/// Whether the parameters are those of PSS as it is used here.
fn are_pss(hash: RsaHash, parameters: AnyRef<'_>) -> bool {
    let Ok(parameters) = parameters.decode_as::<RsaPssParamsOwned>() else {
        return false;
    };
    let mask = &parameters.mask_gen;
    is_hash(hash, &parameters.hash.owned_to_ref())
        && mask.oid == MGF1
        && mask
            .parameters
            .as_ref()
            .is_some_and(|mask_hash| is_hash(hash, &mask_hash.owned_to_ref()))
        && usize::from(parameters.salt_len) == hash.digest().output_len()
        && parameters.trailer_field == TrailerField::BC
}

fn is_hash(hash: RsaHash, algorithm: &AlgorithmIdentifierRef<'_>) -> bool {
    let oid = match hash {
        RsaHash::Sha256 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        RsaHash::Sha384 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
        RsaHash::Sha512 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
    };
    algorithm.oid == oid
        && algorithm
            .parameters
            .is_none_or(|parameters| parameters == AnyRef::NULL)
}
