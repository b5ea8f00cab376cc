//! Random sequences of calls.

use c12_crypto_core::Shared;
use tempfile::TempDir;

use crate::calls::{config, names, run};

/// A sequence that is the same in every run.
struct Bytes(u64);

impl Bytes {
    fn next(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            // splitmix64.
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = self.0;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }
}

#[test]
fn random_calls_neither_panic_nor_lose_handles() {
    let (shared, names) = (Shared::new(config()).unwrap(), names());
    let mut bytes = Bytes(1);
    for _ in 0..400 {
        run(&shared, &names, &bytes.next(4000));
    }
}

#[test]
fn random_calls_with_a_store() {
    let folder = TempDir::new().unwrap();
    let mut config = config();
    config.store = Some(folder.path().join("secrets"));
    let (shared, names) = (Shared::new(config).unwrap(), names());
    let mut bytes = Bytes(2);
    for _ in 0..40 {
        run(&shared, &names, &bytes.next(4000));
    }
}
