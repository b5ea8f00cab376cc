//! Keys out of secrets, and out of passwords.

use std::io::Read as _;

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{
    Argon2Cost, Error, ScryptCost, Sha256, argon2id, hash_password, hkdf, pbkdf2, scrypt,
    verify_password,
};

use crate::checks::Checks;
use crate::files;
use crate::hex;

/// Prints a key of 32 bytes for the password on standard input.
pub(crate) fn from_standard_input(salt: &str) -> Result<(), Failure> {
    let mut password = String::new();
    std::io::stdin()
        .read_to_string(&mut password)
        .map_err(|cause| Failure::failed(format!("cannot read the password: {cause}")))?;
    let password = password.trim_end_matches(['\r', '\n']);
    let key = argon2id(
        password.as_bytes(),
        salt.as_bytes(),
        Argon2Cost::default(),
        32,
    )
    .map_err(|error| Failure::failed(format!("no key can be derived: {error}")))?;
    files::print(&format!("{}\n", hex::encode(key.expose())))
}

pub(crate) fn demonstrate(checks: &mut Checks) -> Result<(), Failure> {
    checks.title("key derivation")?;
    published_vectors(checks)?;

    let cost = Argon2Cost {
        memory_kib: 1024,
        passes: 2,
        lanes: 1,
    };
    let stored = hash_password(b"correct horse battery staple", cost)?;
    let right = verify_password(b"correct horse battery staple", &stored);
    checks.succeeds("ARGON2ID knows a password again", right)?;
    let wrong = verify_password(b"incorrect horse battery staple", &stored);
    checks.refused(
        "ARGON2ID refuses another password",
        wrong,
        Error::InvalidTag,
    )
}

/// RFC 5869, appendix A.1; RFC 7914, sections 11 and 12; and a test of the Argon2 authors' implementation.
fn published_vectors(checks: &mut Checks) -> Result<(), Failure> {
    let okm = hkdf::<Sha256>(
        &[0x0b; 22],
        &hex::decode("000102030405060708090a0b0c")?,
        &hex::decode("f0f1f2f3f4f5f6f7f8f9")?,
        42,
    )?;
    let expected =
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    checks.equal(
        "HKDF gives the published key",
        okm.expose(),
        &hex::decode(expected)?,
    )?;

    let key = pbkdf2::<Sha256>(b"passwd", b"salt", 1, 64)?;
    let expected = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc
        49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
    checks.equal(
        "PBKDF2 gives the published key",
        key.expose(),
        &hex::decode(expected)?,
    )?;

    let cost = ScryptCost {
        log_n: 10,
        block_size: 8,
        parallelism: 16,
    };
    let key = scrypt(b"password", b"NaCl", cost, 64)?;
    let expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
        2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640";
    checks.equal(
        "SCRYPT gives the published key",
        key.expose(),
        &hex::decode(expected)?,
    )?;

    let cost = Argon2Cost {
        memory_kib: 256,
        passes: 2,
        lanes: 1,
    };
    let key = argon2id(b"password", b"somesalt", cost, 32)?;
    let expected = "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe";
    checks.equal(
        "ARGON2ID gives the published key",
        key.expose(),
        &hex::decode(expected)?,
    )
}
