//! Cryptography that the host does: fast, and with keys that the guest need not see.
//!
//! Nothing here is computed in the guest. The host has the algorithms, checked against the published test vectors and at
//! the speed of native code, and it holds the keys: the guest has handles. C12's plugin `crypto` provides it, and any other
//! host of WASI-Crypto does.
//!
//! | for | there is |
//! |---|---|
//! | encryption | [`Key::seal`], [`Key::open`] with [`Aes256Gcm`], [`ChaCha20Poly1305`] and others |
//! | signatures | [`SigningKey`], [`VerifyingKey`] with [`Ed25519`], [`EcdsaP256`], [`MlDsa65`] and others |
//! | digests | [`hash`], [`Hasher`] with [`Sha256`], [`Blake3`] and others |
//! | authentication | [`Key::tag`], [`Key::verify`] with [`Hmac`] or [`Blake3`] |
//! | keys out of secrets and passwords | [`hkdf`], [`argon2id`], [`scrypt`], [`pbkdf2`], [`hash_password`] |
//! | shared secrets | [`KeyPair`], [`PublicKey`] with [`X25519`], [`XWing`], [`MlKem768`] and others |
//! | keys that outlive the guest | [`SecretsManager`] |
//! | many short inputs | [`batch`] |
//! | everything else that the specification has | [`raw`] |
//!
//! The same program works as a core module (`wasm32-wasip1`) and as a component (`wasm32-wasip2`). On other targets it
//! compiles, and every operation gives [`Error::NotImplemented`].
//!
//! ```no_run
//! use c12_wasm::crypto::{Aes256Gcm, Ed25519, Key, SigningKey};
//!
//! let key = Key::<Aes256Gcm>::generate()?;
//! let sealed = key.seal(b"attack at dawn", b"order 66")?;
//! assert_eq!(key.open(&sealed, b"order 66")?, b"attack at dawn");
//!
//! let signing = SigningKey::<Ed25519>::generate()?;
//! let signature = signing.sign(&sealed)?;
//! signing.verifying_key()?.verify(&sealed, &signature)?;
//! # Ok::<(), c12_wasm::crypto::Error>(())
//! ```

mod aead;
mod algorithms;
pub mod batch;
mod cipher;
mod derive;
mod error;
mod exchange;
mod hash;
mod key;
mod managed;
mod nonce;
pub mod raw;
mod secret;
mod signature;

pub use algorithms::*;
pub use cipher::Session;
pub use derive::{
    Argon2Cost, ScryptCost, argon2id, extract, hash_password, hkdf, pbkdf2, scrypt, verify_password,
};
pub use error::Error;
pub use exchange::{KeyPair, PublicKey};
pub use hash::{Authenticator, Hasher, hash};
pub use key::Key;
pub use managed::{Id, SecretsManager};
pub use nonce::{Nonce, NonceSequence};
pub use raw::{KeypairEncoding, PublickeyEncoding, Result, SecretkeyEncoding, Version};
pub use secret::Secret;
pub use signature::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
