//! Batches.

use c12_crypto_core::session::{CryptItem, DecryptDetachedItem, SqueezeItem};
use c12_crypto_core::{Config, Errno, Handle, Limits, Session};

use crate::guest::{Set, open, session, tag, with};

fn states(session: &mut Session) -> Vec<Handle> {
    (0..5)
        .map(|number| {
            open(
                session,
                "AES-256-GCM",
                Some(&[1; 32]),
                &[Set::Bytes("nonce", &[number; 12])],
            )
            .unwrap()
        })
        .collect()
}

#[test]
fn messages_are_encrypted_and_decrypted_together() {
    let mut session = session();
    let messages = [&b"one"[..], b"two", b"", b"four", b"five"];
    let mut outputs: Vec<Vec<u8>> = messages
        .iter()
        .map(|message| vec![0; message.len() + 16])
        .collect();
    let sealing = states(&mut session);
    let mut batch: Vec<_> = sealing
        .iter()
        .zip(&mut outputs)
        .zip(messages)
        .map(|((state, out), data)| CryptItem {
            state: *state,
            out,
            data,
        })
        .collect();
    let results = session.batch_symmetric_state_encrypt(&mut batch).unwrap();
    assert_eq!(results, messages.map(|message| Ok(message.len() + 16)));

    // One of them is damaged, and one of the handles is none.
    outputs[1][0] ^= 1;
    let mut opening = states(&mut session);
    opening[3] = Handle::from_raw(0);
    let mut plain: Vec<Vec<u8>> = messages
        .iter()
        .map(|message| vec![9; message.len()])
        .collect();
    let mut batch: Vec<_> = opening
        .iter()
        .zip(&mut plain)
        .zip(&outputs)
        .map(|((state, out), data)| CryptItem {
            state: *state,
            out,
            data,
        })
        .collect();
    let results = session.batch_symmetric_state_decrypt(&mut batch).unwrap();
    assert_eq!(
        results,
        [
            Ok(3),
            Err(Errno::InvalidTag),
            Ok(0),
            Err(Errno::InvalidHandle),
            Ok(4)
        ]
    );
    assert_eq!(
        (&plain[0][..], &plain[1][..], &plain[4][..]),
        (&b"one"[..], &[0; 3][..], &b"five"[..])
    );
}

#[test]
fn detached_tags_are_handles() {
    let mut session = session();
    let (sealing, opening) = (states(&mut session), states(&mut session));
    let mut outputs = vec![vec![0; 4]; 5];
    let mut batch: Vec<_> = sealing
        .iter()
        .zip(&mut outputs)
        .map(|(state, out)| CryptItem {
            state: *state,
            out,
            data: b"data",
        })
        .collect();
    let tags = session
        .batch_symmetric_state_encrypt_detached(&mut batch)
        .unwrap();
    let tags: Vec<_> = tags
        .into_iter()
        .map(|tag| {
            let mut bytes = [0; 16];
            session
                .symmetric_tag_pull(tag.unwrap(), &mut bytes)
                .unwrap();
            bytes
        })
        .collect();
    let mut plain = vec![vec![0; 4]; 5];
    let mut batch: Vec<_> = opening
        .iter()
        .zip(&mut plain)
        .zip(outputs.iter().zip(&tags))
        .map(|((state, out), (data, raw_tag))| DecryptDetachedItem {
            state: *state,
            out,
            data,
            raw_tag,
        })
        .collect();
    let results = session
        .batch_symmetric_state_decrypt_detached(&mut batch)
        .unwrap();
    assert_eq!(results, [Ok(4); 5]);
    assert_eq!(plain, vec![b"data".to_vec(); 5]);
}

#[test]
fn digests_and_tags_together() {
    let mut session = session();
    let hashes: Vec<_> = (0..3)
        .map(|_| open(&mut session, "SHA-256", None, &[]).unwrap())
        .collect();
    let mut out = [[0; 32], [1; 32], [2; 32]];
    let mut batch: Vec<_> = hashes
        .iter()
        .zip(&mut out)
        .map(|(state, out)| SqueezeItem { state: *state, out })
        .collect();
    assert_eq!(
        session.batch_symmetric_state_squeeze(&mut batch).unwrap(),
        [Ok(()); 3]
    );
    assert_eq!(out[0], out[2]);
    let macs: Vec<_> = (0..3)
        .map(|_| open(&mut session, "HMAC/SHA-256", Some(b"k"), &[]).unwrap())
        .collect();
    let expected = tag(&mut session, macs[0]).unwrap();
    for tag in session.batch_symmetric_state_squeeze_tag(&macs).unwrap() {
        session
            .symmetric_tag_verify(tag.unwrap(), &expected)
            .unwrap();
    }
}

#[test]
fn a_batch_is_of_one_algorithm_and_within_the_limit() {
    let limits = Limits {
        batch: 4,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let sha256 = open(&mut session, "SHA-256", None, &[]).unwrap();
    let sha512 = open(&mut session, "SHA-512", None, &[]).unwrap();
    let hmac = open(&mut session, "HMAC/SHA-256", Some(b"k"), &[]).unwrap();
    let mixed = [sha256, sha512];
    assert_eq!(
        session.batch_symmetric_state_check(&mixed),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.batch_symmetric_state_squeeze_tag(&mixed),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(session.batch_symmetric_state_squeeze_tag(&[]).unwrap(), []);
    assert_eq!(
        session.batch_symmetric_state_squeeze_tag(&[hmac; 5]),
        Err(Errno::Overflow)
    );
    let before = session.open_handles();
    assert_eq!(
        session
            .batch_symmetric_state_squeeze_tag(&[hmac; 4])
            .unwrap()
            .len(),
        4
    );
    assert_eq!(session.open_handles(), before + 4);
}
