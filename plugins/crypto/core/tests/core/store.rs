//! The secrets store, as guests see it.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use c12_crypto_core::{Config, Errno, Handle, Session, Shared, version};
use tempfile::TempDir;

use crate::guest::{Set, decrypt, encrypt, options, pull, session};

pub(crate) const FAR: u64 = 4_000_000_000;

pub(crate) fn config(folder: &Path) -> Config {
    Config {
        store: Some(folder.join("secrets")),
        ..Config::default()
    }
}

/// A session with an open secrets manager, as after a start of the host.
pub(crate) fn start(config: Config) -> (Session, Handle) {
    let mut session = Session::new(&Shared::new(config).unwrap());
    let manager = session.secrets_manager_open(None).unwrap();
    (session, manager)
}

pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

pub(crate) fn add(session: &mut Session, manager: Handle, secret: &[u8]) -> Vec<u8> {
    let mut id = vec![0; 16];
    session
        .external_secret_store(manager, secret, FAR, &mut id)
        .unwrap();
    id
}

pub(crate) fn read(
    session: &mut Session,
    manager: Handle,
    id: &[u8],
    version: u64,
) -> Result<Vec<u8>, Errno> {
    let output = session.external_secret_from_id(manager, id, version)?;
    Ok(pull(session, output))
}

fn id_of(session: &mut Session, key: Handle) -> (Vec<u8>, u64) {
    let mut id = vec![0; 64];
    let (len, version) = session.symmetric_key_id(key, &mut id).unwrap();
    id.truncate(len);
    (id, version)
}

#[test]
fn without_a_store_there_is_no_secrets_manager() {
    let mut session = session();
    let none = Handle::from_raw(7);
    let unsupported = Err(Errno::UnsupportedFeature);
    assert_eq!(session.secrets_manager_open(None), unsupported);
    assert_eq!(
        session.secrets_manager_close(none),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.secrets_manager_invalidate(none, &[0; 16], version::ALL),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.symmetric_key_generate_managed(none, "AES-256-GCM", None),
        unsupported
    );
    assert_eq!(
        session.symmetric_key_store_managed(none, none, &mut [0; 16]),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.symmetric_key_replace_managed(none, none, none),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.symmetric_key_from_id(none, &[0; 16], version::LATEST),
        unsupported
    );
    assert_eq!(
        session.external_secret_store(none, b"x", FAR, &mut [0; 16]),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.external_secret_replace(none, b"x", FAR, &[0; 16]),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.external_secret_from_id(none, &[0; 16], version::LATEST),
        unsupported
    );
    assert_eq!(
        session.external_secret_invalidate(none, &[0; 16], version::ALL),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.external_secret_encapsulate(none, b"x", FAR),
        unsupported
    );
    assert_eq!(session.external_secret_decapsulate(none, b"x"), unsupported);
    let key = session.symmetric_key_generate("AES-256-GCM", None).unwrap();
    assert_eq!(
        session.symmetric_key_id(key, &mut [0; 16]),
        Err(Errno::UnsupportedFeature)
    );
}

#[test]
fn a_key_is_there_after_a_restart_and_is_never_seen() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let key = session
        .symmetric_key_generate_managed(manager, "XCHACHA20-POLY1305", None)
        .unwrap();
    let state = session
        .symmetric_state_open("XCHACHA20-POLY1305", Some(key), None)
        .unwrap();
    let nonce = session.symmetric_state_option(state, "nonce").unwrap();
    let sealed = encrypt(&mut session, state, b"message").unwrap();
    assert_eq!(
        session.symmetric_key_export(key),
        Err(Errno::ProhibitedOperation)
    );
    let (id, version) = id_of(&mut session, key);
    assert_eq!((id.len(), version), (16, 1));
    drop(session);

    let (mut session, manager) = start(config(folder.path()));
    for wanted in [version, version::LATEST] {
        let key = session.symmetric_key_from_id(manager, &id, wanted).unwrap();
        let options = options(&mut session, &[Set::Bytes("nonce", &nonce)]);
        let state = session
            .symmetric_state_open("XCHACHA20-POLY1305", Some(key), Some(options))
            .unwrap();
        assert_eq!(decrypt(&mut session, state, &sealed).unwrap(), b"message");
        assert_eq!(
            session.symmetric_key_export(key),
            Err(Errno::ProhibitedOperation)
        );
        assert_eq!(id_of(&mut session, key), (id.clone(), version));
    }
    drop(session);

    let (mut session, manager) = start(Config {
        export_managed: true,
        ..config(folder.path())
    });
    let key = session
        .symmetric_key_from_id(manager, &id, version::LATEST)
        .unwrap();
    let output = session.symmetric_key_export(key).unwrap();
    let raw = pull(&mut session, output);
    assert_eq!(raw.len(), 32);
    let file = std::fs::read(folder.path().join("secrets")).unwrap();
    assert!(!file.windows(32).any(|window| window == raw));
    assert!(!file.windows(10).any(|window| window == b"XCHACHA20-"));
}

