//! X25519 (RFC 7748).

use std::sync::Arc;

use aws_lc_rs::agreement::{self, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use pkcs8::ObjectIdentifier;
use zeroize::Zeroizing;

use super::encoding::pkcs8::{Pkcs8, decode_octets, encode as encode_pkcs8, encode_octets};
use super::encoding::spki;
use super::key::{Public, Secret, joined};
use crate::{Errno, Result, random};

/// `id-X25519` (RFC 8410).
pub(crate) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");

const KEY_BYTES: usize = 32;

/// 2^255 - 19, little endian.
const PRIME: [u8; KEY_BYTES] = {
    let mut prime = [0xff; KEY_BYTES];
    prime[0] = 0xed;
    prime[KEY_BYTES - 1] = 0x7f;
    prime
};

pub(crate) struct X25519Public {
    raw: [u8; KEY_BYTES],
    key: ParsedPublicKey,
}

impl X25519Public {
    /// A key of its coordinate. The top bit has no meaning (RFC 7748, section 5) and is cleared, as the specification wants it
    /// in what is exported.
    pub(crate) fn from_raw(raw: &[u8]) -> Result<Self> {
        let mut raw: [u8; KEY_BYTES] = raw.try_into().map_err(|_| Errno::InvalidKey)?;
        if let Some(top) = raw.last_mut() {
            *top &= 0x7f;
        }
        let key = ParsedPublicKey::try_from(UnparsedPublicKey::new(&agreement::X25519, raw));
        Ok(Self {
            raw,
            key: key.map_err(|_| Errno::InvalidKey)?,
        })
    }
}

impl Public for X25519Public {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.raw.to_vec())
    }

    fn spki(&self) -> Result<Vec<u8>> {
        spki::encode(OID, None, &self.raw)
    }

    /// The coordinate must be reduced, and its order not small: every scalar takes those points to zero, so any will do to
    /// find out.
    fn check(&self) -> Result<()> {
        let reduced = self.raw.iter().rev().lt(PRIME.iter().rev());
        let probe = PrivateKey::from_private_key(&agreement::X25519, &[1; KEY_BYTES])
            .map_err(|_| Errno::AlgorithmFailure)?;
        agreement::agree(&probe, self.key.clone(), Errno::InvalidKey, |_| Ok(()))?;
        if reduced {
            Ok(())
        } else {
            Err(Errno::InvalidKey)
        }
    }

    fn agreement(&self) -> Result<ParsedPublicKey> {
        Ok(self.key.clone())
    }
}

pub(crate) struct X25519Secret {
    key: PrivateKey,
    public: Arc<X25519Public>,
}

impl X25519Secret {
    pub(crate) fn generate() -> Result<Self> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        random::fill(&mut *secret)?;
        Self::from_raw(&*secret)
    }

    /// A key of its scalar, which is clamped only when it is used.
    pub(crate) fn from_raw(raw: &[u8]) -> Result<Self> {
        let key =
            PrivateKey::from_private_key(&agreement::X25519, raw).map_err(|_| Errno::InvalidKey)?;
        let public = key.compute_public_key().map_err(|_| Errno::InvalidKey)?;
        let public = Arc::new(X25519Public::from_raw(public.as_ref())?);
        Ok(Self { key, public })
    }

    /// A key of the public and the secret key.
    pub(crate) fn from_raw_pair(raw: &[u8]) -> Result<Self> {
        let (public, secret) = raw.split_at_checked(KEY_BYTES).ok_or(Errno::InvalidKey)?;
        let secret = Self::from_raw(secret)?;
        if secret.public.raw == public {
            Ok(secret)
        } else {
            Err(Errno::InvalidKey)
        }
    }

    pub(crate) fn from_pkcs8(info: &Pkcs8<'_>) -> Result<Self> {
        let secret = Self::from_raw(decode_octets(info.plain(OID)?)?)?;
        info.check_public(&secret.public.raw)?;
        Ok(secret)
    }

    fn scalar(&self) -> Result<Zeroizing<Vec<u8>>> {
        let scalar: Curve25519SeedBin<'_> = self
            .key
            .as_be_bytes()
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(scalar.as_ref().to_vec()))
    }
}

impl Secret for X25519Secret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<X25519Public>::clone(&self.public)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.scalar()
    }

    fn raw_pair(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(joined(&self.public.raw, &self.scalar()?))
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        encode_pkcs8(OID, None, &encode_octets(&self.scalar()?)?)
    }

    fn agree(&self, partner: ParsedPublicKey) -> Result<Zeroizing<Vec<u8>>> {
        agreement::agree(&self.key, partner, Errno::InvalidKey, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}
