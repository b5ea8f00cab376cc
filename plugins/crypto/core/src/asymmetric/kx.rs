//! Key agreement and key encapsulation.

use zeroize::Zeroizing;

pub use super::key::Encapsulated;
use super::{Algorithm, PublicKey, SecretKey};
use crate::{Errno, Result};

/// Agrees on a secret: the raw coordinate that both sides compute, which is to be put through a key derivation.
///
/// # Errors
/// [`Errno::IncompatibleKeys`] when the keys are for different algorithms; [`Errno::InvalidOperation`] when theirs has no
/// agreement; [`Errno::InvalidKey`] when the secret would be zero, as with points of small order.
pub fn dh(public: &PublicKey, secret: &SecretKey) -> Result<Zeroizing<Vec<u8>>> {
    if public.algorithm() != secret.algorithm() {
        return Err(Errno::IncompatibleKeys);
    }
    match public.algorithm() {
        Algorithm::X25519 | Algorithm::Ecdh(_) => secret.usable()?.agree(public.key().agreement()?),
        _ => Err(Errno::InvalidOperation),
    }
}

/// Makes a secret of 32 bytes, and encrypts it for the owner of a public key.
///
/// # Errors
/// [`Errno::InvalidOperation`] when the algorithm has no encapsulation; [`Errno::RngError`].
pub fn encapsulate(public: &PublicKey) -> Result<Encapsulated> {
    public.key().encapsulate()
}

/// The secret that was encapsulated. With RSA-OAEP that can be any message.
///
/// # Errors
/// [`Errno::VerificationFailed`] when it was not made for this key, as far as the algorithm tells: ML-KEM and X-Wing then
/// give a secret that nobody else has. [`Errno::InvalidOperation`] when the algorithm has no encapsulation.
pub fn decapsulate(secret: &SecretKey, encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    secret.usable()?.decapsulate(encapsulated)
}

impl std::fmt::Debug for Encapsulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encapsulated")
            .field("encapsulated", &self.encapsulated.len())
            .finish_non_exhaustive()
    }
}
