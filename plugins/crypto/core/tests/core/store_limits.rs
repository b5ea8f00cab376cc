//! What a store refuses: too many secrets, too long ones, too much in all, and what has expired.

use std::thread::sleep;
use std::time::Duration;

use c12_crypto_core::{Config, Errno, Limits, version};
use tempfile::TempDir;

use crate::guest::{Set, options, pull};
use crate::store::{FAR, add, config, now, read, start};

#[test]
fn a_store_has_limits() {
    let folder = TempDir::new().unwrap();
    let limits = Limits {
        stored: 3,
        stored_bytes: 10,
        ..Limits::default()
    };
    let (mut session, manager) = start(Config {
        limits,
        ..config(folder.path())
    });
    let mut id = [0; 16];
    assert_eq!(
        session.external_secret_store(manager, &[0; 11], FAR, &mut id),
        Err(Errno::Overflow)
    );
    assert_eq!(
        session.external_secret_encapsulate(manager, &[0; 11], FAR),
        Err(Errno::Overflow)
    );
    session
        .external_secret_store(manager, b"past", 1, &mut id)
        .unwrap();
    let first = add(&mut session, manager, &[1; 10]);
    let second = add(&mut session, manager, &[2; 10]);
    // The expired one makes room.
    let third = add(&mut session, manager, &[3; 10]);
    assert_eq!(
        session.external_secret_store(manager, b"more", FAR, &mut id),
        Err(Errno::Overflow)
    );
    assert_eq!(
        session.external_secret_replace(manager, b"more", FAR, &first),
        Err(Errno::Overflow)
    );
    for (id, byte) in [(&first, 1), (&second, 2), (&third, 3)] {
        assert_eq!(
            read(&mut session, manager, id, version::LATEST).unwrap(),
            [byte; 10]
        );
    }
    session
        .external_secret_invalidate(manager, &second, version::ALL)
        .unwrap();
    add(&mut session, manager, b"again");
}

#[test]
fn a_store_as_a_whole_has_a_limit() {
    let folder = TempDir::new().unwrap();
    let total = 4096;
    let limits = Limits {
        stored_total: total,
        ..Limits::default()
    };
    let small = Config {
        limits,
        ..config(folder.path())
    };
    let (mut session, manager) = start(small.clone());
    let path = folder.path().join("secrets");
    let mut id = [0; 16];
    // One that expired; it is the first to go.
    session
        .external_secret_store(manager, &[0; 1000], 1, &mut id)
        .unwrap();
    let mut ids = Vec::new();
    loop {
        match session.external_secret_store(manager, &[1; 500], u64::MAX, &mut id) {
            Ok(()) => ids.push(id),
            Err(errno) => break assert_eq!(errno, Errno::Overflow),
        }
        assert!(std::fs::metadata(&path).unwrap().len() <= total as u64);
    }
    assert_eq!(ids.len(), total / 600);
    assert_eq!(
        session.external_secret_replace(manager, &[2; 500], FAR, &ids[0]),
        Err(Errno::Overflow)
    );
    let key = session.symmetric_key_import("HMAC/SHA-256", &[0; 1000]);
    assert_eq!(
        session.symmetric_key_store_managed(manager, key.unwrap(), &mut id),
        Err(Errno::Overflow)
    );
    // What is revoked makes room again.
    session
        .external_secret_invalidate(manager, &ids[0], version::ALL)
        .unwrap();
    add(&mut session, manager, &[3; 500]);
    // A store that is larger than a limit that came later can be read, and become smaller.
    let limits = Limits {
        stored_total: 1,
        ..Limits::default()
    };
    let (mut session, manager) = start(Config { limits, ..small });
    assert_eq!(
        read(&mut session, manager, &ids[1], version::LATEST).unwrap(),
        [1; 500]
    );
    session
        .external_secret_invalidate(manager, &ids[1], version::ALL)
        .unwrap();
    assert_eq!(
        session.external_secret_store(manager, b"", FAR, &mut id),
        Err(Errno::Overflow)
    );
}

#[test]
fn what_is_longer_than_an_encapsulated_secret_is_not_copied() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let longest = vec![7; Limits::default().stored_bytes];
    let output = session
        .external_secret_encapsulate(manager, &longest, FAR)
        .unwrap();
    let mut sealed = pull(&mut session, output);
    let output = session
        .external_secret_decapsulate(manager, &sealed)
        .unwrap();
    assert_eq!(pull(&mut session, output), longest);
    sealed[0] ^= 1;
    assert_eq!(
        session.external_secret_decapsulate(manager, &sealed),
        Err(Errno::VerificationFailed)
    );
    sealed.push(0);
    assert_eq!(
        session.external_secret_decapsulate(manager, &sealed),
        Err(Errno::Overflow)
    );
}

