//! Encodings that were damaged on the way: an error, or another key; never the same key, and never a panic.

use c12_crypto_core::asymmetric::{
    Algorithm, KeyPair, PublicKey, SecretKey, Signature, SigningState, VerificationState, kx,
};
use c12_crypto_core::{
    Errno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, SignatureEncoding,
};

use crate::encodings::{KEYPAIR_ENCODINGS, PUBLICKEY_ENCODINGS, SECRETKEY_ENCODINGS};
use crate::pairs::{algorithm, pair};

/// One algorithm of each kind: larger ones differ in numbers alone.
const ALGORITHMS: [&str; 9] = [
    "Ed25519",
    "ECDSA_P384_SHA384",
    "ECDSA_K256_SHA256",
    "RSA_PSS_2048_SHA256",
    "ML-DSA-44",
    "X25519",
    "P256-SHA256",
    "ML-KEM-512",
    "X-WING",
];

/// Every way in which one bit is wrong, or, where there are too many, one bit of each byte or of some.
fn flips(encoded: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let step = match encoded.len() {
        0..=256 => 1,
        257..=1000 => 8,
        length => 8 * length.div_ceil(200),
    };
    (0..encoded.len() * 8).step_by(step).map(move |bit| {
        let mut flipped = encoded.to_vec();
        flipped[bit / 8] ^= 1 << ((bit + bit / 8) % 8);
        flipped
    })
}

/// Too short, too long, and something else.
fn mangled(encoded: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    // PEM can do without the line feed at its end.
    let shortest = encoded
        .len()
        .saturating_sub(usize::from(encoded.last() == Some(&b'\n')));
    let step = 1 + encoded.len() / 200;
    (0..shortest)
        .step_by(step)
        .map(move |length| encoded[..length].to_vec())
        .chain([
            [encoded, &[0]].concat(),
            [&[0], encoded].concat(),
            [encoded, encoded].concat(),
            vec![0x30; 4096],
            vec![0xff; 100_000],
        ])
}

