//! Guests of both kinds call anything of WASI-Crypto with anything: each call answers a code of the specification, nothing
//! panics, and no handle is lost.
#![no_main]

#[path = "../../plugins/crypto/tests/crypto/strange/mod.rs"]
mod strange;
#[path = "../../plugins/crypto/tests/crypto/support/mod.rs"]
mod support;

use std::path::Path;

use c12::{Engine, Host, Linked};
use c12_crypto::Crypto;
use libfuzzer_sys::fuzz_target;
use strange::{Program, components, core_modules};
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
    /// Without a store of secrets, and with one.
    modules: [Linked; 2],
    components: [Linked; 2],
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
        let engine = Engine::builder()
            .cache(false)
            .interruptible(true)
            .build()
            .expect("an engine");
        let hosts = [host(None), host(Some(&folder.join("secrets")))];
        let linked = |guest: &[u8]| {
            let workload = engine.load("guest", guest).expect("a guest");
            [0, 1].map(|at| hosts[at].link(&workload).expect("all imports"))
        };
        Faces {
            modules: linked(core_modules::guest().as_bytes()),
            components: linked(&components::guest(HANDLES)),
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("an executor"),
        }
    }

    fn run(&self, bytes: &[u8]) {
        let Some((first, program)) = bytes.split_first() else {
            return;
        };
        let program = Program(program);
        let store = usize::from(first >> 1 & 1);
        let (guest, call) = if first & 1 == 0 {
            (&self.modules[store], core_modules::call(program))
        } else {
            (&self.components[store], components::call(program))
        };
        let results = self.runtime.block_on(guest.invoke(&call)).expect("no trap");
        assert_eq!(results, ["0"]);
    }
}

thread_local! {
    static FACES: Faces = Faces::new();
}

fuzz_target!(|bytes: &[u8]| {
    FACES.with(|faces| faces.run(bytes));
});
