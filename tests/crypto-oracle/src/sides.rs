//! The two implementations, behind one trait.

use c12_crypto_core::{
    AlgorithmType, Errno, Handle, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, Session,
    SignatureEncoding,
};
use wasi_crypto::{
    AlgorithmType as TheirType, CryptoCtx, CryptoError, KeyPairEncoding as TheirKeypairEncoding,
    PublicKeyEncoding as TheirPublickeyEncoding, SecretKeyEncoding as TheirSecretkeyEncoding,
    SignatureEncoding as TheirSignatureEncoding,
};

use crate::outcome::{Answer, Failure};

/// A handle of one of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw(pub(crate) u32);

/// An argument, as each side takes it.
trait Argument {
    type Ours;
    type Theirs;
    fn ours(self) -> Self::Ours;
    fn theirs(self) -> Self::Theirs;
}

impl Argument for Raw {
    type Ours = Handle;
    type Theirs = u32;
    fn ours(self) -> Handle {
        Handle::from_raw(self.0)
    }
    fn theirs(self) -> u32 {
        self.0
    }
}

impl Argument for Option<Raw> {
    type Ours = Option<Handle>;
    type Theirs = Option<u32>;
    fn ours(self) -> Option<Handle> {
        self.map(Argument::ours)
    }
    fn theirs(self) -> Option<u32> {
        self.map(Argument::theirs)
    }
}

macro_rules! same {
    ($($type:ty),+) => {
        $(impl Argument for $type {
            type Ours = Self;
            type Theirs = Self;
            fn ours(self) -> Self {
                self
            }
            fn theirs(self) -> Self {
                self
            }
        })+
    };
}

same!(&str, &[u8], &mut [u8], u64);

macro_rules! cases {
    ($($ours:ident => $theirs:ident { $($case:ident),+ })+) => {
        $(impl Argument for $ours {
            type Ours = Self;
            type Theirs = $theirs;
            fn ours(self) -> Self {
                self
            }
            fn theirs(self) -> $theirs {
                match self {
                    $(Self::$case => $theirs::$case),+
                }
            }
        })+
    };
}

cases! {
    AlgorithmType => TheirType { Signatures, Symmetric, KeyExchange }
    KeypairEncoding => TheirKeypairEncoding { Raw, Pkcs8, Pem, Local }
    PublickeyEncoding => TheirPublickeyEncoding { Raw, Pkcs8, Pem, Sec, Local }
    SecretkeyEncoding => TheirSecretkeyEncoding { Raw, Pkcs8, Pem, Sec, Local }
    SignatureEncoding => TheirSignatureEncoding { Raw, Der }
}

/// A result, made of what each side returns.
trait Returned<T> {
    fn of(value: T) -> Self;
}

impl<T> Returned<T> for T {
    fn of(value: T) -> Self {
        value
    }
}

impl Returned<Handle> for Raw {
    fn of(value: Handle) -> Self {
        Self(value.raw())
    }
}

impl Returned<u32> for Raw {
    fn of(value: u32) -> Self {
        Self(value)
    }
}

impl Returned<(Handle, Handle)> for (Raw, Raw) {
    fn of((first, second): (Handle, Handle)) -> Self {
        (Raw::of(first), Raw::of(second))
    }
}

impl Returned<(u32, u32)> for (Raw, Raw) {
    fn of((first, second): (u32, u32)) -> Self {
        (Raw(first), Raw(second))
    }
}

/// Declares the functions that both sides have: the specification's name, the oracle's, the arguments.
macro_rules! functions {
    ($($name:ident / $theirs:ident ($($argument:ident: $type:ty),*) -> $returned:ty;)+) => {
        /// An implementation of WASI-Crypto.
        pub(crate) trait Side {
            $(fn $name(&mut self, $($argument: $type),*) -> Answer<$returned>;)+

            /// All of an output.
            fn read(&mut self, output: Raw) -> Answer<Vec<u8>> {
                let mut bytes = vec![0; self.array_output_len(output)?];
                let count = self.array_output_pull(output, &mut bytes)?;
                assert_eq!(count, bytes.len());
                Ok(bytes)
            }
        }

        impl Side for Session {
            $(fn $name(&mut self, $($argument: $type),*) -> Answer<$returned> {
                Ok(Returned::of(Session::$name(self, $($argument.ours()),*)?))
            })+
        }

        impl Side for CryptoCtx {
            $(fn $name(&mut self, $($argument: $type),*) -> Answer<$returned> {
                CryptoCtx::$theirs(self, $($argument.theirs()),*)
                    .map(Returned::of)
                    .map_err(|error| failure(&error))
            })+
        }
    };
}

