//! Keys that others made: in forms that are not ours, and for other algorithms.

use c12_crypto_core::asymmetric::{
    Algorithm, KeyPair, PublicKey, RsaSize, SecretKey, SigningState, VerificationState,
};
use c12_crypto_core::{Errno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{BitStringRef, OctetStringRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{AnyRef, Decode, Encode, pem};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::pairs::{algorithm, pair, rsa};

pub(crate) fn import_public(
    name: &str,
    encoded: &[u8],
    encoding: PublickeyEncoding,
) -> Result<PublicKey, Errno> {
    PublicKey::import(algorithm(name), encoded, encoding)
}

pub(crate) fn import_secret(
    name: &str,
    encoded: &[u8],
    encoding: SecretkeyEncoding,
) -> Result<SecretKey, Errno> {
    SecretKey::import(algorithm(name), encoded, encoding)
}

/// Programs made for WasmEdge and for the crate `wasi-crypto` write PKCS#1 and call it PKCS#8; OpenSSL has PEM of its own for
/// PKCS#1 and SEC 1.
#[test]
fn the_older_forms_of_openssl_are_read() {
    let name = "RSA_PKCS1_2048_SHA256";
    let pkcs8 = rsa(RsaSize::Bits2048);
    let pkcs1 = PrivateKeyInfoRef::from_der(pkcs8)
        .unwrap()
        .private_key
        .as_bytes();
    let text = pem::encode_string("RSA PRIVATE KEY", LineEnding::LF, pkcs1).unwrap();
    let windows = pem::encode_string("RSA PRIVATE KEY", LineEnding::CRLF, pkcs1).unwrap();
    for (encoded, encoding) in [
        (pkcs1, SecretkeyEncoding::Pkcs8),
        (text.as_bytes(), SecretkeyEncoding::Pem),
        (windows.as_bytes(), SecretkeyEncoding::Pem),
    ] {
        let secret = import_secret(name, encoded, encoding).unwrap();
        assert_eq!(
            secret.export(SecretkeyEncoding::Pkcs8).unwrap().as_slice(),
            pkcs8
        );
    }
    let public = pair(algorithm(name)).public_key();
    let spki = public.export(PublickeyEncoding::Pkcs8).unwrap();
    let pkcs1 = SubjectPublicKeyInfoRef::from_der(&spki)
        .unwrap()
        .subject_public_key
        .as_bytes()
        .unwrap();
    let text = pem::encode_string("RSA PUBLIC KEY", LineEnding::LF, pkcs1).unwrap();
    let again = import_public(name, text.as_bytes(), PublickeyEncoding::Pem).unwrap();
    assert_eq!(again.export(PublickeyEncoding::Pkcs8).unwrap(), spki);

    for name in ["ECDSA_P256_SHA256", "P384-SHA384"] {
        let pair = pair(algorithm(name));
        let pkcs8 = pair.export(KeypairEncoding::Pkcs8).unwrap();
        let sec1 = PrivateKeyInfoRef::from_der(&pkcs8)
            .unwrap()
            .private_key
            .as_bytes();
        let text = pem::encode_string("EC PRIVATE KEY", LineEnding::LF, sec1).unwrap();
        for (encoded, encoding) in [
            (sec1, SecretkeyEncoding::Sec),
            (text.as_bytes(), SecretkeyEncoding::Pem),
        ] {
            let secret = import_secret(name, encoded, encoding).unwrap();
            assert_eq!(secret.export(SecretkeyEncoding::Pkcs8).unwrap(), pkcs8);
        }
        // A label says what is in it.
        let wrong = pem::encode_string("EC PRIVATE KEY", LineEnding::LF, &pkcs8).unwrap();
        assert_eq!(
            import_secret(name, wrong.as_bytes(), SecretkeyEncoding::Pem).err(),
            Some(Errno::InvalidKey)
        );
    }
}

/// PKCS#8 can have the public key in it; it must be the right one (RFC 5958).
#[test]
fn the_second_version_of_pkcs8_is_read() {
    for name in [
        "Ed25519",
        "X25519",
        "ECDSA_P256_SHA256",
        "ML-DSA-44",
        "ML-KEM-512",
        "RSA_PSS_2048_SHA256",
    ] {
        let pair = pair(algorithm(name));
        let pkcs8 = pair.export(KeypairEncoding::Pkcs8).unwrap();
        let spki = pair.public_key().export(PublickeyEncoding::Pkcs8).unwrap();
        let public = SubjectPublicKeyInfoRef::from_der(&spki)
            .unwrap()
            .subject_public_key;
        let mut info = PrivateKeyInfoRef::from_der(&pkcs8).unwrap();
        info.public_key = Some(public);
        let again = KeyPair::import(
            pair.algorithm(),
            &info.to_der().unwrap(),
            KeypairEncoding::Pkcs8,
        )
        .unwrap();
        assert_eq!(again.export(KeypairEncoding::Pkcs8).unwrap(), pkcs8);

        let mut wrong = public.as_bytes().unwrap().to_vec();
        *wrong.last_mut().unwrap() ^= 1;
        info.public_key = Some(BitStringRef::from_bytes(&wrong).unwrap());
        let refused = KeyPair::import(
            pair.algorithm(),
            &info.to_der().unwrap(),
            KeypairEncoding::Pkcs8,
        );
        assert_eq!(refused.err(), Some(Errno::InvalidKey), "{name}");
    }
}

/// ML-DSA and ML-KEM keys are a seed, an expanded key, or both, which then must belong together (RFC 9881, RFC 9935).
#[test]
fn expanded_keys_are_read_and_stay_expanded() {
    for (name, other) in [("ML-DSA-65", "ML-DSA-44"), ("ML-KEM-768", "ML-KEM-512")] {
        let ours = pair(algorithm(name));
        let seed = ours.secret_key().export(SecretkeyEncoding::Raw).unwrap();
        let expanded = expand(name, &seed);
        let from_expanded = import_secret(name, &expanded, SecretkeyEncoding::Raw).unwrap();
        assert_eq!(
            from_expanded
                .export(SecretkeyEncoding::Raw)
                .unwrap()
                .as_slice(),
            expanded
        );
        KeyPair::from_parts(&ours.public_key(), &from_expanded).unwrap();
        let pkcs8 = from_expanded.export(SecretkeyEncoding::Pkcs8).unwrap();
        let again = import_secret(name, &pkcs8, SecretkeyEncoding::Pkcs8).unwrap();
        assert_eq!(
            again.export(SecretkeyEncoding::Raw).unwrap().as_slice(),
            expanded
        );
        let local = from_expanded.export(SecretkeyEncoding::Local).unwrap();
        assert_eq!(
            import_secret(name, &local, SecretkeyEncoding::Local)
                .unwrap()
                .export(SecretkeyEncoding::Raw)
                .unwrap()
                .as_slice(),
            expanded
        );

        let oid = PrivateKeyInfoRef::from_der(&pkcs8).unwrap().algorithm.oid;
        let both = |seed: &[u8], expanded: &[u8]| {
            let parts = [
                OctetStringRef::new(seed).unwrap().to_der().unwrap(),
                OctetStringRef::new(expanded).unwrap().to_der().unwrap(),
            ];
            let sequence = AnyRef::new(pkcs8::der::Tag::Sequence, &parts.concat())
                .unwrap()
                .to_der()
                .unwrap();
            plain_pkcs8(oid, &sequence)
        };
        let secret =
            import_secret(name, &both(&seed, &expanded), SecretkeyEncoding::Pkcs8).unwrap();
        assert_eq!(secret.export(SecretkeyEncoding::Raw).unwrap(), seed);
        let strange = expand(
            name,
            &pair(algorithm(name))
                .secret_key()
                .export(SecretkeyEncoding::Raw)
                .unwrap(),
        );
        let refused = import_secret(name, &both(&seed, &strange), SecretkeyEncoding::Pkcs8);
        assert_eq!(refused.err(), Some(Errno::InvalidKey));
        // What belongs to another parameter set.
        let pkcs8 = pair(algorithm(other))
            .export(KeypairEncoding::Pkcs8)
            .unwrap();
        assert_eq!(
            import_secret(name, &pkcs8, SecretkeyEncoding::Pkcs8).err(),
            Some(Errno::InvalidKey)
        );
    }
}

fn plain_pkcs8(oid: ObjectIdentifier, key: &[u8]) -> Vec<u8> {
    let algorithm = AlgorithmIdentifierRef {
        oid,
        parameters: None,
    };
    PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key).unwrap())
        .to_der()
        .unwrap()
}

