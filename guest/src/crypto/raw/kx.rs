//! The module `kx`: key agreement and encapsulation.

use super::functions;
use super::{Publickey, Secretkey};

functions! {
    /// The secret that two key pairs share, from the public half of one and the secret half of the other.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let ours = keypair_generate(AlgorithmType::KeyExchange, "X25519", None)?;
    /// let theirs = keypair_generate(AlgorithmType::KeyExchange, "X25519", None)?;
    /// let here = kx_dh(&keypair_publickey(&theirs)?, &keypair_secretkey(&ours)?)?;
    /// let there = kx_dh(&keypair_publickey(&ours)?, &keypair_secretkey(&theirs)?)?;
    /// assert_eq!(here, there);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn kx_dh(public: &Publickey, secret: &Secretkey) -> Vec<u8>;

    /// A new secret, and the secret in a form that only the owner of the key can open.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let pair = keypair_generate(AlgorithmType::KeyExchange, "ML-KEM-768", None)?;
    /// let (secret, encapsulated) = kx_encapsulate(&keypair_publickey(&pair)?)?;
    /// assert_eq!(kx_decapsulate(&keypair_secretkey(&pair)?, &encapsulated)?, secret);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn kx_encapsulate(public: &Publickey) -> (Vec<u8>, Vec<u8>);

    /// Opens an encapsulated secret.
    fn kx_decapsulate(secret: &Secretkey, encapsulated: &[u8]) -> Vec<u8>;
}
