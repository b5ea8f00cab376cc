//! BLAKE3: hash, keyed hash, key derivation, and as much output as is wanted (specification, "Key derivation using a XOF").

use zeroize::{Zeroize, Zeroizing};

use super::key::Material;
use super::tag::SymmetricTag;
use crate::{Errno, Options, Result};

/// The context in which keys are made of other keys, or of material that is absorbed, in UTF-8.
const CONTEXT: &str = "context";

/// BLAKE3, absorbing or squeezing.
#[derive(Clone)]
pub(super) struct Blake3State {
    hasher: Box<Wiped<blake3::Hasher>>,
    /// There once something was squeezed.
    output: Option<Box<Wiped<blake3::OutputReader>>>,
    keyed: bool,
}

/// Wiped when dropped.
#[derive(Clone)]
struct Wiped<T: Zeroize>(T);

impl<T: Zeroize> Drop for Wiped<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Blake3State {
    /// Without key and context it hashes; with a key it is a MAC; with a context it derives keys, of the key and what is
    /// absorbed after it.
    pub(super) fn open(key: Option<&Material>, options: Option<&Options>) -> Result<Self> {
        let context = options.and_then(|options| options.get(CONTEXT).ok());
        let hasher = match (context, key.map(Material::raw)) {
            (Some(context), key) => {
                let context = std::str::from_utf8(context).map_err(|_| Errno::UnsupportedOption)?;
                let mut hasher = blake3::Hasher::new_derive_key(context);
                hasher.update(key.unwrap_or_default());
                hasher
            }
            (None, Some(key)) => {
                blake3::Hasher::new_keyed(key.try_into().map_err(|_| Errno::InvalidKey)?)
            }
            (None, None) => blake3::Hasher::new(),
        };
        Ok(Self {
            hasher: Box::new(Wiped(hasher)),
            output: None,
            keyed: key.is_some() && context.is_none(),
        })
    }

    pub(super) fn held() -> usize {
        size_of::<blake3::Hasher>() + size_of::<blake3::OutputReader>()
    }

    /// # Errors
    /// `invalid_operation` once something was squeezed.
    pub(super) fn absorb(&mut self, data: &[u8]) -> Result<()> {
        if self.output.is_some() {
            return Err(Errno::InvalidOperation);
        }
        self.hasher.0.update(data);
        Ok(())
    }

    /// The next bytes of the output.
    pub(super) fn squeeze(&mut self, out: &mut [u8]) {
        let hasher = &self.hasher.0;
        let output = self
            .output
            .get_or_insert_with(|| Box::new(Wiped(hasher.finalize_xof())));
        output.0.fill(out);
    }

    /// The MAC of what was absorbed, in 32 bytes, whatever was squeezed.
    pub(super) fn squeeze_tag(&self) -> Result<SymmetricTag> {
        if !self.keyed {
            return Err(Errno::InvalidOperation);
        }
        let tag = Zeroizing::new(*self.hasher.0.finalize().as_bytes());
        Ok(SymmetricTag::new(&*tag))
    }
}
