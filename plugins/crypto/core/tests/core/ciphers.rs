//! Ciphers, authenticated and not.

use c12_crypto_core::{Errno, Handle, Session};

use crate::guest::{Set, decrypt, encrypt, hex, open, options, session, squeeze};

const AEADS: &[(&str, usize, usize)] = &[
    ("AES-128-GCM", 16, 12),
    ("AES-256-GCM", 32, 12),
    ("AES-128-GCM-SIV", 16, 12),
    ("AES-256-GCM-SIV", 32, 12),
    ("CHACHA20-POLY1305", 32, 12),
    ("XCHACHA20-POLY1305", 32, 24),
];

fn state(session: &mut Session, name: &str, key_len: usize, nonce_len: usize) -> Handle {
    let (key, nonce) = (vec![1; key_len], vec![2; nonce_len]);
    let state = open(session, name, Some(&key), &[Set::Bytes("nonce", &nonce)]).unwrap();
    session.symmetric_state_absorb(state, b"header").unwrap();
    state
}

#[test]
fn keys_have_one_size() {
    let mut session = session();
    for (name, key_len, _) in AEADS {
        for len in [0, 1, key_len - 1, key_len + 1, 64, 1000] {
            assert_eq!(
                session.symmetric_key_import(name, &vec![0; len]),
                Err(Errno::InvalidKey),
                "{name} {len}"
            );
        }
        let key = session.symmetric_key_generate(name, None).unwrap();
        let output = session.symmetric_key_export(key).unwrap();
        assert_eq!(session.array_output_len(output).unwrap(), *key_len);
    }
}

#[test]
fn nonces_have_one_size() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        for len in [0, 1, nonce_len - 1, nonce_len + 1, 16, 64] {
            let nonce = vec![0; len];
            let opened = open(
                &mut session,
                name,
                Some(&vec![0; *key_len]),
                &[Set::Bytes("nonce", &nonce)],
            );
            assert_eq!(opened, Err(Errno::InvalidNonce), "{name} {len}");
        }
    }
}

#[test]
fn nonces_are_made_up_only_where_that_is_safe() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let opened = open(&mut session, name, Some(&vec![0; *key_len]), &[]);
        if !name.starts_with('X') && !name.ends_with("SIV") {
            assert_eq!(opened, Err(Errno::NonceRequired), "{name}");
            continue;
        }
        let state = opened.unwrap();
        let mut nonce = vec![0; 64];
        let len = session
            .symmetric_state_options_get(state, "nonce", &mut nonce)
            .unwrap();
        nonce.truncate(len);
        assert_eq!(len, *nonce_len, "{name}");
        assert!(nonce.iter().any(|byte| *byte != 0), "{name}");
        let sealed = encrypt(&mut session, state, b"message").unwrap();
        let other = open(
            &mut session,
            name,
            Some(&vec![0; *key_len]),
            &[Set::Bytes("nonce", &nonce)],
        )
        .unwrap();
        assert_eq!(
            decrypt(&mut session, other, &sealed).unwrap(),
            b"message",
            "{name}"
        );
        let again = open(&mut session, name, Some(&vec![0; *key_len]), &[]).unwrap();
        assert_ne!(
            session.symmetric_state_option(again, "nonce").unwrap(),
            nonce,
            "{name}"
        );
    }
}

#[test]
fn a_nonce_encrypts_once() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let state = state(&mut session, name, *key_len, *nonce_len);
        // A call that is refused spends nothing.
        assert_eq!(
            session.symmetric_state_encrypt(state, &mut [0; 3], b"message"),
            Err(Errno::Overflow)
        );
        let clone = session.symmetric_state_clone(state).unwrap();
        let third = session.symmetric_state_clone(clone).unwrap();
        encrypt(&mut session, clone, b"message").unwrap();
        for state in [state, clone, third] {
            assert_eq!(
                encrypt(&mut session, state, b"message"),
                Err(Errno::NonceRequired),
                "{name}"
            );
            assert_eq!(
                session.symmetric_state_encrypt_detached(state, &mut [0], &[0]),
                Err(Errno::NonceRequired)
            );
            assert_eq!(
                session.symmetric_state_encrypt_in_place(state, &mut [0; 17], 1),
                Err(Errno::NonceRequired)
            );
            assert_eq!(
                session.symmetric_state_encrypt_detached_in_place(state, &mut [0; 17]),
                Err(Errno::NonceRequired)
            );
        }
    }
}

