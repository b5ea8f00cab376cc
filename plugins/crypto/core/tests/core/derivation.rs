//! Keys made of keys.

use c12_crypto_core::{Errno, Session};

use crate::guest::{Set, hex, open, pull, session, squeeze};

/// RFC 5869, appendix A.1.
#[test]
fn hkdf_extracts_and_expands() {
    let mut session = session();
    let state = open(&mut session, "HKDF-EXTRACT/SHA-256", Some(&[0x0b; 22]), &[]).unwrap();
    session
        .symmetric_state_absorb(state, &hex("000102030405"))
        .unwrap();
    session
        .symmetric_state_absorb(state, &hex("060708090a0b0c"))
        .unwrap();
    let prk = session
        .symmetric_state_squeeze_key(state, "HKDF-EXPAND/SHA-256")
        .unwrap();
    let exported = session.symmetric_key_export(prk).unwrap();
    let expected = hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    assert_eq!(pull(&mut session, exported), expected);
    let state = session
        .symmetric_state_open("HKDF-EXPAND/SHA-256", Some(prk), None)
        .unwrap();
    session
        .symmetric_state_absorb(state, &hex("f0f1f2f3f4f5f6f7f8f9"))
        .unwrap();
    let expected =
        hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    assert_eq!(squeeze(&mut session, state, 42).unwrap(), expected);
    // It is no XOF: the output begins anew, and is as long as 255 digests.
    assert_eq!(squeeze(&mut session, state, 42).unwrap(), expected);
    squeeze(&mut session, state, 255 * 32).unwrap();
    assert_eq!(
        squeeze(&mut session, state, 255 * 32 + 1),
        Err(Errno::InvalidLength)
    );
}

#[test]
fn each_half_of_hkdf_does_its_part() {
    let mut session = session();
    for hash in ["SHA-256", "SHA-384", "SHA-512"] {
        let (extract, expand) = (
            format!("HKDF-EXTRACT/{hash}"),
            format!("HKDF-EXPAND/{hash}"),
        );
        let state = open(&mut session, &extract, Some(b"material"), &[]).unwrap();
        assert_eq!(
            squeeze(&mut session, state, 32),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_squeeze_tag(state),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_squeeze_key(state, "AES-128-GCM"),
            Err(Errno::InvalidKey)
        );
        // Of the right size, and another algorithm all the same.
        for other in [
            "HMAC/SHA-256",
            "HMAC/SHA-512",
            extract.as_str(),
            "AES-256-GCM",
            "BLAKE2B-512",
        ] {
            assert_eq!(
                session.symmetric_state_squeeze_key(state, other),
                Err(Errno::InvalidKey),
                "{other}"
            );
        }
        for other in ["SHA-256", "SHA-384", "SHA-512"].map(|hash| format!("HKDF-EXPAND/{hash}")) {
            if other != expand {
                assert_eq!(
                    session.symmetric_state_squeeze_key(state, &other),
                    Err(Errno::InvalidKey)
                );
            }
        }
        assert_eq!(
            session.symmetric_state_squeeze_key(state, "SHA-256"),
            Err(Errno::KeyNotSupported)
        );
        assert_eq!(
            session.symmetric_state_squeeze_key(state, "ROT-13"),
            Err(Errno::UnsupportedAlgorithm)
        );
        let key = session.symmetric_state_squeeze_key(state, &expand).unwrap();
        let state = session
            .symmetric_state_open(&expand, Some(key), None)
            .unwrap();
        assert_eq!(
            session.symmetric_state_squeeze_tag(state),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_max_tag_len(state),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_open(&expand, None, None),
            Err(Errno::KeyRequired)
        );
        assert_eq!(
            session.symmetric_key_import(&expand, &[0; 31]),
            Err(Errno::InvalidKey)
        );
        assert_eq!(
            session.symmetric_key_import(&expand, &[0; 65]),
            Err(Errno::InvalidKey)
        );
    }
}

#[test]
fn a_key_can_be_derived_without_the_guest_seeing_it() {
    let mut session = session();
    let prk = session
        .symmetric_key_generate("HKDF-EXPAND/SHA-256", None)
        .unwrap();
    let state = session
        .symmetric_state_open("HKDF-EXPAND/SHA-256", Some(prk), None)
        .unwrap();
    session.symmetric_state_absorb(state, b"traffic").unwrap();
    let key = session
        .symmetric_state_squeeze_key(state, "CHACHA20-POLY1305")
        .unwrap();
    let exported = session.symmetric_key_export(key).unwrap();
    assert_eq!(
        pull(&mut session, exported),
        squeeze(&mut session, state, 32).unwrap()
    );
    assert_eq!(
        session.symmetric_state_squeeze_key(state, "SHA-256"),
        Err(Errno::KeyNotSupported)
    );
    let blake3 = open(
        &mut session,
        "BLAKE3",
        Some(&[1; 32]),
        &[Set::Bytes("context", b"app 2026")],
    )
    .unwrap();
    let one = session
        .symmetric_state_squeeze_key(blake3, "AES-256-GCM")
        .unwrap();
    let two = session
        .symmetric_state_squeeze_key(blake3, "AES-256-GCM")
        .unwrap();
    let [one, two] = [one, two].map(|key| {
        let exported = session.symmetric_key_export(key).unwrap();
        pull(&mut session, exported)
    });
    assert_ne!(one, two);
}

#[test]
fn how_much_is_squeezed_can_be_said_when_the_state_is_opened() {
    let mut session = session();
    let length = |session: &mut Session, algorithm: &str, options: &[Set<'_>]| {
        let key = algorithm.starts_with("HKDF").then_some(&[1; 48][..]);
        let state = open(session, algorithm, key, options)?;
        session.symmetric_state_squeeze_len(state)
    };
    for (algorithm, natural) in [
        ("SHA-512", 64),
        ("BLAKE3", 32),
        ("HKDF-EXPAND/SHA-384", 48),
        ("XOODYAK-128", 32),
    ] {
        assert_eq!(length(&mut session, algorithm, &[]), Ok(natural));
        let said = [Set::Number("output_len", 100)];
        assert_eq!(length(&mut session, algorithm, &said), Ok(100));
    }
    let too_much = [Set::Number("output_len", u64::MAX)];
    assert_eq!(
        length(&mut session, "BLAKE3", &too_much),
        Err(Errno::Overflow)
    );
    assert_eq!(
        open(&mut session, "HMAC/SHA-256", Some(b"key"), &too_much),
        Err(Errno::UnsupportedOption)
    );
}
