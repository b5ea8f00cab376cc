//! Artifacts with this user's own mark that were made for another version of the engine, as after an update.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::path::Path;

use c12::{ArtifactError, Engine, Error};

const MODULE: &[u8] = b"(module (func (export \"answer\") (result i32) i32.const 42))";

/// A trailer is a header, the digest of everything before it, and that digest keyed.
const HEADER: usize = 56;
const HASH: usize = 32;

/// Changes an artifact's image, and makes the trailer right again with the user's key.
fn remade(artifact: &[u8], state: &Path, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let key: [u8; HASH] = std::fs::read(state.join("artifact.key"))
        .unwrap()
        .try_into()
        .unwrap();
    let (image, trailer) = artifact.split_at(artifact.len() - HEADER - 2 * HASH);
    let mut made = image.to_vec();
    change(&mut made);
    made.extend_from_slice(&trailer[..HEADER]);
    let digest = blake3::hash(&made);
    made.extend_from_slice(digest.as_bytes());
    made.extend_from_slice(blake3::keyed_hash(&key, digest.as_bytes()).as_bytes());
    made
}

/// Behind the ELF header Wasmtime names the version that the code is for: a byte for the form of what follows, the
/// length, the digits.
fn of_another_version(image: &mut [u8]) {
    let length = usize::from(image[65]);
    let version = &mut image[66..66 + length];
    assert!(version.iter().all(u8::is_ascii_digit));
    version.fill(b'0');
}

#[test]
fn an_own_artifact_of_another_engine_version_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let engine = Engine::builder()
        .cache(false)
        .state_folder(state.path())
        .build()
        .unwrap();
    let artifact = engine.compile("answer", MODULE).unwrap();
    assert_eq!(remade(&artifact, state.path(), |_| ()), artifact);

    let stale = remade(&artifact, state.path(), of_another_version);
    let error = engine.load("answer", &stale).err().unwrap();
    let Error::Artifact {
        source: ArtifactError::Incompatible { message },
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert!(message.contains("incompatible version '0"), "{message}");
}

#[test]
fn a_cached_artifact_of_another_engine_version_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("compiled");
    let load = || {
        Engine::builder()
            .cache_folder(&cache)
            .state_folder(folder.path())
            .build()
            .unwrap()
            .load("answer", MODULE)
            .unwrap();
    };
    load();
    let mut entries = cache.read_dir().unwrap();
    let entry = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    let stale = remade(
        &std::fs::read(&entry).unwrap(),
        folder.path(),
        of_another_version,
    );
    std::fs::write(&entry, &stale).unwrap();
    load();
    assert_ne!(std::fs::read(&entry).unwrap(), stale);
    assert_eq!(cache.read_dir().unwrap().count(), 1);
}
