//! Guests of both kinds call anything of WASI-Crypto with anything: each call answers a code of the specification, nothing
//! panics, and no handle is lost.
#![no_main]

#[path = "../../plugins/crypto/tests/crypto/strange/mod.rs"]
mod strange;
#[path = "../../plugins/crypto/tests/crypto/support/mod.rs"]
mod support;

use std::path::Path;

use c12::{Engine, Host};
use c12_crypto::Crypto;
use libfuzzer_sys::fuzz_target;
use strange::Choices;
use tokio::runtime::{Builder, Runtime};

/// Limits that are reached soon, and that keep every call short.
const LIMITS: [(&str, &str); 6] = [
    ("handles", "200"),
    ("bytes", "1000000"),
    ("batch", "8"),
    ("password-memory", "262144"),
    ("password-work", "1024"),
    ("stored", "16"),
];
const HANDLES: u32 = 200;

struct Faces {
    runtime: Runtime,
    engine: Engine,
    /// Without a store of secrets, and with one.
    hosts: [Host; 2],
}

fn host(store: Option<&Path>) -> Host {
    let mut host = Host::builder().plugin(Crypto);
    for (key, value) in LIMITS {
        host = host.setting("crypto", key, value);
    }
    if let Some(store) = store {
        host = host.setting(
            "crypto",
            "store",
            store.to_str().expect("a path that is text"),
        );
    }
    host.build()
}

impl Faces {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("c12-crypto-faces-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        Faces {
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("an executor"),
            engine: Engine::builder()
                .cache(false)
                .interruptible(true)
                .build()
                .expect("an engine"),
            hosts: [host(None), host(Some(&folder.join("secrets")))],
        }
    }

    fn run(&self, bytes: &[u8]) {
        let Some((first, rest)) = bytes.split_first() else {
            return;
        };
        let mut choices = Choices::new(rest);
        let guest = if first & 1 == 0 {
            strange::core_modules::guest(&mut choices)
                .module()
                .into_bytes()
        } else {
            strange::components::guest(&mut choices, HANDLES).component()
        };
        let workload = self.engine.load("guest", &guest).expect("a guest");
        let host = &self.hosts[usize::from(first >> 1 & 1)];
        let linked = host.link(&workload).expect("all imports");
        let results = self
            .runtime
            .block_on(linked.invoke("go()"))
            .expect("no trap");
        assert_eq!(results, ["0"]);
    }
}

thread_local! {
    static FACES: Faces = Faces::new();
}

fuzz_target!(|bytes: &[u8]| {
    FACES.with(|faces| faces.run(bytes));
});
