//! Every encoding of every algorithm's keys, there and back.

use c12_crypto_core::asymmetric::{
    Algorithm, KeyPair, PublicKey, SecretKey, Signature, SigningState, VerificationState, kx,
};
use c12_crypto_core::{
    AlgorithmType, Errno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, SignatureEncoding,
};

use crate::pairs::pair;

pub(crate) const KEYPAIR_ENCODINGS: [KeypairEncoding; 4] = [
    KeypairEncoding::Raw,
    KeypairEncoding::Pkcs8,
    KeypairEncoding::Pem,
    KeypairEncoding::Local,
];
pub(crate) const PUBLICKEY_ENCODINGS: [PublickeyEncoding; 5] = [
    PublickeyEncoding::Raw,
    PublickeyEncoding::Pkcs8,
    PublickeyEncoding::Pem,
    PublickeyEncoding::Sec,
    PublickeyEncoding::Local,
];
pub(crate) const SECRETKEY_ENCODINGS: [SecretkeyEncoding; 5] = [
    SecretkeyEncoding::Raw,
    SecretkeyEncoding::Pkcs8,
    SecretkeyEncoding::Pem,
    SecretkeyEncoding::Sec,
    SecretkeyEncoding::Local,
];

/// Whether an algorithm's keys are written in an encoding, which has the same name for all three kinds of keys.
fn is_written(algorithm: Algorithm, encoding: &str) -> bool {
    match encoding {
        "Raw" => !matches!(algorithm, Algorithm::Rsa(..)),
        "Pkcs8" | "Pem" => algorithm != Algorithm::XWing,
        "Sec" => matches!(algorithm, Algorithm::Ecdsa(_) | Algorithm::Ecdh(_)),
        "Local" => true,
        other => panic!("{other}"),
    }
}

/// Shows that both halves are one key pair.
fn check_pair(public: &PublicKey, secret: &SecretKey) {
    let pair = KeyPair::from_parts(public, secret).unwrap();
    match public.algorithm() {
        Algorithm::X25519 | Algorithm::Ecdh(_) => {
            let partner = KeyPair::generate(public.algorithm(), None).unwrap();
            let ours = kx::dh(&partner.public_key(), secret).unwrap();
            assert_eq!(ours, kx::dh(public, &partner.secret_key()).unwrap());
        }
        algorithm if algorithm.algorithm_type() == AlgorithmType::Signatures => {
            let mut state = SigningState::new(&pair).unwrap();
            state.update(b"message").unwrap();
            let signature = state.sign().unwrap();
            let mut state = VerificationState::new(public).unwrap();
            state.update(b"message").unwrap();
            assert_eq!(state.verify(&signature), Ok(()));
            state.update(b"!").unwrap();
            assert_eq!(state.verify(&signature), Err(Errno::VerificationFailed));
        }
        _ => {
            let made = kx::encapsulate(public).unwrap();
            assert_eq!(made.secret.len(), 32);
            assert_eq!(
                kx::decapsulate(secret, &made.encapsulated).unwrap(),
                made.secret
            );
        }
    }
}