#[test]
fn a_key_of_the_guest_can_be_stored() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let key = session
        .symmetric_key_import("HMAC/SHA-256", b"imported")
        .unwrap();
    assert_eq!(
        session.symmetric_key_id(key, &mut [0; 64]),
        Err(Errno::UnsupportedFeature)
    );
    let before = std::fs::read(folder.path().join("secrets")).unwrap();
    assert_eq!(
        session.symmetric_key_store_managed(manager, key, &mut [0; 15]),
        Err(Errno::Overflow)
    );
    assert_eq!(
        std::fs::read(folder.path().join("secrets")).unwrap(),
        before
    );
    // Nobody tells the guest how long the identifier is: the whole of its buffer is one as well.
    let mut id = [0xee; 64];
    session
        .symmetric_key_store_managed(manager, key, &mut id)
        .unwrap();
    assert_eq!(
        session.symmetric_key_id(key, &mut [0; 15]),
        Err(Errno::Overflow)
    );
    assert_eq!(id_of(&mut session, key).0, id[..16]);
    session
        .symmetric_key_from_id(manager, &id, version::LATEST)
        .unwrap();
    session
        .symmetric_key_from_id(manager, &id[..16], 1)
        .unwrap();
    id[40] = 1;
    for wrong in [&id[..], &id[..15], &[], &[0; 16]] {
        assert_eq!(
            session.symmetric_key_from_id(manager, wrong, version::LATEST),
            Err(Errno::NotFound)
        );
    }
}

#[test]
fn versions_count_up_and_can_be_revoked() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let id = add(&mut session, manager, b"one");
    assert_eq!(
        session.external_secret_replace(manager, b"two", FAR, &id),
        Ok(2)
    );
    assert_eq!(
        session.external_secret_replace(manager, b"three", FAR, &id),
        Ok(3)
    );
    let check = |session: &mut Session, manager, expected: &[(u64, Result<&[u8], Errno>)]| {
        for (version, expected) in expected {
            assert_eq!(
                read(session, manager, &id, *version).as_deref(),
                expected.as_deref(),
                "{version}"
            );
        }
    };
    let (one, two, three, gone) = (
        Ok(&b"one"[..]),
        Ok(&b"two"[..]),
        Ok(&b"three"[..]),
        Err(Errno::NotFound),
    );
    check(
        &mut session,
        manager,
        &[(1, one), (2, two), (3, three), (version::LATEST, three)],
    );
    for wrong in [
        0,
        4,
        version::GREATEST,
        version::UNSPECIFIED,
        version::ALL,
        u64::MAX,
    ] {
        check(&mut session, manager, &[(wrong, gone)]);
    }
    for wrong in [0, 4, version::GREATEST, version::UNSPECIFIED, u64::MAX] {
        assert_eq!(
            session.external_secret_invalidate(manager, &id, wrong),
            Err(Errno::NotFound)
        );
    }
    session
        .external_secret_invalidate(manager, &id, version::LATEST)
        .unwrap();
    check(
        &mut session,
        manager,
        &[(1, one), (2, two), (3, gone), (version::LATEST, two)],
    );
    drop(session);

    // The number of a revoked version is not given again, after a restart neither.
    let (mut session, manager) = start(config(folder.path()));
    assert_eq!(
        session.external_secret_replace(manager, b"four", FAR, &id),
        Ok(4)
    );
    session.external_secret_invalidate(manager, &id, 1).unwrap();
    assert_eq!(
        session.external_secret_invalidate(manager, &id, 1),
        Err(Errno::NotFound)
    );
    check(
        &mut session,
        manager,
        &[(1, gone), (2, two), (3, gone), (4, Ok(b"four"))],
    );
    session
        .external_secret_invalidate(manager, &id, version::ALL)
        .unwrap();
    check(
        &mut session,
        manager,
        &[(1, gone), (2, gone), (4, gone), (version::LATEST, gone)],
    );
    assert_eq!(
        session.external_secret_replace(manager, b"five", FAR, &id),
        Err(Errno::NotFound)
    );
    assert_eq!(
        session.external_secret_invalidate(manager, &id, version::ALL),
        Err(Errno::NotFound)
    );
}

