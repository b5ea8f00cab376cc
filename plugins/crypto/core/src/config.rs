//! What the host decides: limits, and where secrets are stored.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::random;
use crate::secrets::{Store, StoreError};

/// What a guest can take of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Handles open at a time in one session; at most 2^20 are ever open. `too_many_handles` beyond.
    pub handles: usize,
    /// Bytes that the objects of one session hold: keys, additional data, messages to be signed, outputs. `overflow` beyond.
    pub bytes: usize,
    /// Operations in one batch. `overflow` beyond.
    pub batch: usize,
    /// Bytes of memory for one call of Argon2id or scrypt. `overflow` beyond.
    pub password_memory: u64,
    /// Work of one call of a password function, in units of 1 KiB of memory written once (Argon2id, scrypt) or of one
    /// iteration (PBKDF2, for every block of output). `overflow` beyond.
    pub password_work: u64,
    /// Secrets and keys in the store, versions counted. `overflow` beyond.
    pub stored: usize,
    /// Bytes of one stored secret. `overflow` beyond.
    pub stored_bytes: usize,
    /// Bytes of the store: every change writes all of it, and it is in memory. `overflow` beyond; what is there already stays.
    pub stored_total: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handles: 1 << 16,
            bytes: 64 << 20,
            batch: 1 << 16,
            password_memory: 256 << 20,
            password_work: 8 << 20,
            stored: 10_000,
            stored_bytes: 64 << 10,
            stored_total: 8 << 20,
        }
    }
}

/// The host's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// What a guest can take.
    pub limits: Limits,
    /// The file of the secrets store. Without it the secrets manager answers `unsupported_feature`.
    pub store: Option<PathBuf>,
    /// The file of the store's key; by default the store's name with `.key` after it. It is made, for its owner alone, where
    /// neither it nor the store exist.
    pub store_key: Option<PathBuf>,
    /// Whether stored keys can be exported; otherwise `prohibited_operation`. External secrets always can be read: that is
    /// what they are stored for.
    pub export_managed: bool,
}

/// Why the host's configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A limit is zero, or more than this implementation can keep.
    #[error("limit `{name}` is {value}, which is not between 1 and {greatest}")]
    Limit {
        /// The limit's name.
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// What is possible.
        greatest: u64,
    },
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random,
    /// The secrets store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What all sessions of one host share: its configuration and the secrets store.
pub struct Shared {
    config: Config,
    store: Option<Store>,
    /// Of which the keys of the sessions' handles are made.
    seed: Zeroizing<[u8; 32]>,
    sessions: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Checks the configuration and opens the store, if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] says which part cannot be used.
    pub fn new(config: Config) -> Result<Arc<Self>, ConfigError> {
        check_limit("handles", config.limits.handles as u64, 1 << 20)?;
        check_limit("bytes", config.limits.bytes as u64, u64::MAX)?;
        let store = Store::open(&config)?;
        let seed = random::array().map_err(|_| ConfigError::Random)?;
        Ok(Arc::new(Self {
            config,
            store,
            seed: Zeroizing::new(seed),
            sessions: AtomicU64::new(0),
        }))
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The secrets store, if there is one.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// A seed that no other session has, and that tells nothing of theirs.
    pub(crate) fn session_seed(&self) -> [u64; 2] {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        let hash = blake3::keyed_hash(&self.seed, &number.to_le_bytes());
        let [mut first, mut second] = [0; 2];
        for (position, byte) in hash.as_bytes().iter().enumerate() {
            let word = if position % 2 == 0 {
                &mut first
            } else {
                &mut second
            };
            *word = *word << 8 | u64::from(*byte);
        }
        [first, second]
    }
}

fn check_limit(name: &'static str, value: u64, greatest: u64) -> Result<(), ConfigError> {
    if (1..=greatest).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::Limit {
            name,
            value,
            greatest,
        })
    }
}
