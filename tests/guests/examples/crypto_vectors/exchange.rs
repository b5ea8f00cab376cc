//! Key agreement and encapsulation.

use c12_wasm::crypto::{Error, Result, raw};
use raw::{AlgorithmType, PublickeyEncoding, SecretkeyEncoding};

use crate::fields::{Expected, Fields};
use crate::tally::{Outcome, Tallies, Verdict, failed, gives, refused};

const KIND: AlgorithmType = AlgorithmType::KeyExchange;

fn agree(
    algorithm: &str,
    (form, public): (PublickeyEncoding, &[u8]),
    secret: &[u8],
) -> Result<Vec<u8>> {
    let public = raw::publickey_import(KIND, algorithm, public, form)?;
    let secret = raw::secretkey_import(KIND, algorithm, secret, SecretkeyEncoding::Raw)?;
    raw::kx_dh(&public, &secret)
}

/// All are computed, but those whose secret everybody knows, since it is zero.
pub(crate) fn x25519(tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        let public = test.bytes("public");
        let agreed = agree(
            "X25519",
            (PublickeyEncoding::Raw, &public),
            &test.bytes("private"),
        );
        let outcome = match test.has_flag("ZeroSharedSecret") {
            true => refused(agreed, &[Error::InvalidKey]).map(|()| Verdict::Refused),
            false => gives("the secret", agreed, &test.bytes("shared")).map(|()| Verdict::Verified),
        };
        tallies.add("X25519", &test.name(), outcome);
    }
}

pub(crate) fn ecdh(group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let (algorithm, length) = match group.text("curve") {
        "secp256r1" => ("P256-SHA256", 32),
        "secp384r1" => ("P384-SHA384", 48),
        other => panic!("no algorithm for the curve {other}"),
    };
    let form = match group.text("encoding") {
        "ecpoint" => PublickeyEncoding::Sec,
        _ => PublickeyEncoding::Pkcs8,
    };
    for test in tests {
        // The vectors write numbers, some with a zero in front and some without.
        let number = test.bytes("private");
        let first = number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(number.len());
        let digits = &number[first..];
        let secret = [&vec![0; length - digits.len()], digits].concat();
        let agreed = agree(algorithm, (form, &test.bytes("public")), &secret);
        let outcome = ecdh_vector(*test, agreed);
        tallies.add(algorithm, &test.name(), outcome);
    }
}

fn ecdh_vector(test: Fields<'_>, agreed: Result<Vec<u8>>) -> Outcome {
    let shared = test.bytes("shared");
    match test.expected() {
        Expected::Valid => gives("the secret", agreed, &shared).map(|()| Verdict::Verified),
        Expected::Acceptable if agreed.is_ok() => {
            gives("the secret", agreed, &shared).map(|()| Verdict::Either)
        }
        Expected::Acceptable => refused(agreed, &[Error::InvalidKey]).map(|()| Verdict::Either),
        Expected::Invalid => refused(agreed, &[Error::InvalidKey]).map(|()| Verdict::Refused),
    }
}