/// The expanded form, of the libraries.
fn expand(name: &str, seed: &[u8]) -> Vec<u8> {
    use aws_lc_rs::encoding::AsRawBytes;
    use aws_lc_rs::signature::{ML_DSA_65_SIGNING, PqdsaKeyPair};
    #[expect(deprecated, reason = "it is what is tested")]
    use ml_kem::ExpandedKeyEncoding;
    if name == "ML-DSA-65" {
        let pair = PqdsaKeyPair::from_seed(&ML_DSA_65_SIGNING, seed).unwrap();
        pair.private_key().as_raw_bytes().unwrap().as_ref().to_vec()
    } else {
        let key = ml_kem::ml_kem_768::DecapsulationKey::from_seed(seed.try_into().unwrap());
        #[expect(deprecated, reason = "it is what is tested")]
        key.to_expanded_bytes().to_vec()
    }
}

/// Whatever a key is for, another algorithm does not take it.
#[test]
fn keys_of_other_algorithms_are_refused() {
    let names = [
        "Ed25519",
        "X25519",
        "ECDSA_P256_SHA256",
        "ECDSA_K256_SHA256",
        "ECDSA_P384_SHA384",
        "RSA_PKCS1_2048_SHA256",
        "RSA_PKCS1_3072_SHA256",
        "RSA_OAEP_4096_SHA256",
        "ML-DSA-44",
        "ML-DSA-65",
        "ML-DSA-87",
        "ML-KEM-512",
        "ML-KEM-768",
        "ML-KEM-1024",
    ];
    for of in names {
        let pair = pair(algorithm(of));
        let secret = pair.export(KeypairEncoding::Pkcs8).unwrap();
        let public = pair.public_key().export(PublickeyEncoding::Pkcs8).unwrap();
        for to in names.into_iter().filter(|to| *to != of) {
            assert_eq!(
                import_secret(to, &secret, SecretkeyEncoding::Pkcs8).err(),
                Some(Errno::InvalidKey),
                "{of} as {to}"
            );
            assert_eq!(
                import_public(to, &public, PublickeyEncoding::Pkcs8).err(),
                Some(Errno::InvalidKey),
                "{of} as {to}"
            );
        }
        // The encoding of this implementation tells even algorithms with the same kind of key apart.
        let local = pair.export(KeypairEncoding::Local).unwrap();
        for to in Algorithm::all().filter(|to| *to != pair.algorithm()) {
            assert_eq!(
                KeyPair::import(to, &local, KeypairEncoding::Local).err(),
                Some(Errno::InvalidKey)
            );
        }
    }
}

