//! Xoodyak.

use c12_crypto_core::Errno;

use crate::guest::{Set, decrypt, encrypt, hex, open, session, squeeze, tag};

/// From the known answers of the submission to NIST's competition (hash, and AEAD with the nonce absorbed first).
#[test]
fn known_answers() {
    let mut session = session();
    let counting = |len: u8| (0..len).collect::<Vec<u8>>();
    for (len, digest) in [
        (
            0,
            "EA152F2B47BCE24EFB66C479D4ADF17BD324D806E85FF75EE369EE50DC8F8BD1",
        ),
        (
            1,
            "27921F8DDF392894460B70B3ED6C091E6421B7D2147DCD6031D7EFEBAD3030CC",
        ),
        (
            41,
            "079BFF70855D0767CC3349752F3DEFF2B01D44A15EF68B98C9BCDF20BD1970D8",
        ),
    ] {
        let state = open(&mut session, "XOODYAK-128", None, &[]).unwrap();
        session
            .symmetric_state_absorb(state, &counting(len))
            .unwrap();
        assert_eq!(squeeze(&mut session, state, 32).unwrap(), hex(digest));
    }
    let key = counting(16);
    let state = open(&mut session, "XOODYAK-128", Some(&key), &[]).unwrap();
    session.symmetric_state_absorb(state, &key).unwrap();
    session
        .symmetric_state_absorb(state, &counting(22))
        .unwrap();
    let sealed = encrypt(&mut session, state, &counting(13)).unwrap();
    assert_eq!(
        sealed,
        hex("CFA1C6EFB6E4795450ABF50494C96372BF566DEC846DBAE29C36F4A9CF")
    );
}

/// The example of the specification, on both sides.
#[test]
fn a_session_stays_in_step() {
    for name in ["XOODYAK-128", "Xoodyak-160"] {
        let mut session = session();
        let key = session.symmetric_key_generate(name, None).unwrap();
        let [one, other] =
            [(); 2].map(|()| session.symmetric_state_open(name, Some(key), None).unwrap());
        for state in [one, other] {
            session.symmetric_state_absorb(state, b"data").unwrap();
        }
        let sealed = encrypt(&mut session, one, b"abcd").unwrap();
        assert_eq!(sealed.len(), 20);
        assert_eq!(decrypt(&mut session, other, &sealed).unwrap(), b"abcd");
        let mut keys = Vec::new();
        for state in [one, other] {
            session.symmetric_state_absorb(state, b"more data").unwrap();
            keys.push(squeeze(&mut session, state, 16).unwrap());
            keys.push(squeeze(&mut session, state, 16).unwrap());
            session.symmetric_state_ratchet(state).unwrap();
            keys.push(tag(&mut session, state).unwrap());
            let next = session.symmetric_state_squeeze_key(state, name).unwrap();
            let next = session
                .symmetric_state_open(name, Some(next), None)
                .unwrap();
            keys.push(squeeze(&mut session, next, 16).unwrap());
        }
        assert_eq!(keys[..4], keys[4..]);
        keys.truncate(4);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 4);
    }
}

#[test]
fn a_message_that_does_not_verify_leaves_the_session_as_it_was() {
    let mut session = session();
    let mut open = || {
        open(
            &mut session,
            "XOODYAK-128",
            Some(&[1; 16]),
            &[Set::Bytes("nonce", &[2; 16])],
        )
        .unwrap()
    };
    let (one, other) = (open(), open());
    let sealed = encrypt(
        &mut session,
        one,
        b"a message of several blocks, which are of 24 bytes",
    )
    .unwrap();
    for at in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[at] ^= 0x40;
        let mut out = vec![0xff; sealed.len() - 16];
        assert_eq!(
            session.symmetric_state_decrypt(other, &mut out, &bad),
            Err(Errno::InvalidTag)
        );
        assert!(out.iter().all(|byte| *byte == 0));
        assert_eq!(
            session.symmetric_state_decrypt_in_place(other, &mut bad),
            Err(Errno::InvalidTag)
        );
        assert!(bad[..out.len()].iter().all(|byte| *byte == 0));
    }
    assert_eq!(
        decrypt(&mut session, other, &sealed[..15]),
        Err(Errno::InvalidTag)
    );
    decrypt(&mut session, other, &sealed).unwrap();
}

