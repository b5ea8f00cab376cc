//! Key pairs in the secrets store.

use std::sync::Arc;

use c12_crypto_core::{
    AlgorithmType, Config, Errno, Handle, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding,
    Session, Shared, version,
};

use crate::guest::Guest;

/// A host with a store, and the folder that it is in.
struct Host {
    folder: tempfile::TempDir,
    export_managed: bool,
}

impl Host {
    fn new(export_managed: bool) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            export_managed,
        }
    }

    /// Starts the host: a second time, it finds what was stored.
    fn start(&self) -> Arc<Shared> {
        let store = Some(self.folder.path().join("secrets"));
        Shared::new(Config {
            store,
            export_managed: self.export_managed,
            ..Config::default()
        })
        .unwrap()
    }

    fn guest(&self) -> (Guest, Handle) {
        let mut session = Session::new(&self.start());
        let manager = session.secrets_manager_open(None).unwrap();
        (Guest { session }, manager)
    }
}

fn public_of(guest: &mut Guest, pair: Handle) -> Vec<u8> {
    let public = guest.session.keypair_publickey(pair).unwrap();
    let output = guest
        .session
        .publickey_export(public, PublickeyEncoding::Local)
        .unwrap();
    guest.session.publickey_close(public).unwrap();
    guest.take(output)
}

fn id_of(guest: &mut Guest, pair: Handle) -> (Vec<u8>, u64) {
    let mut id = [0; 64];
    let (length, version) = guest.session.keypair_id(pair, &mut id).unwrap();
    (id[..length].to_vec(), version)
}

#[test]
fn generated_pairs_are_there_after_a_restart() {
    let host = Host::new(false);
    let mut stored = Vec::new();
    let (mut guest, manager) = host.guest();
    for (algorithm_type, algorithm) in [
        (AlgorithmType::Signatures, "Ed25519"),
        (AlgorithmType::Signatures, "ECDSA_P384_SHA384"),
        (AlgorithmType::Signatures, "RSA_PSS_2048_SHA256"),
        (AlgorithmType::Signatures, "ML-DSA-65"),
        (AlgorithmType::KeyExchange, "X25519"),
        (AlgorithmType::KeyExchange, "P256-SHA256"),
        (AlgorithmType::KeyExchange, "ML-KEM-768"),
        (AlgorithmType::KeyExchange, "X-WING"),
    ] {
        let pair = guest
            .session
            .keypair_generate_managed(manager, algorithm_type, algorithm, None)
            .unwrap();
        if algorithm_type == AlgorithmType::Signatures {
            guest.sign(pair, b"message").unwrap();
        }
        let public = public_of(&mut guest, pair);
        stored.push((id_of(&mut guest, pair), public));
    }
    drop(guest);
    let (mut guest, manager) = host.guest();
    for ((id, number), public) in stored {
        for wanted in [number, version::LATEST] {
            let pair = guest.session.keypair_from_id(manager, &id, wanted).unwrap();
            assert_eq!(public_of(&mut guest, pair), public);
            assert_eq!(id_of(&mut guest, pair), (id.clone(), number));
        }
        assert_eq!(
            guest
                .session
                .keypair_from_id(manager, &id, number + 1)
                .err(),
            Some(Errno::NotFound)
        );
        // A key pair is no symmetric key.
        assert_eq!(
            guest
                .session
                .symmetric_key_from_id(manager, &id, number)
                .err(),
            Some(Errno::NotFound)
        );
    }
}

#[test]
fn imported_pairs_can_be_stored() {
    let host = Host::new(false);
    let (mut guest, manager) = host.guest();
    let pair = guest
        .pair("ECDSA_K256_SHA256", &[7; 32], KeypairEncoding::Raw)
        .unwrap();
    assert_eq!(
        guest.session.keypair_id(pair, &mut [0; 64]).err(),
        Some(Errno::UnsupportedFeature)
    );
    // Nothing is stored whose identifier does not fit.
    assert_eq!(
        guest
            .session
            .keypair_store_managed(manager, pair, &mut [0; 15]),
        Err(Errno::Overflow)
    );
    assert_eq!(
        guest.session.keypair_id(pair, &mut [0; 64]).err(),
        Some(Errno::UnsupportedFeature)
    );
    let mut id = [0; 40];
    guest
        .session
        .keypair_store_managed(manager, pair, &mut id)
        .unwrap();
    let (written, number) = id_of(&mut guest, pair);
    assert_eq!(id[..written.len()], written);
    assert_eq!(
        guest.session.keypair_id(pair, &mut [0; 3]).err(),
        Some(Errno::Overflow)
    );
    let again = guest.session.keypair_from_id(manager, &id, number).unwrap();
    assert_eq!(public_of(&mut guest, again), public_of(&mut guest, pair));
}

