//! Handles, and what they cost.

use std::collections::HashSet;

use c12_crypto_core::{AlgorithmType, Config, Errno, Handle, Limits, Session, Shared};

use crate::guest::{Set, open, options, session, with};

#[test]
fn a_handle_closes_once() {
    let mut session = session();
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    session.options_close(options).unwrap();
    assert_eq!(session.options_close(options), Err(Errno::Closed));
    assert_eq!(
        session.options_set(options, "nonce", b"x"),
        Err(Errno::InvalidHandle)
    );
    let state = open(&mut session, "SHA-256", None, &[]).unwrap();
    session.symmetric_state_close(state).unwrap();
    for _ in 0..10_000 {
        let next = open(&mut session, "SHA-256", None, &[]).unwrap();
        session.symmetric_state_close(next).unwrap();
    }
    assert_eq!(session.symmetric_state_close(state), Err(Errno::Closed));
    assert_eq!(
        session.symmetric_state_absorb(state, b"x"),
        Err(Errno::InvalidHandle)
    );
}

#[test]
fn a_handle_is_of_one_kind() {
    let mut session = session();
    let key = session.symmetric_key_generate("BLAKE3", None).unwrap();
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    let state = session
        .symmetric_state_open("BLAKE3", Some(key), None)
        .unwrap();
    let tag = session.symmetric_state_squeeze_tag(state).unwrap();
    let output = session.symmetric_key_export(key).unwrap();
    for other in [options, state, tag, output] {
        assert_eq!(
            session.symmetric_key_close(other),
            Err(Errno::InvalidHandle)
        );
        assert_eq!(
            session.symmetric_key_export(other),
            Err(Errno::InvalidHandle)
        );
        assert_eq!(
            session.symmetric_state_open("BLAKE3", Some(other), None),
            Err(Errno::InvalidHandle)
        );
    }
    for other in [key, options, tag, output] {
        assert_eq!(
            session.symmetric_state_close(other),
            Err(Errno::InvalidHandle)
        );
        assert_eq!(
            session.symmetric_state_clone(other),
            Err(Errno::InvalidHandle)
        );
    }
    for other in [key, state, tag, output] {
        assert_eq!(session.options_close(other), Err(Errno::InvalidHandle));
        assert_eq!(
            session.symmetric_state_open("BLAKE3", Some(key), Some(other)),
            Err(Errno::InvalidHandle)
        );
    }
    assert_eq!(session.open_handles(), 5);
}

#[test]
fn what_is_made_of_a_key_outlives_it() {
    let mut session = session();
    let key = session
        .symmetric_key_generate("HMAC/SHA-256", None)
        .unwrap();
    let state = session
        .symmetric_state_open("HMAC/SHA-256", Some(key), None)
        .unwrap();
    session.symmetric_key_close(key).unwrap();
    session.symmetric_state_absorb(state, b"data").unwrap();
    session.symmetric_state_squeeze_tag(state).unwrap();
    assert_eq!(
        session.symmetric_state_open("HMAC/SHA-256", Some(key), None),
        Err(Errno::InvalidHandle)
    );
}

#[test]
fn handles_of_one_session_mean_nothing_in_another() {
    let shared = Shared::new(Config::default()).unwrap();
    let (mut one, mut other) = (Session::new(&shared), Session::new(&shared));
    let mut hits = 0;
    for _ in 0..10_000 {
        let handle = one.options_open(AlgorithmType::Symmetric).unwrap();
        other.options_open(AlgorithmType::Symmetric).unwrap();
        hits += usize::from(other.options_set(handle, "nonce", b"x").is_ok());
    }
    assert!(hits <= 1, "{hits} of 10000");
}