functions! {
    array_output_len / array_output_len(output: Raw) -> usize;
    array_output_pull / array_output_pull(output: Raw, buf: &mut [u8]) -> usize;
    options_open / options_open(algorithm_type: AlgorithmType) -> Raw;
    options_set / options_set(options: Raw, name: &str, value: &[u8]) -> ();
    options_set_u64 / options_set_u64(options: Raw, name: &str, value: u64) -> ();
    options_close / options_close(options: Raw) -> ();
    symmetric_key_generate / symmetric_key_generate(algorithm: &str, options: Option<Raw>) -> Raw;
    symmetric_key_import / symmetric_key_import(algorithm: &str, raw: &[u8]) -> Raw;
    symmetric_key_export / symmetric_key_export(key: Raw) -> Raw;
    symmetric_key_close / symmetric_key_close(key: Raw) -> ();
    symmetric_state_open / symmetric_state_open(algorithm: &str, key: Option<Raw>, options: Option<Raw>) -> Raw;
    symmetric_state_options_get / symmetric_state_options_get(state: Raw, name: &str, value: &mut [u8]) -> usize;
    symmetric_state_options_get_u64 / symmetric_state_options_get_u64(state: Raw, name: &str) -> u64;
    symmetric_state_clone / symmetric_state_clone(state: Raw) -> Raw;
    symmetric_state_close / symmetric_state_close(state: Raw) -> ();
    symmetric_state_absorb / symmetric_state_absorb(state: Raw, data: &[u8]) -> ();
    symmetric_state_squeeze / symmetric_state_squeeze(state: Raw, out: &mut [u8]) -> ();
    symmetric_state_squeeze_tag / symmetric_state_squeeze_tag(state: Raw) -> Raw;
    symmetric_state_squeeze_key / symmetric_state_squeeze_key(state: Raw, algorithm: &str) -> Raw;
    symmetric_state_max_tag_len / symmetric_state_max_tag_len(state: Raw) -> usize;
    symmetric_state_encrypt / symmetric_state_encrypt(state: Raw, out: &mut [u8], data: &[u8]) -> usize;
    symmetric_state_encrypt_detached / symmetric_state_encrypt_detached(state: Raw, out: &mut [u8], data: &[u8]) -> Raw;
    symmetric_state_decrypt / symmetric_state_decrypt(state: Raw, out: &mut [u8], data: &[u8]) -> usize;
    symmetric_state_decrypt_detached / symmetric_state_decrypt_detached(state: Raw, out: &mut [u8], data: &[u8], tag: &[u8]) -> usize;
    symmetric_state_ratchet / symmetric_state_ratchet(state: Raw) -> ();
    symmetric_tag_len / symmetric_tag_len(tag: Raw) -> usize;
    symmetric_tag_pull / symmetric_tag_pull(tag: Raw, buf: &mut [u8]) -> usize;
    symmetric_tag_verify / symmetric_tag_verify(tag: Raw, expected: &[u8]) -> ();
    symmetric_tag_close / symmetric_tag_close(tag: Raw) -> ();
    keypair_generate / keypair_generate(algorithm_type: AlgorithmType, algorithm: &str, options: Option<Raw>) -> Raw;
    keypair_import / keypair_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: KeypairEncoding) -> Raw;
    keypair_export / keypair_export(pair: Raw, encoding: KeypairEncoding) -> Raw;
    keypair_publickey / keypair_publickey(pair: Raw) -> Raw;
    keypair_secretkey / keypair_secretkey(pair: Raw) -> Raw;
    keypair_from_pk_and_sk / keypair_from_pk_and_sk(public: Raw, secret: Raw) -> Raw;
    keypair_close / keypair_close(pair: Raw) -> ();
    publickey_import / publickey_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: PublickeyEncoding) -> Raw;
    publickey_export / publickey_export(public: Raw, encoding: PublickeyEncoding) -> Raw;
    publickey_verify / publickey_verify(public: Raw) -> ();
    publickey_from_secretkey / publickey(secret: Raw) -> Raw;
    publickey_close / publickey_close(public: Raw) -> ();
    secretkey_import / secretkey_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: SecretkeyEncoding) -> Raw;
    secretkey_export / secretkey_export(secret: Raw, encoding: SecretkeyEncoding) -> Raw;
    secretkey_close / secretkey_close(secret: Raw) -> ();
    signature_export / signature_export(signature: Raw, encoding: SignatureEncoding) -> Raw;
    signature_import / signature_import(algorithm: &str, encoded: &[u8], encoding: SignatureEncoding) -> Raw;
    signature_close / signature_close(signature: Raw) -> ();
    signature_state_open / signature_state_open(pair: Raw) -> Raw;
    signature_state_update / signature_state_update(state: Raw, input: &[u8]) -> ();
    signature_state_sign / signature_state_sign(state: Raw) -> Raw;
    signature_state_close / signature_state_close(state: Raw) -> ();
    signature_verification_state_open / signature_verification_state_open(public: Raw) -> Raw;
    signature_verification_state_update / signature_verification_state_update(state: Raw, input: &[u8]) -> ();
    signature_verification_state_verify / signature_verification_state_verify(state: Raw, signature: Raw) -> ();
    signature_verification_state_close / signature_verification_state_close(state: Raw) -> ();
    kx_dh / kx_dh(public: Raw, secret: Raw) -> Raw;
    kx_encapsulate / kx_encapsulate(public: Raw) -> (Raw, Raw);
    kx_decapsulate / kx_decapsulate(secret: Raw, encapsulated: &[u8]) -> Raw;
}