#[test]
fn keys_are_rotated() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let old = session
        .symmetric_key_generate_managed(manager, "AES-256-GCM", None)
        .unwrap();
    let (id, _) = id_of(&mut session, old);
    let other = session.symmetric_key_generate("AES-128-GCM", None).unwrap();
    let new = session.symmetric_key_generate("AES-256-GCM", None).unwrap();
    assert_eq!(
        session.symmetric_key_replace_managed(manager, old, other),
        Err(Errno::IncompatibleKeys)
    );
    assert_eq!(
        session.symmetric_key_replace_managed(manager, new, old),
        Err(Errno::UnsupportedFeature)
    );
    assert_eq!(
        session.symmetric_key_replace_managed(manager, old, old),
        Err(Errno::InvalidHandle)
    );
    assert_eq!(
        session.symmetric_key_replace_managed(manager, old, new),
        Ok(2)
    );
    assert_eq!(session.symmetric_key_close(old), Err(Errno::Closed));
    assert_eq!(id_of(&mut session, new), (id.clone(), 2));
    assert_eq!(
        session.symmetric_key_export(new),
        Err(Errno::ProhibitedOperation)
    );
    let latest = session
        .symmetric_key_from_id(manager, &id, version::LATEST)
        .unwrap();
    assert_eq!(id_of(&mut session, latest), (id.clone(), 2));
    let first = session.symmetric_key_from_id(manager, &id, 1).unwrap();
    assert_eq!(id_of(&mut session, first), (id.clone(), 1));
    session
        .secrets_manager_invalidate(manager, &id, version::ALL)
        .unwrap();
    assert_eq!(
        session.symmetric_key_from_id(manager, &id, 1),
        Err(Errno::NotFound)
    );
    // What is open goes on, but cannot be rotated any more.
    let next = session.symmetric_key_generate("AES-256-GCM", None).unwrap();
    assert_eq!(
        session.symmetric_key_replace_managed(manager, new, next),
        Err(Errno::NotFound)
    );
}

#[test]
fn kinds_are_kept_apart() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let external = add(&mut session, manager, &[1; 32]);
    let key = session
        .symmetric_key_generate_managed(manager, "AES-256-GCM", None)
        .unwrap();
    let (key, _) = id_of(&mut session, key);
    assert_eq!(
        session.symmetric_key_from_id(manager, &external, version::LATEST),
        Err(Errno::NotFound)
    );
    assert_eq!(
        session.secrets_manager_invalidate(manager, &external, version::ALL),
        Err(Errno::NotFound)
    );
    assert_eq!(
        session.external_secret_from_id(manager, &key, version::LATEST),
        Err(Errno::NotFound)
    );
    assert_eq!(
        session.external_secret_invalidate(manager, &key, version::ALL),
        Err(Errno::NotFound)
    );
    assert_eq!(
        session.external_secret_replace(manager, b"x", FAR, &key),
        Err(Errno::NotFound)
    );
}

