//! Signatures.

use super::{Algorithm, RsaPadding, ec, ed25519, mldsa, rsa};
use crate::{Errno, Result, SignatureEncoding};

/// A signature, of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    algorithm: Algorithm,
    raw: Vec<u8>,
}

impl Signature {
    pub(crate) fn new(algorithm: Algorithm, raw: Vec<u8>) -> Self {
        Self { algorithm, raw }
    }

    /// Reads a signature: raw, with the algorithm's one length, or in DER for ECDSA.
    ///
    /// # Errors
    /// [`Errno::InvalidSignature`] when it cannot be one; [`Errno::UnsupportedEncoding`] when the algorithm has no DER;
    /// [`Errno::UnsupportedAlgorithm`] when it has no signatures.
    pub fn import(
        algorithm: Algorithm,
        encoded: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<Self> {
        let raw = match (encoding, algorithm) {
            (SignatureEncoding::Raw, _) => {
                check_raw(algorithm, encoded)?;
                encoded.to_vec()
            }
            (SignatureEncoding::Der, Algorithm::Ecdsa(curve)) => {
                ec::signature::from_der(curve, encoded)?
            }
            (SignatureEncoding::Der, _) => return Err(Errno::UnsupportedEncoding),
        };
        Ok(Self::new(algorithm, raw))
    }

    /// Writes the signature.
    ///
    /// # Errors
    /// [`Errno::UnsupportedEncoding`] when the algorithm has no DER.
    pub fn export(&self, encoding: SignatureEncoding) -> Result<Vec<u8>> {
        match (encoding, self.algorithm) {
            (SignatureEncoding::Raw, _) => Ok(self.raw.clone()),
            (SignatureEncoding::Der, Algorithm::Ecdsa(curve)) => {
                ec::signature::to_der(curve, &self.raw)
            }
            (SignatureEncoding::Der, _) => Err(Errno::UnsupportedEncoding),
        }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.raw.len()
    }

    /// The raw form.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }
}

fn check_raw(algorithm: Algorithm, raw: &[u8]) -> Result<()> {
    match algorithm {
        Algorithm::Ed25519 => ed25519::check_signature(raw),
        Algorithm::Ecdsa(curve) => ec::signature::check_raw(curve, raw),
        Algorithm::Rsa(RsaPadding::Pkcs1 | RsaPadding::Pss, size, _) => {
            rsa::check_signature(size, raw)
        }
        Algorithm::MlDsa(size) => mldsa::check_signature(size, raw),
        Algorithm::Rsa(RsaPadding::Oaep, ..)
        | Algorithm::X25519
        | Algorithm::Ecdh(_)
        | Algorithm::MlKem(_)
        | Algorithm::XWing => Err(Errno::UnsupportedAlgorithm),
    }
}
