//! Hash functions and message authentication.

use std::marker::PhantomData;

use super::raw::{self, Result};
use super::{ExtendableHash, Hash, Key, Mac};

/// The digest of data.
///
/// ```no_run
/// use c12_wasm::crypto::{Sha256, hash};
///
/// let digest = hash::<Sha256>(b"abc")?;
/// assert_eq!(digest.len(), 32);
/// assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know the hash function.
pub fn hash<H: Hash>(data: &[u8]) -> Result<Vec<u8>> {
    let mut hasher = Hasher::<H>::new()?;
    hasher.update(data)?;
    hasher.digest()
}

/// Hashes data that comes in pieces.
///
/// ```no_run
/// use c12_wasm::crypto::{Hasher, Sha3_256, hash};
///
/// let mut hasher = Hasher::<Sha3_256>::new()?;
/// hasher.update(b"in two ")?;
/// let so_far = hasher.try_clone()?;
/// hasher.update(b"pieces")?;
/// assert_eq!(hasher.digest()?, hash::<Sha3_256>(b"in two pieces")?);
/// assert_eq!(so_far.digest()?, hash::<Sha3_256>(b"in two ")?);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug)]
pub struct Hasher<H> {
    raw: raw::SymmetricState,
    algorithm: PhantomData<fn() -> H>,
}

impl<H: Hash> Hasher<H> {
    /// Begins with nothing.
    ///
    /// # Errors
    ///
    /// As [`hash`].
    pub fn new() -> Result<Self> {
        raw::symmetric_state_open(H::NAME, None, None).map(Self::from_raw)
    }

    /// Adds data.
    ///
    /// # Errors
    ///
    /// [`Overflow`](super::Error::Overflow) if it is too much for the algorithm.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        raw::symmetric_state_absorb(&self.raw, data)
    }

    /// The digest of all data.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn digest(self) -> Result<Vec<u8>> {
        raw::symmetric_state_squeeze(&self.raw, H::OUTPUT_BYTES)
    }

    /// A hasher that has seen the same data.
    ///
    /// # Errors
    ///
    /// [`TooManyHandles`](super::Error::TooManyHandles).
    pub fn try_clone(&self) -> Result<Self> {
        raw::symmetric_state_clone(&self.raw).map(Self::from_raw)
    }

    fn from_raw(raw: raw::SymmetricState) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}

impl<H: ExtendableHash> Hasher<H> {
    /// So many bytes of output instead of a digest.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Blake3, Hasher, hash};
    ///
    /// let output = Hasher::<Blake3>::new()?.output(100)?;
    /// assert_eq!(output.len(), 100);
    /// assert_eq!(output[..32], hash::<Blake3>(b"")?);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidLength`](super::Error::InvalidLength) if they are too many for the host.
    pub fn output(self, bytes: usize) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        // Where a host gives pieces of its own length, one after the other is the same as all at once.
        while output.len() < bytes {
            let piece = raw::piece(bytes - output.len());
            output.append(&mut raw::symmetric_state_squeeze(&self.raw, piece)?);
        }
        Ok(output)
    }
}

impl<A: Mac> Key<A> {
    /// The tag of data: only who has the key can make it.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{Error, Hmac, Key, Sha256};
    ///
    /// let key = Key::<Hmac<Sha256>>::import(b"key")?;
    /// let tag = key.tag(b"The quick brown fox jumps over the lazy dog")?;
    /// assert_eq!(tag[..4], [0xf7, 0xbc, 0x83, 0xf4]);
    /// key.verify(b"The quick brown fox jumps over the lazy dog", &tag)?;
    /// assert_eq!(key.verify(b"The lazy dog", &tag).unwrap_err(), Error::InvalidTag);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn tag(&self, data: &[u8]) -> Result<Vec<u8>> {
        let mut authenticator = Authenticator::new(self)?;
        authenticator.update(data)?;
        authenticator.tag()
    }

    /// Checks a tag, in a time that does not tell where it differs.
    ///
    /// # Errors
    ///
    /// [`InvalidTag`](super::Error::InvalidTag) if it is not the data's.
    pub fn verify(&self, data: &[u8], tag: &[u8]) -> Result<()> {
        let mut authenticator = Authenticator::new(self)?;
        authenticator.update(data)?;
        authenticator.verify(tag)
    }
}

/// Authenticates data that comes in pieces.
///
/// ```no_run
/// use c12_wasm::crypto::{Authenticator, Blake3, Key};
///
/// let key = Key::<Blake3>::generate()?;
/// let mut authenticator = Authenticator::new(&key)?;
/// authenticator.update(b"in two ")?;
/// authenticator.update(b"pieces")?;
/// authenticator.verify(&key.tag(b"in two pieces")?)?;
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug)]
pub struct Authenticator<A> {
    raw: raw::SymmetricState,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: Mac> Authenticator<A> {
    /// Begins with nothing.
    ///
    /// # Errors
    ///
    /// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know the algorithm.
    pub fn new(key: &Key<A>) -> Result<Self> {
        Ok(Self {
            raw: key.state(None)?,
            algorithm: PhantomData,
        })
    }

    /// Adds data.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        raw::symmetric_state_absorb(&self.raw, data)
    }

    /// The tag of all data.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn tag(self) -> Result<Vec<u8>> {
        raw::symmetric_tag_pull(raw::symmetric_state_squeeze_tag(&self.raw)?)
    }

    /// Checks a tag of all data, in a time that does not tell where it differs.
    ///
    /// # Errors
    ///
    /// [`InvalidTag`](super::Error::InvalidTag) if it is another's.
    pub fn verify(self, tag: &[u8]) -> Result<()> {
        raw::symmetric_tag_verify(&raw::symmetric_state_squeeze_tag(&self.raw)?, tag)
    }
}
