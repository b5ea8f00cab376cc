//! Changes to an artifact that this user made: whatever is changed, nothing of it is loaded.
//!
//! A digest that fits can be computed by anyone, so some changes bring one; the keyed hash behind it cannot be forged.
#![no_main]

use std::sync::LazyLock;

use c12::Engine;
use libfuzzer_sys::fuzz_target;

/// A header, the digest of everything before it, and that digest keyed.
const HEADER: usize = 56;
const HASH: usize = 32;
const TRAILER: usize = HEADER + 2 * HASH;

struct Mine {
    engine: Engine,
    artifact: Vec<u8>,
}

static MINE: LazyLock<Mine> = LazyLock::new(|| {
    let engine = Engine::builder()
        .cache(false)
        .state_folder(std::env::temp_dir().join("c12-fuzz"))
        .build()
        .expect("the default settings fit");
    let artifact = engine
        .compile("module", b"(module (func (export \"_start\")))")
        .expect("it is valid");
    Mine { engine, artifact }
});

/// The first byte says what is done at the end, four bytes each what is changed and where.
fuzz_target!(|bytes: &[u8]| {
    let Some((end, changes)) = bytes.split_first() else {
        return;
    };
    let mut artifact = MINE.artifact.clone();
    for change in changes.chunks_exact(4) {
        let &[place, low, high, bits] = change else {
            continue;
        };
        // Mostly in the trailer, where every byte has a meaning.
        let range = if place % 4 == 0 {
            artifact.len()
        } else {
            TRAILER
        };
        let from_end = usize::from(u16::from_le_bytes([low, high])) % range;
        let at = artifact.len() - 1 - from_end;
        artifact[at] ^= bits;
    }
    if end & 1 == 1 {
        let hashes = artifact.len() - 2 * HASH;
        let digest = blake3::hash(&artifact[..hashes]);
        artifact[hashes..hashes + HASH].copy_from_slice(digest.as_bytes());
    }
    if end & 2 == 2 {
        artifact.truncate(artifact.len() - usize::from(end >> 2));
    }
    let loaded = MINE.engine.load("module", &artifact);
    assert_eq!(loaded.is_ok(), artifact == MINE.artifact);
    if let Err(error) = loaded {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let shown = format!("{error}\n{}", cause.unwrap_or_default());
        assert!(
            !shown.chars().any(|c| c.is_control() && c != '\n'),
            "{shown:?}"
        );
    }
});
