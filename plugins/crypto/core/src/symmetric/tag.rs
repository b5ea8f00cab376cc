//! Authentication tags (specification, "Authentication tags").

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Errno, Result};

/// The longest tag but for the strings of password functions, in bytes.
pub(super) const LONGEST: usize = 64;

/// A computed tag; wiped afterwards.
pub(crate) struct SymmetricTag {
    content: Content,
}

enum Content {
    // Most tags are short, and made often.
    Short {
        bytes: Zeroizing<[u8; LONGEST]>,
        len: usize,
    },
    Long(Zeroizing<Vec<u8>>),
}

impl SymmetricTag {
    /// The bytes of a tag.
    pub(crate) fn new(tag: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; LONGEST]);
        let content = match bytes.get_mut(..tag.len()) {
            Some(short) => {
                short.copy_from_slice(tag);
                Content::Short {
                    bytes,
                    len: tag.len(),
                }
            }
            None => Content::Long(Zeroizing::new(tag.to_vec())),
        };
        Self { content }
    }

    pub(crate) fn bytes(&self) -> usize {
        match &self.content {
            Content::Short { .. } => size_of::<Self>(),
            Content::Long(bytes) => size_of::<Self>() + bytes.len(),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match &self.content {
            Content::Short { bytes, len } => bytes.get(..*len).unwrap_or_default(),
            Content::Long(bytes) => bytes,
        }
    }

    /// Compares in constant time.
    ///
    /// # Errors
    /// `invalid_tag`.
    pub(crate) fn verify(&self, expected: &[u8]) -> Result<()> {
        if self.as_slice().ct_eq(expected).into() {
            Ok(())
        } else {
            Err(Errno::InvalidTag)
        }
    }
}
