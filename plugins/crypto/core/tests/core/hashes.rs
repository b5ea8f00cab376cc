//! Hash functions and XOFs.

use c12_crypto_core::Errno;

use crate::guest::{Set, hex, open, session, squeeze, tag};

/// Digests of "abc": FIPS 180-4 and FIPS 202 (NIST's examples), RFC 7693 (appendix A) and BLAKE2's own vectors.
const ABC: &[(&str, &str)] = &[
    (
        "SHA-256",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        "SHA-384",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    ),
    (
        "SHA-512",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    (
        "SHA-512/256",
        "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    ),
    (
        "SHA3-256",
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    ),
    (
        "SHA3-384",
        "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
    ),
    (
        "SHA3-512",
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e\
         10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    ),
    (
        "BLAKE2B-512",
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
         7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    ),
    (
        "BLAKE2B-256",
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
    ),
    (
        "BLAKE3",
        "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    ),
];

/// Digests of nothing.
const EMPTY: &[(&str, &str)] = &[
    (
        "SHA-256",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (
        "SHA-384",
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
    ),
    (
        "SHA-512",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
         47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
    (
        "SHA-512/256",
        "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
    ),
    (
        "SHA3-256",
        "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
    ),
    (
        "SHA3-512",
        "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6\
         15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
    ),
];

#[test]
fn published_digests() {
    let mut session = session();
    for (message, digests) in [(&b"abc"[..], ABC), (b"", EMPTY)] {
        for (name, digest) in digests {
            let state = open(&mut session, name, None, &[]).unwrap();
            session.symmetric_state_absorb(state, message).unwrap();
            let digest = hex(digest);
            assert_eq!(
                squeeze(&mut session, state, digest.len()).unwrap(),
                digest,
                "{name}"
            );
            session.symmetric_state_close(state).unwrap();
        }
    }
    println!("digests: {} vectors", ABC.len() + EMPTY.len());
    assert_eq!(session.open_handles(), 0);
}

/// NIST's long message: a million times "a".
#[test]
fn a_million_bytes_in_pieces() {
    let mut session = session();
    let state = open(&mut session, "SHA-256", None, &[]).unwrap();
    for _ in 0..1000 {
        session
            .symmetric_state_absorb(state, &[b'a'; 1000])
            .unwrap();
    }
    let digest = hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_eq!(squeeze(&mut session, state, 32).unwrap(), digest);
}

#[test]
fn a_hash_goes_on_after_its_digest() {
    let mut session = session();
    for (name, digest) in ABC.iter().filter(|(name, _)| *name != "BLAKE3") {
        let state = open(&mut session, name, None, &[]).unwrap();
        session.symmetric_state_absorb(state, b"a").unwrap();
        let first = squeeze(&mut session, state, 32).unwrap();
        assert_eq!(squeeze(&mut session, state, 32).unwrap(), first, "{name}");
        session.symmetric_state_absorb(state, b"bc").unwrap();
        let digest = hex(digest);
        assert_eq!(
            squeeze(&mut session, state, digest.len()).unwrap(),
            digest,
            "{name}"
        );
    }
}

#[test]
fn digests_are_cut_but_not_made_longer() {
    let mut session = session();
    for (name, digest) in ABC.iter().filter(|(name, _)| *name != "BLAKE3") {
        let state = open(&mut session, name, None, &[]).unwrap();
        session.symmetric_state_absorb(state, b"abc").unwrap();
        let digest = hex(digest);
        assert_eq!(
            squeeze(&mut session, state, 5).unwrap(),
            digest[..5],
            "{name}"
        );
        assert_eq!(
            squeeze(&mut session, state, 0).unwrap(),
            digest[..0],
            "{name}"
        );
        assert_eq!(
            squeeze(&mut session, state, digest.len() + 1),
            Err(Errno::InvalidLength),
            "{name}"
        );
    }
}

#[test]
fn hashes_do_what_hashes_do_and_nothing_else() {
    let mut session = session();
    let key = session
        .symmetric_key_generate("HMAC/SHA-256", None)
        .unwrap();
    for (name, _) in ABC {
        let state = open(&mut session, name, None, &[]).unwrap();
        assert_eq!(
            session.symmetric_state_max_tag_len(state),
            Err(Errno::InvalidOperation),
            "{name}"
        );
        assert_eq!(
            session.symmetric_state_encrypt(state, &mut [0; 20], &[0; 4]),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_decrypt(state, &mut [0; 4], &[0; 20]),
            Err(Errno::InvalidOperation)
        );
        assert_eq!(
            session.symmetric_state_squeeze_tag(state),
            Err(Errno::InvalidOperation),
            "{name}"
        );
        assert_eq!(
            session.symmetric_state_ratchet(state),
            Err(Errno::InvalidOperation),
            "{name}"
        );
        if !name.starts_with("BLAKE") {
            assert_eq!(
                session.symmetric_state_squeeze_key(state, "AES-256-GCM"),
                Err(Errno::InvalidOperation)
            );
            assert_eq!(
                session.symmetric_key_generate(name, None),
                Err(Errno::UnsupportedFeature)
            );
            assert_eq!(
                session.symmetric_key_import(name, &[0; 32]),
                Err(Errno::KeyNotSupported)
            );
            assert_eq!(
                session.symmetric_state_open(name, Some(key), None),
                Err(Errno::KeyNotSupported)
            );
        }
    }
}

/// BLAKE2's own keyed vectors: the key 00 01 .. 3f, and messages 00 01 ..
#[test]
fn keyed_blake2b() {
    let mut session = session();
    let key: Vec<u8> = (0..64).collect();
    for (message, expected) in [
        (
            &[][..],
            "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786\
             b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568",
        ),
        (
            &[0, 1, 2],
            "33d0825dddf7ada99b0e7e307104ad07ca9cfd9692214f1561356315e784f3e5\
             a17e364ae9dbb14cb2036df932b77f4b292761365fb328de7afdc6d8998f5fc1",
        ),
    ] {
        let state = open(&mut session, "BLAKE2B-512", Some(&key), &[]).unwrap();
        session.symmetric_state_absorb(state, message).unwrap();
        assert_eq!(tag(&mut session, state).unwrap(), hex(expected));
        assert_eq!(squeeze(&mut session, state, 64).unwrap(), hex(expected));
    }
    assert_eq!(
        session.symmetric_key_import("BLAKE2B-512", &[0; 65]),
        Err(Errno::InvalidKey)
    );
    assert_eq!(
        session.symmetric_key_import("BLAKE2B-512", &[]),
        Err(Errno::InvalidKey)
    );
}

#[test]
fn salt_and_context_change_a_blake2b() {
    let mut session = session();
    let mut digests = Vec::new();
    for values in [
        &[][..],
        &[Set::Bytes("salt", b"0123456789abcdef")],
        &[Set::Bytes("context", b"0123456789abcdef")],
        &[
            Set::Bytes("salt", b"0123456789abcdef"),
            Set::Bytes("context", b"app"),
        ],
    ] {
        let state = open(&mut session, "BLAKE2b-256", None, values).unwrap();
        digests.push(squeeze(&mut session, state, 32).unwrap());
    }
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 4);
    let long = open(
        &mut session,
        "BLAKE2B-256",
        None,
        &[Set::Bytes("salt", &[0; 17])],
    );
    assert_eq!(long, Err(Errno::InvalidLength));
}

/// The first of BLAKE3's own vectors, in its three modes, with extended output.
#[test]
fn blake3_in_its_three_modes() {
    const KEY: &[u8] = b"whats the Elvish word for friend";
    const CONTEXT: &[u8] = b"BLAKE3 2019-12-27 16:29:52 test vectors context";
    let mut session = session();
    for (key, values, expected) in [
        (
            None,
            &[][..],
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262e00f03e7b69af26b7faaf09fcd333050\
             338ddfe085b8cc869ca98b206c08243a",
        ),
        (
            Some(KEY),
            &[],
            "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26b18171a2f22a4b94822c701f107153db\
             a24918c4bae4d2945c20ece13387627d",
        ),
        (
            None,
            &[Set::Bytes("context", CONTEXT)],
            "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d905630c8be290dfcf3e6842f13bddd57\
             3c098c3f17361f1f206b8cad9d088aa4",
        ),
    ] {
        let expected = hex(expected);
        let state = open(&mut session, "BLAKE3", key, values).unwrap();
        session.symmetric_state_absorb(state, b"").unwrap();
        assert_eq!(
            squeeze(&mut session, state, expected.len()).unwrap(),
            expected
        );
    }
}

#[test]
fn a_xof_squeezes_on_and_absorbs_no_more() {
    let mut session = session();
    let state = open(&mut session, "BLAKE3", None, &[]).unwrap();
    session.symmetric_state_absorb(state, b"abc").unwrap();
    let clone = session.symmetric_state_clone(state).unwrap();
    let whole = squeeze(&mut session, clone, 100).unwrap();
    let pieces = [33, 0, 67]
        .map(|len| squeeze(&mut session, state, len).unwrap())
        .concat();
    assert_eq!(pieces, whole);
    for _ in 0..1000 {
        assert_eq!(
            session.symmetric_state_absorb(state, b"more"),
            Err(Errno::InvalidOperation)
        );
    }
    assert_ne!(squeeze(&mut session, state, 32).unwrap(), whole[..32]);
}

#[test]
fn a_keyed_blake3_is_a_mac_whatever_was_squeezed() {
    let mut session = session();
    let state = open(&mut session, "BLAKE3", Some(&[7; 32]), &[]).unwrap();
    session.symmetric_state_absorb(state, b"abc").unwrap();
    let first = tag(&mut session, state).unwrap();
    assert_eq!(squeeze(&mut session, state, 32).unwrap(), first);
    assert_eq!(tag(&mut session, state).unwrap(), first);
    let unkeyed = open(&mut session, "BLAKE3", None, &[]).unwrap();
    assert_eq!(
        session.symmetric_state_squeeze_tag(unkeyed),
        Err(Errno::InvalidOperation)
    );
    assert_eq!(
        session.symmetric_key_import("BLAKE3", &[0; 31]),
        Err(Errno::InvalidKey)
    );
}

/// A context that is not UTF-8 cannot be one.
#[test]
fn contexts_are_text() {
    let mut session = session();
    let state = open(
        &mut session,
        "BLAKE3",
        None,
        &[Set::Bytes("context", &[0xff, 0xfe])],
    );
    assert_eq!(state, Err(Errno::UnsupportedOption));
}
