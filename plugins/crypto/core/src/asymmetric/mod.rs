//! Keys with a public half: signatures, key agreement and key encapsulation.
//!
//! An [`Algorithm`] has a file or folder of its own here, with the secret and the public key that it works with. What is
//! common to all of them is outside of those: [`KeyPair`], [`PublicKey`] and [`SecretKey`] carry the algorithm's name, so that
//! no key is used with another, and read and write the encodings; [`SigningState`] and [`VerificationState`] collect
//! messages; [`kx`] has the operations of key exchange.
//!
//! | encoding | public keys | secret keys | key pairs |
//! |---|---|---|---|
//! | `raw` | Ed25519, X25519: RFC 8032, RFC 7748; NIST curves and secp256k1: the compressed point; ML-DSA, ML-KEM, X-Wing: FIPS 204, FIPS 203, draft-connolly-cfrg-xwing-kem | Ed25519: the seed; X25519: the scalar; curves: the scalar, big endian; ML-DSA, ML-KEM: the seed, or the expanded key where it was imported so; X-Wing: the seed | Ed25519: seed and public key; curves and ML-DSA: as the secret key; X25519, ML-KEM, X-Wing: public key and secret key |
//! | `pkcs8`, `pem` | SubjectPublicKeyInfo, all but X-Wing | PKCS#8, all but X-Wing | as secret keys |
//! | `sec` | curves: the uncompressed point; both forms are read | curves: the scalar; an `ECPrivateKey` is read as well | none |
//! | `local` | all | all | all |
//!
//! RSA has no `raw` encoding. Where PKCS#8 is read, the older forms of PKCS#1 (RSA) and of SEC 1 (`ECPrivateKey`) are as well:
//! OpenSSL, and the hosts that are made of it, write them in its place. Everything that is read must be DER to the last byte.

mod algorithm;
mod ec;
mod ed25519;
mod encoding;
mod key;
mod keypair;
pub mod kx;
mod mldsa;
mod mlkem;
mod names;
mod publickey;
mod rsa;
mod secretkey;
mod signature;
mod signing;
mod transcript;
mod verification;
mod x25519;
mod xwing;

pub use self::algorithm::{Algorithm, Curve, MlDsaSize, MlKemSize, RsaHash, RsaPadding, RsaSize};
pub use self::keypair::KeyPair;
pub(crate) use self::names::infos;
pub use self::publickey::PublicKey;
pub use self::secretkey::SecretKey;
pub use self::signature::Signature;
pub use self::signing::SigningState;
pub use self::verification::VerificationState;
