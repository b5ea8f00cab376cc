//! Strings for stored passwords, in the PHC format.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

/// A string of what comes before the salt, the salt and the hash.
pub(super) fn string(prefix: &str, salt: &[u8], hash: &[u8]) -> Zeroizing<String> {
    let hash = Zeroizing::new(Base64Unpadded::encode_string(hash));
    let salt = Base64Unpadded::encode_string(salt);
    Zeroizing::new(format!("{prefix}${salt}${}", *hash))
}

/// Bytes as a parameter.
pub(super) fn parameter(bytes: &[u8]) -> String {
    Base64Unpadded::encode_string(bytes)
}
