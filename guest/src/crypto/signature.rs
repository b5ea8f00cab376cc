//! Signatures.

use std::fmt;
use std::marker::PhantomData;

use super::raw::{
    self, AlgorithmType, KeypairEncoding, PublickeyEncoding, Result, SignatureEncoding,
};
use super::{Secret, SignatureAlgorithm};

/// A key that signs, which the host holds, with its public half.
///
/// ```no_run
/// use c12_wasm::crypto::{Ed25519, Error, PublickeyEncoding, SigningKey, VerifyingKey};
///
/// let key = SigningKey::<Ed25519>::generate()?;
/// let signature = key.sign(b"message")?;
///
/// let published = key.verifying_key()?.export(PublickeyEncoding::Raw)?;
/// let key = VerifyingKey::<Ed25519>::import(&published, PublickeyEncoding::Raw)?;
/// key.verify(b"message", &signature)?;
/// assert_eq!(key.verify(b"another message", &signature).unwrap_err(), Error::VerificationFailed);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub struct SigningKey<A> {
    pub(super) raw: raw::Keypair,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: SignatureAlgorithm> SigningKey<A> {
    /// A new key from the host's random numbers.
    ///
    /// # Errors
    ///
    /// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know it.
    pub fn generate() -> Result<Self> {
        raw::keypair_generate(AlgorithmType::Signatures, A::NAME, None).map(Self::from_raw)
    }

    /// A key that was exported. Its public half is computed or checked.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{EcdsaP256, KeypairEncoding, SigningKey};
    ///
    /// let key = SigningKey::<EcdsaP256>::generate()?;
    /// let pem = key.export(KeypairEncoding::Pem)?;
    /// assert!(pem.expose().starts_with(b"-----BEGIN PRIVATE KEY-----"));
    /// let same = SigningKey::<EcdsaP256>::import(pem.expose(), KeypairEncoding::Pem)?;
    /// key.verifying_key()?.verify(b"message", &same.sign(b"message")?)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if it is no key of the algorithm,
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's keys are not written so.
    pub fn import(encoded: &[u8], encoding: KeypairEncoding) -> Result<Self> {
        raw::keypair_import(AlgorithmType::Signatures, A::NAME, encoded, encoding)
            .map(Self::from_raw)
    }

    /// The key, for safe keeping.
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
    pub fn verifying_key(&self) -> Result<VerifyingKey<A>> {
        raw::keypair_publickey(&self.raw).map(VerifyingKey::from_raw)
    }

    /// Signs a message.
    ///
    /// # Errors
    ///
    /// [`Overflow`](super::Error::Overflow) if the message is too large for the host.
    pub fn sign(&self, message: &[u8]) -> Result<Signature<A>> {
        let mut signer = self.signer()?;
        signer.update(message)?;
        signer.sign()
    }

    /// Begins a message that comes in pieces.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::{MlDsa65, SigningKey};
    ///
    /// let key = SigningKey::<MlDsa65>::generate()?;
    /// let mut signer = key.signer()?;
    /// signer.update(b"in two ")?;
    /// signer.update(b"pieces")?;
    /// let signature = signer.sign()?;
    ///
    /// let mut verifier = key.verifying_key()?.verifier()?;
    /// verifier.update(b"in two pieces")?;
    /// verifier.verify(&signature)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn signer(&self) -> Result<Signer<A>> {
        Ok(Signer {
            raw: raw::signature_state_open(&self.raw)?,
            algorithm: PhantomData,
        })
    }

    pub(super) fn from_raw(raw: raw::Keypair) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}

impl<A: SignatureAlgorithm> fmt::Debug for SigningKey<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey<{}>", A::NAME)
    }
}

/// A message that is being signed.
#[derive(Debug)]
pub struct Signer<A> {
    pub(super) raw: raw::SignatureState,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: SignatureAlgorithm> Signer<A> {
    /// Adds to the message.
    ///
    /// # Errors
    ///
    /// [`Overflow`](super::Error::Overflow) if the message is too large for the host.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        raw::signature_state_update(&self.raw, data)
    }

    /// Signs the whole message.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn sign(self) -> Result<Signature<A>> {
        raw::signature_state_sign(&self.raw).map(Signature::from_raw)
    }
}