#[test]
fn in_place_is_the_same() {
    let mut session = session();
    for len in [1, 23, 24, 25, 100] {
        let plain = vec![7; len];
        let mut open = || open(&mut session, "XOODYAK-160", Some(&[1; 20]), &[]).unwrap();
        let (one, two, three, back) = (open(), open(), open(), open());
        let sealed = encrypt(&mut session, one, &plain).unwrap();
        let mut buf = plain.clone();
        buf.resize(len + 16, 0);
        session
            .symmetric_state_encrypt_in_place(two, &mut buf, len)
            .unwrap();
        assert_eq!(buf, sealed);
        let mut detached = plain.clone();
        let tag = session
            .symmetric_state_encrypt_detached_in_place(three, &mut detached)
            .unwrap();
        session.symmetric_tag_verify(tag, &sealed[len..]).unwrap();
        assert_eq!(detached, sealed[..len]);
        session
            .symmetric_state_decrypt_in_place(back, &mut buf)
            .unwrap();
        assert_eq!(buf[..len], plain);
    }
}

#[test]
fn of_clones_one_encrypts() {
    let mut session = session();
    let state = open(&mut session, "XOODYAK-128", Some(&[1; 16]), &[]).unwrap();
    let clone = session.symmetric_state_clone(state).unwrap();
    encrypt(&mut session, state, b"one").unwrap();
    assert_eq!(
        encrypt(&mut session, clone, b"two"),
        Err(Errno::NonceRequired)
    );
    session.symmetric_state_absorb(clone, b"on").unwrap();
    squeeze(&mut session, clone, 16).unwrap();
    session.symmetric_state_ratchet(clone).unwrap();
    encrypt(&mut session, state, b"three").unwrap();
}

#[test]
fn without_a_key_it_hashes() {
    let mut session = session();
    let state = open(&mut session, "XOODYAK-128", None, &[]).unwrap();
    assert_eq!(
        encrypt(&mut session, state, b"x"),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        decrypt(&mut session, state, &[0; 17]),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        session.symmetric_state_ratchet(state),
        Err(Errno::InvalidOperation)
    );
    let nonce = open(
        &mut session,
        "XOODYAK-128",
        None,
        &[Set::Bytes("nonce", &[0; 16])],
    );
    assert_eq!(nonce, Err(Errno::UnsupportedOption));
    for len in [0, 15, 17, 44] {
        assert_eq!(
            session.symmetric_key_import("XOODYAK-128", &vec![0; len]),
            Err(Errno::InvalidKey)
        );
    }
}

#[test]
fn a_nonce_has_16_bytes() {
    let mut session = session();
    for (algorithm, key) in [("XOODYAK-128", 16), ("XOODYAK-160", 20)] {
        for len in [0, 1, 12, 15, 17, 24, 28] {
            let nonce = vec![0; len];
            let values = [Set::Bytes("nonce", &nonce)];
            let state = open(&mut session, algorithm, Some(&vec![0; key]), &values);
            assert_eq!(state, Err(Errno::InvalidNonce), "{algorithm}, {len}");
        }
        let values = [Set::Bytes("nonce", &[0; 16])];
        open(&mut session, algorithm, Some(&vec![0; key]), &values).unwrap();
    }
}

/// The library would make a tag that is what is squeezed next.
#[test]
fn a_message_has_a_byte() {
    let mut session = session();
    let mut open = || open(&mut session, "XOODYAK-128", Some(&[1; 16]), &[]).unwrap();
    let (state, untouched) = (open(), open());
    let refused = Errno::InvalidLength;
    let mut buf = [0; 16];
    assert_eq!(encrypt(&mut session, state, b""), Err(refused));
    assert_eq!(
        session.symmetric_state_encrypt_in_place(state, &mut buf, 0),
        Err(refused)
    );
    assert_eq!(
        session.symmetric_state_encrypt_detached(state, &mut [], b""),
        Err(refused)
    );
    assert_eq!(
        session.symmetric_state_encrypt_detached_in_place(state, &mut []),
        Err(refused)
    );
    let forged = squeeze(&mut session, untouched, 16).unwrap();
    assert_eq!(decrypt(&mut session, state, &forged), Err(refused));
    let mut in_place = forged.clone();
    assert_eq!(
        session.symmetric_state_decrypt_in_place(state, &mut in_place),
        Err(refused)
    );
    assert_eq!(
        session.symmetric_state_decrypt_detached(state, &mut [], b"", &forged),
        Err(refused)
    );
    assert_eq!(
        session.symmetric_state_decrypt_detached_in_place(state, &mut [], &forged),
        Err(refused)
    );
    // Nothing of this has moved the session.
    assert_eq!(squeeze(&mut session, state, 16).unwrap(), forged);
}
