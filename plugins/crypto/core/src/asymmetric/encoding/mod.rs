//! How keys are written: the envelopes that all algorithms share.

pub(crate) mod local;
pub(crate) mod pem;
pub(crate) mod pkcs8;
pub(crate) mod spki;

use crate::{Errno, Result};

/// The longest encoding of any key in bytes: PEM of an expanded ML-DSA-87 key with its seed has about 6,700. What is longer is
/// refused before it is looked at.
const LONGEST: usize = 8192;

/// Refuses what is longer than any key.
pub(crate) fn check_length(encoded: &[u8]) -> Result<()> {
    if encoded.len() <= LONGEST {
        Ok(())
    } else {
        Err(Errno::InvalidKey)
    }
}

/// Nothing that is written here comes near to the limits of DER.
pub(crate) fn unwritable(_: ::pkcs8::der::Error) -> Errno {
    Errno::InternalError
}

/// A guest's bytes that are not DER, or not of the right form.
pub(crate) fn unreadable(_: ::pkcs8::der::Error) -> Errno {
    Errno::InvalidKey
}
