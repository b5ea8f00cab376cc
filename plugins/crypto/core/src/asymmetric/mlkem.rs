//! ML-KEM (FIPS 203).
//!
//! `ml-kem` expands seeds and checks keys (FIPS 203, sections 7.2 and 7.3), for which `aws-lc-rs` has no functions;
//! `aws-lc-rs` encapsulates and decapsulates.

use std::sync::Arc;

use aws_lc_rs::kem::{self, Ciphertext, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
#[expect(deprecated, reason = "the library below takes no other form")]
use ml_kem::ExpandedKeyEncoding;
use ml_kem::array::Array;
use ml_kem::kem::Decapsulator;
use ml_kem::{Kem, KeyExport, KeyInit, MlKem512, MlKem768, MlKem1024, TryKeyInit};
use pkcs8::ObjectIdentifier;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::MlKemSize;
use super::encoding::pkcs8::{
    Pkcs8, SeedOrExpanded, encode as encode_pkcs8, encode_octets, encode_seed,
};
use super::encoding::spki;
use super::key::{Encapsulated, Public, Secret, joined};
use crate::{Errno, Result, random};

const SEED_BYTES: usize = 64;

impl MlKemSize {
    /// `id-alg-ml-kem-*` (RFC 9935).
    pub(crate) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MlKem512 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.1"),
            Self::MlKem768 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2"),
            Self::MlKem1024 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3"),
        }
    }

    fn library(self) -> &'static kem::Algorithm {
        match self {
            Self::MlKem512 => &ML_KEM_512,
            Self::MlKem768 => &ML_KEM_768,
            Self::MlKem1024 => &ML_KEM_1024,
        }
    }
}

/// An expanded decapsulation key, and the encapsulation key in it.
struct Expanded {
    decapsulation: Zeroizing<Vec<u8>>,
    encapsulation: Vec<u8>,
}

/// Calls a generic function for the parameter set.
macro_rules! for_size {
    ($size:expr, $function:ident($($argument:expr),*)) => {
        match $size {
            MlKemSize::MlKem512 => $function::<MlKem512>($($argument),*),
            MlKemSize::MlKem768 => $function::<MlKem768>($($argument),*),
            MlKemSize::MlKem1024 => $function::<MlKem1024>($($argument),*),
        }
    };
}

pub(crate) struct MlKemPublic {
    size: MlKemSize,
    raw: Vec<u8>,
    key: EncapsulationKey,
}

impl MlKemPublic {
    /// A key of its bytes, whose coefficients all must be reduced.
    pub(crate) fn from_raw(size: MlKemSize, raw: &[u8]) -> Result<Self> {
        for_size!(size, check_encapsulation_key(raw))?;
        Self::from_checked(size, raw)
    }

    fn from_checked(size: MlKemSize, raw: &[u8]) -> Result<Self> {
        let key = EncapsulationKey::new(size.library(), raw).map_err(|_| Errno::InvalidKey)?;
        Ok(Self {
            size,
            raw: raw.to_vec(),
            key,
        })
    }
}

impl Public for MlKemPublic {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.raw.clone())
    }

    fn spki(&self) -> Result<Vec<u8>> {
        spki::encode(self.size.oid(), None, &self.raw)
    }

    fn encapsulate(&self) -> Result<Encapsulated> {
        let (encapsulated, secret) = self
            .key
            .encapsulate()
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Encapsulated {
            secret: Zeroizing::new(secret.as_ref().to_vec()),
            encapsulated: encapsulated.as_ref().to_vec(),
        })
    }
}

pub(crate) struct MlKemSecret {
    size: MlKemSize,
    /// Lost where the key was imported in its expanded form.
    seed: Option<Zeroizing<Vec<u8>>>,
    expanded: Zeroizing<Vec<u8>>,
    key: kem::DecapsulationKey,
    public: Arc<MlKemPublic>,
}

