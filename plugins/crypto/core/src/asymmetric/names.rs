//! The names of algorithms.

use super::algorithm::{
    Algorithm, Curve,
    MlDsaSize::{MlDsa44, MlDsa65, MlDsa87},
    MlKemSize::{MlKem512, MlKem768, MlKem1024},
    RsaHash::{Sha256, Sha384, Sha512},
    RsaPadding::{Oaep, Pkcs1, Pss},
    RsaSize::{Bits2048, Bits3072, Bits4096},
};
use crate::AlgorithmInfo;

/// A name and what it stands for.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    aliases: &'static [&'static str],
    pub(crate) algorithm: Algorithm,
}

impl Entry {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

const fn entry(name: &'static str, algorithm: Algorithm) -> Entry {
    Entry {
        name,
        aliases: &[],
        algorithm,
    }
}

const fn also(name: &'static str, aliases: &'static [&'static str], algorithm: Algorithm) -> Entry {
    Entry {
        name,
        aliases,
        algorithm,
    }
}

/// Every algorithm, the specification's first. It names the sizes and hashes of RSA signatures in the combinations that make
/// sense most; all others are here as well, and RSA-OAEP, which it does not have, is named in its manner.
pub(crate) const NAMES: &[Entry] = &[
    entry("Ed25519", Algorithm::Ed25519),
    entry("ECDSA_P256_SHA256", Algorithm::Ecdsa(Curve::P256)),
    entry("ECDSA_P384_SHA384", Algorithm::Ecdsa(Curve::P384)),
    entry("ECDSA_K256_SHA256", Algorithm::Ecdsa(Curve::K256)),
    entry(
        "RSA_PKCS1_2048_SHA256",
        Algorithm::Rsa(Pkcs1, Bits2048, Sha256),
    ),
    entry(
        "RSA_PKCS1_2048_SHA384",
        Algorithm::Rsa(Pkcs1, Bits2048, Sha384),
    ),
    entry(
        "RSA_PKCS1_2048_SHA512",
        Algorithm::Rsa(Pkcs1, Bits2048, Sha512),
    ),
    entry(
        "RSA_PKCS1_3072_SHA256",
        Algorithm::Rsa(Pkcs1, Bits3072, Sha256),
    ),
    entry(
        "RSA_PKCS1_3072_SHA384",
        Algorithm::Rsa(Pkcs1, Bits3072, Sha384),
    ),
    entry(
        "RSA_PKCS1_3072_SHA512",
        Algorithm::Rsa(Pkcs1, Bits3072, Sha512),
    ),
    entry(
        "RSA_PKCS1_4096_SHA256",
        Algorithm::Rsa(Pkcs1, Bits4096, Sha256),
    ),
    entry(
        "RSA_PKCS1_4096_SHA384",
        Algorithm::Rsa(Pkcs1, Bits4096, Sha384),
    ),
    entry(
        "RSA_PKCS1_4096_SHA512",
        Algorithm::Rsa(Pkcs1, Bits4096, Sha512),
    ),
    entry("RSA_PSS_2048_SHA256", Algorithm::Rsa(Pss, Bits2048, Sha256)),
    entry("RSA_PSS_2048_SHA384", Algorithm::Rsa(Pss, Bits2048, Sha384)),
    entry("RSA_PSS_2048_SHA512", Algorithm::Rsa(Pss, Bits2048, Sha512)),
    entry("RSA_PSS_3072_SHA256", Algorithm::Rsa(Pss, Bits3072, Sha256)),
    entry("RSA_PSS_3072_SHA384", Algorithm::Rsa(Pss, Bits3072, Sha384)),
    entry("RSA_PSS_3072_SHA512", Algorithm::Rsa(Pss, Bits3072, Sha512)),
    entry("RSA_PSS_4096_SHA256", Algorithm::Rsa(Pss, Bits4096, Sha256)),
    entry("RSA_PSS_4096_SHA384", Algorithm::Rsa(Pss, Bits4096, Sha384)),
    entry("RSA_PSS_4096_SHA512", Algorithm::Rsa(Pss, Bits4096, Sha512)),
    also("ML-DSA-44", &["MLDSA44"], Algorithm::MlDsa(MlDsa44)),
    also("ML-DSA-65", &["MLDSA65"], Algorithm::MlDsa(MlDsa65)),
    also("ML-DSA-87", &["MLDSA87"], Algorithm::MlDsa(MlDsa87)),
    entry("X25519", Algorithm::X25519),
    also(
        "P256-SHA256",
        &["ECDH_P256_SHA256", "ECDH-P256"],
        Algorithm::Ecdh(Curve::P256),
    ),
    also(
        "P384-SHA384",
        &["ECDH_P384_SHA384", "ECDH-P384"],
        Algorithm::Ecdh(Curve::P384),
    ),
    also("ML-KEM-512", &["MLKEM512"], Algorithm::MlKem(MlKem512)),
    also("ML-KEM-768", &["MLKEM768"], Algorithm::MlKem(MlKem768)),
    also("ML-KEM-1024", &["MLKEM1024"], Algorithm::MlKem(MlKem1024)),
    also("X-WING", &["XWING"], Algorithm::XWing),
    entry(
        "RSA_OAEP_2048_SHA256",
        Algorithm::Rsa(Oaep, Bits2048, Sha256),
    ),
    entry(
        "RSA_OAEP_2048_SHA384",
        Algorithm::Rsa(Oaep, Bits2048, Sha384),
    ),
    entry(
        "RSA_OAEP_2048_SHA512",
        Algorithm::Rsa(Oaep, Bits2048, Sha512),
    ),
    entry(
        "RSA_OAEP_3072_SHA256",
        Algorithm::Rsa(Oaep, Bits3072, Sha256),
    ),
    entry(
        "RSA_OAEP_3072_SHA384",
        Algorithm::Rsa(Oaep, Bits3072, Sha384),
    ),
    entry(
        "RSA_OAEP_3072_SHA512",
        Algorithm::Rsa(Oaep, Bits3072, Sha512),
    ),
    entry(
        "RSA_OAEP_4096_SHA256",
        Algorithm::Rsa(Oaep, Bits4096, Sha256),
    ),
    entry(
        "RSA_OAEP_4096_SHA384",
        Algorithm::Rsa(Oaep, Bits4096, Sha384),
    ),
    entry(
        "RSA_OAEP_4096_SHA512",
        Algorithm::Rsa(Oaep, Bits4096, Sha512),
    ),
];

const SIGNING: &[&str] = &["signature_state_*", "signature_verification_state_*"];
const AGREEMENT: &[&str] = &["kx_dh"];
const ENCAPSULATION: &[&str] = &["kx_encapsulate", "kx_decapsulate"];

/// The table of these algorithms for people.
pub(crate) fn infos() -> impl Iterator<Item = AlgorithmInfo> {
    NAMES.iter().map(|entry| {
        let (purpose, operations) = purpose(entry.algorithm);
        AlgorithmInfo {
            name: entry.name,
            aliases: entry.aliases,
            algorithm_type: entry.algorithm.algorithm_type(),
            purpose,
            operations,
            key_bytes: key_bytes(entry.algorithm),
            library: library(entry.algorithm),
        }
    })
}

fn purpose(algorithm: Algorithm) -> (&'static str, &'static [&'static str]) {
    match algorithm {
        Algorithm::Ed25519
        | Algorithm::Ecdsa(_)
        | Algorithm::MlDsa(_)
        | Algorithm::Rsa(Pkcs1 | Pss, ..) => ("signature", SIGNING),
        Algorithm::X25519 | Algorithm::Ecdh(_) => ("agreement", AGREEMENT),
        Algorithm::MlKem(_) | Algorithm::XWing | Algorithm::Rsa(Oaep, ..) => ("kem", ENCAPSULATION),
    }
}

/// The size of a secret key, or of an RSA modulus.
fn key_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Ed25519 | Algorithm::X25519 | Algorithm::MlDsa(_) | Algorithm::XWing => 32,
        Algorithm::Ecdsa(curve) | Algorithm::Ecdh(curve) => curve.bytes(),
        Algorithm::Rsa(_, size, _) => size.bytes(),
        Algorithm::MlKem(_) => 64,
    }
}

fn library(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::XWing => "x-wing",
        _ => "aws-lc-rs",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{AlgorithmType, Errno};

    #[test]
    fn every_name_is_found_in_any_case_and_only_in_its_category() {
        let mut names = HashSet::new();
        for entry in NAMES {
            let algorithm_type = entry.algorithm.algorithm_type();
            let other = match algorithm_type {
                AlgorithmType::Signatures => AlgorithmType::KeyExchange,
                _ => AlgorithmType::Signatures,
            };
            assert_eq!(entry.algorithm.name(), entry.name);
            for name in entry.aliases.iter().chain([&entry.name]) {
                assert!(
                    names.insert(name.to_ascii_lowercase()),
                    "{name} stands for two"
                );
                for spelling in [
                    (*name).to_string(),
                    name.to_lowercase(),
                    name.to_uppercase(),
                ] {
                    assert_eq!(
                        Algorithm::parse(algorithm_type, &spelling),
                        Ok(entry.algorithm)
                    );
                }
                assert_eq!(
                    Algorithm::parse(other, name),
                    Err(Errno::UnsupportedAlgorithm)
                );
                assert_eq!(
                    Algorithm::parse(AlgorithmType::Symmetric, name),
                    Err(Errno::InvalidOperation)
                );
            }
        }
        assert_eq!(
            Algorithm::parse(AlgorithmType::Signatures, ""),
            Err(Errno::UnsupportedAlgorithm)
        );
        assert_eq!(
            Algorithm::parse(AlgorithmType::Signatures, "Ed448"),
            Err(Errno::UnsupportedAlgorithm)
        );
    }
}
