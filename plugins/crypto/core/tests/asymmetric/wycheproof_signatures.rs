//! The vectors of Project Wycheproof for signatures other than those of RSA.

use c12_crypto_core::asymmetric::{Algorithm, Signature};
use c12_crypto_core::{
    AlgorithmType, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, SignatureEncoding,
};
use wycheproof::{TestResult, ecdsa, eddsa, mldsa_sign, mldsa_verify};

use crate::guest::{Guest, Tally};

#[test]
fn ed25519() {
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        for test in &group.tests {
            for key in [
                (group.key.pk.as_slice(), PublickeyEncoding::Raw),
                (group.der.as_slice(), PublickeyEncoding::Pkcs8),
                (group.pem.as_bytes(), PublickeyEncoding::Pem),
            ] {
                let verdict = guest.verify(
                    "Ed25519",
                    key,
                    &test.msg,
                    (&test.sig, SignatureEncoding::Raw),
                );
                tally.expect(
                    &format!("Ed25519 {}", test.tc_id),
                    test.result == TestResult::Valid,
                    verdict,
                );
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 3 * 88,
            refused: 3 * 63,
            ..Tally::default()
        }
    );
}

#[test]
fn ecdsa_der_and_p1363() {
    use ecdsa::TestName::*;
    let sets = [
        (
            "ECDSA_P256_SHA256",
            EcdsaSecp256r1Sha256,
            SignatureEncoding::Der,
            174,
            310,
        ),
        (
            "ECDSA_P256_SHA256",
            EcdsaSecp256r1Sha256P1363,
            SignatureEncoding::Raw,
            173,
            89,
        ),
        (
            "ECDSA_P384_SHA384",
            EcdsaSecp384r1Sha384,
            SignatureEncoding::Der,
            194,
            310,
        ),
        (
            "ECDSA_P384_SHA384",
            EcdsaSecp384r1Sha384P1363,
            SignatureEncoding::Raw,
            193,
            87,
        ),
        (
            "ECDSA_K256_SHA256",
            EcdsaSecp256k1Sha256,
            SignatureEncoding::Der,
            168,
            308,
        ),
        (
            "ECDSA_K256_SHA256",
            EcdsaSecp256k1Sha256P1363,
            SignatureEncoding::Raw,
            167,
            85,
        ),
    ];
    let mut guest = Guest::new();
    for (algorithm, name, encoding, accepted, refused) in sets {
        let mut tally = Tally::default();
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                for key in [
                    (group.key.key.as_slice(), PublickeyEncoding::Sec),
                    (group.key.key.as_slice(), PublickeyEncoding::Raw),
                    (group.der.as_slice(), PublickeyEncoding::Pkcs8),
                    (group.pem.as_bytes(), PublickeyEncoding::Pem),
                ] {
                    let verdict = guest.verify(algorithm, key, &test.msg, (&test.sig, encoding));
                    tally.expect(
                        &format!("{name:?} {}", test.tc_id),
                        test.result == TestResult::Valid,
                        verdict,
                    );
                }
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted: 4 * accepted,
                refused: 4 * refused,
                ..Tally::default()
            },
            "{name:?}"
        );
    }
}

/// Bitcoin's rules are stricter than ECDSA's: what they refuse and ECDSA accepts has a high `s`, and verifies here.
#[test]
fn ecdsa_bitcoin() {
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256k1Sha256Bitcoin)
        .unwrap()
        .test_groups
    {
        for test in &group.tests {
            let key = (group.key.key.as_slice(), PublickeyEncoding::Sec);
            let verdict = guest.verify(
                "ECDSA_K256_SHA256",
                key,
                &test.msg,
                (&test.sig, SignatureEncoding::Der),
            );
            if test.result == TestResult::Invalid && verdict.is_ok() {
                assert!(has_high_s(&test.sig), "bitcoin {}", test.tc_id);
                tally.outside += 1;
            } else {
                tally.expect(
                    &format!("bitcoin {}", test.tc_id),
                    test.result == TestResult::Valid,
                    verdict,
                );
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 162,
            refused: 299,
            outside: 2,
            ..Tally::default()
        }
    );
}

/// Whether the `s` of a signature on secp256k1 is more than half of the order.
fn has_high_s(der: &[u8]) -> bool {
    let mut half = [0xff; 32];
    half[0] = 0x7f;
    half[16..].copy_from_slice(&0x5d57_6e73_57a4_501d_dfe9_2f46_681b_20a0_u128.to_be_bytes());
    let algorithm = Algorithm::parse(AlgorithmType::Signatures, "ECDSA_K256_SHA256").unwrap();
    let signature = Signature::import(algorithm, der, SignatureEncoding::Der).unwrap();
    signature.raw()[32..] > half[..]
}

