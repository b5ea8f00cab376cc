//! Symmetric keys.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::{cmac, hkdf, hmac};
use zeroize::Zeroizing;

use super::algorithm::Scheme;
use super::{Algorithm, aead, hkdf as kdf, mac};
use crate::secrets::{Count, Managed, Store};
use crate::{Errno, Result, random};

/// How many random nonces of 96 bits one key gets, before two of them become likely to be the same.
const RANDOM_NONCES: u64 = 1 << 32;

/// A key, bound to its algorithm.
pub(crate) struct SymmetricKey {
    algorithm: Algorithm,
    material: Arc<Material>,
    /// Where it is stored, if it is.
    pub(crate) managed: Option<Managed>,
}

/// The key itself, shared by what was made of it.
pub(super) struct Material {
    raw: Zeroizing<Vec<u8>>,
    pub(super) prepared: Prepared,
    nonces: Count,
}

/// A key as the library wants it, made once for all messages.
pub(super) enum Prepared {
    /// The bytes are all there is.
    Raw,
    Aead(LessSafeKey),
    Hmac(Box<hmac::Key>),
    Cmac(Box<cmac::Key>),
    Prk(Box<hkdf::Prk>),
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material")
    }
}

impl Material {
    fn prepare(algorithm: Algorithm, raw: &[u8]) -> Result<Prepared> {
        Ok(match algorithm.scheme() {
            Scheme::Aead(aead) => aead::prepare(aead, raw)?,
            Scheme::Hmac(hash) => Prepared::Hmac(Box::new(mac::hmac_key(hash, raw))),
            Scheme::Cmac => Prepared::Cmac(Box::new(mac::cmac_key(raw)?)),
            Scheme::HkdfExpand(hash) => Prepared::Prk(Box::new(kdf::prk(hash, raw)?)),
            Scheme::Ctr
            | Scheme::Hash(_)
            | Scheme::Blake3
            | Scheme::HkdfExtract(_)
            | Scheme::Password(_)
            | Scheme::Xoodyak => Prepared::Raw,
        })
    }

    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.raw.len()
    }

    /// Counts a random nonce of 96 bits.
    ///
    /// # Errors
    /// `nonce_required` when the key has had as many as are safe.
    pub(super) fn count_random_nonce(&self) -> Result<()> {
        // Saturating: a key that was refused stays refused.
        let count = self
            .nonces
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
                (count < RANDOM_NONCES).then_some(count + 1)
            });
        count.map(drop).map_err(|_| Errno::NonceRequired)
    }
}

impl SymmetricKey {
    /// A key of given bytes.
    ///
    /// # Errors
    /// `key_not_supported`, `invalid_key`.
    pub(crate) fn import(algorithm: Algorithm, raw: &[u8]) -> Result<Self> {
        algorithm.check_key_len(raw.len())?;
        Self::of(algorithm, Zeroizing::new(raw.to_vec()))
    }

    /// A random key.
    ///
    /// # Errors
    /// `unsupported_feature` for an algorithm without keys, `rng_error`.
    pub(crate) fn generate(algorithm: Algorithm) -> Result<Self> {
        Self::make(algorithm, algorithm.generated_key_len()?, random::fill)
    }

    /// A key of `len` bytes that something else fills.
    pub(super) fn make(
        algorithm: Algorithm,
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<()>,
    ) -> Result<Self> {
        let mut raw = Zeroizing::new(vec![0; len]);
        fill(&mut raw)?;
        Self::of(algorithm, raw)
    }

    fn of(algorithm: Algorithm, raw: Zeroizing<Vec<u8>>) -> Result<Self> {
        let prepared = Material::prepare(algorithm, &raw)?;
        let material = Material {
            raw,
            prepared,
            nonces: Count::default(),
        };
        Ok(Self {
            algorithm,
            material: Arc::new(material),
            managed: None,
        })
    }

    /// Says where the key is stored. Whoever opens it there counts its random nonces together with this one.
    pub(crate) fn set_managed(&mut self, managed: Managed, store: &Store) {
        self.managed = Some(managed);
        if !self.algorithm.counts_nonces() {
            return;
        }
        let count = store.nonces(&managed, &self.material.nonces);
        // States have the key already only where it was there before it was stored; then the count is its own.
        if let Some(material) = Arc::get_mut(&mut self.material) {
            material.nonces = count;
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn raw(&self) -> &[u8] {
        self.material.raw()
    }

    pub(super) fn material(&self) -> &Arc<Material> {
        &self.material
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.material.bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use tempfile::TempDir;

    use super::{Algorithm, RANDOM_NONCES, SymmetricKey};
    use crate::secrets::{Kind, Secret, Store};
    use crate::{AlgorithmType, Config, Errno};

    fn secret(key: &SymmetricKey) -> Secret {
        Secret {
            kind: Kind::SymmetricKey,
            algorithm_type: AlgorithmType::Symmetric,
            algorithm: key.algorithm().name().to_owned(),
            content: key.raw().to_vec().into(),
            expiration: None,
        }
    }

    #[test]
    fn a_stored_key_has_its_random_nonces_once_whoever_opens_it() {
        let folder = TempDir::new().unwrap();
        let store = Some(folder.path().join("secrets"));
        let config = Config {
            store,
            ..Config::default()
        };
        let store = Store::open(&config).unwrap().unwrap();
        let algorithm = Algorithm::parse("AES-256-GCM-SIV").unwrap();
        let mut key = SymmetricKey::generate(algorithm).unwrap();
        // It was used before it was stored, and a state still has it.
        let state = std::sync::Arc::clone(key.material());
        state.nonces.store(RANDOM_NONCES - 2, Ordering::Relaxed);
        let managed = store.add(&secret(&key)).unwrap();
        key.set_managed(managed, &store);
        let open = || {
            let mut key = SymmetricKey::import(algorithm, key.raw()).unwrap();
            key.set_managed(managed, &store);
            key
        };
        let (first, second) = (open(), open());
        first.material().count_random_nonce().unwrap();
        state.count_random_nonce().unwrap();
        for key in [&key, &first, &second, &open()] {
            assert_eq!(
                key.material().count_random_nonce(),
                Err(Errno::NonceRequired)
            );
        }
        // The next version is another key.
        let mut next = SymmetricKey::generate(algorithm).unwrap();
        next.set_managed(store.replace(managed.id, &secret(&next)).unwrap(), &store);
        next.material().count_random_nonce().unwrap();
    }

    #[test]
    fn a_key_is_refused_before_its_random_nonces_repeat() {
        let key = SymmetricKey::generate(Algorithm::parse("AES-256-GCM-SIV").unwrap()).unwrap();
        key.material()
            .nonces
            .store(RANDOM_NONCES - 1, Ordering::Relaxed);
        key.material().count_random_nonce().unwrap();
        assert_eq!(
            key.material().count_random_nonce(),
            Err(Errno::NonceRequired)
        );
        assert_eq!(
            key.material().count_random_nonce(),
            Err(Errno::NonceRequired)
        );
    }
}