#[test]
fn halves_of_different_pairs_make_none() {
    for name in [
        "Ed25519",
        "ECDSA_P256_SHA256",
        "RSA_PSS_2048_SHA256",
        "ML-DSA-65",
        "X25519",
        "P256-SHA256",
        "ML-KEM-768",
        "X-WING",
    ] {
        let algorithm = algorithm(name);
        let (one, two) = (
            KeyPair::generate(algorithm, None).unwrap(),
            KeyPair::generate(algorithm, None).unwrap(),
        );
        assert!(KeyPair::from_parts(&one.public_key(), &one.secret_key()).is_ok());
        let refused = KeyPair::from_parts(&one.public_key(), &two.secret_key());
        assert_eq!(refused.err(), Some(Errno::IncompatibleKeys), "{name}");
    }
    // The same numbers for another algorithm are another key.
    let scalar = [7; 32];
    let sign = import_secret("ECDSA_P256_SHA256", &scalar, SecretkeyEncoding::Raw).unwrap();
    let agree = import_secret("P256-SHA256", &scalar, SecretkeyEncoding::Raw).unwrap();
    let refused = KeyPair::from_parts(&sign.public_key(), &agree);
    assert_eq!(refused.err(), Some(Errno::IncompatibleKeys));
}

#[test]
fn nothing_secret_is_printed() {
    for algorithm in Algorithm::all() {
        let pair = pair(algorithm);
        let secret = pair.secret_key();
        let printed = format!(
            "{pair:?} {secret:?} {:#?} {:?}",
            pair.public_key(),
            SigningState::new(&pair)
        );
        // Whole keys would be much longer, and so would any part of one.
        assert!(printed.len() < 600, "{printed}");
        assert!(
            !printed.contains("[1") && !printed.contains("[0"),
            "{printed}"
        );
    }
    let state = VerificationState::new(&pair(Algorithm::Ed25519).public_key());
    assert!(format!("{state:?}").len() < 100);
}
