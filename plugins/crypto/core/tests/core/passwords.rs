//! Password functions.

use c12_crypto_core::{Config, Errno, Limits};

use crate::guest::{Set, hex, open, session, squeeze, tag, with};

/// RFC 9106, section 5.3.
#[test]
fn argon2id() {
    let mut session = session();
    let values = [
        Set::Bytes("salt", &[2; 16]),
        Set::Bytes("context", &[4; 12]),
        Set::Number("memory_limit", 32 << 10),
        Set::Number("ops_limit", 3),
        Set::Number("parallelism", 4),
    ];
    let state = open(&mut session, "ARGON2ID", Some(&[3; 8]), &values).unwrap();
    session.symmetric_state_absorb(state, &[1; 32]).unwrap();
    let expected = hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
    assert_eq!(squeeze(&mut session, state, 32).unwrap(), expected);
    assert_eq!(squeeze(&mut session, state, 32).unwrap(), expected);
    assert_eq!(squeeze(&mut session, state, 3), Err(Errno::InvalidLength));
    assert_eq!(
        session.symmetric_state_options_get_u64(state, "parallelism"),
        Ok(4)
    );
}

/// More than there is: the host goes on.
#[test]
fn memory_that_the_host_has_not_is_a_failure() {
    let limits = Limits {
        password_memory: u64::MAX,
        password_work: u64::MAX,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    for (algorithm, values) in [
        ("SCRYPT", [Set::Number("ops_limit", 1 << 44)].as_slice()),
        (
            "ARGON2ID",
            &[
                Set::Number("memory_limit", 4 << 40),
                Set::Number("ops_limit", 1),
            ],
        ),
    ] {
        let state = open(&mut session, algorithm, None, values);
        let squeezed = state.and_then(|state| squeeze(&mut session, state, 32));
        assert!(
            matches!(squeezed, Err(Errno::AlgorithmFailure | Errno::Overflow)),
            "{algorithm}: {squeezed:?}"
        );
    }
}

/// RFC 7914, section 12, but for the vector that needs 1 GiB.
#[test]
fn scrypt() {
    let mut session = session();
    for (password, salt, n, r, p, expected) in [
        (
            "",
            "",
            16,
            1,
            1,
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        ),
        (
            "password",
            "NaCl",
            1024,
            8,
            16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
             2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
        (
            "pleaseletmein",
            "SodiumChloride",
            16384,
            8,
            1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2
             d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
    ] {
        let values = [
            Set::Bytes("salt", salt.as_bytes()),
            Set::Number("ops_limit", n),
            Set::Number("block_size", r),
            Set::Number("parallelism", p),
        ];
        let state = open(&mut session, "SCRYPT", None, &values).unwrap();
        session
            .symmetric_state_absorb(state, password.as_bytes())
            .unwrap();
        assert_eq!(squeeze(&mut session, state, 64).unwrap(), hex(expected));
    }
}

/// The specification's example: its algorithm's name, a buffer of the guest, no salt.
#[test]
fn strings_for_stored_passwords() {
    let mut session = session();
    for (name, values, prefix) in [
        (
            "ARGON2-ID-13",
            &[
                Set::Buffer("memory", 1 << 20),
                Set::Number("opslimit", 2),
                Set::Number("parallelism", 2),
            ][..],
            "$argon2id$v=19$m=1024,t=2,p=2$",
        ),
        (
            "SCRYPT",
            &[Set::Number("ops_limit", 1024)],
            "$scrypt$ln=10,r=8,p=1$",
        ),
    ] {
        let state = open(&mut session, name, None, values).unwrap();
        session.symmetric_state_absorb(state, b"pass").unwrap();
        session.symmetric_state_absorb(state, b"word").unwrap();
        let string = String::from_utf8(tag(&mut session, state).unwrap()).unwrap();
        let rest = string.strip_prefix(prefix).unwrap();
        let (salt, hash) = rest.split_once('$').unwrap();
        assert_eq!((salt.len(), hash.len()), (22, 43));
        // The same salt gives the same string, and another password another.
        let salt = session.symmetric_state_option(state, "salt").unwrap();
        assert_eq!(salt.len(), 16);
        for (password, matches) in [("password", true), ("Password", false)] {
            let options = crate::guest::options(&mut session, values);
            session.options_set(options, "salt", &salt).unwrap();
            let again = session
                .symmetric_state_open(name, None, Some(options))
                .unwrap();
            session
                .symmetric_state_absorb(again, password.as_bytes())
                .unwrap();
            let computed = session.symmetric_state_squeeze_tag(again).unwrap();
            assert_eq!(
                session
                    .symmetric_tag_verify(computed, string.as_bytes())
                    .is_ok(),
                matches
            );
        }
        let other = open(&mut session, name, None, values).unwrap();
        assert_ne!(session.symmetric_state_option(other, "salt").unwrap(), salt);
    }
}

#[test]
fn what_is_needed_is_asked_for() {
    let mut session = session();
    let salt = || Set::Bytes("salt", b"0123456789");
    let cost = |cost| Set::Number("ops_limit", cost);
    for (name, values, errno) in [
        ("PBKDF2-HMAC/SHA-256", vec![], Errno::ParametersMissing),
        (
            "PBKDF2-HMAC/SHA-256",
            vec![salt()],
            Errno::ParametersMissing,
        ),
        (
            "PBKDF2-HMAC/SHA-256",
            vec![cost(1000)],
            Errno::ParametersMissing,
        ),
        (
            "PBKDF2-HMAC/SHA-256",
            vec![salt(), cost(0)],
            Errno::AlgorithmFailure,
        ),
        (
            "PBKDF2-HMAC/SHA-256",
            vec![salt(), cost(1 << 32)],
            Errno::Overflow,
        ),
        (
            "PBKDF2-HMAC/SHA-256",
            vec![salt(), cost(1), Set::Number("parallelism", 1)],
            Errno::UnsupportedOption,
        ),
        ("ARGON2ID", vec![], Errno::ParametersMissing),
        ("ARGON2ID", vec![cost(1)], Errno::ParametersMissing),
        (
            "ARGON2ID",
            vec![Set::Number("memory_limit", 1 << 20)],
            Errno::ParametersMissing,
        ),
        (
            "ARGON2ID",
            vec![cost(0), Set::Number("memory_limit", 1 << 20)],
            Errno::AlgorithmFailure,
        ),
        (
            "ARGON2ID",
            vec![cost(1), Set::Number("memory_limit", 100)],
            Errno::AlgorithmFailure,
        ),
        (
            "ARGON2ID",
            vec![
                cost(1),
                Set::Number("memory_limit", 1 << 20),
                Set::Number("parallelism", 0),
            ],
            Errno::AlgorithmFailure,
        ),
        (
            "ARGON2ID",
            vec![
                cost(1),
                Set::Number("memory_limit", 1 << 20),
                Set::Number("parallelism", u64::MAX),
            ],
            Errno::Overflow,
        ),
        (
            "ARGON2ID",
            vec![
                cost(1),
                Set::Number("memory_limit", 1 << 20),
                Set::Buffer("buffer", 1 << 19),
            ],
            Errno::Overflow,
        ),
        ("SCRYPT", vec![], Errno::ParametersMissing),
        ("SCRYPT", vec![salt()], Errno::ParametersMissing),
        ("SCRYPT", vec![cost(1000)], Errno::AlgorithmFailure),
        ("SCRYPT", vec![cost(1)], Errno::AlgorithmFailure),
        (
            "SCRYPT",
            vec![cost(1024), Set::Number("block_size", 0)],
            Errno::AlgorithmFailure,
        ),
        (
            "SCRYPT",
            vec![cost(1024), Set::Number("parallelism", u64::MAX)],
            Errno::Overflow,
        ),
        (
            "SCRYPT",
            vec![cost(1024), Set::Number("memory_limit", 1 << 20)],
            Errno::Overflow,
        ),
        (
            "SCRYPT",
            vec![cost(1024), Set::Buffer("buffer", 1 << 20)],
            Errno::Overflow,
        ),
    ] {
        assert_eq!(
            open(&mut session, name, None, &values),
            Err(errno),
            "{name}"
        );
    }
    let key = session.symmetric_key_import("PBKDF2-HMAC/SHA-256", b"password");
    assert_eq!(key, Err(Errno::KeyNotSupported));
}

#[test]
fn a_salt_that_argon2_does_not_take_is_an_error() {
    let mut session = session();
    let values = [
        Set::Number("ops_limit", 1),
        Set::Number("memory_limit", 1 << 16),
        Set::Bytes("salt", b"short"),
    ];
    let state = open(&mut session, "ARGON2ID", None, &values).unwrap();
    assert_eq!(
        squeeze(&mut session, state, 32),
        Err(Errno::AlgorithmFailure)
    );
}

#[test]
fn a_guest_cannot_have_all_memory_and_time() {
    let mut session = session();
    let mut refused = |name, values: &[Set<'_>], len| {
        let state = match open(&mut session, name, None, values) {
            Ok(state) => state,
            Err(errno) => return assert_eq!(errno, Errno::Overflow, "{name}"),
        };
        assert_eq!(
            squeeze(&mut session, state, len),
            Err(Errno::Overflow),
            "{name}"
        );
    };
    for exponent in 30..64 {
        let big = 1 << exponent;
        refused(
            "ARGON2ID",
            &[
                Set::Number("memory_limit", big),
                Set::Number("ops_limit", 1),
            ],
            32,
        );
        refused(
            "ARGON2ID",
            &[
                Set::Number("memory_limit", 1 << 20),
                Set::Number("ops_limit", big),
            ],
            32,
        );
        refused("SCRYPT", &[Set::Number("ops_limit", big)], 32);
        refused(
            "SCRYPT",
            &[Set::Number("ops_limit", 2), Set::Number("block_size", big)],
            32,
        );
        refused(
            "SCRYPT",
            &[Set::Number("ops_limit", 2), Set::Number("parallelism", big)],
            32,
        );
        refused(
            "PBKDF2/SHA-256",
            &[Set::Bytes("salt", b"s"), Set::Number("ops_limit", big)],
            32,
        );
    }
    let blocks = [Set::Bytes("salt", b"s"), Set::Number("ops_limit", 1 << 20)];
    refused("PBKDF2/SHA-256", &blocks, 32 * 9);
}

#[test]
fn the_host_decides_how_much() {
    let limits = Limits {
        password_memory: 1 << 16,
        password_work: 100,
        ..Limits::default()
    };
    let mut session = with(Config {
        limits,
        ..Config::default()
    });
    let mut opened = |memory, passes| {
        open(
            &mut session,
            "ARGON2ID",
            None,
            &[
                Set::Number("memory_limit", memory),
                Set::Number("ops_limit", passes),
            ],
        )
    };
    opened(1 << 16, 1).unwrap();
    assert_eq!(opened((1 << 16) + 1024, 1), Err(Errno::Overflow));
    assert_eq!(opened(1 << 16, 2), Err(Errno::Overflow));
}
