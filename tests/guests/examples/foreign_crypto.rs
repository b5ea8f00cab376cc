//! A program of somebody who has never heard of C12: it uses nothing but crates.io's `wasi-crypto-guest`, bindings that the
//! specification's author made for the hosts of their time, and does with each of their types what they are for.

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
mod guest {
    use wasi_crypto_guest::prelude::*;

    type Outcome = Result<(), WasiCryptoError>;

    const PARTS: &[(&str, fn() -> Outcome)] = &[
        ("encryption with attached tags", aead),
        ("encryption with detached tags", detached),
        ("a tag that is wrong", wrong_tag),
        ("a session of Xoodyak", session),
        ("hashes", hashes),
        ("authentication", authentication),
        ("derivation", derivation),
        ("options that can be read", options),
        ("signatures of elliptic curves", elliptic_signatures),
        ("signatures of RSA", rsa_signatures),
        ("a signature that is wrong", wrong_signature),
        ("keys that are written and read", encodings),
        ("key agreement", agreement),
        ("encapsulation", encapsulation),
        ("errors", errors),
    ];

    pub(crate) fn run() {
        for (name, part) in PARTS {
            if let Err(error) = part() {
                panic!("{name}: {error:?}");
            }
            println!("{name}: ok");
        }
        println!("{} parts, all ok", PARTS.len());
    }

    fn aead() -> Outcome {
        for (algorithm, nonce) in [
            ("AES-128-GCM", &[1; 12][..]),
            ("AES-256-GCM", &[1; 12]),
            ("CHACHA20-POLY1305", &[1; 12]),
            ("XCHACHA20-POLY1305", &[1; 24]),
        ] {
            let key = AeadKey::generate(algorithm)?;
            let sealed = Aead::new(&key, Some(nonce), Some(b"ad"))?.encrypt("message")?;
            assert_eq!(sealed.len(), "message".len() + 16, "{algorithm}");
            let copy = AeadKey::from_raw(algorithm, key.raw()?)?;
            let opened = Aead::new(&copy, Some(nonce), Some(b"ad"))?.decrypt(&sealed)?;
            assert_eq!(opened, b"message", "{algorithm}");
        }
        Ok(())
    }

    fn detached() -> Outcome {
        let mut options = SymmetricOptions::new();
        options.set("nonce", [7; 12])?;
        // Options for states do no harm where a key is made.
        let key = SymmetricKey::generate("AES-256-GCM", Some(&options))?;
        let mut ciphertext = [0; 7];
        let mut state = SymmetricState::new("AES-256-GCM", Some(&key), Some(&options))?;
        let tag = state.encrypt_detached(&mut ciphertext, b"message")?;
        let mut message = [0; 7];
        SymmetricState::new("AES-256-GCM", Some(&key), Some(&options))?.decrypt_detached(
            &mut message,
            ciphertext,
            &tag,
        )?;
        assert_eq!(&message, b"message");
        Ok(())
    }

    fn wrong_tag() -> Outcome {
        let key = AeadKey::generate("AES-256-GCM")?;
        let mut sealed = Aead::new(&key, Some(&[0; 12]), None)?.encrypt("message")?;
        sealed[0] ^= 1;
        let opened = Aead::new(&key, Some(&[0; 12]), None)?.decrypt(&sealed);
        assert_eq!(opened.unwrap_err(), WasiCryptoError::InvalidTag);
        Ok(())
    }

    fn session() -> Outcome {
        let mut options = SymmetricOptions::new();
        options.set("nonce", [0; 16])?;
        let key = SymmetricKey::generate("XOODYAK-128", None)?;
        let open = || SymmetricState::new("XOODYAK-128", Some(&key), Some(&options));
        let (mut here, mut there) = (open()?, open()?);
        assert_eq!(here.squeeze_tag()?, there.squeeze_tag()?);
        here.absorb("more")?;
        there.absorb("more")?;
        let mut ciphertext = vec![0; 4];
        let tag = here.encrypt_detached(&mut ciphertext, b"test")?;
        let mut message = vec![0; 4];
        there.decrypt_detached(&mut message, &ciphertext, &tag)?;
        assert_eq!(message, b"test");
        here.ratchet()?;
        there.ratchet()?;
        let next = here.squeeze_key("XOODYAK-128")?;
        assert_eq!(next.raw()?, there.squeeze_key("XOODYAK-128")?.raw()?);
        assert_eq!(here.squeeze(32)?, there.squeeze(32)?);
        let mut fresh = open()?;
        let tag = open()?.squeeze_tag()?;
        fresh.verify(&tag)
    }

