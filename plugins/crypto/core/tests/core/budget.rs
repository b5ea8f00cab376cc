//! What is counted against the bytes that a session may hold.

use c12_crypto_core::{AlgorithmType, Config, Errno, Handle, Limits, Session, Shared};

use crate::guest::{Set, open, with};

const LIMIT: usize = 1 << 20;

/// More than a third of the limit, so that it cannot be there three times.
const BIG: usize = 400 << 10;

fn limited() -> Session {
    let limits = Limits {
        bytes: LIMIT,
        ..Limits::default()
    };
    with(Config {
        limits,
        ..Config::default()
    })
}

/// Repeats what a guest does until it is refused: how often it was not.
fn until_refused(mut step: impl FnMut() -> Result<Handle, Errno>) -> usize {
    for count in 0..100 {
        if let Err(errno) = step() {
            assert_eq!(errno, Errno::Overflow);
            return count;
        }
    }
    panic!("the host's memory has no limit");
}

#[test]
fn options_that_are_closed_are_counted_with_the_state_that_keeps_them() {
    let mut session = limited();
    let salt = vec![1; BIG];
    let opened = until_refused(|| {
        let values = [Set::Bytes("salt", &salt), Set::Number("ops_limit", 1)];
        open(&mut session, "PBKDF2-HMAC/SHA-256", None, &values)
    });
    assert!(opened <= 1, "{opened}");
}

#[test]
fn options_that_are_set_again_are_counted_with_the_state_that_keeps_the_former() {
    let mut session = limited();
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    let mut states = Vec::new();
    let opened = until_refused(|| {
        session.options_set(options, "salt", &vec![1; BIG / 2])?;
        session.options_set_u64(options, "ops_limit", 1)?;
        let state = session.symmetric_state_open("PBKDF2-HMAC/SHA-256", None, Some(options))?;
        states.push(state);
        Ok(state)
    });
    assert!((1..=2).contains(&opened), "{opened}");
    for state in states {
        session.symmetric_state_close(state).unwrap();
    }
    session.options_close(options).unwrap();
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn a_key_that_is_closed_is_counted_with_the_state_that_keeps_it() {
    let mut session = limited();
    let mut states = Vec::new();
    let opened = until_refused(|| {
        let state = open(&mut session, "HKDF-EXTRACT/SHA-256", Some(&[1; BIG]), &[])?;
        states.push(state);
        Ok(state)
    });
    assert_eq!(opened, 1);
    assert_eq!(
        session.symmetric_state_clone(states[0]).map(|clone| {
            states.push(clone);
        }),
        Ok(())
    );
    assert_eq!(
        session.symmetric_state_clone(states[0]),
        Err(Errno::Overflow)
    );
    for state in states {
        session.symmetric_state_close(state).unwrap();
    }
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn every_option_is_counted() {
    let mut session = limited();
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    let empty = session.held_bytes();
    session.options_set_u64(options, "ops_limit", 1).unwrap();
    let one = session.held_bytes();
    session.options_set_u64(options, "ops_limit", 2).unwrap();
    assert_eq!(session.held_bytes(), one);
    session
        .options_set_guest_buffer(options, "memory", 1 << 30)
        .unwrap();
    assert_eq!(session.held_bytes() - one, one - empty);
    session.options_close(options).unwrap();
    assert_eq!(session.held_bytes(), 0);
}

#[test]
fn a_key_that_does_not_fit_is_not_copied() {
    let mut session = limited();
    let huge = vec![0; 1 << 30];
    assert_eq!(
        session.symmetric_key_import("HMAC/SHA-256", &huge),
        Err(Errno::Overflow)
    );
    // What is wrong with it all the same comes first.
    assert_eq!(
        session.symmetric_key_import("AES-256-GCM", &huge),
        Err(Errno::InvalidKey)
    );
    assert_eq!(
        session.symmetric_key_import("SHA-256", &huge),
        Err(Errno::KeyNotSupported)
    );
    assert_eq!(session.held_bytes(), 0);
    // Zeros take no memory until they are copied.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.unwrap().trim().strip_suffix(" kB").unwrap();
        assert!(peak.parse::<u64>().unwrap() < 1 << 20, "{peak} KiB");
    }
}

#[test]
fn a_guest_s_own_limit_holds_for_password_functions() {
    let shared = Shared::new(Config::default()).unwrap();
    let values = |memory| {
        [
            Set::Bytes("salt", &[2; 16]),
            Set::Number("memory_limit", memory),
            Set::Number("ops_limit", 1),
        ]
    };
    let mut free = Session::with_limits(&shared, 8, usize::MAX);
    open(&mut free, "ARGON2ID", None, &values(2 << 20)).unwrap();
    let mut session = Session::with_limits(&shared, 8, 1 << 20);
    assert_eq!(
        open(&mut session, "ARGON2ID", None, &values(2 << 20)),
        Err(Errno::Overflow)
    );
    open(&mut session, "ARGON2ID", None, &values(1 << 20)).unwrap();
    let scrypt = |n| [Set::Number("ops_limit", n), Set::Number("block_size", 8)];
    assert_eq!(
        open(&mut session, "SCRYPT", None, &scrypt(1024)),
        Err(Errno::Overflow)
    );
    open(&mut session, "SCRYPT", None, &scrypt(512)).unwrap();
    // What would be squeezed has to be within it as well.
    let values = [Set::Number("output_len", 2 << 20)];
    let state = open(&mut session, "BLAKE3", None, &values).unwrap();
    assert_eq!(
        session.symmetric_state_squeeze_len(state),
        Err(Errno::Overflow)
    );
}
