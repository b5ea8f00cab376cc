//! Keys and secrets that the host keeps, beyond the guest's life.

use std::time::{SystemTime, UNIX_EPOCH};

use super::raw::{self, AlgorithmType, Result, Version};
use super::{Algorithm, Error, Key, KeyExchange, KeyPair, Secret, SignatureAlgorithm, SigningKey};

/// What a managed key or secret is called. The host makes it up; it says nothing about the key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id(Vec<u8>);

impl Id {
    /// An identifier that was kept.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The identifier, to be kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The host's store of keys and secrets.
///
/// A guest works with keys of the store and, unless the host allows it, never sees their bytes. Every change makes a new
/// version; those before stay usable until they are invalidated.
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Key, SecretsManager, Version};
///
/// let manager = SecretsManager::open()?;
/// let key: Key<Aes256Gcm> = manager.generate_key()?;
/// let (id, first) = key.id()?;
/// let sealed = key.seal(b"message", b"")?;
///
/// // A new version for new messages; the old one still opens what it sealed.
/// manager.replace_key(key, &Key::generate()?)?;
/// let newest: Key<Aes256Gcm> = manager.key(&id, Version::Latest)?;
/// assert!(newest.open(&sealed, b"").is_err());
/// assert_eq!(manager.key::<Aes256Gcm>(&id, first)?.open(&sealed, b"")?, b"message");
///
/// manager.invalidate(&id, Version::All)?;
/// assert!(manager.key::<Aes256Gcm>(&id, Version::Latest).is_err());
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug)]
pub struct SecretsManager(raw::SecretsManager);

impl SecretsManager {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// [`UnsupportedFeature`](Error::UnsupportedFeature) if the host was given none.
    pub fn open() -> Result<Self> {
        raw::secrets_manager_open(None).map(Self)
    }

    /// A new key in the store. For encryption, one of [`XChaCha20Poly1305`](super::XChaCha20Poly1305): such a key lives long, and
    /// nobody counts what all its instances have [sealed](Key::seal).
    ///
    /// # Errors
    ///
    /// [`Overflow`](Error::Overflow) if the store is full.
    pub fn generate_key<A: Algorithm>(&self) -> Result<Key<A>> {
        raw::symmetric_key_generate_managed(&self.0, A::NAME, None).map(Key::from_raw)
    }

    /// Gives a key into the store.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Blake3, Key, SecretsManager, Version};
    ///
    /// let manager = SecretsManager::open()?;
    /// let key = Key::<Blake3>::generate()?;
    /// let id = manager.store_key(&key)?;
    /// let kept: Key<Blake3> = manager.key(&id, Version::Latest)?;
    /// kept.verify(b"data", &key.tag(b"data")?)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`generate_key`](Self::generate_key).
    pub fn store_key<A: Algorithm>(&self, key: &Key<A>) -> Result<Id> {
        raw::symmetric_key_store_managed(&self.0, &key.raw).map(Id)
    }

    /// Adds a version of a key.
    ///
    /// # Errors
    ///
    /// [`IncompatibleKeys`](Error::IncompatibleKeys) if the old one is for something else,
    /// [`UnsupportedFeature`](Error::UnsupportedFeature) if it is not managed.
    pub fn replace_key<A: Algorithm>(&self, old: Key<A>, new: &Key<A>) -> Result<Version> {
        raw::symmetric_key_replace_managed(&self.0, old.raw, &new.raw)
    }

    /// A key of the store.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound), or [`Expired`](Error::Expired). That it is a key of another algorithm comes out when it
    /// is used, as [`InvalidKey`](Error::InvalidKey).
    pub fn key<A: Algorithm>(&self, id: &Id, version: Version) -> Result<Key<A>> {
        raw::symmetric_key_from_id(&self.0, &id.0, version).map(Key::from_raw)
    }

    /// A new signing key in the store.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Ed25519, SecretsManager, SigningKey, Version};
    ///
    /// let manager = SecretsManager::open()?;
    /// let (id, _) = manager.generate_signing_key::<Ed25519>()?.id()?;
    ///
    /// let key: SigningKey<Ed25519> = manager.signing_key(&id, Version::Latest)?;
    /// key.verifying_key()?.verify(b"message", &key.sign(b"message")?)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`generate_key`](Self::generate_key).
    pub fn generate_signing_key<A: SignatureAlgorithm>(&self) -> Result<SigningKey<A>> {
        let kind = AlgorithmType::Signatures;
        raw::keypair_generate_managed(&self.0, kind, A::NAME, None).map(SigningKey::from_raw)
    }

    /// Gives a signing key into the store.
    ///
    /// # Errors
    ///
    /// As [`generate_key`](Self::generate_key).
    pub fn store_signing_key<A: SignatureAlgorithm>(&self, key: &SigningKey<A>) -> Result<Id> {
        raw::keypair_store_managed(&self.0, &key.raw).map(Id)
    }

    /// Adds a version of a signing key.
    ///
    /// # Errors
    ///
    /// As [`replace_key`](Self::replace_key).
    pub fn replace_signing_key<A: SignatureAlgorithm>(
        &self,
        old: SigningKey<A>,
        new: &SigningKey<A>,
    ) -> Result<Version> {
        raw::keypair_replace_managed(&self.0, old.raw, &new.raw)
    }

    /// A signing key of the store.
    ///
    /// # Errors
    ///
    /// As [`key`](Self::key).
    pub fn signing_key<A: SignatureAlgorithm>(
        &self,
        id: &Id,
        version: Version,
    ) -> Result<SigningKey<A>> {
        raw::keypair_from_id(&self.0, &id.0, version).map(SigningKey::from_raw)
    }