#[test]
fn ml_dsa_verify() {
    let sets = [
        ("ML-DSA-44", mldsa_verify::TestName::MlDsa44Verify, 75, 105),
        ("ML-DSA-65", mldsa_verify::TestName::MlDsa65Verify, 77, 133),
        ("ML-DSA-87", mldsa_verify::TestName::MlDsa87Verify, 69, 172),
    ];
    let mut guest = Guest::new();
    for (algorithm, name, accepted, refused) in sets {
        let mut tally = Tally::default();
        for group in mldsa_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                for key in [
                    (group.pubkey.as_slice(), PublickeyEncoding::Raw),
                    (group.der.as_slice(), PublickeyEncoding::Pkcs8),
                ] {
                    let verdict = guest.verify(
                        algorithm,
                        key,
                        &test.msg,
                        (&test.sig, SignatureEncoding::Raw),
                    );
                    // The interface has no context: signatures with one are signatures of something else.
                    let has_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
                    let is_valid = test.result == TestResult::Valid && !has_context;
                    tally.expect(&format!("{name:?} {}", test.tc_id), is_valid, verdict);
                }
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted: 2 * accepted,
                refused: 2 * refused,
                ..Tally::default()
            },
            "{name:?}"
        );
    }
}

/// The library signs with fresh random numbers, so that signatures are not those of the vectors: both must verify.
#[test]
fn ml_dsa_sign() {
    use mldsa_sign::TestName::*;
    let sets = [
        ("ML-DSA-44", MlDsa44SignSeed, [71, 7, 8]),
        ("ML-DSA-44", MlDsa44SignNoSeed, [59, 7, 7]),
        ("ML-DSA-65", MlDsa65SignSeed, [81, 7, 17]),
        ("ML-DSA-65", MlDsa65SignNoSeed, [61, 7, 10]),
        ("ML-DSA-87", MlDsa87SignSeed, [72, 7, 17]),
        ("ML-DSA-87", MlDsa87SignNoSeed, [52, 7, 10]),
    ];
    let mut guest = Guest::new();
    for (algorithm, name, [accepted, refused, outside]) in sets {
        let mut tally = Tally::default();
        for group in mldsa_sign::TestSet::load(name).unwrap().test_groups {
            let secret = group.privseed.as_ref().or(group.privkey.as_ref()).unwrap();
            let is_refused = group.tests.iter().any(|test| {
                test.flags.iter().any(|flag| {
                    matches!(
                        flag,
                        mldsa_sign::TestFlag::IncorrectPrivateKeyLength
                            | mldsa_sign::TestFlag::InvalidPrivateKey
                    )
                })
            });
            if let Some(pkcs8) = group.privkey_pkcs8.as_ref().filter(|_| !is_refused) {
                let public = guest.public_of(
                    AlgorithmType::Signatures,
                    algorithm,
                    (pkcs8, SecretkeyEncoding::Pkcs8),
                    PublickeyEncoding::Raw,
                );
                assert_eq!(
                    public.as_deref(),
                    Ok(group.pubkey.as_ref().unwrap().as_slice())
                );
            }
            let pair = match guest.pair(algorithm, secret, KeypairEncoding::Raw) {
                Ok(pair) => pair,
                Err(error) => {
                    assert!(is_refused, "{name:?}: {error}");
                    tally.refused += group.tests.len();
                    continue;
                }
            };
            assert!(!is_refused, "{name:?}");
            let public = guest.session.keypair_publickey(pair).unwrap();
            let output = guest
                .session
                .publickey_export(public, PublickeyEncoding::Raw)
                .unwrap();
            let key = guest.take(output);
            guest.session.publickey_close(public).unwrap();
            if let Some(expected) = &group.pubkey {
                assert_eq!(&key, &**expected);
            }
            let mut signed = Vec::new();
            for test in &group.tests {
                let Some(message) = &test.msg else {
                    // The message is given as the hash that the algorithm makes of it.
                    tally.outside += 1;
                    continue;
                };
                let signature = guest.sign(pair, message).unwrap();
                signed.push((message.to_vec(), signature, test));
            }
            guest.session.keypair_close(pair).unwrap();
            for (message, signature, test) in signed {
                let key = (key.as_slice(), PublickeyEncoding::Raw);
                guest
                    .verify(
                        algorithm,
                        key,
                        &message,
                        (&signature, SignatureEncoding::Raw),
                    )
                    .unwrap();
                let has_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
                let verdict = guest.verify(
                    algorithm,
                    key,
                    &message,
                    (&test.sig, SignatureEncoding::Raw),
                );
                let is_valid = test.result == TestResult::Valid && !has_context;
                tally.expect(&format!("{name:?} {}", test.tc_id), is_valid, verdict);
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted,
                refused,
                either: 0,
                outside
            },
            "{name:?}"
        );
    }
}
