//! What the keys of an algorithm can do.
//!
//! Methods that most algorithms lack have a body here that says so. That is how an algorithm comes to answer
//! `unsupported_encoding` or `invalid_operation`.

use std::sync::Arc;

use aws_lc_rs::agreement;
use aws_lc_rs::digest::Digest;
use zeroize::Zeroizing;

use crate::{Errno, Result};

/// A secret that was made for a public key.
#[derive(Clone)]
pub struct Encapsulated {
    /// The secret.
    pub secret: Zeroizing<Vec<u8>>,
    /// What the owner of the secret key makes the secret of.
    pub encapsulated: Vec<u8>,
}

/// A public key of one algorithm.
pub(crate) trait Public: Send + Sync {
    /// The fixed-size form that the algorithm defines.
    fn raw(&self) -> Result<Vec<u8>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// SubjectPublicKeyInfo in DER.
    fn spki(&self) -> Result<Vec<u8>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// The uncompressed point of SEC 1.
    fn sec(&self) -> Result<Vec<u8>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// The form that tells one key from another, and that the encoding `local` wraps.
    fn canonical(&self) -> Result<Vec<u8>> {
        self.raw()
    }

    /// Checks of validity and canonical form beyond those of importing (`publickey_verify`).
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Verifies a signature of a message that is hashed already, for algorithms that hash first.
    fn verify_digest(&self, _digest: &Digest, _signature: &[u8]) -> Result<()> {
        Err(Errno::InvalidOperation)
    }

    /// Verifies a signature of a message, for algorithms that need it whole.
    fn verify_message(&self, _message: &[u8], _signature: &[u8]) -> Result<()> {
        Err(Errno::InvalidOperation)
    }

    /// The key as a partner in a Diffie-Hellman exchange.
    fn agreement(&self) -> Result<agreement::ParsedPublicKey> {
        Err(Errno::InvalidOperation)
    }

    /// Makes a secret and encapsulates it.
    fn encapsulate(&self) -> Result<Encapsulated> {
        Err(Errno::InvalidOperation)
    }
}

/// A secret key of one algorithm, which knows its public half. It wipes itself when it is dropped, and is never printed.
pub(crate) trait Secret: Send + Sync {
    /// The public half.
    fn public(&self) -> Arc<dyn Public>;

    /// The fixed-size form that the algorithm defines.
    fn raw(&self) -> Result<Zeroizing<Vec<u8>>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// The same for the pair.
    fn raw_pair(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.raw()
    }

    /// PKCS#8 in DER.
    fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// The scalar of SEC 1.
    fn sec(&self) -> Result<Zeroizing<Vec<u8>>> {
        Err(Errno::UnsupportedEncoding)
    }

    /// The form that the encoding `local` wraps.
    fn canonical(&self) -> Result<Zeroizing<Vec<u8>>> {
        self.raw()
    }

    /// Signs a message that is hashed already, for algorithms that hash first.
    fn sign_digest(&self, _digest: &Digest) -> Result<Vec<u8>> {
        Err(Errno::InvalidOperation)
    }

    /// Signs a message, for algorithms that need it whole.
    fn sign_message(&self, _message: &[u8]) -> Result<Vec<u8>> {
        Err(Errno::InvalidOperation)
    }

    /// Agrees on a secret.
    fn agree(&self, _partner: agreement::ParsedPublicKey) -> Result<Zeroizing<Vec<u8>>> {
        Err(Errno::InvalidOperation)
    }

    /// The secret that was encapsulated for the public half.
    fn decapsulate(&self, _encapsulated: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        Err(Errno::InvalidOperation)
    }
}

/// Public key and secret key, one after the other.
pub(crate) fn joined(first: &[u8], second: &[u8]) -> Zeroizing<Vec<u8>> {
    // With its capacity from the start: growing would leave a copy of the first part behind.
    let mut both = Zeroizing::new(Vec::with_capacity(first.len() + second.len()));
    both.extend_from_slice(first);
    both.extend_from_slice(second);
    both
}