#[test]
fn secrets_expire() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let soon = now() + 2;
    let options = options(&mut session, &[Set::Number("expiration", soon)]);
    let key = session
        .symmetric_key_generate_managed(manager, "HMAC/SHA-256", Some(options))
        .unwrap();
    let (key_id, _) = id_of(&mut session, key);
    let mut id = [0; 16];
    session
        .external_secret_store(manager, b"secret", soon, &mut id)
        .unwrap();
    let output = session
        .external_secret_encapsulate(manager, b"secret", soon)
        .unwrap();
    let encapsulated = pull(&mut session, output);
    assert_eq!(
        read(&mut session, manager, &id, version::LATEST).unwrap(),
        b"secret"
    );
    let state = session
        .symmetric_state_open("HMAC/SHA-256", Some(key), None)
        .unwrap();
    session
        .external_secret_decapsulate(manager, &encapsulated)
        .unwrap();
    while now() < soon {
        sleep(Duration::from_millis(50));
    }
    assert_eq!(
        session.external_secret_from_id(manager, &id, version::LATEST),
        Err(Errno::Expired)
    );
    assert_eq!(
        session.external_secret_decapsulate(manager, &encapsulated),
        Err(Errno::Expired)
    );
    assert_eq!(
        session.symmetric_key_from_id(manager, &key_id, version::LATEST),
        Err(Errno::Expired)
    );
    assert_eq!(
        session.symmetric_state_open("HMAC/SHA-256", Some(key), None),
        Err(Errno::Expired)
    );
    assert_eq!(session.symmetric_key_export(key), Err(Errno::Expired));
    // A state is no way around that; what expired can be rotated.
    assert_eq!(
        session.symmetric_state_squeeze_tag(state),
        Err(Errno::Expired)
    );
    assert_eq!(
        session.external_secret_replace(manager, b"next", FAR, &id),
        Ok(2)
    );
    assert_eq!(
        read(&mut session, manager, &id, version::LATEST).unwrap(),
        b"next"
    );
    let next = session
        .symmetric_key_generate("HMAC/SHA-256", None)
        .unwrap();
    assert_eq!(
        session.symmetric_key_replace_managed(manager, key, next),
        Ok(2)
    );
    session
        .symmetric_state_open("HMAC/SHA-256", Some(next), None)
        .unwrap();
}

#[test]
fn encapsulated_secrets_are_opened_by_their_own_store_alone() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    for secret in [&b""[..], b"a secret"] {
        let output = session
            .external_secret_encapsulate(manager, secret, FAR)
            .unwrap();
        let encapsulated = pull(&mut session, output);
        assert!(
            secret.is_empty()
                || !encapsulated
                    .windows(secret.len())
                    .any(|window| window == secret)
        );
        let output = session
            .external_secret_encapsulate(manager, secret, FAR)
            .unwrap();
        assert_ne!(pull(&mut session, output), encapsulated);
        let output = session
            .external_secret_decapsulate(manager, &encapsulated)
            .unwrap();
        assert_eq!(pull(&mut session, output), secret);
        for at in 0..encapsulated.len() {
            let mut bad = encapsulated.clone();
            bad[at] ^= 1;
            assert_eq!(
                session.external_secret_decapsulate(manager, &bad),
                Err(Errno::VerificationFailed)
            );
            assert_eq!(
                session.external_secret_decapsulate(manager, &encapsulated[..at]),
                Err(Errno::VerificationFailed)
            );
        }
        let elsewhere = TempDir::new().unwrap();
        let (mut other, other_manager) = start(config(elsewhere.path()));
        assert_eq!(
            other.external_secret_decapsulate(other_manager, &encapsulated),
            Err(Errno::VerificationFailed)
        );
    }
}

#[test]
fn a_closed_manager_manages_nothing() {
    let folder = TempDir::new().unwrap();
    let (mut session, manager) = start(config(folder.path()));
    let key = session
        .symmetric_key_generate_managed(manager, "AES-256-CTR", None)
        .unwrap();
    session.secrets_manager_close(manager).unwrap();
    assert_eq!(session.secrets_manager_close(manager), Err(Errno::Closed));
    assert_eq!(
        session.external_secret_encapsulate(manager, b"x", FAR),
        Err(Errno::InvalidHandle)
    );
    assert_eq!(
        session.symmetric_key_generate_managed(key, "AES-256-CTR", None),
        Err(Errno::InvalidHandle)
    );
    // Its keys go on.
    let options = options(&mut session, &[Set::Bytes("nonce", &[0; 16])]);
    session
        .symmetric_state_open("AES-256-CTR", Some(key), Some(options))
        .unwrap();
    assert_eq!(
        session.secrets_manager_open(Some(options)),
        Err(Errno::UnsupportedOption)
    );
}