#[test]
fn all_four_ways_to_encrypt_say_the_same() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        for len in [0, 1, 15, 16, 17, 64, 1000, 65_536] {
            let plain: Vec<u8> = (0..len).map(|at| at as u8).collect();
            let mut open = || state(&mut session, name, *key_len, *nonce_len);
            let (one, two, three, four) = (open(), open(), open(), open());
            let sealed = encrypt(&mut session, one, &plain).unwrap();

            let mut in_place = plain.clone();
            in_place.resize(len + 16, 0xee);
            assert_eq!(
                session.symmetric_state_encrypt_in_place(two, &mut in_place, len),
                Ok(len + 16)
            );
            assert_eq!(in_place, sealed, "{name} {len}");

            let mut detached = vec![0; len];
            let tag = session
                .symmetric_state_encrypt_detached(three, &mut detached, &plain)
                .unwrap();
            session.symmetric_tag_verify(tag, &sealed[len..]).unwrap();
            assert_eq!(detached, sealed[..len], "{name} {len}");

            let mut detached = plain.clone();
            let tag = session
                .symmetric_state_encrypt_detached_in_place(four, &mut detached)
                .unwrap();
            session.symmetric_tag_verify(tag, &sealed[len..]).unwrap();
            assert_eq!(detached, sealed[..len], "{name} {len}");

            let state = state(&mut session, name, *key_len, *nonce_len);
            assert_eq!(decrypt(&mut session, state, &sealed).unwrap(), plain);
            let mut buf = sealed.clone();
            assert_eq!(
                session.symmetric_state_decrypt_in_place(state, &mut buf),
                Ok(len)
            );
            assert_eq!(buf[..len], plain);
            let mut out = vec![0; len];
            let (data, tag) = sealed.split_at(len);
            assert_eq!(
                session.symmetric_state_decrypt_detached(state, &mut out, data, tag),
                Ok(len)
            );
            assert_eq!(out, plain);
            let mut buf = data.to_vec();
            assert_eq!(
                session.symmetric_state_decrypt_detached_in_place(state, &mut buf, tag),
                Ok(len)
            );
            assert_eq!(buf, plain);
        }
    }
}

#[test]
fn additional_data_is_what_all_absorbs_together_are() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let whole = state(&mut session, name, *key_len, *nonce_len);
        session.symmetric_state_absorb(whole, b" and more").unwrap();
        let pieces = state(&mut session, name, *key_len, *nonce_len);
        for piece in [&b" an"[..], b"", b"d more"] {
            session.symmetric_state_absorb(pieces, piece).unwrap();
        }
        let sealed = encrypt(&mut session, whole, b"message").unwrap();
        assert_eq!(
            encrypt(&mut session, pieces, b"message").unwrap(),
            sealed,
            "{name}"
        );
        let less = state(&mut session, name, *key_len, *nonce_len);
        assert_eq!(
            decrypt(&mut session, less, &sealed),
            Err(Errno::InvalidTag),
            "{name}"
        );
    }
}

