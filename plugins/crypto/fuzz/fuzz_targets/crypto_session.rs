//! Sequences of calls of a guest's session: nothing panics, no handle is lost, no limit is passed, and what does not verify is
//! not released.
#![no_main]

#[path = "../../core/tests/core/calls.rs"]
mod calls;

use std::sync::{Arc, LazyLock};

use c12_crypto_core::{AlgorithmInfo, Config, Shared};
use libfuzzer_sys::fuzz_target;

static NAMES: LazyLock<Vec<AlgorithmInfo>> = LazyLock::new(calls::names);

static WITHOUT_STORE: LazyLock<Arc<Shared>> =
    LazyLock::new(|| Shared::new(calls::config()).expect("a configuration that is valid"));

static WITH_STORE: LazyLock<Arc<Shared>> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("c12-crypto-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let store = Some(folder.join("secrets"));
    Shared::new(Config {
        store,
        ..calls::config()
    })
    .expect("a store")
});

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let shared = if first % 8 == 0 {
        &WITH_STORE
    } else {
        &WITHOUT_STORE
    };
    calls::run(shared, &NAMES, rest);
});
