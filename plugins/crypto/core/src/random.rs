//! Random numbers, from the operating system only.

use crate::{Errno, Result};

/// Fills a buffer.
///
/// # Errors
/// [`Errno::RngError`] where the operating system gives none.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|_| Errno::RngError)
}

/// An array of random bytes.
///
/// # Errors
/// As [`fill`].
pub(crate) fn array<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}
