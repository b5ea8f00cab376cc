//! Runs test vectors through the host's cryptography: FILE… in the form of Project Wycheproof's JSON. Of every set it prints a
//! line with tabs between: `set`, the file, the algorithm, and how many vectors there are, were verified, were refused as they
//! have to be, may be either, are outside of what the interface can express (and were refused), and went wrong.
//!
//! A vector that has to fail counts only if it fails with the error that the specification has for it.

#[cfg(target_os = "wasi")]
mod ciphers;
#[cfg(target_os = "wasi")]
mod derivation;
#[cfg(target_os = "wasi")]
mod exchange;
#[cfg(target_os = "wasi")]
mod fields;
#[cfg(target_os = "wasi")]
mod hashes;
#[cfg(target_os = "wasi")]
mod signatures;
#[cfg(target_os = "wasi")]
mod tally;

#[cfg(target_os = "wasi")]
mod guest {
    use serde_json::Value;

    use crate::fields::Fields;
    use crate::tally::Tallies;
    use crate::{ciphers, derivation, exchange, hashes, signatures};

    pub(crate) fn run() -> bool {
        let mut right = true;
        for path in std::env::args().skip(1) {
            let text = std::fs::read_to_string(&path).expect("the vectors can be read");
            let file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
            let name = path.rsplit('/').next().unwrap_or(&path);
            let tallies = run_file(Fields::new(&file));
            print!("{}", tallies.lines(name.trim_end_matches(".json")));
            right &= tallies.nothing_wrong();
        }
        right
    }

    fn run_file(file: Fields<'_>) -> Tallies {
        let mut tallies = Tallies::default();
        let algorithm = file.text("algorithm");
        for group in file.list("testGroups") {
            let tests: Vec<Fields<'_>> = group.list("tests").collect();
            match group.text("type") {
                "AeadTest" => ciphers::aead(algorithm, group, &tests, &mut tallies),
                "CtrTest" => ciphers::ctr(algorithm, &tests, &mut tallies),
                "XoodyakTest" => ciphers::xoodyak(algorithm, &tests, &mut tallies),
                "HashTest" => hashes::hash(algorithm, &tests, &mut tallies),
                "HashChainTest" => hashes::chain(algorithm, group, &tests, &mut tallies),
                "ExtendableHashTest" => hashes::extendable(algorithm, group, &tests, &mut tallies),
                "MacTest" => hashes::mac(algorithm, group, &tests, &mut tallies),
                "HkdfTest" => derivation::hkdf(algorithm, &tests, &mut tallies),
                "PbkdfTest" => derivation::pbkdf2(algorithm, &tests, &mut tallies),
                "ScryptTest" => derivation::scrypt(algorithm, &tests, &mut tallies),
                "Argon2Test" => derivation::argon2(algorithm, &tests, &mut tallies),
                "EddsaVerify"
                | "EcdsaVerify"
                | "EcdsaP1363Verify"
                | "EcdsaBitcoinVerify"
                | "RsassaPkcs1Verify"
                | "RsassaPssVerify"
                | "RsassaPssWithParametersVerify"
                | "MlDsaVerify" => signatures::verify(algorithm, group, &tests, &mut tallies),
                "EddsaSign" => signatures::sign_ed25519(&tests, &mut tallies),
                "MlDsaSign" => signatures::sign_ml_dsa(algorithm, group, &tests, &mut tallies),
                "XdhComp" => exchange::x25519(&tests, &mut tallies),
                "EcdhTest" | "EcdhEcpointTest" => exchange::ecdh(group, &tests, &mut tallies),
                "MLKEMTest" | "MLKEMKeyGen" | "MLKEMDecapsValidationTest" | "KemTest" => {
                    exchange::decapsulate(algorithm, group, &tests, &mut tallies);
                }
                "MLKEMEncapsTest" => exchange::encapsulate(group, &tests, &mut tallies),
                "RsaesOaepDecrypt" => exchange::rsa_oaep(group, &tests, &mut tallies),
                other => panic!("there is no way to run vectors of the type {other}"),
            }
        }
        tallies
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    match guest::run() {
        true => std::process::ExitCode::SUCCESS,
        false => std::process::ExitCode::FAILURE,
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