/// Not even through its halves.
#[test]
fn stored_pairs_are_not_exported_unless_the_host_allows_it() {
    for (is_allowed, expected) in [(false, Some(Errno::ProhibitedOperation)), (true, None)] {
        let host = Host::new(is_allowed);
        let (mut guest, manager) = host.guest();
        let pair = guest
            .session
            .keypair_generate_managed(manager, AlgorithmType::Signatures, "Ed25519", None)
            .unwrap();
        let (id, number) = id_of(&mut guest, pair);
        let loaded = guest.session.keypair_from_id(manager, &id, number).unwrap();
        let session = &mut guest.session;
        let public = session.keypair_publickey(loaded).unwrap();
        let secret = session.keypair_secretkey(loaded).unwrap();
        let joined = session.keypair_from_pk_and_sk(public, secret).unwrap();
        let again = session.keypair_secretkey(joined).unwrap();
        for pair in [pair, loaded, joined] {
            for encoding in [
                KeypairEncoding::Raw,
                KeypairEncoding::Pkcs8,
                KeypairEncoding::Pem,
                KeypairEncoding::Local,
            ] {
                assert_eq!(session.keypair_export(pair, encoding).err(), expected);
            }
        }
        for secret in [secret, again] {
            for encoding in [
                SecretkeyEncoding::Raw,
                SecretkeyEncoding::Pkcs8,
                SecretkeyEncoding::Local,
            ] {
                assert_eq!(session.secretkey_export(secret, encoding).err(), expected);
            }
        }
        // Public keys are public.
        let from_secret = session.publickey_from_secretkey(secret).unwrap();
        for public in [public, from_secret] {
            session
                .publickey_export(public, PublickeyEncoding::Raw)
                .unwrap();
        }
        guest.sign(joined, b"message").unwrap();
    }
}

#[test]
fn replacing_a_pair_makes_a_version() {
    let host = Host::new(false);
    let (mut guest, manager) = host.guest();
    let old = guest
        .session
        .keypair_generate_managed(manager, AlgorithmType::Signatures, "Ed25519", None)
        .unwrap();
    let (id, first) = id_of(&mut guest, old);
    let old_public = public_of(&mut guest, old);
    let session = &mut guest.session;
    let other = session
        .keypair_generate(AlgorithmType::Signatures, "ECDSA_P256_SHA256", None)
        .unwrap();
    assert_eq!(
        session.keypair_replace_managed(manager, old, other),
        Err(Errno::IncompatibleKeys)
    );
    assert_eq!(
        session.keypair_replace_managed(manager, old, old),
        Err(Errno::InvalidHandle)
    );
    let new = session
        .keypair_generate(AlgorithmType::Signatures, "Ed25519", None)
        .unwrap();
    assert_eq!(
        session.keypair_replace_managed(manager, new, old),
        Err(Errno::UnsupportedFeature)
    );
    let second = session.keypair_replace_managed(manager, old, new).unwrap();
    assert!(second > first && second <= version::GREATEST);
    assert_eq!(session.keypair_close(old), Err(Errno::Closed));
    assert_eq!(id_of(&mut guest, new), (id.clone(), second));
    let new_public = public_of(&mut guest, new);
    assert_ne!(new_public, old_public);
    for (wanted, public) in [
        (first, &old_public),
        (second, &new_public),
        (version::LATEST, &new_public),
    ] {
        let pair = guest.session.keypair_from_id(manager, &id, wanted).unwrap();
        assert_eq!(public_of(&mut guest, pair), *public);
    }
    // The former version is revoked, the latest stays; then all are.
    guest
        .session
        .secrets_manager_invalidate(manager, &id, first)
        .unwrap();
    assert_eq!(
        guest.session.keypair_from_id(manager, &id, first).err(),
        Some(Errno::NotFound)
    );
    guest
        .session
        .keypair_from_id(manager, &id, version::LATEST)
        .unwrap();
    guest
        .session
        .secrets_manager_invalidate(manager, &id, version::ALL)
        .unwrap();
    assert_eq!(
        guest
            .session
            .keypair_from_id(manager, &id, version::LATEST)
            .err(),
        Some(Errno::NotFound)
    );
}

