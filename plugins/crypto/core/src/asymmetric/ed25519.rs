//! Ed25519 (RFC 8032), without prehashing.

use std::sync::Arc;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use curve25519_dalek::edwards::CompressedEdwardsY;
use pkcs8::ObjectIdentifier;
use zeroize::Zeroizing;

use super::encoding::pkcs8::{Pkcs8, decode_octets, encode as encode_pkcs8, encode_octets};
use super::encoding::spki;
use super::key::{Public, Secret, joined};
use crate::{Errno, Result, random};

/// `id-Ed25519` (RFC 8410).
pub(crate) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

pub(crate) struct Ed25519Public {
    raw: [u8; KEY_BYTES],
    key: ParsedPublicKey,
}

impl Ed25519Public {
    /// A key of its 32 bytes, which must be a point of the curve.
    pub(crate) fn from_raw(raw: &[u8]) -> Result<Self> {
        let raw: [u8; KEY_BYTES] = raw.try_into().map_err(|_| Errno::InvalidKey)?;
        CompressedEdwardsY(raw)
            .decompress()
            .ok_or(Errno::InvalidKey)?;
        let key = ParsedPublicKey::new(&ED25519, raw).map_err(|_| Errno::InvalidKey)?;
        Ok(Self { raw, key })
    }
}

impl Public for Ed25519Public {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.raw.to_vec())
    }

    fn spki(&self) -> Result<Vec<u8>> {
        spki::encode(OID, None, &self.raw)
    }

    /// The point must be written in its one canonical form, and lie in the subgroup that all honest keys are in.
    fn check(&self) -> Result<()> {
        let point = CompressedEdwardsY(self.raw)
            .decompress()
            .ok_or(Errno::InvalidKey)?;
        let canonical = point.compress().to_bytes() == self.raw;
        if canonical && !point.is_small_order() && point.is_torsion_free() {
            Ok(())
        } else {
            Err(Errno::InvalidKey)
        }
    }

    fn verify_message(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        self.key
            .verify_sig(message, signature)
            .map_err(|_| Errno::VerificationFailed)
    }
}

pub(crate) struct Ed25519Secret {
    pair: Ed25519KeyPair,
    public: Arc<Ed25519Public>,
}

impl Ed25519Secret {
    pub(crate) fn generate() -> Result<Self> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        random::fill(&mut *secret)?;
        Self::from_seed(&*secret)
    }

    /// A key of its seed.
    pub(crate) fn from_seed(seed: &[u8]) -> Result<Self> {
        if seed.len() != KEY_BYTES {
            return Err(Errno::InvalidKey);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Errno::InvalidKey)?;
        let public = Arc::new(Ed25519Public::from_raw(pair.public_key().as_ref())?);
        Ok(Self { pair, public })
    }

    /// A key of its seed and public key, which must belong together: signing with a wrong public key gives the seed away.
    pub(crate) fn from_raw_pair(raw: &[u8]) -> Result<Self> {
        let (seed, public) = raw.split_at_checked(KEY_BYTES).ok_or(Errno::InvalidKey)?;
        let secret = Self::from_seed(seed)?;
        if secret.public.raw == public {
            Ok(secret)
        } else {
            Err(Errno::InvalidKey)
        }
    }

    pub(crate) fn from_pkcs8(info: &Pkcs8<'_>) -> Result<Self> {
        let secret = Self::from_seed(decode_octets(info.plain(OID)?)?)?;
        info.check_public(&secret.public.raw)?;
        Ok(secret)
    }

    fn seed(&self) -> Result<Zeroizing<Vec<u8>>> {
        let seed = self
            .pair
            .seed()
            .and_then(|seed| seed.as_be_bytes())
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(seed.as_ref().to_vec()))
    }
}

impl Secret for Ed25519Secret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<Ed25519Public>::clone(&self.public)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.seed()
    }

    fn raw_pair(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(joined(&self.seed()?, &self.public.raw))
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        encode_pkcs8(OID, None, &encode_octets(&self.seed()?)?)
    }

    fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature = self
            .pair
            .try_sign(message)
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// Checks the length of a signature.
pub(crate) fn check_signature(raw: &[u8]) -> Result<()> {
    if raw.len() == SIGNATURE_BYTES {
        Ok(())
    } else {
        Err(Errno::InvalidSignature)
    }
}
