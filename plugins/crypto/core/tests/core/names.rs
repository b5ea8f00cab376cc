//! The specification's names.

use std::collections::HashSet;

use c12_crypto_core::{AlgorithmType, Errno, algorithms};

use crate::guest::session;

/// Symmetric algorithms that the specification requires, recommends or encourages, and what else this host has.
const NAMES: &[&str] = &[
    "HKDF-EXTRACT/SHA-256",
    "HKDF-EXTRACT/SHA-512",
    "HKDF-EXPAND/SHA-256",
    "HKDF-EXPAND/SHA-512",
    "HMAC/SHA-256",
    "HMAC/SHA-512",
    "SHA-256",
    "SHA-512",
    "SHA-512/256",
    "AES-128-GCM",
    "AES-256-GCM",
    "CHACHA20-POLY1305",
    "XOODYAK-128",
    "XCHACHA20-POLY1305",
    "BLAKE2B-512",
    "BLAKE2B-256",
    "BLAKE3",
    "AES-128-GCM-SIV",
    "AES-256-GCM-SIV",
    "AES-128-CMAC",
    "AES-256-CMAC",
    "AES-128-CTR",
    "AES-256-CTR",
    // Beyond it.
    "SHA-384",
    "SHA3-256",
    "SHA3-512",
    "HMAC/SHA-384",
    "HKDF-EXTRACT/SHA-384",
    "HKDF-EXPAND/SHA-384",
    "XOODYAK-160",
    "PBKDF2-HMAC/SHA-256",
    "ARGON2ID",
    "ARGON2-ID-13",
    "SCRYPT",
];

#[test]
fn names_are_the_specification_s_whatever_their_case() {
    let mut session = session();
    for name in NAMES {
        for name in [(*name).to_owned(), name.to_lowercase()] {
            let opened = session.symmetric_state_open(&name, None, None);
            assert_ne!(opened, Err(Errno::UnsupportedAlgorithm), "{name}");
        }
    }
    for name in [
        "",
        "SHA-1",
        "MD5",
        "AES-256-ECB",
        "AES-256-GCM ",
        "AES-256-GCM\0",
        "Ed25519",
    ] {
        assert_eq!(
            session.symmetric_state_open(name, None, None),
            Err(Errno::UnsupportedAlgorithm)
        );
        assert_eq!(
            session.symmetric_key_generate(name, None),
            Err(Errno::UnsupportedAlgorithm)
        );
        assert_eq!(
            session.symmetric_key_import(name, &[0; 32]),
            Err(Errno::UnsupportedAlgorithm)
        );
    }
}

#[test]
fn the_table_says_what_is_there() {
    let algorithms = algorithms();
    let mut seen = HashSet::new();
    for info in &algorithms {
        for name in [&[info.name], info.aliases].concat() {
            assert!(
                seen.insert((info.algorithm_type, name.to_uppercase())),
                "{name} is there twice"
            );
        }
        assert!(
            !info.library.is_empty() && !info.purpose.is_empty() && !info.operations.is_empty()
        );
    }
    for name in NAMES {
        assert!(
            seen.contains(&(AlgorithmType::Symmetric, (*name).to_owned())),
            "{name}"
        );
    }
}

/// What the table says of keys is what the functions do.
#[test]
fn generated_keys_have_the_size_in_the_table() {
    let mut session = session();
    for info in algorithms()
        .iter()
        .filter(|info| info.algorithm_type == AlgorithmType::Symmetric)
    {
        match session.symmetric_key_generate(info.name, None) {
            Ok(key) => {
                let output = session.symmetric_key_export(key).unwrap();
                assert_eq!(
                    session.array_output_len(output),
                    Ok(info.key_bytes),
                    "{}",
                    info.name
                );
            }
            Err(errno) => assert_eq!(
                (errno, info.key_bytes),
                (Errno::UnsupportedFeature, 0),
                "{}",
                info.name
            ),
        }
    }
}
