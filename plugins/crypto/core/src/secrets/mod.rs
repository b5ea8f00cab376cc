//! The secrets store: keys and other secrets that outlive the guest (specification, "Managed keys", "External secrets").
//!
//! A store is a file. What protects it:
//!
//! - Every secret is encrypted by itself with XChaCha20-Poly1305; identifier, kind, version and date are authenticated with it,
//!   so that none can be passed off as another. These are readable in the file, the algorithm and the secret are not.
//! - The file's header authenticates the list of all that is stored and how often the file was written. A secret that is taken
//!   out, or replaced with one of its former versions, is noticed.
//! - A running host notices when the whole file is replaced with a former one. A host that starts afterwards cannot: nothing
//!   outside of the file says what the newest is. Who can write the file can so bring back what was revoked, but nothing else.
//! - The file is replaced as a whole: a crash leaves the former or the new one, never half of either. Hosts that share a store
//!   take turns.
//! - Damage to one secret is an error of that secret. Damage to the list is an error of the store, which is then left as it is:
//!   nobody could tell what is missing or was revoked. The operator brings back a copy.
//!
//! The key is a file of its own. Who can read both can read everything.

mod error;
mod file;
mod key;
mod nonces;
mod sealed;
mod store;

use std::time::{SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

pub use self::error::StoreError;
pub(crate) use self::nonces::Count;
pub(crate) use self::store::Store;
use crate::{AlgorithmType, Errno, Result, random};

/// An open secrets manager; the store itself is the host's.
#[derive(Debug)]
pub(crate) struct SecretsManager;

impl SecretsManager {
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    SymmetricKey = 1,
    KeyPair = 2,
    External = 3,
}

impl Kind {
    /// Whether the secrets manager's own functions are about it; external secrets have theirs.
    pub(crate) fn is_key(self) -> bool {
        self != Self::External
    }
}

/// An identifier: random, and all that a guest needs to have the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SecretId([u8; Self::LEN]);

impl SecretId {
    /// Its length in bytes.
    pub(crate) const LEN: usize = 16;

    fn random() -> Result<Self> {
        random::array().map(Self)
    }

    /// Writes the identifier, and zero bytes behind it; returns its length.
    ///
    /// # Errors
    /// `overflow` when it does not fit.
    pub(crate) fn write(&self, buf: &mut [u8]) -> Result<usize> {
        let (id, rest) = buf.split_at_mut_checked(Self::LEN).ok_or(Errno::Overflow)?;
        id.copy_from_slice(&self.0);
        rest.fill(0);
        Ok(Self::LEN)
    }

    /// The identifier that a guest gives. Zero bytes behind it are ignored: functions that write an identifier do not say how
    /// long it is.
    ///
    /// # Errors
    /// `not_found` when it cannot be one.
    pub(crate) fn read(id: &[u8]) -> Result<Self> {
        let (bytes, rest) = id.split_first_chunk().ok_or(Errno::NotFound)?;
        if rest.iter().all(|byte| *byte == 0) {
            Ok(Self(*bytes))
        } else {
            Err(Errno::NotFound)
        }
    }
}

/// Where a key that is in use is stored; part of the object of a managed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Managed {
    pub(crate) id: SecretId,
    pub(crate) version: u64,
    /// UNIX time in seconds; `None` is never.
    pub(crate) expiration: Option<u64>,
}

impl Managed {
    /// # Errors
    /// `expired` when the key has passed its date: asked whenever a managed key is used.
    pub(crate) fn check(&self) -> Result<()> {
        check_date(self.expiration)
    }
}

/// A secret, as it goes into the store and comes out of it.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) kind: Kind,
    /// [`AlgorithmType::Symmetric`] for external secrets.
    pub(crate) algorithm_type: AlgorithmType,
    /// At most 255 bytes; empty for external secrets.
    pub(crate) algorithm: String,
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// UNIX time in seconds; `None` is never.
    pub(crate) expiration: Option<u64>,
}

/// # Errors
/// `expired` from the given second on.
fn check_date(expiration: Option<u64>) -> Result<()> {
    match expiration {
        Some(expiration) if expiration <= now() => Err(Errno::Expired),
        _ => Ok(()),
    }
}

/// UNIX time in seconds. A clock before 1970 cannot tell what has expired, and so all has.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(u64::MAX, |since| since.as_secs())
}
