//! The module `asymmetric_common`: key pairs, public and secret keys.

use super::functions;
use super::{
    AlgorithmType, Keypair, KeypairEncoding, Options, Publickey, PublickeyEncoding, Secretkey,
    SecretkeyEncoding, SecretsManager, Version,
};

functions! {
    /// Makes a new key pair.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let pair = keypair_generate(AlgorithmType::Signatures, "ECDSA_P256_SHA256", None)?;
    /// let pem = keypair_export(&pair, KeypairEncoding::Pem)?;
    /// let same = keypair_import(AlgorithmType::Signatures, "ECDSA_P256_SHA256", &pem, KeypairEncoding::Pem)?;
    /// let point = |pair| publickey_export(&keypair_publickey(pair)?, PublickeyEncoding::Sec);
    /// assert_eq!(point(&pair)?, point(&same)?);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn keypair_generate(algorithm_type: AlgorithmType, algorithm: &str, options: Option<&Options>) -> Keypair;

    /// Reads a key pair.
    fn keypair_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: KeypairEncoding) -> Keypair;

    /// Makes a key pair that the secrets manager keeps.
    fn keypair_generate_managed(manager: &SecretsManager, algorithm_type: AlgorithmType, algorithm: &str, options: Option<&Options>) -> Keypair;

    /// Gives a key pair into the secrets manager's care, and returns the identifier it got.
    fn keypair_store_managed(manager: &SecretsManager, pair: &Keypair) -> Vec<u8>;

    /// Adds a version of a managed key pair.
    fn keypair_replace_managed(manager: &SecretsManager, old: Keypair, new: &Keypair) -> Version;

    /// The identifier and version of a managed key pair.
    fn keypair_id(pair: &Keypair) -> (Vec<u8>, Version);

    /// A managed key pair.
    fn keypair_from_id(manager: &SecretsManager, id: &[u8], version: Version) -> Keypair;

    /// Puts a key pair together.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let pair = keypair_generate(AlgorithmType::KeyExchange, "X25519", None)?;
    /// let (public, secret) = (keypair_publickey(&pair)?, keypair_secretkey(&pair)?);
    /// keypair_from_pk_and_sk(&public, &secret)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn keypair_from_pk_and_sk(public: &Publickey, secret: &Secretkey) -> Keypair;

    /// Writes a key pair.
    fn keypair_export(pair: &Keypair, encoding: KeypairEncoding) -> Vec<u8>;

    /// The public half.
    fn keypair_publickey(pair: &Keypair) -> Publickey;

    /// The secret half.
    fn keypair_secretkey(pair: &Keypair) -> Secretkey;

    /// Reads a public key.
    fn publickey_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: PublickeyEncoding) -> Publickey;

    /// Writes a public key.
    fn publickey_export(public: &Publickey, encoding: PublickeyEncoding) -> Vec<u8>;

    /// Checks that a public key is safe to use.
    fn publickey_verify(public: &Publickey) -> ();

    /// Computes the public key of a secret key.
    fn publickey_from_secretkey(secret: &Secretkey) -> Publickey;

    /// Reads a secret key.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let secret = secretkey_import(AlgorithmType::KeyExchange, "X25519", &[7; 32], SecretkeyEncoding::Raw)?;
    /// let public = publickey_from_secretkey(&secret)?;
    /// publickey_verify(&public)?;
    /// assert_eq!(publickey_export(&public, PublickeyEncoding::Raw)?.len(), 32);
    /// assert_eq!(secretkey_export(&secret, SecretkeyEncoding::Raw)?, [7; 32]);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn secretkey_import(algorithm_type: AlgorithmType, algorithm: &str, encoded: &[u8], encoding: SecretkeyEncoding) -> Secretkey;

    /// Writes a secret key.
    fn secretkey_export(secret: &Secretkey, encoding: SecretkeyEncoding) -> Vec<u8>;
}
