//! Published answers that Project Wycheproof does not have.

use std::process::Command;

use c12_crypto_core::{
    AlgorithmType, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, SignatureEncoding,
};

use crate::guest::{Guest, hex};

/// RFC 8032, section 7.1: signatures of Ed25519 are the same every time.
#[test]
fn ed25519_signs_as_rfc_8032() {
    let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465\
             5141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0\
             0d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc0\
             27beceea1ec40a",
        ),
    ];
    let mut guest = Guest::new();
    for (seed, public, message, signature) in vectors {
        let raw = [hex(seed), hex(public)].concat();
        let pair = guest.pair("Ed25519", &raw, KeypairEncoding::Raw).unwrap();
        assert_eq!(guest.sign(pair, &hex(message)).unwrap(), hex(signature));
        guest.session.keypair_close(pair).unwrap();
    }
}

/// RFC 6979, appendix A.2.5 and A.2.6, and the signature that Bitcoin programs test theirs with. Here nonces are random, so
/// that theirs are verified, and the key is shown to be the same by its public half.
#[test]
fn ecdsa_verifies_deterministic_signatures() {
    let vectors = [
        (
            "ECDSA_P256_SHA256",
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f51\
             77a3c294d4462299",
            [
                (
                    "sample",
                    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9\
                     aff4064dc4ab2f843acda8",
                ),
                (
                    "test",
                    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3\
                     814b4c0cc84250e46f0083",
                ),
            ]
            .as_slice(),
        ),
        (
            "ECDSA_P384_SHA384",
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
            "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d5724\
             4ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
            [
                (
                    "sample",
                    "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15\
                     f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
                ),
                (
                    "test",
                    "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023dbddd0760448\
                     d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5",
                ),
            ]
            .as_slice(),
        ),
        (
            "ECDSA_K256_SHA256",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a6855419\
             9c47d08ffb10d4b8",
            [(
                "Satoshi Nakamoto",
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c\
                 4496f01a512aafd9e5",
            )]
            .as_slice(),
        ),
    ];
    let mut guest = Guest::new();
    for (algorithm, scalar, point, signatures) in vectors {
        let scalar = hex(scalar);
        let secret = (scalar.as_slice(), SecretkeyEncoding::Sec);
        let point = hex(point);
        let public = guest.public_of(
            AlgorithmType::Signatures,
            algorithm,
            secret,
            PublickeyEncoding::Sec,
        );
        assert_eq!(public.as_deref(), Ok(point.as_slice()));
        for (message, signature) in signatures {
            let signature = (hex(signature), SignatureEncoding::Raw);
            let key = (point.as_slice(), PublickeyEncoding::Sec);
            let verdict = guest.verify(
                algorithm,
                key,
                message.as_bytes(),
                (&signature.0, signature.1),
            );
            assert_eq!(verdict, Ok(()), "{algorithm} {message}");
        }
    }
}

/// RFC 7748, section 6.1.
#[test]
fn x25519_agrees_as_rfc_7748() {
    let alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let alice_public = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let bob_public = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let mut guest = Guest::new();
    for (secret, own, partner) in [
        (&alice, &alice_public, &bob_public),
        (&bob, &bob_public, &alice_public),
    ] {
        let secret = (secret.as_slice(), SecretkeyEncoding::Raw);
        let public = guest.public_of(
            AlgorithmType::KeyExchange,
            "X25519",
            secret,
            PublickeyEncoding::Raw,
        );
        assert_eq!(public.as_ref(), Ok(own));
        let agreed = guest.dh("X25519", (partner, PublickeyEncoding::Raw), secret);
        assert_eq!(agreed.as_ref(), Ok(&shared));
    }
}

/// RFC 5903, section 8.1.
#[test]
fn p256_agrees_as_rfc_5903() {
    let initiator = hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
    let responder = hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
    let initiator_public = hex(
        "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e\
         0577b8990bb3",
    );
    let responder_public = hex(
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e7\
         4f33039872ab",
    );
    let shared = hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
    let mut guest = Guest::new();
    for (secret, partner) in [
        (&initiator, &responder_public),
        (&responder, &initiator_public),
    ] {
        let agreed = guest.dh(
            "P256-SHA256",
            (partner, PublickeyEncoding::Sec),
            (secret, SecretkeyEncoding::Raw),
        );
        assert_eq!(agreed.as_ref(), Ok(&shared));
    }
}

/// The vectors of draft-connolly-cfrg-xwing-kem, as the crate `x-wing` carries them (Apache-2.0 or MIT).
#[test]
fn x_wing_decapsulates_as_its_draft() {
    let mut guest = Guest::new();
    let vectors = x_wing_vectors();
    for vector in &vectors {
        let field = |name: &str| hex(vector[name].as_str().unwrap());
        let secret = field("sk");
        let secret = (secret.as_slice(), SecretkeyEncoding::Raw);
        let public = guest.public_of(
            AlgorithmType::KeyExchange,
            "X-WING",
            secret,
            PublickeyEncoding::Raw,
        );
        assert_eq!(public, Ok(field("pk")));
        assert_eq!(
            guest.decapsulate("X-WING", secret, &field("ct")),
            Ok(field("ss"))
        );
    }
    assert_eq!(vectors.len(), 3);
}

/// They are where Cargo unpacked the crate.
fn x_wing_vectors() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--manifest-path",
        ])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "x-wing")
        .unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let vectors =
        std::fs::read(manifest.with_file_name("tests").join("test-vectors.json")).unwrap();
    serde_json::from_slice(&vectors).unwrap()
}
