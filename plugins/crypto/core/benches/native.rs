//! The core against the library that it calls: `cargo bench -p c12-crypto-core`.
//!
//! Each line is a ratio of two times that were measured in turn, so that a busy machine spoils both: 1.00 is as fast as the
//! library. A message has all that a guest must do for it: a state with its nonce, one call, and its end.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{
    AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::digest;
use c12_crypto_core::{AlgorithmType, Config, Handle, Session, Shared};

const SIZES: [(usize, &str); 4] = [
    (64, "64 B"),
    (1 << 10, "1 KiB"),
    (1 << 16, "64 KiB"),
    (1 << 20, "1 MiB"),
];

/// How often the two are measured in turn; the fastest of each counts. Each time is shorter than a scheduler's slice.
const ROUNDS: usize = 201;

fn main() {
    let mut session = Session::new(&Shared::new(Config::default()).unwrap());
    println!(
        "{:24}{:>10}{:>14}{:>14}{:>10}",
        "", "size", "library", "core", "ratio"
    );
    for (name, algorithm) in [
        ("AES-256-GCM", &AES_256_GCM),
        ("CHACHA20-POLY1305", &CHACHA20_POLY1305),
    ] {
        for (size, label) in SIZES {
            seal(&mut session, name, algorithm, size, label);
        }
        for (size, label) in SIZES {
            open(&mut session, name, algorithm, size, label);
        }
    }
    for (size, label) in SIZES {
        let data = vec![1; size];
        let library = || {
            black_box(digest::digest(&digest::SHA256, black_box(&data)));
        };
        report("SHA-256", label, size, library, || {
            hash(&mut session, "SHA-256", &data)
        });
    }
    for (size, label) in SIZES {
        let data = vec![1; size];
        let library = || {
            black_box(blake3::hash(black_box(&data)));
        };
        report("BLAKE3", label, size, library, || {
            hash(&mut session, "BLAKE3", &data)
        });
    }
}

fn hash(session: &mut Session, name: &str, data: &[u8]) {
    let state = session.symmetric_state_open(name, None, None).unwrap();
    session
        .symmetric_state_absorb(state, black_box(data))
        .unwrap();
    let mut out = [0; 32];
    session.symmetric_state_squeeze(state, &mut out).unwrap();
    session.symmetric_state_close(state).unwrap();
    black_box(out);
}

/// A state for one message, as a guest opens it.
fn state(session: &mut Session, name: &str, key: Handle) -> Handle {
    let options = session.options_open(AlgorithmType::Symmetric).unwrap();
    session.options_set(options, "nonce", &[2; 12]).unwrap();
    let state = session
        .symmetric_state_open(name, Some(key), Some(options))
        .unwrap();
    session.options_close(options).unwrap();
    state
}

fn seal(
    session: &mut Session,
    name: &str,
    algorithm: &'static Algorithm,
    size: usize,
    label: &str,
) {
    let (data, mut one, mut two) = (vec![1; size], vec![0; size + 16], vec![0; size + 16]);
    let native = LessSafeKey::new(UnboundKey::new(algorithm, &[1; 32]).unwrap());
    let key = session.symmetric_key_import(name, &[1; 32]).unwrap();
    let library = || {
        let (ciphertext, tag) = one.split_at_mut(size);
        let nonce = Nonce::assume_unique_for_key([2; 12]);
        native
            .seal_out_of_place_scatter(nonce, Aad::empty(), black_box(&data), ciphertext, &[], tag)
            .unwrap();
    };
    report(&format!("{name} seal"), label, size, library, || {
        let state = state(session, name, key);
        session
            .symmetric_state_encrypt(state, &mut two, black_box(&data))
            .unwrap();
        session.symmetric_state_close(state).unwrap();
    });
    assert_eq!(one, two);
}

fn open(
    session: &mut Session,
    name: &str,
    algorithm: &'static Algorithm,
    size: usize,
    label: &str,
) {
    let native = LessSafeKey::new(UnboundKey::new(algorithm, &[1; 32]).unwrap());
    let mut sealed = vec![1; size];
    native
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key([2; 12]),
            Aad::empty(),
            &mut sealed,
        )
        .unwrap();
    let (mut one, mut two) = (vec![0; size], vec![0; size]);
    let key = session.symmetric_key_import(name, &[1; 32]).unwrap();
    let library = || {
        let (ciphertext, tag) = black_box(&sealed).split_at(size);
        let nonce = Nonce::assume_unique_for_key([2; 12]);
        native
            .open_separate_gather(nonce, Aad::empty(), ciphertext, tag, &mut one)
            .unwrap();
    };
    report(&format!("{name} open"), label, size, library, || {
        let state = state(session, name, key);
        session
            .symmetric_state_decrypt(state, &mut two, black_box(&sealed))
            .unwrap();
        session.symmetric_state_close(state).unwrap();
    });
    assert_eq!(one, two);
}

fn report(name: &str, label: &str, size: usize, mut library: impl FnMut(), mut core: impl FnMut()) {
    let calls = ((1 << 16) / (size + 512)).max(1) as u32;
    let (mut of_library, mut of_core) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        of_library = of_library.min(time(calls, &mut library));
        of_core = of_core.min(time(calls, &mut core));
    }
    let ratio = of_library.as_secs_f64() / of_core.as_secs_f64();
    println!(
        "{name:24}{label:>10}{:>14.2?}{:>14.2?}{ratio:>10.2}",
        of_library / calls,
        of_core / calls
    );
}

fn time(calls: u32, work: &mut impl FnMut()) -> Duration {
    let begun = Instant::now();
    (0..calls).for_each(|_| work());
    begun.elapsed()
}