#[test]
fn keys_survive_every_encoding() {
    let mut written = 0;
    for algorithm in Algorithm::all() {
        let pair = pair(algorithm);
        let (public, secret) = (pair.public_key(), pair.secret_key());
        public.verify().unwrap();
        for encoding in KEYPAIR_ENCODINGS {
            let name = format!("{encoding:?}");
            let exported = pair.export(encoding);
            assert_eq!(
                exported.is_ok(),
                is_written(algorithm, &name),
                "{algorithm:?} {name}"
            );
            match exported {
                Ok(encoded) => {
                    let again = KeyPair::import(algorithm, &encoded, encoding).unwrap();
                    assert_eq!(again.export(encoding).unwrap(), encoded);
                    check_pair(&public, &again.secret_key());
                    check_pair(&again.public_key(), &secret);
                    written += 1;
                }
                Err(error) => {
                    assert_eq!(error, Errno::UnsupportedEncoding);
                    assert_eq!(KeyPair::import(algorithm, &[], encoding).err(), Some(error));
                }
            }
        }
        for encoding in PUBLICKEY_ENCODINGS {
            let name = format!("{encoding:?}");
            let exported = public.export(encoding);
            assert_eq!(
                exported.is_ok(),
                is_written(algorithm, &name),
                "{algorithm:?} {name}"
            );
            match exported {
                Ok(encoded) => {
                    let again = PublicKey::import(algorithm, &encoded, encoding).unwrap();
                    assert_eq!(again.export(encoding).unwrap(), encoded);
                    check_pair(&again, &secret);
                    written += 1;
                }
                Err(error) => {
                    assert_eq!(error, Errno::UnsupportedEncoding);
                    assert_eq!(
                        PublicKey::import(algorithm, &[], encoding).err(),
                        Some(error)
                    );
                }
            }
        }
        for encoding in SECRETKEY_ENCODINGS {
            let name = format!("{encoding:?}");
            let exported = secret.export(encoding);
            assert_eq!(
                exported.is_ok(),
                is_written(algorithm, &name),
                "{algorithm:?} {name}"
            );
            match exported {
                Ok(encoded) => {
                    let again = SecretKey::import(algorithm, &encoded, encoding).unwrap();
                    assert_eq!(again.export(encoding).unwrap(), encoded);
                    check_pair(&public, &again);
                    written += 1;
                }
                Err(error) => {
                    assert_eq!(error, Errno::UnsupportedEncoding);
                    assert_eq!(
                        SecretKey::import(algorithm, &[], encoding).err(),
                        Some(error)
                    );
                }
            }
        }
    }
    println!(
        "{written} encodings of {} algorithms",
        Algorithm::all().count()
    );
    assert_eq!(Algorithm::all().count(), 41);
    assert_eq!(written, 415);
}

/// The sizes that other hosts rely on (specification, "Required encodings and key types").
#[test]
fn raw_encodings_have_the_sizes_of_the_specification() {
    use crate::pairs::algorithm;
    for (name, of_pair, of_public, of_secret) in [
        ("Ed25519", 64, 32, 32),
        ("ECDSA_P256_SHA256", 32, 33, 32),
        ("ECDSA_P384_SHA384", 48, 49, 48),
        ("ECDSA_K256_SHA256", 32, 33, 32),
        ("P256-SHA256", 32, 33, 32),
        ("P384-SHA384", 48, 49, 48),
        ("X25519", 64, 32, 32),
        ("ML-DSA-44", 32, 1312, 32),
        ("ML-DSA-65", 32, 1952, 32),
        ("ML-DSA-87", 32, 2592, 32),
        ("ML-KEM-512", 864, 800, 64),
        ("ML-KEM-768", 1248, 1184, 64),
        ("ML-KEM-1024", 1632, 1568, 64),
        ("X-WING", 1248, 1216, 32),
    ] {
        let pair = pair(algorithm(name));
        assert_eq!(
            pair.export(KeypairEncoding::Raw).unwrap().len(),
            of_pair,
            "{name}"
        );
        assert_eq!(
            pair.public_key()
                .export(PublickeyEncoding::Raw)
                .unwrap()
                .len(),
            of_public,
            "{name}"
        );
        assert_eq!(
            pair.secret_key()
                .export(SecretkeyEncoding::Raw)
                .unwrap()
                .len(),
            of_secret,
            "{name}"
        );
    }
}

/// Points are read compressed and uncompressed, and written uncompressed (specification, "Public keys").
#[test]
fn points_are_read_in_both_forms() {
    for algorithm in Algorithm::all().filter(|algorithm| is_written(*algorithm, "Sec")) {
        let public = pair(algorithm).public_key();
        let compressed = public.export(PublickeyEncoding::Raw).unwrap();
        let uncompressed = public.export(PublickeyEncoding::Sec).unwrap();
        assert_eq!((compressed[0] & !1, uncompressed[0]), (2, 4));
        for encoding in [PublickeyEncoding::Raw, PublickeyEncoding::Sec] {
            for point in [&compressed, &uncompressed] {
                let again = PublicKey::import(algorithm, point, encoding).unwrap();
                assert_eq!(again.export(PublickeyEncoding::Sec).unwrap(), uncompressed);
            }
        }
        // The hybrid form of SEC 1 is not among them.
        let hybrid = [&[6 | compressed[0] & 1], &uncompressed[1..]].concat();
        let refused = PublicKey::import(algorithm, &hybrid, PublickeyEncoding::Sec);
        assert_eq!(refused.err(), Some(Errno::InvalidKey));
    }
}