#[test]
fn every_flipped_bit_is_found_and_nothing_is_released() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let sealing = state(&mut session, name, *key_len, *nonce_len);
        let sealed = encrypt(&mut session, sealing, b"the message").unwrap();
        let state = state(&mut session, name, *key_len, *nonce_len);
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let mut out = [0xff; 11];
            assert_eq!(
                session.symmetric_state_decrypt(state, &mut out, &bad),
                Err(Errno::InvalidTag)
            );
            assert_eq!(out, [0; 11], "{name} {bit}");
            let mut out = [0xff; 11];
            let (data, tag) = bad.split_at(11);
            let detached = session.symmetric_state_decrypt_detached(state, &mut out, data, tag);
            assert_eq!(
                (detached, out),
                (Err(Errno::InvalidTag), [0; 11]),
                "{name} {bit}"
            );
            assert_eq!(
                session.symmetric_state_decrypt_in_place(state, &mut bad),
                Err(Errno::InvalidTag)
            );
            assert_eq!(bad[..11], [0; 11], "{name} {bit}");
        }
        for len in 0..sealed.len() {
            assert_eq!(
                decrypt(&mut session, state, &sealed[..len]),
                Err(Errno::InvalidTag),
                "{name} {len}"
            );
        }
        // And afterwards it still works.
        assert_eq!(
            decrypt(&mut session, state, &sealed).unwrap(),
            b"the message",
            "{name}"
        );
    }
}

#[test]
fn outputs_have_the_right_size() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let state = state(&mut session, name, *key_len, *nonce_len);
        assert_eq!(session.symmetric_state_max_tag_len(state), Ok(16));
        for (len, errno) in [
            (0, Errno::Overflow),
            (26, Errno::Overflow),
            (28, Errno::InvalidLength),
        ] {
            let mut out = vec![0; len];
            assert_eq!(
                session.symmetric_state_encrypt(state, &mut out, &[0; 11]),
                Err(errno),
                "{name} {len}"
            );
            assert_eq!(
                session.symmetric_state_encrypt_in_place(state, &mut out, 11),
                Err(errno),
                "{name} {len}"
            );
        }
        for (len, errno) in [
            (0, Errno::Overflow),
            (10, Errno::Overflow),
            (12, Errno::InvalidLength),
        ] {
            let mut out = vec![0; len];
            assert_eq!(
                session.symmetric_state_decrypt(state, &mut out, &[0; 27]),
                Err(errno),
                "{name} {len}"
            );
            let detached = session.symmetric_state_encrypt_detached(state, &mut out, &[0; 11]);
            assert_eq!(detached, Err(errno), "{name} {len}");
            let detached =
                session.symmetric_state_decrypt_detached(state, &mut out, &[0; 11], &[0; 16]);
            assert_eq!(detached, Err(errno), "{name} {len}");
        }
        for len in [0, 1, 15, 17, 64] {
            let mut out = [1; 11];
            let tag = vec![0; len];
            let detached =
                session.symmetric_state_decrypt_detached(state, &mut out, &[0; 11], &tag);
            assert_eq!(
                (detached, out),
                (Err(Errno::InvalidTag), [0; 11]),
                "{name} {len}"
            );
        }
        assert_eq!(
            session.symmetric_state_encrypt_in_place(state, &mut [0; 16], usize::MAX),
            Err(Errno::Overflow)
        );
    }
}

#[test]
fn ciphers_do_not_hash() {
    let mut session = session();
    for (name, key_len, nonce_len) in AEADS {
        let state = state(&mut session, name, *key_len, *nonce_len);
        assert_eq!(
            squeeze(&mut session, state, 16),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_squeeze_tag(state),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_squeeze_key(state, name),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_ratchet(state),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_open(name, None, None),
            Err(Errno::KeyRequired)
        );
    }
}

#[test]
fn a_key_is_for_its_algorithm_alone() {
    let mut session = session();
    let nonce = options(&mut session, &[Set::Bytes("nonce", &[0; 12])]);
    for (of, _, _) in AEADS {
        let key = session.symmetric_key_generate(of, None).unwrap();
        for (name, _, _) in AEADS.iter().filter(|(name, ..)| name != of) {
            assert_eq!(
                session.symmetric_state_open(name, Some(key), Some(nonce)),
                Err(Errno::InvalidKey)
            );
        }
    }
}

