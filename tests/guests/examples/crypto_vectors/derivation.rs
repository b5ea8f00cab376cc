//! Key derivation.

use c12_wasm::crypto::{Error, Result, raw};

use crate::fields::{Expected, Fields};
use crate::tally::{Outcome, Tallies, Verdict, failed, gives, refused};

pub(crate) fn hkdf(set: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let hash = set.strip_prefix("HKDF-").unwrap_or(set);
    let (extract, expand) = (
        format!("HKDF-EXTRACT/{hash}"),
        format!("HKDF-EXPAND/{hash}"),
    );
    for test in tests {
        let outcome = hkdf_vector(&extract, &expand, *test);
        tallies.add(&expand, &test.name(), outcome);
    }
}

fn hkdf_vector(extract: &str, expand: &str, test: Fields<'_>) -> Outcome {
    let derived = (|| {
        let key = raw::symmetric_key_import(extract, &test.bytes("ikm"))?;
        let state = raw::symmetric_state_open(extract, Some(&key), None)?;
        raw::symmetric_state_absorb(&state, &test.bytes("salt"))?;
        let key = raw::symmetric_state_squeeze_key(&state, expand)?;
        let length = test.number("size");
        let options = options(length)?;
        let state = raw::symmetric_state_open(expand, Some(&key), Some(&options))?;
        raw::symmetric_state_absorb(&state, &test.bytes("info"))?;
        raw::symmetric_state_squeeze(&state, length as usize)
    })();
    if test.expected() == Expected::Invalid {
        refused(derived, &[Error::InvalidLength])?;
        return Ok(Verdict::Refused);
    }
    gives("the key", derived, &test.bytes("okm"))?;
    Ok(Verdict::Verified)
}

/// Options for so many bytes of output.
fn options(length: u64) -> Result<raw::Options> {
    let options = raw::options_open(raw::AlgorithmType::Symmetric)?;
    raw::options_set_u64(&options, "output_len", length)?;
    Ok(options)
}

/// A password at work.
fn stretch(
    algorithm: &str,
    key: Option<&raw::SymmetricKey>,
    password: &[u8],
    bytes: &[(&str, &[u8])],
    numbers: &[(&str, u64)],
    length: u64,
) -> Result<Vec<u8>> {
    let options = options(length)?;
    for (name, value) in bytes {
        raw::options_set(&options, name, value)?;
    }
    for (name, value) in numbers {
        raw::options_set_u64(&options, name, *value)?;
    }
    let state = raw::symmetric_state_open(algorithm, key, Some(&options))?;
    raw::symmetric_state_absorb(&state, password)?;
    raw::symmetric_state_squeeze(&state, length as usize)
}

pub(crate) fn pbkdf2(set: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let hash = set.strip_prefix("PBKDF2-HMACSHA").unwrap_or(set);
    let algorithm = format!("PBKDF2-HMAC/SHA-{hash}");
    for test in tests {
        let salt = test.bytes("salt");
        let numbers = [("ops_limit", test.number("iterationCount"))];
        let (password, length) = (test.bytes("password"), test.number("dkLen"));
        let derived = stretch(
            &algorithm,
            None,
            &password,
            &[("salt", &salt)],
            &numbers,
            length,
        );
        let outcome = gives("the key", derived, &test.bytes("dk"));
        tallies.add(
            &algorithm,
            &test.name(),
            outcome.map(|()| Verdict::Verified),
        );
    }
}

pub(crate) fn scrypt(algorithm: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        let salt = test.bytes("salt");
        let numbers = [
            ("ops_limit", test.number("n")),
            ("block_size", test.number("r")),
            ("parallelism", test.number("p")),
        ];
        let (password, length) = (test.bytes("password"), test.number("dkLen"));
        let derived = stretch(
            algorithm,
            None,
            &password,
            &[("salt", &salt)],
            &numbers,
            length,
        );
        let outcome = gives("the key", derived, &test.bytes("dk"));
        tallies.add(algorithm, &test.name(), outcome.map(|()| Verdict::Verified));
    }
}

pub(crate) fn argon2(algorithm: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        tallies.add(algorithm, &test.name(), argon2_vector(algorithm, *test));
    }
}

fn argon2_vector(algorithm: &str, test: Fields<'_>) -> Outcome {
    let (salt, additional_data) = (test.bytes("salt"), test.bytes("ad"));
    let mut bytes = vec![("salt", salt.as_slice())];
    if !additional_data.is_empty() {
        bytes.push(("context", &additional_data));
    }
    let numbers = [
        ("ops_limit", test.number("passes")),
        ("memory_limit", test.number("memoryKib") << 10),
        ("parallelism", test.number("lanes")),
    ];
    let secret = test.bytes("secret");
    let key = (!secret.is_empty()).then(|| raw::symmetric_key_import(algorithm, &secret));
    let key = key.transpose().map_err(failed)?;
    let (password, length) = (test.bytes("password"), test.number("dkLen"));
    let derived = stretch(algorithm, key.as_ref(), &password, &bytes, &numbers, length);
    gives("the key", derived, &test.bytes("dk"))?;
    Ok(Verdict::Verified)
}
