//! Keys that the host keeps: a file has nothing but their name.

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{Error, Id, Key, SecretsManager, Version, XChaCha20Poly1305};

use crate::files;
use crate::hex;

/// What is in front of the identifier, in a file that could have a key.
const STORED: &str = "stored ";

// ANCHOR: stored
/// Makes a key in the host's store, and writes its identifier to a new file. Nobody counts what such a key has sealed in all
/// its years, so it is one of an algorithm whose random nonces do not run out.
pub(crate) fn new_key(path: &str) -> Result<(), Failure> {
    let key: Key<XChaCha20Poly1305> = manager()?.generate_key()?;
    let (id, _) = key.id()?;
    files::create(
        path,
        format!("{STORED}{}\n", hex::encode(id.as_bytes())).as_bytes(),
    )
}

/// The newest version of the key whose identifier this is.
pub(crate) fn key(id: &Id) -> Result<Key<XChaCha20Poly1305>, Failure> {
    Ok(manager()?.key(id, Version::Latest)?)
}

/// Makes a key unusable for ever, and with it everything that it has sealed.
pub(crate) fn revoke(path: &str) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(&files::read(path)?).into_owned();
    let id = id(&text).ok_or_else(|| Failure::failed(format!("{path} names no stored key")))?;
    Ok(manager()?.invalidate(&id?, Version::All)?)
}
// ANCHOR_END: stored

fn manager() -> Result<SecretsManager, Failure> {
    SecretsManager::open().map_err(|error| match error {
        Error::UnsupportedFeature => Failure::failed(
            "the host has no store for keys\n  name one with `--plugin-config crypto.store=FILE`",
        ),
        error => error.into(),
    })
}

/// The identifier in a key's file, if there is one instead of a key.
pub(crate) fn id(text: &str) -> Option<Result<Id, Failure>> {
    let digits = text.strip_prefix(STORED)?;
    Some(hex::decode(digits).map(Id::from_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_told_from_a_key() {
        assert_eq!(
            id("stored 0aFF\n").unwrap().unwrap().as_bytes(),
            [0x0a, 0xff]
        );
        assert!(id("stored x\n").unwrap().is_err());
        assert!(id("0aff\n").is_none());
    }
}
