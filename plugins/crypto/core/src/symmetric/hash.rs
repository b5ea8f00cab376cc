//! Hash functions of a fixed length (specification, "Hash functions").

use aws_lc_rs::digest;
use blake2::Blake2bMac;
use blake2::digest::consts::{U32, U64};
use blake2::digest::{FixedOutput, Update};
use zeroize::Zeroize;

use super::algorithm::Hash;
use super::key::Material;
use super::tag::{LONGEST, SymmetricTag};
use crate::{Errno, Options, Result};

/// The greatest length of BLAKE2b's salt and of its personalisation, in bytes.
const PARAMETER_LEN: usize = 16;

/// A hash of what was absorbed so far.
#[derive(Clone)]
pub(super) struct HashState {
    hasher: Box<Hasher>,
    keyed: bool,
}

#[derive(Clone)]
enum Hasher {
    Library(digest::Context),
    // With the name of a MAC, as keys, salts and contexts are all that it adds.
    Blake2b256(Blake2bMac<U32>),
    Blake2b512(Blake2bMac<U64>),
}

impl HashState {
    pub(super) fn open(
        hash: Hash,
        key: Option<&Material>,
        options: Option<&Options>,
    ) -> Result<Self> {
        let library = |algorithm| Ok(Hasher::Library(digest::Context::new(algorithm)));
        let hasher = match hash {
            Hash::Sha256 => library(&digest::SHA256),
            Hash::Sha384 => library(&digest::SHA384),
            Hash::Sha512 => library(&digest::SHA512),
            Hash::Sha512Of256 => library(&digest::SHA512_256),
            Hash::Sha3Of256 => library(&digest::SHA3_256),
            Hash::Sha3Of384 => library(&digest::SHA3_384),
            Hash::Sha3Of512 => library(&digest::SHA3_512),
            Hash::Blake2b256 | Hash::Blake2b512 => blake2b(hash, key, options),
        };
        Ok(Self {
            hasher: Box::new(hasher?),
            keyed: key.is_some(),
        })
    }

    pub(super) fn held() -> usize {
        size_of::<Hasher>()
    }

    pub(super) fn absorb(&mut self, data: &[u8]) {
        match &mut *self.hasher {
            Hasher::Library(context) => context.update(data),
            Hasher::Blake2b256(hasher) => hasher.update(data),
            Hasher::Blake2b512(hasher) => hasher.update(data),
        }
    }

    /// The digest, or its beginning; more can be absorbed afterwards.
    pub(super) fn squeeze(&self, out: &mut [u8]) -> Result<()> {
        self.with_digest(|digest| {
            let digest = digest.get(..out.len()).ok_or(Errno::InvalidLength)?;
            out.copy_from_slice(digest);
            Ok(())
        })
    }

    /// The digest, as a tag of a keyed hash.
    pub(super) fn squeeze_tag(&self) -> Result<SymmetricTag> {
        if !self.keyed {
            return Err(Errno::InvalidOperation);
        }
        self.with_digest(|digest| Ok(SymmetricTag::new(digest)))
    }

    fn with_digest<T>(&self, use_it: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        let mut wide = [0; LONGEST];
        let result = match &*self.hasher {
            Hasher::Library(context) => return use_it(context.clone().finish().as_ref()),
            Hasher::Blake2b256(hasher) => {
                let (digest, _) = wide
                    .split_first_chunk_mut::<32>()
                    .ok_or(Errno::InternalError)?;
                hasher.clone().finalize_into(digest.into());
                use_it(digest)
            }
            Hasher::Blake2b512(hasher) => {
                hasher.clone().finalize_into((&mut wide).into());
                use_it(&wide)
            }
        };
        wide.zeroize();
        result
    }
}

/// BLAKE2b with the key, the salt and the personalisation of RFC 7693; the latter is the option `context`.
fn blake2b(hash: Hash, key: Option<&Material>, options: Option<&Options>) -> Result<Hasher> {
    let bytes = |name| {
        options
            .and_then(|options| options.get(name).ok())
            .unwrap_or_default()
    };
    let (key, salt, context) = (key.map(Material::raw), bytes("salt"), bytes("context"));
    // The library would panic.
    if salt.len() > PARAMETER_LEN || context.len() > PARAMETER_LEN {
        return Err(Errno::InvalidLength);
    }
    let hasher = match hash {
        Hash::Blake2b256 => {
            Blake2bMac::new_with_salt_and_personal(key, salt, context).map(Hasher::Blake2b256)
        }
        _ => Blake2bMac::new_with_salt_and_personal(key, salt, context).map(Hasher::Blake2b512),
    };
    hasher.map_err(|_| Errno::InvalidLength)
}