#[test]
fn handles_cannot_be_counted_out() {
    let mut session = session();
    let handles: Vec<u32> = (0..1000)
        .map(|_| {
            session
                .options_open(AlgorithmType::Symmetric)
                .unwrap()
                .raw()
        })
        .collect();
    let near = handles
        .windows(2)
        .filter(|pair| pair[0].abs_diff(pair[1]) < 1 << 16)
        .count();
    assert!(near < 10, "{near}");
    assert!(!handles.contains(&0) && !handles.contains(&u32::MAX));
    let handles: HashSet<u32> = handles.into_iter().collect();
    let hits = (0..1_000_000_u32)
        .map(|number| number.wrapping_mul(2_654_435_761))
        .filter(|raw| !handles.contains(raw))
        .filter(|raw| {
            session
                .options_set(Handle::from_raw(*raw), "nonce", b"x")
                .is_ok()
        })
        .count();
    assert_eq!(hits, 0);
}

#[test]
fn a_million_handles_are_refused_at_the_limit() {
    let mut session = session();
    let mut open = Vec::new();
    let mut refused = 0;
    for _ in 0..1_000_000 {
        match session.options_open(AlgorithmType::Symmetric) {
            Ok(handle) => open.push(handle),
            Err(errno) => {
                assert_eq!(errno, Errno::TooManyHandles);
                refused += 1;
            }
        }
    }
    assert_eq!((open.len(), refused), (1 << 16, 1_000_000 - (1 << 16)));
    for handle in &open {
        session.options_close(*handle).unwrap();
    }
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
    for handle in &open {
        assert_eq!(session.options_close(*handle), Err(Errno::Closed));
    }
}

