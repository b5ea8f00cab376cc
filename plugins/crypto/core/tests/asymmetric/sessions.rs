//! The functions of a session: handles, limits, errors.

use c12_crypto_core::{
    AlgorithmType, Config, Errno, Handle, KeypairEncoding, Limits, PublickeyEncoding,
    SecretkeyEncoding, Session, Shared, SignatureEncoding,
};

use crate::guest::Guest;

fn limited(limits: Limits) -> Session {
    Session::new(
        &Shared::new(Config {
            limits,
            ..Config::default()
        })
        .unwrap(),
    )
}

fn signature_pair(session: &mut Session, algorithm: &str) -> Handle {
    session
        .keypair_generate(AlgorithmType::Signatures, algorithm, None)
        .unwrap()
}

fn kx_pair(session: &mut Session, algorithm: &str) -> Handle {
    session
        .keypair_generate(AlgorithmType::KeyExchange, algorithm, None)
        .unwrap()
}

/// A state signs all that was added since it was opened, as often as it is asked.
#[test]
fn signing_does_not_reset_a_state() {
    let mut guest = Guest::new();
    for algorithm in [
        "Ed25519",
        "ECDSA_P256_SHA256",
        "RSA_PSS_2048_SHA256",
        "ML-DSA-44",
    ] {
        let session = &mut guest.session;
        let pair = signature_pair(session, algorithm);
        let public = session.keypair_publickey(pair).unwrap();
        let signing = session.signature_state_open(pair).unwrap();
        let verifying = session.signature_verification_state_open(public).unwrap();
        // The key is not needed any longer by those who opened states of it.
        session.keypair_close(pair).unwrap();
        session.publickey_close(public).unwrap();
        let mut former = None;
        for piece in [&b"one"[..], b"", b"two", &[7; 10_000]] {
            session.signature_state_update(signing, piece).unwrap();
            session
                .signature_verification_state_update(verifying, piece)
                .unwrap();
            let signature = session.signature_state_sign(signing).unwrap();
            assert_eq!(
                session.signature_verification_state_verify(verifying, signature),
                Ok(())
            );
            assert_eq!(
                session.signature_verification_state_verify(verifying, signature),
                Ok(())
            );
            if let Some(former) = former.replace(signature).filter(|_| !piece.is_empty()) {
                let verdict = session.signature_verification_state_verify(verifying, former);
                assert_eq!(verdict, Err(Errno::VerificationFailed));
                session.signature_close(former).unwrap();
            }
        }
    }
}

/// The signature of a state is a signature to those who follow the text of the specification, and an output to those who
/// follow its interface.
#[test]
fn a_signature_that_was_made_is_an_output_as_well() {
    let mut guest = Guest::new();
    let pair = signature_pair(&mut guest.session, "Ed25519");
    let state = guest.session.signature_state_open(pair).unwrap();
    let signature = guest.session.signature_state_sign(state).unwrap();
    let exported = guest
        .session
        .signature_export(signature, SignatureEncoding::Raw)
        .unwrap();
    let exported = guest.take(exported);
    assert_eq!(guest.session.array_output_len(signature), Ok(64));
    let mut first = [0; 40];
    let mut second = [0; 40];
    assert_eq!(
        guest.session.array_output_pull(signature, &mut first),
        Ok(40)
    );
    assert_eq!(
        guest.session.array_output_pull(signature, &mut second),
        Ok(24)
    );
    assert_eq!([&first[..], &second[..24]].concat(), exported);
    // As an output, it is closed once it is read.
    assert_eq!(guest.session.signature_close(signature), Err(Errno::Closed));
}

