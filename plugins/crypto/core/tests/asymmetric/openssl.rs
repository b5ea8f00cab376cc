//! The program `openssl` reads what is written here, writes what is read here, and agrees on signatures and secrets.

use std::path::{Path, PathBuf};
use std::process::Command;

use c12_crypto_core::asymmetric::{
    Algorithm, KeyPair, PublicKey, Signature, SigningState, VerificationState, kx,
};
use c12_crypto_core::{KeypairEncoding, PublickeyEncoding, SignatureEncoding};

use crate::pairs::{algorithm, pair};

/// The program and a folder for its files; nothing where it is missing, which a machine that is counted on may not do.
struct OpenSsl {
    folder: PathBuf,
}

impl OpenSsl {
    fn find(test: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            let counted_on = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!counted_on, "the program `openssl` is not installed");
            println!("not tested: the program `openssl` is not installed");
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("openssl-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self { folder })
    }

    fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.folder.join(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> Vec<u8> {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {complaint}");
        output.stdout
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How `openssl pkeyutl` is told of an algorithm; `None` for those that its version 3.0 does not have.
fn signing_options(algorithm: Algorithm) -> Option<&'static str> {
    Some(match algorithm.name() {
        "Ed25519" => "-rawin",
        "ECDSA_P256_SHA256" | "ECDSA_K256_SHA256" | "RSA_PKCS1_2048_SHA256" => {
            "-rawin -digest sha256"
        }
        "ECDSA_P384_SHA384" => "-rawin -digest sha384",
        "RSA_PKCS1_3072_SHA384" => "-rawin -digest sha384",
        "RSA_PKCS1_4096_SHA512" => "-rawin -digest sha512",
        "RSA_PSS_2048_SHA256" => {
            "-rawin -digest sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest"
        }
        "RSA_PSS_3072_SHA384" => {
            "-rawin -digest sha384 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest"
        }
        "RSA_PSS_4096_SHA512" => {
            "-rawin -digest sha512 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest"
        }
        _ => return None,
    })
}

fn encoding_of_signatures(algorithm: Algorithm) -> SignatureEncoding {
    if matches!(algorithm, Algorithm::Ecdsa(_)) {
        SignatureEncoding::Der
    } else {
        SignatureEncoding::Raw
    }
}

#[test]
fn openssl_verifies_our_signatures_and_we_its() {
    let Some(openssl) = OpenSsl::find("signatures") else {
        return;
    };
    openssl.write("message", b"What is signed.");
    let mut tested = 0;
    for algorithm in Algorithm::all() {
        let Some(options) = signing_options(algorithm) else {
            continue;
        };
        let pair = pair(algorithm);
        let encoding = encoding_of_signatures(algorithm);
        openssl.write("secret.der", &pair.export(KeypairEncoding::Pkcs8).unwrap());
        openssl.write("secret.pem", &pair.export(KeypairEncoding::Pem).unwrap());
        openssl.write(
            "public.pem",
            &pair.public_key().export(PublickeyEncoding::Pem).unwrap(),
        );

        let mut state = SigningState::new(&pair).unwrap();
        state.update(b"What is signed.").unwrap();
        openssl.write(
            "signature",
            &state.sign().unwrap().export(encoding).unwrap(),
        );
        openssl.run(&format!(
            "pkeyutl -verify -pubin -inkey public.pem -in message -sigfile signature {options}"
        ));

        openssl.run(&format!(
            "pkeyutl -sign -inkey secret.der -keyform DER -in message -out signature {options}"
        ));
        let signature = Signature::import(algorithm, &openssl.read("signature"), encoding).unwrap();
        let mut state = VerificationState::new(&pair.public_key()).unwrap();
        state.update(b"What is signed.").unwrap();
        assert_eq!(state.verify(&signature), Ok(()), "{algorithm:?}");
        tested += 1;
    }
    assert_eq!(tested, 10);
}

#[test]
fn keys_of_openssl_are_read_and_written_as_it_does() {
    let Some(openssl) = OpenSsl::find("keys") else {
        return;
    };
    for (name, generate) in [
        ("Ed25519", "genpkey -algorithm ED25519"),
        ("X25519", "genpkey -algorithm X25519"),
        (
            "ECDSA_P256_SHA256",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        ),
        (
            "ECDSA_P384_SHA384",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        ),
        (
            "ECDSA_K256_SHA256",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
        ),
        (
            "P256-SHA256",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        ),
        (
            "P384-SHA384",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        ),
        (
            "RSA_PKCS1_2048_SHA256",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        ),
        (
            "RSA_OAEP_3072_SHA256",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072",
        ),
    ] {
        let algorithm = algorithm(name);
        openssl.run(&format!("{generate} -out secret.pem"));
        openssl.run("pkcs8 -topk8 -nocrypt -in secret.pem -outform DER -out secret.der");
        openssl.run("pkey -inform DER -in secret.der -pubout -outform DER -out public.der");
        openssl.run("pkey -inform DER -in secret.der -pubout -out public.pem");
        for (file, encoding) in [
            ("secret.der", KeypairEncoding::Pkcs8),
            ("secret.pem", KeypairEncoding::Pem),
        ] {
            let written = openssl.read(file);
            let pair = KeyPair::import(algorithm, &written, encoding);
            let pair = pair.unwrap_or_else(|error| panic!("{name} {file}: {error}"));
            assert_eq!(
                pair.export(encoding).unwrap().as_slice(),
                written,
                "{name} {file}"
            );
        }
        for (file, encoding) in [
            ("public.der", PublickeyEncoding::Pkcs8),
            ("public.pem", PublickeyEncoding::Pem),
        ] {
            let written = openssl.read(file);
            let public = PublicKey::import(algorithm, &written, encoding).unwrap();
            assert_eq!(public.export(encoding).unwrap(), written, "{name} {file}");
        }
        // The forms that older programs write.
        if !name.ends_with("25519") {
            openssl.run("pkey -in secret.pem -traditional -out traditional.pem");
            openssl.run("pkey -in secret.pem -traditional -outform DER -out traditional.der");
            for (file, encoding) in [
                ("traditional.pem", KeypairEncoding::Pem),
                ("traditional.der", KeypairEncoding::Pkcs8),
            ] {
                let pair = KeyPair::import(algorithm, &openssl.read(file), encoding).unwrap();
                assert_eq!(
                    pair.export(KeypairEncoding::Pkcs8).unwrap().as_slice(),
                    openssl.read("secret.der")
                );
            }
        }
    }
    // A key that is bound to PSS is one for PSS, and for nothing else.
    openssl.run(
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -outform DER -out secret.der",
    );
    let written = openssl.read("secret.der");
    assert!(
        KeyPair::import(
            crate::pairs::algorithm("RSA_PSS_2048_SHA256"),
            &written,
            KeypairEncoding::Pkcs8
        )
        .is_ok()
    );
    assert!(
        KeyPair::import(
            crate::pairs::algorithm("RSA_PKCS1_2048_SHA256"),
            &written,
            KeypairEncoding::Pkcs8
        )
        .is_err()
    );
}

#[test]
fn openssl_agrees_on_secrets() {
    let Some(openssl) = OpenSsl::find("secrets") else {
        return;
    };
    for name in ["X25519", "P256-SHA256", "P384-SHA384"] {
        let (ours, theirs) = (pair(algorithm(name)), pair(algorithm(name)));
        openssl.write(
            "ours.pem",
            &ours.public_key().export(PublickeyEncoding::Pem).unwrap(),
        );
        openssl.write("theirs.pem", &theirs.export(KeypairEncoding::Pem).unwrap());
        let agreed = openssl.run("pkeyutl -derive -inkey theirs.pem -peerkey ours.pem");
        assert_eq!(
            kx::dh(&theirs.public_key(), &ours.secret_key())
                .unwrap()
                .as_slice(),
            agreed,
            "{name}"
        );
    }
    for (name, hash) in [
        ("RSA_OAEP_2048_SHA256", "sha256"),
        ("RSA_OAEP_3072_SHA384", "sha384"),
        ("RSA_OAEP_4096_SHA512", "sha512"),
    ] {
        let pair = pair(algorithm(name));
        openssl.write("secret.pem", &pair.export(KeypairEncoding::Pem).unwrap());
        openssl.write(
            "public.pem",
            &pair.public_key().export(PublickeyEncoding::Pem).unwrap(),
        );
        let options = format!(
            "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{hash} -pkeyopt rsa_mgf1_md:{hash}"
        );
        let made = kx::encapsulate(&pair.public_key()).unwrap();
        openssl.write("encapsulated", &made.encapsulated);
        let secret = openssl.run(&format!(
            "pkeyutl -decrypt -inkey secret.pem -in encapsulated {options}"
        ));
        assert_eq!(made.secret.as_slice(), secret, "{name}");
        // Of any length, none included.
        for message in [&b""[..], b"a message of its own"] {
            openssl.write("message", message);
            let encrypted = openssl.run(&format!(
                "pkeyutl -encrypt -pubin -inkey public.pem -in message {options}"
            ));
            assert_eq!(
                kx::decapsulate(&pair.secret_key(), &encrypted)
                    .unwrap()
                    .as_slice(),
                message,
                "{name}"
            );
        }
    }
}
