//! The specification's error codes.

use std::fmt;

/// Why an operation was not done: the specification's `crypto_errno`, without its `success`.
///
/// The number is the one that the specification's `witx` gives. The names are the specification's too, so what it says
/// about each code holds here.
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Error, Key};
///
/// let error = Key::<Aes256Gcm>::import(b"too short").unwrap_err();
/// assert_eq!((error, error.code()), (Error::InvalidKey, 8));
/// assert_eq!(Error::from_code(8), error);
/// assert_eq!(error.name(), "invalid_key");
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// A value could not be converted between host and guest.
    GuestError,
    /// The host does not implement the operation. Outside of a sandbox there is no host: every operation ends so.
    NotImplemented,
    /// The algorithm does not support the feature.
    UnsupportedFeature,
    /// Whoever runs the host forbids the operation.
    ProhibitedOperation,
    /// The key or signature cannot be read or written in this encoding.
    UnsupportedEncoding,
    /// The host does not know the algorithm.
    UnsupportedAlgorithm,
    /// The algorithm does not know the option.
    UnsupportedOption,
    /// The key is invalid, or belongs to another algorithm.
    InvalidKey,
    /// The algorithm does not give an output of this length.
    InvalidLength,
    /// A signature or an encapsulated secret is not authentic.
    VerificationFailed,
    /// The host has no random numbers at the moment.
    RngError,
    /// The library that the host uses failed.
    AlgorithmFailure,
    /// These bytes are no signature of the algorithm.
    InvalidSignature,
    /// The handle was closed before.
    Closed,
    /// There is no such handle, or it stands for something else.
    InvalidHandle,
    /// A buffer is too small, or one of the host's limits is reached.
    Overflow,
    /// The host found itself in a state that should not be.
    InternalError,
    /// The guest holds more handles than the host allows.
    TooManyHandles,
    /// The algorithm takes no key.
    KeyNotSupported,
    /// The algorithm needs a key.
    KeyRequired,
    /// The authentication tag is wrong: the data was changed, or key, nonce or additional data are not the ones that it
    /// was made with.
    InvalidTag,
    /// The algorithm has no such operation.
    InvalidOperation,
    /// The algorithm needs a nonce.
    NonceRequired,
    /// The nonce has a length that the algorithm does not take.
    InvalidNonce,
    /// The option was not set.
    OptionNotSet,
    /// There is no key or secret of this identifier and version.
    NotFound,
    /// The algorithm needs parameters that were not set.
    ParametersMissing,
    /// The computation goes on: the same call again continues it.
    InProgress,
    /// The two keys do not belong to the same algorithm.
    IncompatibleKeys,
    /// The key or secret has expired.
    Expired,
    /// A code that the specification does not name.
    Unknown(u16),
}

/// All errors with their names, in the order of their numbers, which start at 1.
const NAMED: [(Error, &str); 30] = [
    (Error::GuestError, "guest_error"),
    (Error::NotImplemented, "not_implemented"),
    (Error::UnsupportedFeature, "unsupported_feature"),
    (Error::ProhibitedOperation, "prohibited_operation"),
    (Error::UnsupportedEncoding, "unsupported_encoding"),
    (Error::UnsupportedAlgorithm, "unsupported_algorithm"),
    (Error::UnsupportedOption, "unsupported_option"),
    (Error::InvalidKey, "invalid_key"),
    (Error::InvalidLength, "invalid_length"),
    (Error::VerificationFailed, "verification_failed"),
    (Error::RngError, "rng_error"),
    (Error::AlgorithmFailure, "algorithm_failure"),
    (Error::InvalidSignature, "invalid_signature"),
    (Error::Closed, "closed"),
    (Error::InvalidHandle, "invalid_handle"),
    (Error::Overflow, "overflow"),
    (Error::InternalError, "internal_error"),
    (Error::TooManyHandles, "too_many_handles"),
    (Error::KeyNotSupported, "key_not_supported"),
    (Error::KeyRequired, "key_required"),
    (Error::InvalidTag, "invalid_tag"),
    (Error::InvalidOperation, "invalid_operation"),
    (Error::NonceRequired, "nonce_required"),
    (Error::InvalidNonce, "invalid_nonce"),
    (Error::OptionNotSet, "option_not_set"),
    (Error::NotFound, "not_found"),
    (Error::ParametersMissing, "parameters_missing"),
    (Error::InProgress, "in_progress"),
    (Error::IncompatibleKeys, "incompatible_keys"),
    (Error::Expired, "expired"),
];

impl Error {
    /// The error of a number of the specification, except 0, which means success.
    pub fn from_code(code: u16) -> Self {
        usize::from(code)
            .checked_sub(1)
            .and_then(|index| NAMED.get(index))
            .map_or(Self::Unknown(code), |(error, _)| *error)
    }

    /// The number that the specification gives it.
    pub fn code(self) -> u16 {
        if let Self::Unknown(code) = self {
            return code;
        }
        let index = NAMED.iter().position(|(error, _)| *error == self);
        index.map_or(0, |index| index as u16 + 1)
    }

    /// The name that the specification gives it.
    pub fn name(self) -> &'static str {
        let named = NAMED.iter().find(|(error, _)| *error == self);
        named.map_or("unknown", |(_, name)| name)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (crypto error {})", self.name(), self.code())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_for_one_error_and_back() {
        for code in 1..=30 {
            let error = Error::from_code(code);
            assert_eq!(error.code(), code);
            assert_ne!(error.name(), "unknown");
        }
        assert_eq!(Error::from_code(30), Error::Expired);
        assert_eq!(Error::from_code(31), Error::Unknown(31));
        assert_eq!(Error::Unknown(31).code(), 31);
    }
}
