//! The encoding `local`: what a key is, for which algorithm, and its shortest complete form.
//!
//! It is this implementation's own, and what the secrets store keeps. A first byte tells the version.

use zeroize::Zeroizing;

use super::check_length;
use crate::asymmetric::Algorithm;
use crate::{Errno, Result};

const MAGIC: &[u8; 4] = b"c12\x01";

/// What is in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Public = 1,
    Secret = 2,
    Pair = 3,
}

/// Wraps the canonical form of a key.
pub(crate) fn encode(
    kind: Kind,
    algorithm: Algorithm,
    canonical: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let head = head(kind, algorithm)?;
    let mut encoded = Zeroizing::new(Vec::with_capacity(head.len() + canonical.len()));
    encoded.extend_from_slice(&head);
    encoded.extend_from_slice(canonical);
    Ok(encoded)
}

/// The canonical form in it.
///
/// # Errors
/// [`Errno::InvalidKey`] when it is something else, or for another algorithm.
pub(crate) fn decode(kind: Kind, algorithm: Algorithm, encoded: &[u8]) -> Result<&[u8]> {
    check_length(encoded)?;
    encoded
        .strip_prefix(head(kind, algorithm)?.as_slice())
        .ok_or(Errno::InvalidKey)
}

fn head(kind: Kind, algorithm: Algorithm) -> Result<Vec<u8>> {
    let name = algorithm.name();
    let length = u8::try_from(name.len()).map_err(|_| Errno::InternalError)?;
    Ok([MAGIC.as_slice(), &[kind as u8, length], name.as_bytes()].concat())
}