    fn hashes() -> Outcome {
        let digest = Hash::hash("SHA-256", b"abc", 32, None)?;
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        let short = Hash::hash("SHA-256", b"abc", 16, None)?;
        assert_eq!(short, digest[..16]);
        let mut state = Hash::unkeyed("SHA-512")?;
        state.absorb("a")?;
        state.squeeze(64)?;
        state.absorb("bc")?;
        assert_eq!(state.squeeze(64)?, Hash::hash("SHA-512", b"abc", 64, None)?);
        assert_eq!(
            Hash::hash("SHA-512/256", b"abc", 32, None)?[..4],
            [0x53, 0x04, 0x8e, 0x26]
        );
        Ok(())
    }

    fn authentication() -> Outcome {
        for algorithm in ["HMAC/SHA-256", "HMAC/SHA-512"] {
            let key = AuthKey::generate(algorithm)?;
            let tag = Auth::auth("message", &key)?;
            Auth::auth_verify("message", &key, &tag)?;
            let other = Auth::auth_verify("another message", &key, &tag);
            assert_eq!(
                other.unwrap_err(),
                WasiCryptoError::InvalidTag,
                "{algorithm}"
            );
        }
        let key = AuthKey::from_raw("HMAC/SHA-256", "key")?;
        let tag = Auth::auth("The quick brown fox jumps over the lazy dog", &key)?;
        assert_eq!(tag[..4], [0xf7, 0xbc, 0x83, 0xf4]);
        Ok(())
    }

    fn derivation() -> Outcome {
        let key = HkdfKey::from_raw("HKDF-EXTRACT/SHA-256", [0x0b; 22])?;
        let hkdf = Hkdf::new("HKDF-EXPAND/SHA-256", &key, None)?;
        let derived = hkdf.expand("", 42)?;
        assert_eq!(derived[..4], [0x8d, 0xa4, 0xe7, 0x75]);
        let key = HkdfKey::generate("HKDF-EXTRACT/SHA-512")?;
        let hkdf = Hkdf::new("HKDF-EXPAND/SHA-512", &key, Some(b"salt"))?;
        assert_eq!(hkdf.expand("info", 100)?.len(), 100);
        Ok(())
    }

    fn options() -> Outcome {
        let mut options = SymmetricOptions::new();
        options.set("nonce", [9; 24])?;
        let key = SymmetricKey::generate("XCHACHA20-POLY1305", None)?;
        let state = SymmetricState::new("XCHACHA20-POLY1305", Some(&key), Some(&options))?;
        assert_eq!(state.options_get("nonce")?, [9; 24]);
        // A nonce that is long enough may be the host's choice.
        let state = SymmetricState::new("XCHACHA20-POLY1305", Some(&key), None)?;
        assert_eq!(state.options_get("nonce")?.len(), 24);
        Ok(())
    }

    fn elliptic_signatures() -> Outcome {
        for algorithm in [
            "Ed25519",
            "ECDSA_P256_SHA256",
            "ECDSA_P384_SHA384",
            "ECDSA_K256_SHA256",
        ] {
            signs(algorithm)?;
        }
        Ok(())
    }

    fn rsa_signatures() -> Outcome {
        signs("RSA_PKCS1_2048_SHA256")?;
        signs("RSA_PSS_2048_SHA256")
    }

    fn signs(algorithm: &'static str) -> Outcome {
        let pair = SignatureKeyPair::generate(algorithm)?;
        let signature = pair.sign("message")?;
        pair.publickey()?.signature_verify("message", &signature)?;

        let mut state = pair.multipart_signature()?;
        state.update("mess")?;
        state.update("age")?;
        let signature = Signature::from_raw(algorithm, state.sign()?.raw()?)?;
        let mut state = pair.publickey()?.multipart_signature_verify()?;
        state.update("message")?;
        state.verify(&signature)
    }

