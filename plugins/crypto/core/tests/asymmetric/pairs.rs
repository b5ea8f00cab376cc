//! Key pairs to work with. RSA keys take long to make, so there is one of each size.

use std::sync::LazyLock;

use c12_crypto_core::asymmetric::{Algorithm, KeyPair, RsaHash, RsaPadding, RsaSize};
use c12_crypto_core::{AlgorithmType, KeypairEncoding};
use zeroize::Zeroizing;

/// The algorithm of a name, whatever its category.
pub(crate) fn algorithm(name: &str) -> Algorithm {
    Algorithm::parse(AlgorithmType::Signatures, name)
        .or_else(|_| Algorithm::parse(AlgorithmType::KeyExchange, name))
        .unwrap()
}

/// A key pair of an algorithm.
pub(crate) fn pair(algorithm: Algorithm) -> KeyPair {
    match algorithm {
        Algorithm::Rsa(_, size, _) => {
            KeyPair::import(algorithm, rsa(size), KeypairEncoding::Pkcs8).unwrap()
        }
        _ => KeyPair::generate(algorithm, None).unwrap(),
    }
}

/// An RSA key in PKCS#8.
pub(crate) fn rsa(size: RsaSize) -> &'static [u8] {
    static KEYS: [LazyLock<Zeroizing<Vec<u8>>>; 3] = [
        LazyLock::new(|| generate(RsaSize::Bits2048)),
        LazyLock::new(|| generate(RsaSize::Bits3072)),
        LazyLock::new(|| generate(RsaSize::Bits4096)),
    ];
    match size {
        RsaSize::Bits2048 => &KEYS[0],
        RsaSize::Bits3072 => &KEYS[1],
        RsaSize::Bits4096 => &KEYS[2],
    }
}

fn generate(size: RsaSize) -> Zeroizing<Vec<u8>> {
    let algorithm = Algorithm::Rsa(RsaPadding::Pss, size, RsaHash::Sha256);
    KeyPair::generate(algorithm, None)
        .unwrap()
        .export(KeypairEncoding::Pkcs8)
        .unwrap()
}
