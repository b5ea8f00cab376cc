//! The secrets store: keys and other secrets that outlive the guest.

use zeroize::Zeroizing;

use crate::{AlgorithmType, Errno, Result};

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
pub(crate) enum Kind {
    SymmetricKey,
    KeyPair,
    External,
}

/// An identifier: random, and all that a guest needs to have the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SecretId([u8; Self::LEN]);

impl SecretId {
    /// Its length in bytes.
    pub(crate) const LEN: usize = 16;

    /// Writes the identifier; returns its length.
    ///
    /// # Errors
    /// `overflow` when it does not fit.
    pub(crate) fn write(&self, buf: &mut [u8]) -> Result<usize> {
        buf.get_mut(..Self::LEN)
            .ok_or(Errno::Overflow)?
            .copy_from_slice(&self.0);
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
        let _ = self;
        Err(Errno::NotImplemented)
    }
}

/// A secret, as it goes into the store and comes out of it.
#[derive(Debug)]
pub(crate) struct Secret {
    pub(crate) kind: Kind,
    /// [`AlgorithmType::Symmetric`] for external secrets.
    pub(crate) algorithm_type: AlgorithmType,
    /// Empty for external secrets.
    pub(crate) algorithm: String,
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// UNIX time in seconds; `None` is never.
    pub(crate) expiration: Option<u64>,
}

/// The store of a host.
#[derive(Debug)]
pub(crate) struct Store;

impl Store {
    /// Stores a new secret; it is on the disk when this returns.
    ///
    /// # Errors
    /// `overflow` at the limits, `algorithm_failure` when the file cannot be written.
    pub(crate) fn add(&self, secret: &Secret) -> Result<Managed> {
        let _ = (self, secret);
        Err(Errno::NotImplemented)
    }

    /// Stores the next version of a secret.
    ///
    /// # Errors
    /// `not_found`, `incompatible_keys` when kind or algorithm are others, and as [`Store::add`].
    pub(crate) fn replace(&self, id: SecretId, secret: &Secret) -> Result<Managed> {
        let _ = (self, id, secret);
        Err(Errno::NotImplemented)
    }

    /// A stored secret: a version, or [`version::LATEST`](crate::version::LATEST).
    ///
    /// # Errors
    /// `not_found`, also when it is of another kind; `expired`.
    pub(crate) fn load(&self, kind: Kind, id: SecretId, version: u64) -> Result<(Secret, Managed)> {
        let _ = (self, kind, id, version);
        Err(Errno::NotImplemented)
    }
}