/// NIST SP 800-38A, F.5.1 and F.5.5.
#[test]
fn counter_mode_vectors() {
    let mut session = session();
    let nonce = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let plain = hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    for (name, key, sealed) in [
        (
            "AES-128-CTR",
            "2b7e151628aed2a6abf7158809cf4f3c",
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff
             5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
        ),
        (
            "AES-256-CTR",
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5
             2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
        ),
    ] {
        let (key, sealed) = (hex(key), hex(sealed));
        let mut open = || {
            open(
                &mut session,
                name,
                Some(&key),
                &[Set::Bytes("nonce", &nonce)],
            )
            .unwrap()
        };
        let (whole, pieces, back, stream) = (open(), open(), open(), open());
        assert_eq!(session.symmetric_state_max_tag_len(whole), Ok(0));
        assert_eq!(
            encrypt(&mut session, whole, &plain).unwrap(),
            sealed,
            "{name}"
        );
        let (head, tail) = plain.split_at(21);
        let first = encrypt(&mut session, pieces, head).unwrap();
        assert_eq!(
            [first, encrypt(&mut session, pieces, tail).unwrap()].concat(),
            sealed,
            "{name}"
        );
        assert_eq!(
            decrypt(&mut session, back, &sealed).unwrap(),
            plain,
            "{name}"
        );
        let stream = squeeze(&mut session, stream, 64).unwrap();
        let xored: Vec<u8> = stream
            .iter()
            .zip(&plain)
            .map(|(stream, plain)| stream ^ plain)
            .collect();
        assert_eq!(xored, sealed, "{name}");
    }
}

#[test]
fn of_clones_of_a_key_stream_one_encrypts_and_all_decrypt() {
    let mut session = session();
    let mut open = || {
        open(
            &mut session,
            "AES-256-CTR",
            Some(&[1; 32]),
            &[Set::Bytes("nonce", &[2; 16])],
        )
        .unwrap()
    };
    let (state, reference) = (open(), open());
    let whole = encrypt(&mut session, reference, b"first, second").unwrap();
    assert_eq!(encrypt(&mut session, state, b"first").unwrap(), whole[..5]);
    let clone = session.symmetric_state_clone(state).unwrap();
    let third = session.symmetric_state_clone(state).unwrap();
    assert_eq!(
        encrypt(&mut session, clone, b", second").unwrap(),
        whole[5..]
    );
    for other in [state, third] {
        assert_eq!(
            encrypt(&mut session, other, b", second"),
            Err(Errno::NonceRequired)
        );
        assert_eq!(squeeze(&mut session, other, 8), Err(Errno::NonceRequired));
        assert_eq!(
            decrypt(&mut session, other, &whole[5..]).unwrap(),
            b", second"
        );
    }
    encrypt(&mut session, clone, b"and on").unwrap();
}

#[test]
fn counter_mode_has_no_tags_and_no_additional_data() {
    let mut session = session();
    let key = session.symmetric_key_generate("AES-128-CTR", None).unwrap();
    assert_eq!(
        session.symmetric_state_open("AES-128-CTR", Some(key), None),
        Err(Errno::NonceRequired)
    );
    let short = options(&mut session, &[Set::Bytes("nonce", &[0; 12])]);
    assert_eq!(
        session.symmetric_state_open("AES-128-CTR", Some(key), Some(short)),
        Err(Errno::InvalidNonce)
    );
    let state = open(
        &mut session,
        "AES-128-CTR",
        Some(&[0; 16]),
        &[Set::Bytes("nonce", &[0; 16])],
    )
    .unwrap();
    assert_eq!(
        session.symmetric_state_absorb(state, b"x"),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        session.symmetric_state_encrypt_detached(state, &mut [0], &[0]),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        session.symmetric_state_decrypt_detached(state, &mut [0], &[0], &[0; 16]),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        session.symmetric_state_encrypt(state, &mut [0; 2], &[0]),
        Err(Errno::InvalidLength)
    );
    assert_eq!(
        session.symmetric_state_encrypt(state, &mut [], &[0]),
        Err(Errno::Overflow)
    );
}