fn failure(error: &CryptoError) -> Failure {
    Failure::Errno(match error {
        // It is never returned.
        CryptoError::Success => return Failure::Panic,
        CryptoError::GuestError(_) => Errno::GuestError,
        CryptoError::NotImplemented => Errno::NotImplemented,
        CryptoError::UnsupportedFeature => Errno::UnsupportedFeature,
        CryptoError::ProhibitedOperation => Errno::ProhibitedOperation,
        CryptoError::UnsupportedEncoding => Errno::UnsupportedEncoding,
        CryptoError::UnsupportedAlgorithm => Errno::UnsupportedAlgorithm,
        CryptoError::UnsupportedOption => Errno::UnsupportedOption,
        CryptoError::InvalidKey => Errno::InvalidKey,
        CryptoError::InvalidLength => Errno::InvalidLength,
        CryptoError::VerificationFailed => Errno::VerificationFailed,
        CryptoError::RNGError => Errno::RngError,
        CryptoError::AlgorithmFailure => Errno::AlgorithmFailure,
        CryptoError::InvalidSignature => Errno::InvalidSignature,
        CryptoError::Closed => Errno::Closed,
        CryptoError::InvalidHandle => Errno::InvalidHandle,
        CryptoError::Overflow => Errno::Overflow,
        CryptoError::InternalError => Errno::InternalError,
        CryptoError::TooManyHandles => Errno::TooManyHandles,
        CryptoError::KeyNotSupported => Errno::KeyNotSupported,
        CryptoError::KeyRequired => Errno::KeyRequired,
        CryptoError::InvalidTag => Errno::InvalidTag,
        CryptoError::InvalidOperation => Errno::InvalidOperation,
        CryptoError::NonceRequired => Errno::NonceRequired,
        CryptoError::InvalidNonce => Errno::InvalidNonce,
        CryptoError::OptionNotSet => Errno::OptionNotSet,
        CryptoError::NotFound => Errno::NotFound,
        CryptoError::ParametersMissing => Errno::ParametersMissing,
        CryptoError::IncompatibleKeys => Errno::IncompatibleKeys,
        CryptoError::Expired => Errno::Expired,
    })
}