/// A key that verifies signatures. Everybody may have it.
#[derive(Debug)]
pub struct VerifyingKey<A> {
    raw: raw::Publickey,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: SignatureAlgorithm> VerifyingKey<A> {
    /// A key that somebody published.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if it is no key of the algorithm.
    pub fn import(encoded: &[u8], encoding: PublickeyEncoding) -> Result<Self> {
        raw::publickey_import(AlgorithmType::Signatures, A::NAME, encoded, encoding)
            .map(Self::from_raw)
    }

    /// The key, to be published.
    ///
    /// # Errors
    ///
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's keys are not written so.
    pub fn export(&self, encoding: PublickeyEncoding) -> Result<Vec<u8>> {
        raw::publickey_export(&self.raw, encoding)
    }

    /// Checks the signature of a message.
    ///
    /// # Errors
    ///
    /// [`VerificationFailed`](super::Error::VerificationFailed) or [`InvalidSignature`](super::Error::InvalidSignature) if it
    /// is not the message's, or another key's.
    pub fn verify(&self, message: &[u8], signature: &Signature<A>) -> Result<()> {
        let mut verifier = self.verifier()?;
        verifier.update(message)?;
        verifier.verify(signature)
    }

    /// Begins a message that comes in pieces. See [`SigningKey::signer`].
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn verifier(&self) -> Result<Verifier<A>> {
        Ok(Verifier {
            raw: raw::signature_verification_state_open(&self.raw)?,
            algorithm: PhantomData,
        })
    }

    fn from_raw(raw: raw::Publickey) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}

/// A message whose signature is being verified.
#[derive(Debug)]
pub struct Verifier<A> {
    pub(super) raw: raw::SignatureVerificationState,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: SignatureAlgorithm> Verifier<A> {
    /// Adds to the message.
    ///
    /// # Errors
    ///
    /// [`Overflow`](super::Error::Overflow) if the message is too large for the host.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        raw::signature_verification_state_update(&self.raw, data)
    }

    /// Checks a signature of the whole message.
    ///
    /// # Errors
    ///
    /// As [`VerifyingKey::verify`].
    pub fn verify(self, signature: &Signature<A>) -> Result<()> {
        raw::signature_verification_state_verify(&self.raw, &signature.raw)
    }
}

/// A signature.
///
/// ```no_run
/// use c12_wasm::crypto::{EcdsaP256, Error, Signature, SigningKey};
///
/// let key = SigningKey::<EcdsaP256>::generate()?;
/// let signature = key.sign(b"message")?;
/// assert_eq!(signature.to_bytes()?.len(), 64);
///
/// let der = signature.to_der()?;
/// key.verifying_key()?.verify(b"message", &Signature::from_der(&der)?)?;
/// assert_eq!(Signature::<EcdsaP256>::from_bytes(&[1; 63]).unwrap_err(), Error::InvalidSignature);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug)]
pub struct Signature<A> {
    pub(super) raw: raw::Signature,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: SignatureAlgorithm> Signature<A> {
    /// A signature in the algorithm's own bytes.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`](super::Error::InvalidSignature) if the algorithm's signatures look different.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        raw::signature_import(A::NAME, bytes, SignatureEncoding::Raw).map(Self::from_raw)
    }

    /// A signature in DER.
    ///
    /// # Errors
    ///
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's signatures are not written so,
    /// [`InvalidSignature`](super::Error::InvalidSignature) if this is none.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        raw::signature_import(A::NAME, der, SignatureEncoding::Der).map(Self::from_raw)
    }

    /// The algorithm's own bytes.
    ///
    /// # Errors
    ///
    /// What the host says.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        raw::signature_export(&self.raw, SignatureEncoding::Raw)
    }

    /// DER, as X.509 and TLS write ECDSA's.
    ///
    /// # Errors
    ///
    /// [`UnsupportedEncoding`](super::Error::UnsupportedEncoding) if the algorithm's signatures are not written so.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        raw::signature_export(&self.raw, SignatureEncoding::Der)
    }

    fn from_raw(raw: raw::Signature) -> Self {
        Self {
            raw,
            algorithm: PhantomData,
        }
    }
}
