//! The specification's error codes.

use thiserror::Error;

/// What a function of WASI-Crypto answers, success aside. Names and numbers are those of `crypto_errno` in witx-0.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[repr(u16)]
pub enum Errno {
    /// A value could not be carried from the host to the guest.
    #[error("guest error")]
    GuestError = 1,
    /// The operation is valid, but this host does not have it.
    #[error("not implemented")]
    NotImplemented = 2,
    /// The algorithm, or this host's configuration, does not have the feature.
    #[error("unsupported feature")]
    UnsupportedFeature = 3,
    /// The operation is valid, and the host's configuration forbids it.
    #[error("prohibited operation")]
    ProhibitedOperation = 4,
    /// The encoding does not exist for this kind of object.
    #[error("unsupported encoding")]
    UnsupportedEncoding = 5,
    /// Nobody here knows an algorithm of this name and category.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm = 6,
    /// The algorithm has no such option.
    #[error("unsupported option")]
    UnsupportedOption = 7,
    /// The key is malformed, or belongs to another algorithm.
    #[error("invalid key")]
    InvalidKey = 8,
    /// The algorithm does not produce or accept that many bytes.
    #[error("invalid length")]
    InvalidLength = 9,
    /// A signature or an encapsulated secret did not verify.
    #[error("verification failed")]
    VerificationFailed = 10,
    /// The operating system gave no random numbers.
    #[error("random number generator error")]
    RngError = 11,
    /// The library below failed in a way that no other code describes.
    #[error("algorithm failure")]
    AlgorithmFailure = 12,
    /// The signature is malformed, or belongs to another algorithm.
    #[error("invalid signature")]
    InvalidSignature = 13,
    /// The handle was closed before.
    #[error("closed")]
    Closed = 14,
    /// The handle is not one of this session, or is of another kind.
    #[error("invalid handle")]
    InvalidHandle = 15,
    /// The output does not fit, or a limit of this host is reached.
    #[error("overflow")]
    Overflow = 16,
    /// A check of this implementation's own state failed.
    #[error("internal error")]
    InternalError = 17,
    /// No further handle can be opened before others are closed.
    #[error("too many handles")]
    TooManyHandles = 18,
    /// The algorithm has no key, and one was given.
    #[error("key not supported")]
    KeyNotSupported = 19,
    /// The algorithm needs a key, and none was given.
    #[error("key required")]
    KeyRequired = 20,
    /// The authentication tag does not verify.
    #[error("invalid tag")]
    InvalidTag = 21,
    /// The algorithm does not have this operation.
    #[error("invalid operation")]
    InvalidOperation = 22,
    /// A nonce must be given, as none can be made up safely.
    #[error("nonce required")]
    NonceRequired = 23,
    /// The nonce has the wrong size.
    #[error("invalid nonce")]
    InvalidNonce = 24,
    /// The option exists, and was not set.
    #[error("option not set")]
    OptionNotSet = 25,
    /// No stored key or secret has this identifier and version.
    #[error("not found")]
    NotFound = 26,
    /// The algorithm needs options that were not set.
    #[error("parameters missing")]
    ParametersMissing = 27,
    /// The computation is not done; call again.
    #[error("in progress")]
    InProgress = 28,
    /// Two keys do not belong to the same algorithm, or not together.
    #[error("incompatible keys")]
    IncompatibleKeys = 29,
    /// The stored key or secret has passed its date.
    #[error("expired")]
    Expired = 30,
}

impl Errno {
    /// Every error, in the order of its numbers.
    pub const ALL: [Self; 30] = [
        Self::GuestError,
        Self::NotImplemented,
        Self::UnsupportedFeature,
        Self::ProhibitedOperation,
        Self::UnsupportedEncoding,
        Self::UnsupportedAlgorithm,
        Self::UnsupportedOption,
        Self::InvalidKey,
        Self::InvalidLength,
        Self::VerificationFailed,
        Self::RngError,
        Self::AlgorithmFailure,
        Self::InvalidSignature,
        Self::Closed,
        Self::InvalidHandle,
        Self::Overflow,
        Self::InternalError,
        Self::TooManyHandles,
        Self::KeyNotSupported,
        Self::KeyRequired,
        Self::InvalidTag,
        Self::InvalidOperation,
        Self::NonceRequired,
        Self::InvalidNonce,
        Self::OptionNotSet,
        Self::NotFound,
        Self::ParametersMissing,
        Self::InProgress,
        Self::IncompatibleKeys,
        Self::Expired,
    ];

    /// The number in witx-0.10; 0 is success and no error.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }
}

/// A result of this crate.
pub type Result<T> = core::result::Result<T, Errno>;
