//! The module `external_secrets`: secrets that are no keys.

use super::functions;
use super::{SecretsManager, Version};

functions! {
    /// Stores a secret until a time, in seconds since 1970, and returns its identifier.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let manager = secrets_manager_open(None)?;
    /// let in_2100 = 4_102_444_800;
    /// let id = external_secret_store(&manager, b"a token", in_2100)?;
    /// assert_eq!(external_secret_from_id(&manager, &id, Version::Latest)?, b"a token");
    /// external_secret_invalidate(&manager, &id, Version::All)?;
    /// assert!(external_secret_from_id(&manager, &id, Version::Latest).is_err());
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn external_secret_store(manager: &SecretsManager, secret: &[u8], expiration: u64) -> Vec<u8>;

    /// Adds a version of a secret.
    fn external_secret_replace(manager: &SecretsManager, secret: &[u8], expiration: u64, id: &[u8]) -> Version;

    /// A secret.
    fn external_secret_from_id(manager: &SecretsManager, id: &[u8], version: Version) -> Vec<u8>;

    /// Makes versions of a secret unusable.
    fn external_secret_invalidate(manager: &SecretsManager, id: &[u8], version: Version) -> ();

    /// Encrypts a secret with a key that only the host has, to be kept by the guest until a time, in seconds since 1970.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let manager = secrets_manager_open(None)?;
    /// let sealed = external_secret_encapsulate(&manager, b"a token", 4_102_444_800)?;
    /// assert_eq!(external_secret_decapsulate(&manager, &sealed)?, b"a token");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn external_secret_encapsulate(manager: &SecretsManager, secret: &[u8], expiration: u64) -> Vec<u8>;

    /// Decrypts what [`external_secret_encapsulate`] gave.
    fn external_secret_decapsulate(manager: &SecretsManager, encrypted: &[u8]) -> Vec<u8>;
}