#[test]
fn what_is_kept_of_messages_is_limited() {
    let mut session = limited(Limits {
        bytes: 100_000,
        ..Limits::default()
    });
    for (algorithm, is_kept) in [
        ("Ed25519", true),
        ("ML-DSA-44", true),
        ("ECDSA_P256_SHA256", false),
    ] {
        let pair = signature_pair(&mut session, algorithm);
        let public = session.keypair_publickey(pair).unwrap();
        let signing = session.signature_state_open(pair).unwrap();
        let verifying = session.signature_verification_state_open(public).unwrap();
        for _ in 0..3 {
            let expected = if is_kept {
                Err(Errno::Overflow)
            } else {
                Ok(())
            };
            assert_eq!(
                session.signature_state_update(signing, &[0; 200_000]),
                expected
            );
            assert_eq!(
                session.signature_verification_state_update(verifying, &[0; 200_000]),
                expected
            );
        }
        // What was refused is not part of the message.
        session.signature_state_update(signing, b"short").unwrap();
        let signature = session.signature_state_sign(signing).unwrap();
        session
            .signature_verification_state_update(verifying, b"short")
            .unwrap();
        assert_eq!(
            session.signature_verification_state_verify(verifying, signature),
            Ok(())
        );
        session.signature_close(signature).unwrap();
        session.signature_state_close(signing).unwrap();
        session
            .signature_verification_state_close(verifying)
            .unwrap();
        session.publickey_close(public).unwrap();
        session.keypair_close(pair).unwrap();
    }
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn handles_run_out_before_anything_is_made() {
    let mut session = limited(Limits {
        handles: 3,
        ..Limits::default()
    });
    let pair = kx_pair(&mut session, "ML-KEM-512");
    let public = session.keypair_publickey(pair).unwrap();
    assert_eq!(
        session.kx_encapsulate(public).err(),
        Some(Errno::TooManyHandles)
    );
    assert_eq!(session.open_handles(), 2);
    session.keypair_secretkey(pair).unwrap();
    let refused =
        session.keypair_generate(AlgorithmType::Signatures, "RSA_PKCS1_4096_SHA512", None);
    assert_eq!(refused.err(), Some(Errno::TooManyHandles));
    assert_eq!(
        session.keypair_secretkey(pair).err(),
        Some(Errno::TooManyHandles)
    );
}

#[test]
fn handles_of_other_kinds_and_closed_ones_are_refused() {
    let mut session = Guest::new().session;
    let pair = signature_pair(&mut session, "Ed25519");
    let public = session.keypair_publickey(pair).unwrap();
    let secret = session.keypair_secretkey(pair).unwrap();
    let signing = session.signature_state_open(pair).unwrap();
    let verifying = session.signature_verification_state_open(public).unwrap();
    let signature = session.signature_state_sign(signing).unwrap();

    assert_eq!(
        session.keypair_export(public, KeypairEncoding::Raw).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session
            .publickey_export(secret, PublickeyEncoding::Raw)
            .err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.secretkey_export(pair, SecretkeyEncoding::Raw).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.signature_state_open(public).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.signature_verification_state_open(pair).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.signature_state_update(verifying, b"").err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session
            .signature_verification_state_update(signing, b"")
            .err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session
            .signature_verification_state_verify(signing, signature)
            .err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session
            .signature_verification_state_verify(verifying, signing)
            .err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.keypair_from_pk_and_sk(secret, public).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.kx_dh(secret, public).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.publickey_close(secret).err(),
        Some(Errno::InvalidHandle)
    );

    session.keypair_close(pair).unwrap();
    session.publickey_close(public).unwrap();
    session.secretkey_close(secret).unwrap();
    session.signature_state_close(signing).unwrap();
    session
        .signature_verification_state_close(verifying)
        .unwrap();
    session.signature_close(signature).unwrap();
    assert_eq!(session.keypair_close(pair).err(), Some(Errno::Closed));
    assert_eq!(
        session.keypair_publickey(pair).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!(
        session.signature_state_sign(signing).err(),
        Some(Errno::InvalidHandle)
    );
    assert_eq!((session.open_handles(), session.held_bytes()), (0, 0));
}

#[test]
fn keys_are_used_for_what_they_are() {
    let mut session = Guest::new().session;
    let signer = signature_pair(&mut session, "ECDSA_P256_SHA256");
    let signer_public = session.keypair_publickey(signer).unwrap();
    let signer_secret = session.keypair_secretkey(signer).unwrap();
    let agreer = kx_pair(&mut session, "P256-SHA256");
    let agreer_public = session.keypair_publickey(agreer).unwrap();
    let agreer_secret = session.keypair_secretkey(agreer).unwrap();
    let kem = kx_pair(&mut session, "ML-KEM-512");
    let kem_public = session.keypair_publickey(kem).unwrap();
    let kem_secret = session.keypair_secretkey(kem).unwrap();

    // Keys for key exchange do not sign.
    assert_eq!(
        session.signature_state_open(agreer).err(),
        Some(Errno::InvalidKey)
    );
    assert_eq!(
        session.signature_verification_state_open(kem_public).err(),
        Some(Errno::InvalidKey)
    );
    // Keys for signatures, and those of another algorithm, do not agree.
    assert_eq!(
        session.kx_dh(signer_public, signer_secret).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session.kx_dh(kem_public, kem_secret).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session.kx_dh(signer_public, agreer_secret).err(),
        Some(Errno::IncompatibleKeys)
    );
    assert_eq!(
        session.kx_dh(agreer_public, kem_secret).err(),
        Some(Errno::IncompatibleKeys)
    );
    assert_eq!(
        session.kx_encapsulate(agreer_public).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session.kx_encapsulate(signer_public).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session.kx_decapsulate(agreer_secret, &[0; 768]).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session.kx_decapsulate(signer_secret, &[]).err(),
        Some(Errno::InvalidOperation)
    );
    assert_eq!(
        session
            .keypair_from_pk_and_sk(signer_public, agreer_secret)
            .err(),
        Some(Errno::IncompatibleKeys)
    );
    // A signature of another algorithm.
    let other = session
        .signature_import("Ed25519", &[1; 64], SignatureEncoding::Raw)
        .unwrap();
    let state = session
        .signature_verification_state_open(signer_public)
        .unwrap();
    assert_eq!(
        session
            .signature_verification_state_verify(state, other)
            .err(),
        Some(Errno::InvalidSignature)
    );
    // Names of the other category, and of none.
    for (algorithm_type, name, error) in [
        (
            AlgorithmType::KeyExchange,
            "Ed25519",
            Errno::UnsupportedAlgorithm,
        ),
        (
            AlgorithmType::Signatures,
            "X25519",
            Errno::UnsupportedAlgorithm,
        ),
        (
            AlgorithmType::Signatures,
            "Ed448",
            Errno::UnsupportedAlgorithm,
        ),
        (AlgorithmType::Symmetric, "Ed25519", Errno::InvalidOperation),
    ] {
        assert_eq!(
            session.keypair_generate(algorithm_type, name, None).err(),
            Some(error)
        );
        let refused = session.publickey_import(algorithm_type, name, &[], PublickeyEncoding::Raw);
        assert_eq!(refused.err(), Some(error));
    }
    assert_eq!(
        session
            .signature_import("X25519", &[0; 64], SignatureEncoding::Raw)
            .err(),
        Some(Errno::UnsupportedAlgorithm)
    );
}

#[test]
fn options_that_do_not_belong_are_refused() {
    let mut session = Guest::new().session;
    let options = session.options_open(AlgorithmType::Signatures).unwrap();
    let pair = session
        .keypair_generate(AlgorithmType::Signatures, "Ed25519", Some(options))
        .unwrap();
    session.keypair_close(pair).unwrap();
    session.options_set_u64(options, "expiration", 1).unwrap();
    let refused = session.keypair_generate(AlgorithmType::Signatures, "Ed25519", Some(options));
    assert_eq!(refused.err(), Some(Errno::UnsupportedOption));
    // Options of the other category.
    let refused = session.keypair_generate(AlgorithmType::KeyExchange, "X25519", Some(options));
    assert_eq!(refused.err(), Some(Errno::InvalidHandle));
}

#[test]
fn batches_are_of_one_algorithm_and_not_too_long() {
    let mut session = limited(Limits {
        batch: 3,
        ..Limits::default()
    });
    let ed25519 = signature_pair(&mut session, "Ed25519");
    let ecdsa = signature_pair(&mut session, "ECDSA_P256_SHA256");
    let one = session.signature_state_open(ed25519).unwrap();
    let other = session.signature_state_open(ecdsa).unwrap();
    let verifying = [ed25519, ecdsa].map(|pair| {
        let public = session.keypair_publickey(pair).unwrap();
        session.signature_verification_state_open(public).unwrap()
    });
    for (states, expected) in [
        (&[][..], Ok(())),
        (&[one; 3], Ok(())),
        (&[one; 4], Err(Errno::Overflow)),
        (&[one, other], Err(Errno::UnsupportedFeature)),
        // A state of another kind is an error of its own operation alone.
        (&[one, ecdsa, verifying[1]], Ok(())),
    ] {
        assert_eq!(session.batch_signature_state_check(states), expected);
    }
    for (states, expected) in [
        (&[][..], Ok(())),
        (&[verifying[0]; 3], Ok(())),
        (&[verifying[0]; 4], Err(Errno::Overflow)),
        (&verifying, Err(Errno::UnsupportedFeature)),
        (&[verifying[0], one, other], Ok(())),
    ] {
        assert_eq!(
            session.batch_signature_verification_state_check(states),
            expected
        );
    }
}
