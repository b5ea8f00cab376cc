//! PEM (RFC 7468).

use pkcs8::der::pem::{self, LineEnding};
use zeroize::Zeroizing;

use super::check_length;
use crate::{Errno, Result};

/// The label of SubjectPublicKeyInfo.
pub(crate) const PUBLIC_KEY: &str = "PUBLIC KEY";
/// The label of PKCS#8.
pub(crate) const PRIVATE_KEY: &str = "PRIVATE KEY";
/// The label of a public key of PKCS#1.
pub(crate) const RSA_PUBLIC_KEY: &str = "RSA PUBLIC KEY";
/// The label of a private key of PKCS#1.
pub(crate) const RSA_PRIVATE_KEY: &str = "RSA PRIVATE KEY";
/// The label of an `ECPrivateKey` of SEC 1.
pub(crate) const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";

/// Writes PEM with lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let text = pem::encode_string(label, LineEnding::LF, der).map_err(|_| Errno::InternalError)?;
    Ok(Zeroizing::new(text.into_bytes()))
}

/// Reads one block of PEM: its label, and the DER in it.
///
/// # Errors
/// [`Errno::InvalidKey`] for everything else.
pub(crate) fn decode(text: &[u8]) -> Result<(&str, Zeroizing<Vec<u8>>)> {
    check_length(text)?;
    // Into a buffer that is long enough, so that no copy is left behind by growing.
    let mut buffer = Zeroizing::new(vec![0; text.len()]);
    let (label, length) = {
        let (label, der) = pem::decode(text, &mut buffer).map_err(|_| Errno::InvalidKey)?;
        (label, der.len())
    };
    buffer.truncate(length);
    Ok((label, buffer))
}