#[test]
fn at_the_limit_of_handles_nothing_is_stored() {
    let folder = TempDir::new().unwrap();
    let limits = Limits {
        handles: 1,
        ..Limits::default()
    };
    let (mut session, manager) = start(Config {
        limits,
        ..config(folder.path())
    });
    let before = std::fs::read(folder.path().join("secrets")).unwrap();
    let key = session.symmetric_key_generate_managed(manager, "AES-256-GCM", None);
    assert_eq!(key, Err(Errno::TooManyHandles));
    assert_eq!(
        std::fs::read(folder.path().join("secrets")).unwrap(),
        before
    );
}

/// A version that expired makes room, and its number is not given again.
#[test]
fn what_expired_goes_but_its_number_does_not_come_back() {
    let folder = TempDir::new().unwrap();
    let limits = Limits {
        stored: 3,
        ..Limits::default()
    };
    let (mut session, manager) = start(Config {
        limits,
        ..config(folder.path())
    });
    let id = add(&mut session, manager, b"one");
    assert_eq!(
        session.external_secret_replace(manager, b"two", 1, &id),
        Ok(2)
    );
    let mut gone = [0; 16];
    session
        .external_secret_store(manager, b"past", 1, &mut gone)
        .unwrap();
    add(&mut session, manager, b"another");
    assert_eq!(
        read(&mut session, manager, &gone, version::LATEST),
        Err(Errno::NotFound)
    );
    assert_eq!(read(&mut session, manager, &id, 1).unwrap(), b"one");
    assert_eq!(
        read(&mut session, manager, &id, version::LATEST),
        Err(Errno::Expired)
    );
    session.external_secret_invalidate(manager, &id, 1).unwrap();
    assert_eq!(
        session.external_secret_replace(manager, b"three", FAR, &id),
        Ok(3)
    );
}

#[test]
fn states_of_a_key_that_expired_do_nothing_with_it() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let soon = now() + 2;
    let states = ["AES-256-GCM", "XOODYAK-128", "HKDF-EXPAND/SHA-256"].map(|algorithm| {
        let expiring = options(&mut session, &[Set::Number("expiration", soon)]);
        let key = session
            .symmetric_key_generate_managed(manager, algorithm, Some(expiring))
            .unwrap();
        let nonce = match algorithm {
            "AES-256-GCM" => Some(options(&mut session, &[Set::Bytes("nonce", &[0; 12])])),
            _ => None,
        };
        session
            .symmetric_state_open(algorithm, Some(key), nonce)
            .unwrap()
    });
    let clones = states.map(|state| session.symmetric_state_clone(state).unwrap());
    while now() < soon {
        sleep(Duration::from_millis(50));
    }
    let [aead, xoodyak, expand] = states;
    let (mut out, mut in_place) = ([9; 20], [9; 20]);
    let expired = Err(Errno::Expired);
    for state in [aead, xoodyak] {
        assert_eq!(
            session.symmetric_state_encrypt(state, &mut out, b"data"),
            expired
        );
        assert_eq!(
            session.symmetric_state_encrypt_in_place(state, &mut in_place, 4),
            expired
        );
        assert_eq!(
            session.symmetric_state_decrypt(state, &mut out[..4], &in_place),
            expired
        );
        assert_eq!(
            session.symmetric_state_decrypt_in_place(state, &mut in_place),
            expired
        );
        assert_eq!(
            session.symmetric_state_decrypt_detached(state, &mut out[..4], b"data", &[0; 16]),
            expired
        );
        assert_eq!(
            session.symmetric_state_decrypt_detached_in_place(state, &mut in_place, &[0; 16]),
            expired
        );
        assert_eq!(
            session
                .symmetric_state_encrypt_detached(state, &mut out[..4], b"data")
                .err(),
            Some(Errno::Expired)
        );
        assert_eq!(
            session
                .symmetric_state_encrypt_detached_in_place(state, &mut in_place)
                .err(),
            Some(Errno::Expired)
        );
    }
    assert_eq!((out, in_place), ([9; 20], [9; 20]));
    for state in [xoodyak, expand] {
        assert_eq!(
            session.symmetric_state_squeeze(state, &mut out),
            Err(Errno::Expired)
        );
        assert_eq!(
            session.symmetric_state_squeeze_key(state, "AES-256-GCM"),
            Err(Errno::Expired)
        );
    }
    assert_eq!(
        session.symmetric_state_ratchet(xoodyak),
        Err(Errno::Expired)
    );
    for state in states.into_iter().chain(clones) {
        assert_eq!(session.symmetric_state_clone(state), Err(Errno::Expired));
        session.symmetric_state_close(state).unwrap();
    }
}
