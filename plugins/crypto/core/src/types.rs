//! The enumerations and constants of `wasi_ephemeral_crypto_common`, with the numbers of witx-0.10.

use crate::Errno;

/// What can be said of a number that is no case of an enumeration: the guest is not of this specification.
const UNKNOWN_CASE: Errno = Errno::GuestError;

macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $number:literal),+ $(,)? } else $errno:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum $name {
            $($(#[$case_doc])* $case = $number),+
        }

        impl TryFrom<u16> for $name {
            type Error = Errno;

            fn try_from(number: u16) -> Result<Self, Errno> {
                match number {
                    $($number => Ok(Self::$case),)+
                    _ => Err($errno),
                }
            }
        }

        impl From<$name> for u16 {
            fn from(case: $name) -> Self {
                case as Self
            }
        }
    };
}

enumeration! {
    /// The category of an algorithm (`algorithm_type`).
    AlgorithmType {
        /// Digital signatures.
        Signatures = 0,
        /// Everything with one key, or none.
        Symmetric = 1,
        /// Key agreement and key encapsulation.
        KeyExchange = 2,
    } else UNKNOWN_CASE
}

enumeration! {
    /// How a key pair is written (`keypair_encoding`).
    KeypairEncoding {
        /// Bytes, as the algorithm defines them.
        Raw = 0,
        /// PKCS#8, DER.
        Pkcs8 = 1,
        /// PKCS#8, PEM.
        Pem = 2,
        /// This implementation's own.
        Local = 3,
    } else Errno::UnsupportedEncoding
}

enumeration! {
    /// How a public key is written (`publickey_encoding`).
    PublickeyEncoding {
        /// Bytes, as the algorithm defines them.
        Raw = 0,
        /// SubjectPublicKeyInfo, DER (the specification calls it PKCS#8).
        Pkcs8 = 1,
        /// SubjectPublicKeyInfo, PEM.
        Pem = 2,
        /// A point as SEC-1 writes it.
        Sec = 3,
        /// This implementation's own.
        Local = 4,
    } else Errno::UnsupportedEncoding
}

enumeration! {
    /// How a secret key is written (`secretkey_encoding`).
    SecretkeyEncoding {
        /// Bytes, as the algorithm defines them.
        Raw = 0,
        /// PKCS#8, DER.
        Pkcs8 = 1,
        /// PKCS#8, PEM.
        Pem = 2,
        /// SEC-1.
        Sec = 3,
        /// This implementation's own.
        Local = 4,
    } else Errno::UnsupportedEncoding
}

enumeration! {
    /// How a signature is written (`signature_encoding`).
    SignatureEncoding {
        /// Bytes of a fixed length.
        Raw = 0,
        /// DER.
        Der = 1,
    } else Errno::UnsupportedEncoding
}

/// The reserved values of `version`, and the greatest that a key can have.
pub mod version {
    /// The greatest version of a stored key or secret.
    pub const GREATEST: u64 = 0xfeff_ffff_ffff_ffff;
    /// The key has no version.
    pub const UNSPECIFIED: u64 = 0xff00_0000_0000_0000;
    /// The newest version.
    pub const LATEST: u64 = 0xff00_0000_0000_0001;
    /// All versions.
    pub const ALL: u64 = 0xff00_0000_0000_0002;
}