    /// A new key pair for key exchange in the store.
    ///
    /// # Errors
    ///
    /// As [`generate_key`](Self::generate_key).
    pub fn generate_key_pair<A: KeyExchange>(&self) -> Result<KeyPair<A>> {
        let kind = AlgorithmType::KeyExchange;
        raw::keypair_generate_managed(&self.0, kind, A::NAME, None).map(KeyPair::from_raw)
    }

    /// A key pair for key exchange of the store.
    ///
    /// # Errors
    ///
    /// As [`key`](Self::key).
    pub fn key_pair<A: KeyExchange>(&self, id: &Id, version: Version) -> Result<KeyPair<A>> {
        raw::keypair_from_id(&self.0, &id.0, version).map(KeyPair::from_raw)
    }

    /// Makes versions of a key unusable for ever.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound).
    pub fn invalidate(&self, id: &Id, version: Version) -> Result<()> {
        raw::secrets_manager_invalidate(&self.0, &id.0, version)
    }

    /// Stores a secret that is no key, such as a password of another service, until it expires.
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    /// use c12_wasm::crypto::{SecretsManager, Version};
    ///
    /// let manager = SecretsManager::open()?;
    /// let tomorrow = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    /// let id = manager.store_secret(b"token", tomorrow)?;
    /// assert_eq!(manager.secret(&id, Version::Latest)?.expose(), b"token");
    ///
    /// manager.invalidate_secret(&id, Version::All)?;
    /// assert!(manager.secret(&id, Version::Latest).is_err());
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Overflow`](Error::Overflow) if the store is full or the secret too large.
    pub fn store_secret(&self, secret: &[u8], expires: SystemTime) -> Result<Id> {
        raw::external_secret_store(&self.0, secret, seconds(expires)).map(Id)
    }

    /// Adds a version of a secret. Components cannot: their interface has no parameter that says which one is meant.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound) if there is no such secret, [`UnsupportedFeature`](Error::UnsupportedFeature) in a
    /// component.
    pub fn replace_secret(&self, id: &Id, secret: &[u8], expires: SystemTime) -> Result<Version> {
        raw::external_secret_replace(&self.0, secret, seconds(expires), &id.0)
    }

    /// A secret of the store.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound), or [`Expired`](Error::Expired).
    pub fn secret(&self, id: &Id, version: Version) -> Result<Secret> {
        raw::external_secret_from_id(&self.0, &id.0, version).map(Secret::from)
    }

    /// Makes versions of a secret unusable for ever.
    ///
    /// # Errors
    ///
    /// [`NotFound`](Error::NotFound).
    pub fn invalidate_secret(&self, id: &Id, version: Version) -> Result<()> {
        raw::external_secret_invalidate(&self.0, &id.0, version)
    }

    /// Seals a secret with a key that only the host has. The guest keeps the result, wherever it likes, and can have it opened
    /// until it expires.
    ///
    /// ```no_run
    /// use std::time::{Duration, SystemTime};
    /// use c12_wasm::crypto::{Error, SecretsManager};
    ///
    /// let manager = SecretsManager::open()?;
    /// let now = SystemTime::now();
    /// let sealed = manager.seal_secret(b"token", now + Duration::from_secs(3600))?;
    /// assert_eq!(manager.open_secret(&sealed)?.expose(), b"token");
    ///
    /// let old = manager.seal_secret(b"token", now - Duration::from_secs(3600))?;
    /// assert_eq!(manager.open_secret(&old).unwrap_err(), Error::Expired);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Overflow`](Error::Overflow) if the secret is too large.
    pub fn seal_secret(&self, secret: &[u8], expires: SystemTime) -> Result<Vec<u8>> {
        raw::external_secret_encapsulate(&self.0, secret, seconds(expires))
    }

    /// Opens what [`seal_secret`](Self::seal_secret) gave.
    ///
    /// # Errors
    ///
    /// [`VerificationFailed`](Error::VerificationFailed) if it was changed, [`Expired`](Error::Expired).
    pub fn open_secret(&self, sealed: &[u8]) -> Result<Secret> {
        raw::external_secret_decapsulate(&self.0, sealed).map(Secret::from)
    }
}

/// Identifier and version of what is managed.
macro_rules! identified {
    ($($type:ident: $bound:ident, $function:ident;)*) => {$(
        impl<A: $bound> $type<A> {
            /// The identifier and version under which the secrets manager keeps it.
            ///
            /// # Errors
            ///
            /// [`UnsupportedFeature`](Error::UnsupportedFeature) if it is not managed.
            pub fn id(&self) -> Result<(Id, Version)> {
                match raw::$function(&self.raw)? {
                    (_, Version::Unspecified) => Err(Error::UnsupportedFeature),
                    (id, version) => Ok((Id(id), version)),
                }
            }
        }
    )*};
}

identified! {
    Key: Algorithm, symmetric_key_id;
    SigningKey: SignatureAlgorithm, keypair_id;
    KeyPair: KeyExchange, keypair_id;
}

/// The specification's time: seconds since 1970. What was before has expired anyway.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_since_1970_and_none_is_before() {
        let day = std::time::Duration::from_secs(86400);
        assert_eq!(seconds(UNIX_EPOCH + day), 86400);
        assert_eq!(seconds(UNIX_EPOCH - day), 0);
    }
}
