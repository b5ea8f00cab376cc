//! The module `common`: types, options, and the secrets manager.

use super::{functions, handles};

/// What an algorithm is for. Options belong to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum AlgorithmType {
    /// Signatures.
    Signatures = 0,
    /// Everything with one key or none.
    Symmetric = 1,
    /// Key agreement and encapsulation.
    KeyExchange = 2,
}

/// How a key pair is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum KeypairEncoding {
    /// The algorithm's own bytes.
    Raw = 0,
    /// PKCS#8 in DER, not encrypted.
    Pkcs8 = 1,
    /// PKCS#8 in PEM, not encrypted.
    Pem = 2,
    /// Whatever the host likes best.
    Local = 3,
}

/// How a public key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum PublickeyEncoding {
    /// The algorithm's own bytes.
    Raw = 0,
    /// SubjectPublicKeyInfo in DER.
    Pkcs8 = 1,
    /// SubjectPublicKeyInfo in PEM.
    Pem = 2,
    /// A point as SEC 1 writes it.
    Sec = 3,
    /// Whatever the host likes best.
    Local = 4,
}

/// How a secret key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum SecretkeyEncoding {
    /// The algorithm's own bytes.
    Raw = 0,
    /// PKCS#8 in DER, not encrypted.
    Pkcs8 = 1,
    /// PKCS#8 in PEM, not encrypted.
    Pem = 2,
    /// As SEC 1 writes it.
    Sec = 3,
    /// Whatever the host likes best.
    Local = 4,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum SignatureEncoding {
    /// The algorithm's own bytes, always of the same length.
    Raw = 0,
    /// DER.
    Der = 1,
}

/// The version of a managed key or secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// The key is not managed.
    Unspecified,
    /// The newest version.
    Latest,
    /// Every version: to invalidate.
    All,
    /// This one.
    Number(u64),
}

impl Version {
    const UNSPECIFIED: u64 = 0xff00_0000_0000_0000;
    const LATEST: u64 = 0xff00_0000_0000_0001;
    const ALL: u64 = 0xff00_0000_0000_0002;

    /// The specification's number for it.
    pub fn to_u64(self) -> u64 {
        match self {
            Self::Unspecified => Self::UNSPECIFIED,
            Self::Latest => Self::LATEST,
            Self::All => Self::ALL,
            Self::Number(number) => number,
        }
    }

    /// What the specification's number means.
    pub fn from_u64(number: u64) -> Self {
        match number {
            Self::UNSPECIFIED => Self::Unspecified,
            Self::LATEST => Self::Latest,
            Self::ALL => Self::All,
            number => Self::Number(number),
        }
    }
}

handles! {
    /// Named values that an operation is asked to use.
    Options;
    /// The host's store of keys and secrets.
    SecretsManager;
    /// A secret key with its public key.
    Keypair;
    /// A public key.
    Publickey;
    /// A secret key.
    Secretkey;
    /// A message that is being signed.
    SignatureState;
    /// A message whose signature is being verified.
    SignatureVerificationState;
    /// A signature.
    Signature;
    /// A key for one symmetric algorithm.
    SymmetricKey;
    /// An algorithm at work.
    SymmetricState;
    /// An authentication tag, which the host compares in constant time.
    SymmetricTag;
}

functions! {
    /// Makes an empty set of options.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let options = options_open(AlgorithmType::Symmetric)?;
    /// options_set(&options, "nonce", &[0; 12])?;
    /// let key = symmetric_key_generate("AES-128-GCM", None)?;
    /// let state = symmetric_state_open("AES-128-GCM", Some(&key), Some(&options))?;
    /// assert_eq!(symmetric_state_options_get(&state, "nonce")?, [0; 12]);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn options_open(algorithm_type: AlgorithmType) -> Options;

    /// Sets an option to bytes.
    fn options_set(options: &Options, name: &str, value: &[u8]) -> ();

    /// Sets an option to a number.
    fn options_set_u64(options: &Options, name: &str, value: u64) -> ();

    /// Opens the secrets manager.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let manager = secrets_manager_open(None)?;
    /// let key = symmetric_key_generate_managed(&manager, "AES-256-GCM", None)?;
    /// let (id, version) = symmetric_key_id(&key)?;
    /// symmetric_key_from_id(&manager, &id, version)?;
    /// secrets_manager_invalidate(&manager, &id, Version::All)?;
    /// assert!(symmetric_key_from_id(&manager, &id, Version::Latest).is_err());
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn secrets_manager_open(options: Option<&Options>) -> SecretsManager;

    /// Makes versions of a managed key unusable.
    fn secrets_manager_invalidate(manager: &SecretsManager, key_id: &[u8], version: Version) -> ();
}
