//! The algorithms, as types: what a key is for is part of its type, so a key cannot be used for anything else.

use std::marker::PhantomData;

/// An algorithm, by the name that the specification gives it.
///
/// A host may know more than there are types here. One line makes a type of any name:
///
/// ```no_run
/// use c12_wasm::crypto::{Algorithm, Hash, hash};
///
/// struct Blake2b384;
///
/// impl Algorithm for Blake2b384 {
///     const NAME: &'static str = "BLAKE2B-384";
/// }
///
/// impl Hash for Blake2b384 {
///     const OUTPUT_BYTES: usize = 48;
/// }
///
/// if let Err(error) = hash::<Blake2b384>(b"abc") {
///     assert_eq!(error, c12_wasm::crypto::Error::UnsupportedAlgorithm);
/// }
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
pub trait Algorithm {
    /// The specification's name.
    const NAME: &'static str;
}

/// Encryption that detects every change: authenticated encryption with additional data.
pub trait Aead: Algorithm {
    /// The length of a nonce, in bytes.
    const NONCE_BYTES: usize;
    /// The length of a tag, in bytes.
    const TAG_BYTES: usize = 16;
}

/// Encryption that detects no change. Something else has to.
pub trait StreamCipher: Algorithm {
    /// The length of the first counter block, in bytes.
    const NONCE_BYTES: usize = 16;
}

/// A state that absorbs, squeezes, encrypts and decrypts in turn, each depending on all before.
pub trait SessionCipher: Algorithm {}

/// A hash function.
pub trait Hash: Algorithm {
    /// The length of a digest, in bytes.
    const OUTPUT_BYTES: usize;
}

/// A hash function that gives as many bytes as are asked for.
pub trait ExtendableHash: Hash {}

/// A hash function with the constructions that stand on it.
pub trait HmacHash: Hash {
    /// The name of HMAC with it.
    const HMAC: &'static str;
    /// The name of HKDF's first step with it.
    const HKDF_EXTRACT: &'static str;
    /// The name of HKDF's second step with it.
    const HKDF_EXPAND: &'static str;
    /// The name of PBKDF2 with it.
    const PBKDF2: &'static str;
}

/// Authentication with a secret key.
pub trait Mac: Algorithm {}

/// Signatures.
pub trait SignatureAlgorithm: Algorithm {}

/// Something to do with another's public key to get to a shared secret.
pub trait KeyExchange: Algorithm {}

/// Two key pairs give a secret that both owners can compute.
pub trait KeyAgreement: KeyExchange {}

/// One gets a secret for the owner of a public key.
pub trait Kem: KeyExchange {}