/// Signatures of ECDSA also are written in DER; all have one size in their raw form.
#[test]
fn signatures_survive_their_encodings() {
    for algorithm in
        Algorithm::all().filter(|algorithm| algorithm.algorithm_type() == AlgorithmType::Signatures)
    {
        let pair = pair(algorithm);
        let signature = SigningState::new(&pair).unwrap().sign().unwrap();
        let raw = signature.export(SignatureEncoding::Raw).unwrap();
        assert_eq!(raw, signature.raw());
        assert_eq!(
            Signature::import(algorithm, &raw, SignatureEncoding::Raw).unwrap(),
            signature
        );
        for wrong in [&raw[1..], &[raw.as_slice(), &[0]].concat(), &[]] {
            let refused = Signature::import(algorithm, wrong, SignatureEncoding::Raw);
            assert_eq!(refused.err(), Some(Errno::InvalidSignature));
        }
        match (algorithm, signature.export(SignatureEncoding::Der)) {
            (Algorithm::Ecdsa(_), Ok(der)) => {
                assert_eq!(
                    Signature::import(algorithm, &der, SignatureEncoding::Der).unwrap(),
                    signature
                );
            }
            (_, exported) => {
                assert_eq!(exported, Err(Errno::UnsupportedEncoding));
                let refused = Signature::import(algorithm, &raw, SignatureEncoding::Der);
                assert_eq!(refused.err(), Some(Errno::UnsupportedEncoding));
            }
        }
    }
}

/// Numbers with zeros in front, and with their top bit set: DER writes them with fewer and more bytes than the raw form.
#[test]
fn signatures_with_short_and_high_numbers_are_the_same_in_der() {
    let algorithm = crate::pairs::algorithm("ECDSA_P256_SHA256");
    for (r, s) in [
        (vec![0x80; 32], vec![0x7f; 32]),
        (
            [vec![0; 31], vec![1]].concat(),
            [vec![0], vec![0xff; 31]].concat(),
        ),
    ] {
        let raw = [r, s].concat();
        let signature = Signature::import(algorithm, &raw, SignatureEncoding::Raw).unwrap();
        let der = signature.export(SignatureEncoding::Der).unwrap();
        assert_eq!(
            Signature::import(algorithm, &der, SignatureEncoding::Der).unwrap(),
            signature
        );
    }
    // r and s of 33 bytes, a negative number, more than two numbers.
    for der in [
        [
            &[0x30, 0x26, 0x02, 0x21, 0x01][..],
            &[0; 32],
            &[0x02, 0x01, 0x01],
        ]
        .concat(),
        vec![0x30, 0x06, 0x02, 0x01, 0xff, 0x02, 0x01, 0x01],
        vec![
            0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01,
        ],
    ] {
        let refused = Signature::import(algorithm, &der, SignatureEncoding::Der);
        assert_eq!(refused.err(), Some(Errno::InvalidSignature));
    }
}

/// Signatures on secp256k1 have a low `s`: other hosts refuse high ones.
#[test]
fn signatures_on_secp256k1_are_low() {
    let pair = pair(crate::pairs::algorithm("ECDSA_K256_SHA256"));
    let state = SigningState::new(&pair).unwrap();
    let verification = VerificationState::new(&pair.public_key()).unwrap();
    for _ in 0..50 {
        let signature = state.sign().unwrap();
        assert!(signature.raw()[32] < 0x80);
        verification.verify(&signature).unwrap();
    }
}
