//! The types of `wasi:crypto`, and what they are for the core.

use c12_crypto_core::{Errno, version};
use wasmtime::component::{ComponentType, Lift, Lower};

/// What the resources of the interfaces stand for: their representation is the core's handle.
macro_rules! resources {
    ($($name:ident = $spelled:literal closed by $close:ident,)*) => {
        $(#[derive(Debug)]
        pub(super) enum $name {})*

        /// Defines the resources. To drop one is to close it.
        pub(super) fn link(
            linker: &mut wasmtime::component::LinkerInstance<'_, c12::Context>,
            place: c12::plugin::Place,
        ) -> wasmtime::Result<()> {
            $(linker.resource(
                $spelled,
                wasmtime::component::ResourceType::host::<$name>(),
                move |mut store, representation| {
                    let instance = crate::instance::Instance::of(store.data_mut(), place)?;
                    let handle = c12_crypto_core::Handle::from_raw(representation);
                    // What was consumed is closed, and the handles of failed operations never were anything.
                    let _ = instance.session()?.$close(handle);
                    Ok(())
                },
            )?;)*
            Ok(())
        }
    };
}

resources! {
    ArrayOutput = "array-output" closed by array_output_close,
    Options = "options" closed by options_close,
    SecretsManager = "secrets-manager" closed by secrets_manager_close,
    Keypair = "keypair" closed by keypair_close,
    SignatureState = "signature-state" closed by signature_state_close,
    Signature = "signature" closed by signature_close,
    Publickey = "publickey" closed by publickey_close,
    Secretkey = "secretkey" closed by secretkey_close,
    SignatureVerificationState = "signature-verification-state" closed by signature_verification_state_close,
    SymmetricState = "symmetric-state" closed by symmetric_state_close,
    SymmetricKey = "symmetric-key" closed by symmetric_key_close,
    SymmetricTag = "symmetric-tag" closed by symmetric_tag_close,
}

macro_rules! errors {
    ($($case:ident = $spelled:literal,)*) => {
        /// A code. `Success` is there for the results of batches.
        #[derive(Debug, Clone, Copy, ComponentType, Lower)]
        #[component(variant)]
        pub(super) enum CryptoErrno {
            #[component(name = "success")]
            Success,
            $(#[component(name = $spelled)]
            $case,)*
        }

        impl From<Errno> for CryptoErrno {
            fn from(errno: Errno) -> Self {
                match errno {
                    $(Errno::$case => CryptoErrno::$case,)*
                }
            }
        }
    };
}

errors! {
    GuestError = "guest-error",
    NotImplemented = "not-implemented",
    UnsupportedFeature = "unsupported-feature",
    ProhibitedOperation = "prohibited-operation",
    UnsupportedEncoding = "unsupported-encoding",
    UnsupportedAlgorithm = "unsupported-algorithm",
    UnsupportedOption = "unsupported-option",
    InvalidKey = "invalid-key",
    InvalidLength = "invalid-length",
    VerificationFailed = "verification-failed",
    RngError = "rng-error",
    AlgorithmFailure = "algorithm-failure",
    InvalidSignature = "invalid-signature",
    Closed = "closed",
    InvalidHandle = "invalid-handle",
    Overflow = "overflow",
    InternalError = "internal-error",
    TooManyHandles = "too-many-handles",
    KeyNotSupported = "key-not-supported",
    KeyRequired = "key-required",
    InvalidTag = "invalid-tag",
    InvalidOperation = "invalid-operation",
    NonceRequired = "nonce-required",
    InvalidNonce = "invalid-nonce",
    OptionNotSet = "option-not-set",
    NotFound = "not-found",
    ParametersMissing = "parameters-missing",
    InProgress = "in-progress",
    IncompatibleKeys = "incompatible-keys",
    Expired = "expired",
}

/// Enumerations that are the core's, by name.
macro_rules! enumerations {
    ($($name:ident { $($case:ident = $spelled:literal),* })*) => {$(
        #[derive(Debug, Clone, Copy, ComponentType, Lift)]
        #[component(enum)]
        #[repr(u8)]
        #[allow(dead_code, reason = "components make them")]
        pub(super) enum $name {
            $(#[component(name = $spelled)]
            $case,)*
        }

        impl From<$name> for c12_crypto_core::$name {
            fn from(case: $name) -> Self {
                match case {
                    $($name::$case => c12_crypto_core::$name::$case,)*
                }
            }
        }
    )*};
}

enumerations! {
    AlgorithmType { Signatures = "signatures", Symmetric = "symmetric", KeyExchange = "key-exchange" }
    KeypairEncoding { Raw = "raw", Pkcs8 = "pkcs8", Pem = "pem", Local = "local" }
    PublickeyEncoding { Raw = "raw", Pkcs8 = "pkcs8", Pem = "pem", Sec = "sec", Local = "local" }
    SecretkeyEncoding { Raw = "raw", Pkcs8 = "pkcs8", Pem = "pem", Sec = "sec", Local = "local" }
    SignatureEncoding { Raw = "raw", Der = "der" }
}

/// The version of a stored key or secret.
#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(variant)]
pub(super) enum Version {
    #[component(name = "unspecified")]
    Unspecified,
    #[component(name = "latest")]
    Latest,
    #[component(name = "all")]
    All,
    #[component(name = "specified")]
    Specified(u64),
}

impl From<Version> for u64 {
    fn from(version: Version) -> Self {
        match version {
            Version::Unspecified => version::UNSPECIFIED,
            Version::Latest => version::LATEST,
            Version::All => version::ALL,
            Version::Specified(number) => number,
        }
    }
}

impl From<u64> for Version {
    fn from(number: u64) -> Self {
        match number {
            version::UNSPECIFIED => Version::Unspecified,
            version::LATEST => Version::Latest,
            version::ALL => Version::All,
            number => Version::Specified(number),
        }
    }
}