/// A type for an algorithm, and what it is.
macro_rules! algorithms {
    ($($(#[$doc:meta])* $type:ident = $name:literal: $($trait:ident $({$($constant:tt)*})?),*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $type {}

        impl Algorithm for $type {
            const NAME: &'static str = $name;
        }

        $(impl $trait for $type { $($($constant)*)? })*
    )*};
}

algorithms! {
    /// AES in Galois/Counter Mode with a key of 128 bits (NIST SP 800-38D).
    Aes128Gcm = "AES-128-GCM": Aead { const NONCE_BYTES: usize = 12; };
    /// AES in Galois/Counter Mode with a key of 256 bits (NIST SP 800-38D).
    Aes256Gcm = "AES-256-GCM": Aead { const NONCE_BYTES: usize = 12; };
    /// ChaCha20 with Poly1305 (RFC 8439).
    ChaCha20Poly1305 = "CHACHA20-POLY1305": Aead { const NONCE_BYTES: usize = 12; };
    /// ChaCha20 with Poly1305 and nonces long enough to be drawn at random without a thought.
    XChaCha20Poly1305 = "XCHACHA20-POLY1305": Aead { const NONCE_BYTES: usize = 24; };

    /// AES in counter mode with a key of 128 bits (NIST SP 800-38A).
    Aes128Ctr = "AES-128-CTR": StreamCipher;
    /// AES in counter mode with a key of 256 bits (NIST SP 800-38A).
    Aes256Ctr = "AES-256-CTR": StreamCipher;

    /// Xoodyak with a security of 128 bits.
    Xoodyak128 = "XOODYAK-128": SessionCipher;
    /// Xoodyak with longer tags.
    Xoodyak160 = "XOODYAK-160": SessionCipher;

    /// SHA-256 (FIPS 180-4).
    Sha256 = "SHA-256": Hash { const OUTPUT_BYTES: usize = 32; }, HmacHash {
        const HMAC: &'static str = "HMAC/SHA-256";
        const HKDF_EXTRACT: &'static str = "HKDF-EXTRACT/SHA-256";
        const HKDF_EXPAND: &'static str = "HKDF-EXPAND/SHA-256";
        const PBKDF2: &'static str = "PBKDF2-HMAC/SHA-256";
    };
    /// SHA-384 (FIPS 180-4).
    Sha384 = "SHA-384": Hash { const OUTPUT_BYTES: usize = 48; }, HmacHash {
        const HMAC: &'static str = "HMAC/SHA-384";
        const HKDF_EXTRACT: &'static str = "HKDF-EXTRACT/SHA-384";
        const HKDF_EXPAND: &'static str = "HKDF-EXPAND/SHA-384";
        const PBKDF2: &'static str = "PBKDF2-HMAC/SHA-384";
    };
    /// SHA-512 (FIPS 180-4).
    Sha512 = "SHA-512": Hash { const OUTPUT_BYTES: usize = 64; }, HmacHash {
        const HMAC: &'static str = "HMAC/SHA-512";
        const HKDF_EXTRACT: &'static str = "HKDF-EXTRACT/SHA-512";
        const HKDF_EXPAND: &'static str = "HKDF-EXPAND/SHA-512";
        const PBKDF2: &'static str = "PBKDF2-HMAC/SHA-512";
    };
    /// SHA-512/256 (FIPS 180-4).
    Sha512_256 = "SHA-512/256": Hash { const OUTPUT_BYTES: usize = 32; };
    /// SHA3-256 (FIPS 202).
    Sha3_256 = "SHA3-256": Hash { const OUTPUT_BYTES: usize = 32; };
    /// SHA3-512 (FIPS 202).
    Sha3_512 = "SHA3-512": Hash { const OUTPUT_BYTES: usize = 64; };
    /// BLAKE2b with a digest of 256 bits (RFC 7693).
    Blake2b256 = "BLAKE2B-256": Hash { const OUTPUT_BYTES: usize = 32; };
    /// BLAKE2b with a digest of 512 bits (RFC 7693).
    Blake2b512 = "BLAKE2B-512": Hash { const OUTPUT_BYTES: usize = 64; };
    /// BLAKE3: fast on long inputs; with a key it authenticates.
    Blake3 = "BLAKE3": Hash { const OUTPUT_BYTES: usize = 32; }, ExtendableHash, Mac;

    /// Ed25519 (RFC 8032).
    Ed25519 = "Ed25519": SignatureAlgorithm;
    /// ECDSA on NIST's P-256 with SHA-256 (FIPS 186-5).
    EcdsaP256 = "ECDSA_P256_SHA256": SignatureAlgorithm;
    /// ECDSA on NIST's P-384 with SHA-384 (FIPS 186-5).
    EcdsaP384 = "ECDSA_P384_SHA384": SignatureAlgorithm;
    /// ECDSA on secp256k1 with SHA-256.
    EcdsaK256 = "ECDSA_K256_SHA256": SignatureAlgorithm;
    /// ML-DSA-65, which withstands quantum computers (FIPS 204).
    MlDsa65 = "ML-DSA-65": SignatureAlgorithm;

    /// X25519 (RFC 7748).
    X25519 = "X25519": KeyExchange, KeyAgreement;
    /// Diffie-Hellman on NIST's P-256.
    EcdhP256 = "P256-SHA256": KeyExchange, KeyAgreement;
    /// Diffie-Hellman on NIST's P-384.
    EcdhP384 = "P384-SHA384": KeyExchange, KeyAgreement;
    /// ML-KEM-512, which withstands quantum computers (FIPS 203).
    MlKem512 = "ML-KEM-512": KeyExchange, Kem;
    /// ML-KEM-768, which withstands quantum computers (FIPS 203).
    MlKem768 = "ML-KEM-768": KeyExchange, Kem;
    /// ML-KEM-1024, which withstands quantum computers (FIPS 203).
    MlKem1024 = "ML-KEM-1024": KeyExchange, Kem;
    /// X-Wing: ML-KEM-768 and X25519 together, secure as long as one of them is.
    XWing = "X-WING": KeyExchange, Kem;
}

/// HMAC with a hash function (RFC 2104): `Key<Hmac<Sha256>>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hmac<H>(PhantomData<H>);

impl<H: HmacHash> Algorithm for Hmac<H> {
    const NAME: &'static str = H::HMAC;
}

impl<H: HmacHash> Mac for Hmac<H> {}

/// HKDF's first step with a hash function (RFC 5869); see [`extract`](super::extract).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HkdfExtract<H>(PhantomData<H>);

impl<H: HmacHash> Algorithm for HkdfExtract<H> {
    const NAME: &'static str = H::HKDF_EXTRACT;
}

/// HKDF's second step with a hash function (RFC 5869): `Key<HkdfExpand<Sha256>>` gives keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HkdfExpand<H>(PhantomData<H>);

impl<H: HmacHash> Algorithm for HkdfExpand<H> {
    const NAME: &'static str = H::HKDF_EXPAND;
}

/// RSA signatures with PKCS#1 v1.5 padding (RFC 8017): `RsaPkcs1<Sha256, 2048>`. For what already uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaPkcs1<H, const BITS: usize>(PhantomData<H>);

/// RSA signatures with PSS padding (RFC 8017): `RsaPss<Sha256, 2048>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaPss<H, const BITS: usize>(PhantomData<H>);

/// RSA encryption with OAEP padding (RFC 8017) of a new secret: `RsaOaep<Sha256, 2048>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaOaep<H, const BITS: usize>(PhantomData<H>);

/// The combinations of sizes and hash functions that have names.
macro_rules! rsa {
    ($($hash:ident, $bits:literal: $pkcs1:literal, $pss:literal, $oaep:literal;)*) => {$(
        impl Algorithm for RsaPkcs1<$hash, $bits> {
            const NAME: &'static str = $pkcs1;
        }

        impl SignatureAlgorithm for RsaPkcs1<$hash, $bits> {}

        impl Algorithm for RsaPss<$hash, $bits> {
            const NAME: &'static str = $pss;
        }

        impl SignatureAlgorithm for RsaPss<$hash, $bits> {}

        impl Algorithm for RsaOaep<$hash, $bits> {
            const NAME: &'static str = $oaep;
        }

        impl KeyExchange for RsaOaep<$hash, $bits> {}

        impl Kem for RsaOaep<$hash, $bits> {}
    )*};
}

rsa! {
    Sha256, 2048: "RSA_PKCS1_2048_SHA256", "RSA_PSS_2048_SHA256", "RSA_OAEP_2048_SHA256";
    Sha384, 2048: "RSA_PKCS1_2048_SHA384", "RSA_PSS_2048_SHA384", "RSA_OAEP_2048_SHA384";
    Sha512, 2048: "RSA_PKCS1_2048_SHA512", "RSA_PSS_2048_SHA512", "RSA_OAEP_2048_SHA512";
    Sha256, 3072: "RSA_PKCS1_3072_SHA256", "RSA_PSS_3072_SHA256", "RSA_OAEP_3072_SHA256";
    Sha384, 3072: "RSA_PKCS1_3072_SHA384", "RSA_PSS_3072_SHA384", "RSA_OAEP_3072_SHA384";
    Sha512, 3072: "RSA_PKCS1_3072_SHA512", "RSA_PSS_3072_SHA512", "RSA_OAEP_3072_SHA512";
    Sha256, 4096: "RSA_PKCS1_4096_SHA256", "RSA_PSS_4096_SHA256", "RSA_OAEP_4096_SHA256";
    Sha384, 4096: "RSA_PKCS1_4096_SHA384", "RSA_PSS_4096_SHA384", "RSA_OAEP_4096_SHA384";
    Sha512, 4096: "RSA_PKCS1_4096_SHA512", "RSA_PSS_4096_SHA512", "RSA_OAEP_4096_SHA512";
}