/// Counts what was refused. `same` tells whether a key that was accepted is the undamaged one.
fn check<K>(
    what: &str,
    encoded: &[u8],
    import: impl Fn(&[u8]) -> Result<K, Errno>,
    same: impl Fn(&K) -> bool,
) -> usize {
    let mut refused = 0;
    for flipped in flips(encoded) {
        match import(&flipped) {
            Ok(key) => assert!(!same(&key), "{what}: {flipped:02x?}"),
            Err(error) => {
                assert_eq!(error, Errno::InvalidKey, "{what}");
                refused += 1;
            }
        }
    }
    for mangled in mangled(encoded) {
        match import(&mangled) {
            Ok(key) => assert!(
                !same(&key) && mangled.len() < encoded.len(),
                "{what}: {} bytes",
                mangled.len()
            ),
            Err(error) => {
                assert_eq!(error, Errno::InvalidKey, "{what}");
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn damaged_keys_are_refused_or_others() {
    let mut refused = 0;
    for name in ALGORITHMS {
        let algorithm = algorithm(name);
        let pair = pair(algorithm);
        let (public, secret) = (pair.public_key(), pair.secret_key());
        for encoding in PUBLICKEY_ENCODINGS {
            let Ok(encoded) = public.export(encoding) else {
                continue;
            };
            let import = |bytes: &[u8]| PublicKey::import(algorithm, bytes, encoding);
            let original = public.export(PublickeyEncoding::Local).unwrap();
            let same = |key: &PublicKey| {
                // The top bit of a coordinate has no meaning, and is cleared.
                algorithm != Algorithm::X25519
                    && key.export(PublickeyEncoding::Local).unwrap() == original
            };
            refused += check(
                &format!("{name} public {encoding:?}"),
                &encoded,
                import,
                same,
            );
        }
        let original = secret.export(SecretkeyEncoding::Local).unwrap();
        for encoding in SECRETKEY_ENCODINGS {
            let Ok(encoded) = secret.export(encoding) else {
                continue;
            };
            let import = |bytes: &[u8]| SecretKey::import(algorithm, bytes, encoding);
            let same = |key: &SecretKey| key.export(SecretkeyEncoding::Local).unwrap() == original;
            refused += check(
                &format!("{name} secret {encoding:?}"),
                &encoded,
                import,
                same,
            );
        }
        for encoding in KEYPAIR_ENCODINGS {
            let Ok(encoded) = pair.export(encoding) else {
                continue;
            };
            let import = |bytes: &[u8]| KeyPair::import(algorithm, bytes, encoding);
            let same = |pair: &KeyPair| {
                pair.secret_key().export(SecretkeyEncoding::Local).unwrap() == original
            };
            refused += check(&format!("{name} pair {encoding:?}"), &encoded, import, same);
        }
    }
    println!("{refused} damaged keys refused");
    assert!(refused > 20_000);
}

/// A key that is written together with its public half protects itself: nothing that is damaged is accepted.
#[test]
fn damaged_pairs_are_refused() {
    for (name, encoding) in [
        ("Ed25519", KeypairEncoding::Raw),
        ("X25519", KeypairEncoding::Raw),
        ("X-WING", KeypairEncoding::Raw),
        ("ML-KEM-512", KeypairEncoding::Raw),
        ("ECDSA_P256_SHA256", KeypairEncoding::Pkcs8),
        ("ECDSA_K256_SHA256", KeypairEncoding::Pkcs8),
        ("P384-SHA384", KeypairEncoding::Pem),
        ("RSA_PKCS1_2048_SHA256", KeypairEncoding::Pkcs8),
    ] {
        let algorithm = algorithm(name);
        let encoded = pair(algorithm).export(encoding).unwrap();
        for flipped in flips(&encoded) {
            let has_no_effect = what_matters(name, &flipped) == what_matters(name, &encoded);
            match KeyPair::import(algorithm, &flipped, encoding) {
                Ok(_) => assert!(has_no_effect, "{name}"),
                Err(error) => assert!(error == Errno::InvalidKey && !has_no_effect, "{name}"),
            }
        }
    }
}

/// A raw key pair without what its public key does not depend on.
fn what_matters(name: &str, raw: &[u8]) -> Vec<u8> {
    let mut raw = raw.to_vec();
    match name {
        // The second half of the seed.
        "ML-KEM-512" => raw.truncate(832),
        // The bits of the scalar that are set to the same values always (RFC 7748, section 5).
        "X25519" => {
            raw[32] &= 0xf8;
            raw[63] &= 0x3f;
        }
        _ => {}
    }
    raw
}

#[test]
fn damaged_signatures_do_not_verify() {
    for name in [
        "Ed25519",
        "ECDSA_P256_SHA256",
        "ECDSA_P384_SHA384",
        "ECDSA_K256_SHA256",
        "RSA_PKCS1_2048_SHA256",
        "RSA_PSS_2048_SHA512",
        "ML-DSA-65",
    ] {
        let algorithm = algorithm(name);
        let pair = pair(algorithm);
        let signature = SigningState::new(&pair).unwrap().sign().unwrap();
        let state = VerificationState::new(&pair.public_key()).unwrap();
        for encoding in [SignatureEncoding::Raw, SignatureEncoding::Der] {
            let Ok(encoded) = signature.export(encoding) else {
                continue;
            };
            for flipped in flips(&encoded) {
                let verdict = Signature::import(algorithm, &flipped, encoding)
                    .and_then(|signature| state.verify(&signature));
                assert!(
                    matches!(
                        verdict,
                        Err(Errno::InvalidSignature | Errno::VerificationFailed)
                    ),
                    "{name}"
                );
            }
            for mangled in mangled(&encoded) {
                let refused = Signature::import(algorithm, &mangled, encoding);
                assert_eq!(refused.err(), Some(Errno::InvalidSignature), "{name}");
            }
        }
    }
}

/// ML-KEM and X-Wing give another secret for what is damaged; OAEP tells.
#[test]
fn damaged_encapsulations_give_nothing_away() {
    for name in [
        "ML-KEM-512",
        "ML-KEM-768",
        "ML-KEM-1024",
        "X-WING",
        "RSA_OAEP_2048_SHA256",
    ] {
        let pair = pair(algorithm(name));
        let made = kx::encapsulate(&pair.public_key()).unwrap();
        for flipped in flips(&made.encapsulated) {
            match kx::decapsulate(&pair.secret_key(), &flipped) {
                Ok(secret) => assert!(secret != made.secret && !name.starts_with("RSA"), "{name}"),
                Err(error) => assert!(
                    error == Errno::VerificationFailed && name.starts_with("RSA"),
                    "{name}"
                ),
            }
        }
        for mangled in mangled(&made.encapsulated) {
            let refused = kx::decapsulate(&pair.secret_key(), &mangled);
            assert_eq!(refused.err(), Some(Errno::VerificationFailed), "{name}");
        }
    }
}