#[test]
fn a_million_handles_can_be_open_where_the_host_allows_it() {
    let limits = Limits {
        handles: 1 << 20,
        bytes: 1 << 30,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let handles: Vec<_> = (0..1_000_000)
        .map(|_| session.options_open(AlgorithmType::Symmetric).unwrap())
        .collect();
    let mut raw: Vec<_> = handles.iter().map(|handle| handle.raw()).collect();
    raw.sort_unstable();
    raw.dedup();
    assert_eq!(raw.len(), 1_000_000);
    for handle in handles {
        session.options_close(handle).unwrap();
    }
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn a_session_holds_so_many_bytes() {
    let limits = Limits {
        bytes: 1 << 16,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let big = vec![0; 1 << 15];
    let state = open(
        &mut session,
        "AES-256-GCM",
        Some(&[0; 32]),
        &[Set::Bytes("nonce", &[0; 12])],
    )
    .unwrap();
    session.symmetric_state_absorb(state, &big).unwrap();
    assert_eq!(
        session.symmetric_state_absorb(state, &big),
        Err(Errno::Overflow)
    );
    assert_eq!(session.symmetric_state_clone(state), Err(Errno::Overflow));
    assert_eq!(
        session.symmetric_key_import("HMAC/SHA-256", &big),
        Err(Errno::Overflow)
    );
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    assert_eq!(
        session.options_set(options, "salt", &big),
        Err(Errno::Overflow)
    );
    session.symmetric_state_close(state).unwrap();
    // An option that is set again takes the place of the former.
    for _ in 0..100 {
        session
            .options_set(options, "salt", &big[..1 << 14])
            .unwrap();
    }
    session.options_close(options).unwrap();
    // What a hash absorbs, it does not hold.
    let state = open(&mut session, "SHA-256", None, &[]).unwrap();
    for _ in 0..100 {
        session.symmetric_state_absorb(state, &big).unwrap();
    }
    session.symmetric_state_close(state).unwrap();
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn at_the_limit_nothing_is_encrypted_without_its_tag() {
    let limits = Limits {
        handles: 2,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let key = session
        .symmetric_key_generate("XCHACHA20-POLY1305", None)
        .unwrap();
    let state = session
        .symmetric_state_open("XCHACHA20-POLY1305", Some(key), None)
        .unwrap();
    let mut out = [0; 4];
    assert_eq!(
        session.symmetric_state_encrypt_detached(state, &mut out, b"data"),
        Err(Errno::TooManyHandles)
    );
    assert_eq!(out, [0; 4]);
    session.symmetric_key_close(key).unwrap();
    session
        .symmetric_state_encrypt_detached(state, &mut out, b"data")
        .unwrap();
}

#[test]
fn options_belong_somewhere() {
    let mut session = session();
    let options = options(&mut session, &[]);
    for name in ["", "nonsense", "nonce ", "fanout", "non\0ce"] {
        assert_eq!(
            session.options_set(options, name, b"x"),
            Err(Errno::UnsupportedOption)
        );
        assert_eq!(
            session.options_set_u64(options, name, 1),
            Err(Errno::UnsupportedOption)
        );
        assert_eq!(
            session.options_set_guest_buffer(options, name, 1),
            Err(Errno::UnsupportedOption)
        );
    }
    assert_eq!(
        session.options_set_u64(options, "nonce", 1),
        Err(Errno::UnsupportedOption)
    );
    assert_eq!(
        session.options_set(options, "parallelism", b"1"),
        Err(Errno::UnsupportedOption)
    );
    session.options_set(options, "NONCE", &[0; 12]).unwrap();
    assert_eq!(
        session.symmetric_state_open("SHA-256", None, Some(options)),
        Err(Errno::UnsupportedOption)
    );
    // What is for states of the algorithm does no harm to keys.
    session
        .symmetric_key_generate("AES-256-GCM", Some(options))
        .unwrap();
    assert_eq!(
        session.symmetric_key_generate("HMAC/SHA-256", Some(options)),
        Err(Errno::UnsupportedOption)
    );
    let signatures = session.options_open(AlgorithmType::Signatures).unwrap();
    assert_eq!(
        session.options_set(signatures, "nonce", &[0; 12]),
        Err(Errno::UnsupportedOption)
    );
    assert_eq!(
        session.symmetric_state_open("SHA-256", None, Some(signatures)),
        Err(Errno::InvalidHandle)
    );
}

/// Programs that were written for other hosts give keys the options of states.
#[test]
fn options_of_states_do_no_harm_where_a_key_is_made() {
    let mut session = session();
    let nonce = options(&mut session, &[Set::Bytes("nonce", &[7; 12])]);
    let mut generate = |algorithm| session.symmetric_key_generate(algorithm, Some(nonce));
    assert!(generate("AES-128-GCM").is_ok());
    assert_eq!(generate("HMAC/SHA-256"), Err(Errno::UnsupportedOption));
}

#[test]
fn options_can_be_read_back() {
    let mut session = session();
    let state = open(
        &mut session,
        "AES-128-GCM",
        Some(&[0; 16]),
        &[Set::Bytes("nonce", &[7; 12])],
    )
    .unwrap();
    let mut value = [0; 16];
    assert_eq!(
        session.symmetric_state_options_get(state, "Nonce", &mut value),
        Ok(12)
    );
    assert_eq!(value[..12], [7; 12]);
    assert_eq!(
        session.symmetric_state_options_get(state, "nonce", &mut value[..11]),
        Err(Errno::Overflow)
    );
    assert_eq!(
        session.symmetric_state_options_get(state, "salt", &mut value),
        Err(Errno::UnsupportedOption)
    );
    let state = open(&mut session, "BLAKE2B-256", None, &[]).unwrap();
    assert_eq!(
        session.symmetric_state_options_get(state, "salt", &mut value),
        Err(Errno::OptionNotSet)
    );
    assert_eq!(
        session.symmetric_state_options_get_u64(state, "ops_limit"),
        Err(Errno::UnsupportedOption)
    );
}

#[test]
fn limits_are_checked() {
    for handles in [0, (1 << 20) + 1] {
        let limits = Limits {
            handles,
            ..Limits::default()
        };
        assert!(
            Shared::new(Config {
                limits,
                ..Config::default()
            })
            .is_err()
        );
    }
}

/// A host runs guests on any thread.
#[test]
fn sessions_can_be_moved_and_hosts_shared() {
    fn moved<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    moved::<Session>();
    shared::<Shared>();
}
