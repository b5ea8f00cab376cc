//! Key agreement and encapsulation: how two who know each other's public keys get to a shared secret.

use std::fmt;
use std::marker::PhantomData;

use super::raw::{
    self, AlgorithmType, KeypairEncoding, PublickeyEncoding, Result, SecretkeyEncoding,
};
use super::{Kem, KeyAgreement, KeyExchange, Secret};

/// A key pair that gets to a shared secret with another. The host holds it.
///
/// The secret is not evenly distributed and not a key: [`hkdf`](super::hkdf) or [`extract`](super::extract) makes keys of it.
///
/// ```no_run
/// use c12_wasm::crypto::{KeyPair, X25519};
///
/// let ours = KeyPair::<X25519>::generate()?;
/// let theirs = KeyPair::<X25519>::generate()?;
/// let here = ours.agree(&theirs.public_key()?)?;
/// let there = theirs.agree(&ours.public_key()?)?;
/// assert_eq!(here.expose(), there.expose());
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub struct KeyPair<A> {
    pub(super) raw: raw::Keypair,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: KeyExchange> KeyPair<A> {
    /// A new key pair from the host's random numbers.
    ///
    /// # Errors
    ///
    /// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know it.
    pub fn generate() -> Result<Self> {
        raw::keypair_generate(AlgorithmType::KeyExchange, A::NAME, None).map(Self::from_raw)
    }

    /// A key pair that was exported.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if it is no key pair of the algorithm,
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's are not written so.
    pub fn import(encoded: &[u8], encoding: KeypairEncoding) -> Result<Self> {
        raw::keypair_import(AlgorithmType::KeyExchange, A::NAME, encoded, encoding)
            .map(Self::from_raw)
    }

    /// A key pair of its secret half, of which the host computes the public one.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{KeyPair, PublickeyEncoding, SecretkeyEncoding, X25519};
    ///
    /// let pair = KeyPair::<X25519>::from_secret_key(&[7; 32], SecretkeyEncoding::Raw)?;
    /// assert_eq!(pair.public_key()?.export(PublickeyEncoding::Raw)?.len(), 32);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`import`](KeyPair::import).
    pub fn from_secret_key(encoded: &[u8], encoding: SecretkeyEncoding) -> Result<Self> {
        let kind = AlgorithmType::KeyExchange;
        let secret = raw::secretkey_import(kind, A::NAME, encoded, encoding)?;
        let public = raw::publickey_from_secretkey(&secret)?;
        raw::keypair_from_pk_and_sk(&public, &secret).map(Self::from_raw)
    }

    /// The key pair, for safe keeping.
    ///
    /// # Errors
    ///
    /// [`ProhibitedOperation`](super::Error::ProhibitedOperation) for a managed key that the host does not give away.
    pub fn export(&self, encoding: KeypairEncoding) -> Result<Secret> {
        raw::keypair_export(&self.raw, encoding).map(Secret::from)
    }

    /// The public half.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn public_key(&self) -> Result<PublicKey<A>> {
        raw::keypair_publickey(&self.raw).map(PublicKey::from_raw)
    }

    pub(super) fn from_raw(raw: raw::Keypair) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}

impl<A: KeyAgreement> KeyPair<A> {
    /// The secret that this key pair shares with the other's.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if the public key is one of those that give a secret which anybody knows.
    pub fn agree(&self, theirs: &PublicKey<A>) -> Result<Secret> {
        let secret = raw::keypair_secretkey(&self.raw)?;
        raw::kx_dh(&theirs.raw, &secret).map(Secret::from)
    }
}

impl<A: Kem> KeyPair<A> {
    /// The secret that somebody made for this key with [`PublicKey::encapsulate`].
    ///
    /// # Errors
    ///
    /// [`VerificationFailed`](super::Error::VerificationFailed) if it was not made for this key. Not every algorithm can tell:
    /// ML-KEM and X-Wing give another secret instead, which then opens nothing.
    pub fn decapsulate(&self, encapsulated: &[u8]) -> Result<Secret> {
        let secret = raw::keypair_secretkey(&self.raw)?;
        raw::kx_decapsulate(&secret, encapsulated).map(Secret::from)
    }
}

impl<A: KeyExchange> fmt::Debug for KeyPair<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair<{}>", A::NAME)
    }
}

/// The public half of a key pair.
#[derive(Debug)]
pub struct PublicKey<A> {
    raw: raw::Publickey,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: KeyExchange> PublicKey<A> {
    /// A key that somebody sent.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{EcdhP256, Error, KeyPair, PublicKey, PublickeyEncoding};
    ///
    /// let sent = KeyPair::<EcdhP256>::generate()?.public_key()?.export(PublickeyEncoding::Sec)?;
    /// PublicKey::<EcdhP256>::import(&sent, PublickeyEncoding::Sec)?;
    /// let mut off_the_curve = sent.clone();
    /// off_the_curve[64] ^= 1;
    /// let error = PublicKey::<EcdhP256>::import(&off_the_curve, PublickeyEncoding::Sec);
    /// assert_eq!(error.unwrap_err(), Error::InvalidKey);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if it is no key of the algorithm.
    pub fn import(encoded: &[u8], encoding: PublickeyEncoding) -> Result<Self> {
        let kind = AlgorithmType::KeyExchange;
        raw::publickey_import(kind, A::NAME, encoded, encoding).map(Self::from_raw)
    }

    /// The key, to be sent.
    ///
    /// # Errors
    ///
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's keys are not written so.
    pub fn export(&self, encoding: PublickeyEncoding) -> Result<Vec<u8>> {
        raw::publickey_export(&self.raw, encoding)
    }

    fn from_raw(raw: raw::Publickey) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}

impl<A: Kem> PublicKey<A> {
    /// A new secret, and what the key's owner needs to get to it.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{KeyPair, XWing};
    ///
    /// let theirs = KeyPair::<XWing>::generate()?;
    /// let (secret, encapsulated) = theirs.public_key()?.encapsulate()?;
    /// assert_eq!(theirs.decapsulate(&encapsulated)?.expose(), secret.expose());
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RngError`](super::Error::RngError) if the host has no random numbers.
    pub fn encapsulate(&self) -> Result<(Secret, Vec<u8>)> {
        let (secret, encapsulated) = raw::kx_encapsulate(&self.raw)?;
        Ok((Secret::from(secret), encapsulated))
    }
}
