//! HKDF, its two halves apart (RFC 5869; specification, "Key derivation using extract-and-expand").

use std::sync::Arc;

use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use super::algorithm::Sha2;
use super::key::{Material, Prepared};
use super::mac;
use crate::handle::Charge;
use crate::{Errno, Result, wiped};

/// The key of the second half.
pub(super) fn prk(hash: Sha2, raw: &[u8]) -> Result<hkdf::Prk> {
    let algorithm = match hash {
        Sha2::Sha256 => hkdf::HKDF_SHA256,
        Sha2::Sha384 => hkdf::HKDF_SHA384,
        Sha2::Sha512 => hkdf::HKDF_SHA512,
    };
    // The library would panic; the table of algorithms has let no other size through.
    if raw.len() > 64 {
        return Err(Errno::InvalidKey);
    }
    Ok(hkdf::Prk::new_less_safe(algorithm, raw))
}

/// The first half: the key is the material, what is absorbed is the salt.
#[derive(Clone)]
pub(super) struct ExtractState {
    hash: Sha2,
    material: Arc<Material>,
    /// Public in most protocols; in some it is the secret of the step before.
    salt: Zeroizing<Vec<u8>>,
}

impl ExtractState {
    pub(super) fn open(hash: Sha2, material: &Arc<Material>) -> Self {
        Self {
            hash,
            material: Arc::clone(material),
            salt: Zeroizing::default(),
        }
    }

    pub(super) fn hash(&self) -> Sha2 {
        self.hash
    }

    pub(super) fn held(&self) -> usize {
        self.material.bytes() + self.salt.len()
    }

    pub(super) fn absorb(&mut self, data: &[u8], charge: &mut Charge<'_>) -> Result<()> {
        charge.grow(data.len())?;
        wiped::append(&mut self.salt, data);
        Ok(())
    }

    /// The pseudorandom key. Extracting is an HMAC, with the salt as its key (RFC 5869, section 2.2).
    pub(super) fn extract(&self) -> Result<Zeroizing<Vec<u8>>> {
        let mut prk = Zeroizing::new(vec![0; self.hash.digest_len()]);
        hmac::sign_to_buffer(
            &mac::hmac_key(self.hash, &self.salt),
            self.material.raw(),
            &mut prk,
        )
        .map_err(|_| Errno::AlgorithmFailure)?;
        Ok(prk)
    }
}

/// The second half: the key is what the first half made, what is absorbed is the information.
#[derive(Clone)]
pub(super) struct ExpandState {
    hash: Sha2,
    material: Arc<Material>,
    info: Vec<u8>,
}

/// How long the output is, for the library.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl ExpandState {
    pub(super) fn open(hash: Sha2, material: &Arc<Material>) -> Self {
        Self {
            hash,
            material: Arc::clone(material),
            info: Vec::new(),
        }
    }

    pub(super) fn held(&self) -> usize {
        self.material.bytes() + self.info.len()
    }

    pub(super) fn absorb(&mut self, data: &[u8], charge: &mut Charge<'_>) -> Result<()> {
        charge.grow(data.len())?;
        self.info.extend_from_slice(data);
        Ok(())
    }

    /// The derived key: the same at every call.
    ///
    /// # Errors
    /// `invalid_length` beyond 255 digests.
    pub(super) fn squeeze(&self, out: &mut [u8]) -> Result<()> {
        let Prepared::Prk(prk) = &self.material.prepared else {
            return Err(Errno::InternalError);
        };
        if out.len() > 255 * self.hash.digest_len() {
            return Err(Errno::InvalidLength);
        }
        let info = [self.info.as_slice()];
        let okm = prk
            .expand(&info, Length(out.len()))
            .map_err(|_| Errno::InvalidLength)?;
        okm.fill(out).map_err(|_| Errno::AlgorithmFailure)
    }
}
