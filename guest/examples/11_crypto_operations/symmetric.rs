//! Encryption with a key that both sides have.

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{
    Aead, Aes128Ctr, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, Error, Key, Nonce, Session,
    XChaCha20Poly1305, Xoodyak128,
};

use crate::checks::Checks;
use crate::files;
use crate::hex;
use crate::stored;

/// What a sealed file is for. A file sealed for something else does not open as one of these.
const PURPOSE: &[u8] = b"11_crypto_operations file 1";

// ANCHOR: files
pub(crate) fn new_key(path: &str) -> Result<(), Failure> {
    let key = Key::<XChaCha20Poly1305>::generate()?;
    files::create(
        path,
        format!("{}\n", hex::encode(key.export()?.expose())).as_bytes(),
    )
}

pub(crate) fn seal(key: &str, from: &str, to: &str) -> Result<(), Failure> {
    files::create(to, &read_key(key)?.seal(&files::read(from)?, PURPOSE)?)
}

pub(crate) fn open(key: &str, from: &str, to: &str) -> Result<(), Failure> {
    let opened = read_key(key)?.open(&files::read(from)?, PURPOSE);
    let message =
        opened.map_err(|error| Failure::failed(format!("{from} does not open: {error}")))?;
    files::create(to, &message)
}

/// The key in a file, or the one of the host's store that the file names.
fn read_key(path: &str) -> Result<Key<XChaCha20Poly1305>, Failure> {
    let text = String::from_utf8_lossy(&files::read(path)?).into_owned();
    if let Some(id) = stored::id(&text) {
        return stored::key(&id?);
    }
    match hex::decode(&text).map(|bytes| Key::import(&bytes)) {
        Ok(Ok(key)) => Ok(key),
        _ => Err(Failure::failed(format!(
            "{path} is no key; `new-key` makes one"
        ))),
    }
}
// ANCHOR_END: files

pub(crate) fn demonstrate(checks: &mut Checks) -> Result<(), Failure> {
    checks.title("symmetric encryption")?;
    published_vectors(checks)?;
    sealing::<Aes128Gcm>(checks)?;
    sealing::<Aes256Gcm>(checks)?;
    sealing::<ChaCha20Poly1305>(checks)?;
    sealing::<XChaCha20Poly1305>(checks)?;
    session(checks)
}

/// Test case 16 of the original description of GCM, and the first of NIST SP 800-38A's for counter mode.
fn published_vectors(checks: &mut Checks) -> Result<(), Failure> {
    let key = "feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308";
    let message = "d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72
        1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39";
    let additional_data = "feedfacedeadbeeffeedfacedeadbeef abaddad2";
    let expected = "522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa
        8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b";
    let key = Key::<Aes256Gcm>::import(&hex::decode(key)?)?;
    let nonce = Nonce::from_bytes(&hex::decode("cafebabefacedbaddecaf888")?)?;
    let sealed = key.seal_with(
        nonce,
        &hex::decode(message)?,
        &hex::decode(additional_data)?,
    )?;
    checks.equal(
        "AES-256-GCM gives the published ciphertext",
        &sealed,
        &hex::decode(expected)?,
    )?;

    let key = Key::<Aes128Ctr>::import(&hex::decode("2b7e151628aed2a6abf7158809cf4f3c")?)?;
    let ciphertext = key.encrypt_unauthenticated(
        &hex::decode("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")?,
        &hex::decode("6bc1bee22e409f96e93d7e117393172a")?,
    )?;
    let expected = hex::decode("874d6191b620e3261bef6864990db6ce")?;
    checks.equal(
        "AES-128-CTR gives the published ciphertext",
        &ciphertext,
        &expected,
    )
}

/// What every authenticated cipher has to do.
fn sealing<A: Aead>(checks: &mut Checks) -> Result<(), Failure> {
    let name = A::NAME;
    let key = Key::<A>::generate()?;
    let message = b"meet me at the old mill at nine";
    let sealed = key.seal(message, b"letter 1")?;
    let opened = key.open(&sealed, b"letter 1")?;
    checks.equal(
        &format!("{name} opens what it sealed"),
        opened.as_slice(),
        message,
    )?;
    let again = key.seal(message, b"letter 1")?;
    let differ = again != sealed;
    checks.equal(
        &format!("{name} seals twice to different bytes"),
        &differ,
        &true,
    )?;

    let mut changed = sealed.clone();
    if let Some(byte) = changed.last_mut() {
        *byte ^= 1;
    }
    let refusals = [
        ("a changed tag", key.open(&changed, b"letter 1")),
        ("other additional data", key.open(&sealed, b"letter 2")),
        (
            "another key",
            Key::<A>::generate()?.open(&sealed, b"letter 1"),
        ),
        (
            "half a message",
            key.open(sealed.split_at(sealed.len() / 2).0, b"letter 1"),
        ),
    ];
    for (what, result) in refusals {
        checks.refused(&format!("{name} refuses {what}"), result, Error::InvalidTag)?;
    }
    let short = Key::<A>::import(b"short").map(|_| ());
    checks.refused(
        &format!("{name} refuses a short key"),
        short,
        Error::InvalidKey,
    )
}

/// Xoodyak: both sides do the same, and whoever misses a step is out.
fn session(checks: &mut Checks) -> Result<(), Failure> {
    let key = Key::<Xoodyak128>::generate()?;
    let mut here = Session::new(&key, None)?;
    let mut there = Session::new(&key, None)?;
    here.absorb(b"first, this")?;
    there.absorb(b"first, this")?;
    let sealed = here.encrypt(b"then, that")?;
    let opened = there.decrypt(&sealed)?;
    checks.equal(
        "XOODYAK-128 opens what it sealed",
        opened.as_slice(),
        b"then, that",
    )?;
    here.ratchet()?;
    let late = there.decrypt(&here.encrypt(b"and more")?);
    checks.refused(
        "XOODYAK-128 refuses one who missed a step",
        late,
        Error::InvalidTag,
    )
}