/// Of a secret key, in whatever form the vector has it: its public key, and what it opens.
pub(crate) fn decapsulate(
    set: &str,
    group: Fields<'_>,
    tests: &[Fields<'_>],
    tallies: &mut Tallies,
) {
    let algorithm = group.maybe_text("parameterSet").unwrap_or(set);
    for test in tests {
        let computed = decapsulated(algorithm, *test);
        let outcome = match (test.expected(), computed) {
            (Expected::Valid, Ok(outcome)) => outcome.map(|()| Verdict::Verified),
            (Expected::Valid, Err(error)) => Err(failed(error)),
            (_, computed) => refused(computed, &[Error::InvalidKey, Error::VerificationFailed])
                .map(|()| Verdict::Refused),
        };
        tallies.add(algorithm, &test.name(), outcome);
    }
}

/// What the host says, and whether it is what the vector says.
fn decapsulated(algorithm: &str, test: Fields<'_>) -> Result<std::result::Result<(), String>> {
    for name in ["seed", "dk"] {
        let Some(secret) = test.maybe_bytes(name) else {
            continue;
        };
        let secret = raw::secretkey_import(KIND, algorithm, &secret, SecretkeyEncoding::Raw)?;
        if let Some(expected) = test.maybe_bytes("ek") {
            let public = raw::publickey_from_secretkey(&secret)?;
            let public = raw::publickey_export(&public, PublickeyEncoding::Raw)?;
            if public != expected {
                return Ok(Err(format!("the public key of the {name} is another")));
            }
        }
        if let Some(encapsulated) = test.maybe_bytes("c") {
            let shared = raw::kx_decapsulate(&secret, &encapsulated)?;
            if let Some(expected) = test.maybe_bytes("K") {
                if shared != expected {
                    return Ok(Err(format!("the secret is {shared:02x?}")));
                }
            }
        }
    }
    Ok(Ok(()))
}

/// Encapsulation is random, so that the secrets are not those of the vectors. But the host has to tell good keys from bad.
pub(crate) fn encapsulate(group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let algorithm = group.text("parameterSet");
    for test in tests {
        let made = (|| {
            let key = test.bytes("ek");
            let key = raw::publickey_import(KIND, algorithm, &key, PublickeyEncoding::Raw)?;
            raw::kx_encapsulate(&key)
        })();
        let outcome = match (test.expected(), made) {
            (Expected::Valid, Ok((secret, encapsulated))) => {
                match secret.len() == 32 && encapsulated.len() == test.bytes("c").len() {
                    true => Ok(Verdict::Verified),
                    false => Err("secret or ciphertext have another length".to_owned()),
                }
            }
            (Expected::Valid, Err(error)) => Err(failed(error)),
            (_, made) => refused(made, &[Error::InvalidKey]).map(|()| Verdict::Refused),
        };
        tallies.add(algorithm, &test.name(), outcome);
    }
}

pub(crate) fn rsa_oaep(group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let (hash, bits) = (group.text("sha"), group.number("keySize"));
    let is_named = matches!(hash, "SHA-256" | "SHA-384" | "SHA-512");
    let outside = match (is_named, bits) {
        (_, bits) if !matches!(bits, 2048 | 3072 | 4096) => Some("keys of other sizes"),
        (false, _) => Some("other hash functions"),
        (true, _) if group.text("mgfSha") != hash => Some("other parameters of the padding"),
        (true, _) => None,
    };
    let hash = if is_named { hash } else { "SHA-256" };
    let bits = if matches!(bits, 3072 | 4096) {
        bits
    } else {
        2048
    };
    let algorithm = format!("RSA_OAEP_{bits}_{}", hash.replace('-', ""));
    for test in tests {
        let outcome = rsa_oaep_vector(&algorithm, group, *test, outside);
        tallies.add(&algorithm, &test.name(), outcome);
    }
}

fn rsa_oaep_vector(
    algorithm: &str,
    group: Fields<'_>,
    test: Fields<'_>,
    outside: Option<&'static str>,
) -> Outcome {
    let opened = (|| {
        let key = group.bytes("privateKeyPkcs8");
        let key = raw::secretkey_import(KIND, algorithm, &key, SecretkeyEncoding::Pkcs8)?;
        raw::kx_decapsulate(&key, &test.bytes("ct"))
    })();
    let labelled = (!test.text("label").is_empty()).then_some("messages with a label");
    match (outside.or(labelled), test.expected()) {
        (_, Expected::Invalid) => {
            refused(opened, &[Error::InvalidKey, Error::VerificationFailed])?;
            Ok(Verdict::Refused)
        }
        (Some(reason), _) => {
            refused(opened, &[Error::InvalidKey, Error::VerificationFailed])?;
            Ok(Verdict::Outside(reason))
        }
        (None, Expected::Acceptable) if opened.is_err() => {
            refused(opened, &[Error::InvalidKey, Error::VerificationFailed])?;
            Ok(Verdict::Either)
        }
        (None, Expected::Acceptable) => {
            gives("the message", opened, &test.bytes("msg")).map(|()| Verdict::Either)
        }
        (None, Expected::Valid) => {
            gives("the message", opened, &test.bytes("msg")).map(|()| Verdict::Verified)
        }
    }
}
