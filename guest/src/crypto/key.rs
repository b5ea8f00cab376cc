//! Keys of symmetric algorithms.

use std::fmt;
use std::marker::PhantomData;

use super::raw::{self, AlgorithmType, Result};
use super::{Algorithm, Secret};

/// A key for one algorithm, which the host holds.
///
/// What it can do depends on the algorithm: [`seal`](Key::seal) and [`open`](Key::open) for an [`Aead`](super::Aead),
/// [`tag`](Key::tag) and [`verify`](Key::verify) for a [`Mac`](super::Mac), and so on. When it is dropped, the host
/// overwrites it.
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Key};
///
/// let key = Key::<Aes256Gcm>::generate()?;
/// let copy = Key::<Aes256Gcm>::import(key.export()?.expose())?;
/// let sealed = key.seal(b"attack at dawn", b"")?;
/// assert_eq!(copy.open(&sealed, b"")?, b"attack at dawn");
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub struct Key<A> {
    pub(super) raw: raw::SymmetricKey,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Algorithm> Key<A> {
    /// A new key from the host's random numbers.
    ///
    /// # Errors
    ///
    /// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know it.
    pub fn generate() -> Result<Self> {
        raw::symmetric_key_generate(A::NAME, None).map(Self::from_raw)
    }

    /// A key of these bytes. They stay where they are, so wipe them if they are not needed: [`Secret`] does.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if the algorithm has no keys of this length.
    pub fn import(bytes: &[u8]) -> Result<Self> {
        raw::symmetric_key_import(A::NAME, bytes).map(Self::from_raw)
    }

    /// The key's bytes.
    ///
    /// # Errors
    ///
    /// [`ProhibitedOperation`](super::Error::ProhibitedOperation) for a managed key that the host does not give away.
    pub fn export(&self) -> Result<Secret> {
        raw::symmetric_key_export(&self.raw).map(Secret::from)
    }

    /// Takes over a key. That it belongs to the algorithm, the host finds out when it is used.
    pub(super) fn from_raw(raw: raw::SymmetricKey) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }

    /// Sets the algorithm to work with this key and, if there is one, a nonce.
    pub(super) fn state(&self, nonce: Option<&[u8]>) -> Result<raw::SymmetricState> {
        let Some(nonce) = nonce else {
            return raw::symmetric_state_open(A::NAME, Some(&self.raw), None);
        };
        let options = raw::options_open(AlgorithmType::Symmetric)?;
        raw::options_set(&options, "nonce", nonce)?;
        raw::symmetric_state_open(A::NAME, Some(&self.raw), Some(&options))
    }

    /// Sets the algorithm to work with this key, for so many bytes of output.
    pub(super) fn state_for(&self, bytes: usize) -> Result<raw::SymmetricState> {
        let options = raw::options_open(AlgorithmType::Symmetric)?;
        raw::announce(&options, bytes)?;
        raw::symmetric_state_open(A::NAME, Some(&self.raw), Some(&options))
    }
}

impl<A: Algorithm> fmt::Debug for Key<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key<{}>", A::NAME)
    }
}