#[test]
fn pairs_that_expired_are_of_no_use() {
    let host = Host::new(true);
    let (mut guest, manager) = host.guest();
    for (algorithm_type, algorithm) in [
        (AlgorithmType::Signatures, "ECDSA_P256_SHA256"),
        (AlgorithmType::KeyExchange, "X25519"),
    ] {
        let session = &mut guest.session;
        let options = session.options_open(algorithm_type).unwrap();
        session.options_set_u64(options, "expiration", 1).unwrap();
        let pair = session
            .keypair_generate_managed(manager, algorithm_type, algorithm, Some(options))
            .unwrap();
        let (id, number) = id_of(&mut guest, pair);
        let session = &mut guest.session;
        assert_eq!(
            session.keypair_from_id(manager, &id, number).err(),
            Some(Errno::Expired)
        );
        assert_eq!(
            session.keypair_export(pair, KeypairEncoding::Raw).err(),
            Some(Errno::Expired)
        );
        assert_eq!(
            session.keypair_store_managed(manager, pair, &mut [0; 64]),
            Err(Errno::Expired)
        );
        let secret = session.keypair_secretkey(pair).unwrap();
        let public = session.keypair_publickey(pair).unwrap();
        assert_eq!(
            session
                .secretkey_export(secret, SecretkeyEncoding::Raw)
                .err(),
            Some(Errno::Expired)
        );
        if algorithm_type == AlgorithmType::Signatures {
            let state = session.signature_state_open(pair).unwrap();
            session.signature_state_update(state, b"message").unwrap();
            assert_eq!(
                session.signature_state_sign(state).err(),
                Some(Errno::Expired)
            );
        } else {
            assert_eq!(session.kx_dh(public, secret).err(), Some(Errno::Expired));
        }
        // One that is valid for long.
        session
            .options_set_u64(options, "expiration", u64::MAX)
            .unwrap();
        let pair = session
            .keypair_generate_managed(manager, algorithm_type, algorithm, Some(options))
            .unwrap();
        let (id, number) = id_of(&mut guest, pair);
        guest.session.keypair_from_id(manager, &id, number).unwrap();
    }
}

#[test]
fn the_store_is_reached_through_its_handle_alone() {
    let mut session = Guest::new().session;
    assert_eq!(
        session.secrets_manager_open(None).err(),
        Some(Errno::UnsupportedFeature)
    );
    let pair = session
        .keypair_generate(AlgorithmType::Signatures, "Ed25519", None)
        .unwrap();
    let refused =
        session.keypair_generate_managed(pair, AlgorithmType::Signatures, "Ed25519", None);
    assert_eq!(refused.err(), Some(Errno::UnsupportedFeature));
    let host = Host::new(false);
    let (mut guest, manager) = host.guest();
    let session = &mut guest.session;
    let pair = session
        .keypair_generate(AlgorithmType::Signatures, "Ed25519", None)
        .unwrap();
    let refused =
        session.keypair_generate_managed(pair, AlgorithmType::Signatures, "Ed25519", None);
    assert_eq!(refused.err(), Some(Errno::InvalidHandle));
    assert_eq!(
        session.keypair_store_managed(pair, pair, &mut [0; 64]),
        Err(Errno::InvalidHandle)
    );
    session.secrets_manager_close(manager).unwrap();
    assert_eq!(
        session
            .keypair_from_id(manager, &[1; 16], version::LATEST)
            .err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.keypair_store_managed(manager, pair, &mut [0; 64]),
        Err(Errno::InvalidHandle)
    );
}