impl MlKemSecret {
    pub(crate) fn generate(size: MlKemSize) -> Result<Self> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        random::fill(&mut *seed)?;
        Self::from_seed(size, &*seed)
    }

    /// A key of its seed (`d` and `z`) or of its expanded form: their lengths tell them apart.
    pub(crate) fn from_raw(size: MlKemSize, raw: &[u8]) -> Result<Self> {
        if raw.len() == SEED_BYTES {
            Self::from_seed(size, raw)
        } else {
            Self::from_expanded(size, raw)
        }
    }

    /// A key of the public and the secret key.
    pub(crate) fn from_raw_pair(size: MlKemSize, raw: &[u8]) -> Result<Self> {
        let (public, secret) = raw
            .split_at_checked(size.public_bytes())
            .ok_or(Errno::InvalidKey)?;
        let secret = Self::from_raw(size, secret)?;
        if secret.public.raw == public {
            Ok(secret)
        } else {
            Err(Errno::InvalidKey)
        }
    }

    pub(crate) fn from_pkcs8(size: MlKemSize, info: &Pkcs8<'_>) -> Result<Self> {
        let choice = SeedOrExpanded::decode(info.plain(size.oid())?)?;
        let secret = match (choice.seed, choice.expanded) {
            (Some(seed), expanded) => {
                let secret = Self::from_seed(size, seed)?;
                if expanded.is_some_and(|expanded| !bool::from(secret.expanded.ct_eq(expanded))) {
                    return Err(Errno::InvalidKey);
                }
                secret
            }
            (None, Some(expanded)) => Self::from_expanded(size, expanded)?,
            (None, None) => return Err(Errno::InvalidKey),
        };
        info.check_public(&secret.public.raw)?;
        Ok(secret)
    }

    fn from_seed(size: MlKemSize, seed: &[u8]) -> Result<Self> {
        let expanded = for_size!(size, expand(seed))?;
        Self::new(size, Some(Zeroizing::new(seed.to_vec())), expanded)
    }

    fn from_expanded(size: MlKemSize, expanded: &[u8]) -> Result<Self> {
        let encapsulation = for_size!(size, check_decapsulation_key(expanded))?;
        Self::new(
            size,
            None,
            Expanded {
                decapsulation: Zeroizing::new(expanded.to_vec()),
                encapsulation,
            },
        )
    }

    fn new(size: MlKemSize, seed: Option<Zeroizing<Vec<u8>>>, expanded: Expanded) -> Result<Self> {
        let key = kem::DecapsulationKey::new(size.library(), &expanded.decapsulation)
            .map_err(|_| Errno::InvalidKey)?;
        let public = Arc::new(MlKemPublic::from_checked(size, &expanded.encapsulation)?);
        Ok(Self {
            size,
            seed,
            expanded: expanded.decapsulation,
            key,
            public,
        })
    }
}

impl Secret for MlKemSecret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<MlKemPublic>::clone(&self.public)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(self.seed.clone().unwrap_or_else(|| self.expanded.clone()))
    }

    fn raw_pair(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(joined(&self.public.raw, &self.raw()?))
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let key = match &self.seed {
            Some(seed) => encode_seed(seed)?,
            None => encode_octets(&self.expanded)?,
        };
        encode_pkcs8(self.size.oid(), None, &key)
    }

    /// A string of the right length always gives a secret: one that nobody else knows, if it was not made for this key
    /// (FIPS 203, implicit rejection).
    fn decapsulate(&self, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        if encapsulated.len() != self.size.ciphertext_bytes() {
            return Err(Errno::VerificationFailed);
        }
        let secret = self
            .key
            .decapsulate(Ciphertext::from(encapsulated))
            .map_err(|_| Errno::VerificationFailed)?;
        Ok(Zeroizing::new(secret.as_ref().to_vec()))
    }
}

/// Expands a seed (FIPS 203, algorithm 16).
#[expect(deprecated, reason = "the library below takes no other form")]
fn expand<P>(seed: &[u8]) -> Result<Expanded>
where
    P: Kem,
    P::DecapsulationKey: KeyInit + ExpandedKeyEncoding,
{
    let key = P::DecapsulationKey::new_from_slice(seed).map_err(|_| Errno::InvalidKey)?;
    let mut bytes = key.to_expanded_bytes();
    let decapsulation = Zeroizing::new(bytes.to_vec());
    bytes.as_mut_slice().zeroize();
    Ok(Expanded {
        decapsulation,
        encapsulation: key.encapsulation_key().to_bytes().to_vec(),
    })
}

/// Checks an expanded decapsulation key: its length, and that the encapsulation key in it has the hash in it.
#[expect(deprecated, reason = "it is what guests have")]
fn check_decapsulation_key<P>(expanded: &[u8]) -> Result<Vec<u8>>
where
    P: Kem,
    P::DecapsulationKey: ExpandedKeyEncoding,
{
    let bytes: &Array<u8, _> = expanded.try_into().map_err(|_| Errno::InvalidKey)?;
    let key = P::DecapsulationKey::from_expanded_bytes(bytes).map_err(|_| Errno::InvalidKey)?;
    Ok(key.encapsulation_key().to_bytes().to_vec())
}

/// Checks an encapsulation key: its length, and that all coefficients are reduced.
fn check_encapsulation_key<P: Kem>(raw: &[u8]) -> Result<()> {
    P::EncapsulationKey::new_from_slice(raw)
        .map(drop)
        .map_err(|_| Errno::InvalidKey)
}