    fn wrong_signature() -> Outcome {
        let pair = SignatureKeyPair::generate("Ed25519")?;
        let signature = pair.sign("message")?;
        let verified = pair.publickey()?.signature_verify("another", &signature);
        // The specification names both, and hosts differ in which they choose.
        let refused = [
            WasiCryptoError::InvalidSignature,
            WasiCryptoError::VerificationFailed,
        ];
        assert!(refused.contains(&verified.unwrap_err()));
        Ok(())
    }

    fn encodings() -> Outcome {
        let pair = SignatureKeyPair::generate("Ed25519")?;
        let raw = pair.raw()?;
        assert_eq!(raw.len(), 64);
        let copy = SignatureKeyPair::from_raw("Ed25519", &raw)?;
        assert_eq!(copy.publickey()?.raw()?, raw[32..]);
        SignaturePublicKey::from_raw("Ed25519", pair.publickey()?.raw()?)?;

        let pair = SignatureKeyPair::generate("ECDSA_P256_SHA256")?;
        let point = pair.publickey()?.sec()?;
        assert_eq!((point.len(), point[0]), (65, 4));
        for copy in [
            SignatureKeyPair::from_pkcs8("ECDSA_P256_SHA256", pair.pkcs8()?)?,
            SignatureKeyPair::from_pem("ECDSA_P256_SHA256", pair.pem()?)?,
            SignatureKeyPair::from_raw("ECDSA_P256_SHA256", pair.raw()?)?,
        ] {
            assert_eq!(copy.publickey()?.sec()?, point);
        }
        let signature = pair.sign("message")?;
        let der = Signature::from_der("ECDSA_P256_SHA256", signature.der()?)?;
        assert_eq!(der.raw()?, signature.raw()?);
        Ok(())
    }

    fn agreement() -> Outcome {
        let (ours, theirs) = (
            KxKeyPair::generate("X25519")?,
            KxKeyPair::generate("X25519")?,
        );
        let here = theirs.publickey()?.dh(&ours.secretkey()?)?;
        let there = ours.publickey()?.dh(&theirs.secretkey()?)?;
        assert_eq!(here, there);
        let sent = KxPublicKey::from_raw("X25519", ours.publickey()?.raw()?)?;
        sent.verify()?;
        assert_eq!(sent.dh(&theirs.secretkey()?)?, here);
        Ok(())
    }

    fn encapsulation() -> Outcome {
        for algorithm in ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024", "X-WING"] {
            let pair = KxKeyPair::generate(algorithm)?;
            let sent = KxPublicKey::from_raw(algorithm, pair.publickey()?.raw()?)?;
            let made = sent.encapsulate()?;
            let opened = pair.secretkey()?.decapsulate(&made.encapsulated_secret)?;
            assert_eq!(opened, made.secret, "{algorithm}");
        }
        Ok(())
    }

    fn errors() -> Outcome {
        let key = SymmetricKey::generate("ROT-13", None);
        assert_eq!(key.unwrap_err(), WasiCryptoError::UnsupportedAlgorithm);
        let key = SymmetricKey::from_raw("AES-256-GCM", [0; 31]);
        assert_eq!(key.unwrap_err(), WasiCryptoError::InvalidKey);
        let key = SymmetricKey::generate("AES-256-GCM", None)?;
        let state = SymmetricState::new("AES-256-GCM", Some(&key), None);
        assert_eq!(state.unwrap_err(), WasiCryptoError::NonceRequired);
        let state = SymmetricState::new("HMAC/SHA-256", None, None);
        assert_eq!(state.unwrap_err(), WasiCryptoError::KeyRequired);
        let digest = Hash::hash("SHA-256", b"", 33, None);
        assert_eq!(digest.unwrap_err(), WasiCryptoError::InvalidLength);
        let mut hash = SymmetricState::new("SHA-256", None, None)?;
        assert_eq!(
            hash.encrypt("x").unwrap_err(),
            WasiCryptoError::InvalidOperation
        );
        let pair = SignatureKeyPair::from_raw("Ed25519", [0; 32]);
        assert_eq!(pair.unwrap_err(), WasiCryptoError::InvalidKey);
        Ok(())
    }
}

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
fn main() {
    guest::run();
}

#[cfg(not(all(target_os = "wasi", not(target_env = "p2"))))]
fn main() {}
