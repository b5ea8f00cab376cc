//! ML-DSA (FIPS 204), pure, with an empty context. The library mixes fresh random numbers into every signature.

use std::sync::Arc;

use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::signature::{
    KeyPair as _, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87,
    ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm,
};
use pkcs8::ObjectIdentifier;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::MlDsaSize;
use super::encoding::pkcs8::{
    Pkcs8, SeedOrExpanded, encode as encode_pkcs8, encode_octets, encode_seed,
};
use super::encoding::spki;
use super::key::{Public, Secret};
use crate::{Errno, Result, random};

const SEED_BYTES: usize = 32;

impl MlDsaSize {
    /// `id-ml-dsa-*` (RFC 9881).
    pub(crate) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MlDsa44 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
            Self::MlDsa65 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
            Self::MlDsa87 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
        }
    }

    fn signing(self) -> &'static PqdsaSigningAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44_SIGNING,
            Self::MlDsa65 => &ML_DSA_65_SIGNING,
            Self::MlDsa87 => &ML_DSA_87_SIGNING,
        }
    }

    fn verification(self) -> &'static PqdsaVerificationAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44,
            Self::MlDsa65 => &ML_DSA_65,
            Self::MlDsa87 => &ML_DSA_87,
        }
    }
}

pub(crate) struct MlDsaPublic {
    size: MlDsaSize,
    key: ParsedPublicKey,
}

impl MlDsaPublic {
    /// A key of its bytes. Every string of the right length is a key.
    pub(crate) fn from_raw(size: MlDsaSize, raw: &[u8]) -> Result<Self> {
        if raw.len() != size.public_bytes() {
            return Err(Errno::InvalidKey);
        }
        let key = ParsedPublicKey::new(size.verification(), raw).map_err(|_| Errno::InvalidKey)?;
        Ok(Self { size, key })
    }
}

impl Public for MlDsaPublic {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.key.as_ref().to_vec())
    }

    fn spki(&self) -> Result<Vec<u8>> {
        spki::encode(self.size.oid(), None, self.key.as_ref())
    }

    fn verify_message(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        self.key
            .verify_sig(message, signature)
            .map_err(|_| Errno::VerificationFailed)
    }
}

pub(crate) struct MlDsaSecret {
    size: MlDsaSize,
    /// Lost where the key was imported in its expanded form.
    seed: Option<Zeroizing<Vec<u8>>>,
    pair: PqdsaKeyPair,
    public: Arc<MlDsaPublic>,
}

impl MlDsaSecret {
    pub(crate) fn generate(size: MlDsaSize) -> Result<Self> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        random::fill(&mut *seed)?;
        Self::from_seed(size, &*seed)
    }

    /// A key of its seed or of its expanded form: their lengths tell them apart.
    pub(crate) fn from_raw(size: MlDsaSize, raw: &[u8]) -> Result<Self> {
        if raw.len() == SEED_BYTES {
            Self::from_seed(size, raw)
        } else {
            Self::from_expanded(size, raw)
        }
    }

    pub(crate) fn from_pkcs8(size: MlDsaSize, info: &Pkcs8<'_>) -> Result<Self> {
        let choice = SeedOrExpanded::decode(info.plain(size.oid())?)?;
        let secret = match (choice.seed, choice.expanded) {
            (Some(seed), expanded) => {
                let secret = Self::from_seed(size, seed)?;
                secret.check_expanded(expanded)?;
                secret
            }
            (None, Some(expanded)) => Self::from_expanded(size, expanded)?,
            (None, None) => return Err(Errno::InvalidKey),
        };
        info.check_public(secret.public.key.as_ref())?;
        Ok(secret)
    }

    fn from_seed(size: MlDsaSize, seed: &[u8]) -> Result<Self> {
        let pair = PqdsaKeyPair::from_seed(size.signing(), seed).map_err(|_| Errno::InvalidKey)?;
        Self::new(size, Some(Zeroizing::new(seed.to_vec())), pair)
    }

    fn from_expanded(size: MlDsaSize, expanded: &[u8]) -> Result<Self> {
        if expanded.len() != size.expanded_bytes() {
            return Err(Errno::InvalidKey);
        }
        let pair = PqdsaKeyPair::from_raw_private_key(size.signing(), expanded)
            .map_err(|_| Errno::InvalidKey)?;
        Self::new(size, None, pair)
    }

    fn new(size: MlDsaSize, seed: Option<Zeroizing<Vec<u8>>>, pair: PqdsaKeyPair) -> Result<Self> {
        let public = Arc::new(MlDsaPublic::from_raw(size, pair.public_key().as_ref())?);
        Ok(Self {
            size,
            seed,
            pair,
            public,
        })
    }

    fn expanded(&self) -> Result<Zeroizing<Vec<u8>>> {
        let expanded = self
            .pair
            .private_key()
            .as_raw_bytes()
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(Zeroizing::new(expanded.as_ref().to_vec()))
    }

    /// Refuses an expanded key that is not that of the seed beside it.
    fn check_expanded(&self, given: Option<&[u8]>) -> Result<()> {
        match given {
            Some(given) if !bool::from(self.expanded()?.ct_eq(given)) => Err(Errno::InvalidKey),
            _ => Ok(()),
        }
    }
}

impl Secret for MlDsaSecret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<MlDsaPublic>::clone(&self.public)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.seed.clone().map_or_else(|| self.expanded(), Ok)
    }

    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let key = match &self.seed {
            Some(seed) => encode_seed(seed)?,
            None => encode_octets(&self.expanded()?)?,
        };
        encode_pkcs8(self.size.oid(), None, &key)
    }

    fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.size.signature_bytes()];
        self.pair
            .sign(message, &mut signature)
            .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(signature)
    }
}

/// Checks the length of a signature.
pub(crate) fn check_signature(size: MlDsaSize, raw: &[u8]) -> Result<()> {
    if raw.len() == size.signature_bytes() {
        Ok(())
    } else {
        Err(Errno::InvalidSignature)
    }
}
