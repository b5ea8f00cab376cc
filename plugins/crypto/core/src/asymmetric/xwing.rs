//! X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519 in one.
//!
//! Its `pkcs8` and `pem` encodings are not settled yet, so there are none here.

use std::sync::Arc;

use x_wing::{
    Ciphertext, Decapsulate, DecapsulationKey, Decapsulator, EncapsulationKey, KeyExport, KeyInit,
    TryKeyInit,
};
use zeroize::{Zeroize, Zeroizing};

use super::key::{Encapsulated, Public, Secret, joined};
use crate::{Errno, Result, random};

pub(crate) struct XWingPublic {
    raw: Vec<u8>,
    key: EncapsulationKey,
}

impl XWingPublic {
    /// A key of its bytes, whose half for ML-KEM is checked.
    pub(crate) fn from_raw(raw: &[u8]) -> Result<Self> {
        let key = EncapsulationKey::new_from_slice(raw).map_err(|_| Errno::InvalidKey)?;
        Ok(Self {
            raw: raw.to_vec(),
            key,
        })
    }
}

impl Public for XWingPublic {
    fn raw(&self) -> Result<Vec<u8>> {
        Ok(self.raw.clone())
    }

    fn encapsulate(&self) -> Result<Encapsulated> {
        // The library's other functions ask for a generator of its own kind; this one takes what the operating system gave.
        let mut random = Zeroizing::new([0; x_wing::ENCAPSULATION_RANDOMNESS_SIZE]);
        random::fill(&mut *random)?;
        let (encapsulated, mut secret) = self.key.encapsulate_deterministic((&*random).into());
        let copy = Zeroizing::new(secret.to_vec());
        secret.as_mut_slice().zeroize();
        Ok(Encapsulated {
            secret: copy,
            encapsulated: encapsulated.to_vec(),
        })
    }
}

pub(crate) struct XWingSecret {
    key: DecapsulationKey,
    public: Arc<XWingPublic>,
}

impl XWingSecret {
    pub(crate) fn generate() -> Result<Self> {
        let mut seed = Zeroizing::new([0; x_wing::DECAPSULATION_KEY_SIZE]);
        random::fill(&mut *seed)?;
        Self::from_raw(&*seed)
    }

    /// A key of its seed.
    pub(crate) fn from_raw(seed: &[u8]) -> Result<Self> {
        let key = DecapsulationKey::new_from_slice(seed).map_err(|_| Errno::InvalidKey)?;
        let public = key.encapsulation_key();
        let public = Arc::new(XWingPublic {
            raw: public.to_bytes().to_vec(),
            key: public.clone(),
        });
        Ok(Self { key, public })
    }

    /// A key of the public and the secret key.
    pub(crate) fn from_raw_pair(raw: &[u8]) -> Result<Self> {
        let (public, seed) = raw
            .split_at_checked(x_wing::ENCAPSULATION_KEY_SIZE)
            .ok_or(Errno::InvalidKey)?;
        let secret = Self::from_raw(seed)?;
        if secret.public.raw == public {
            Ok(secret)
        } else {
            Err(Errno::InvalidKey)
        }
    }
}

impl Secret for XWingSecret {
    fn public(&self) -> Arc<dyn Public> {
        Arc::<XWingPublic>::clone(&self.public)
    }

    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(Zeroizing::new(self.key.as_bytes().to_vec()))
    }

    fn raw_pair(&self) -> Result<Zeroizing<Vec<u8>>> {
        Ok(joined(&self.public.raw, self.key.as_bytes()))
    }

    /// As with ML-KEM, every string of the right length gives a secret.
    fn decapsulate(&self, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let ciphertext: &Ciphertext = encapsulated
            .try_into()
            .map_err(|_| Errno::VerificationFailed)?;
        let mut secret = self.key.decapsulate(ciphertext);
        let copy = Zeroizing::new(secret.to_vec());
        secret.as_mut_slice().zeroize();
        Ok(copy)
    }
}
