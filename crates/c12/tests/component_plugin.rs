//! Component plugins: the same interface that `native.rs` has from a shared library, from a component.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use c12::plugin::ComponentPlugin;
use c12::{Capture, Engine, Error, Host, HostBuilder, Limits, Output, Workload};

const KINDS: [&str; 2] = ["wasip1", "wasip2"];

fn guest(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("C12_GUESTS").unwrap()).join(format!("{name}.wasm"))
}

struct Setup {
    engine: Engine,
    guests: [(&'static str, Workload); 2],
}

impl Setup {
    fn new() -> Self {
        let engine = Engine::builder().cache(false).build().unwrap();
        let load = |kind| {
            engine
                .load_file(guest(&format!("{kind}/use_every")))
                .unwrap()
        };
        Setup {
            guests: KINDS.map(|kind| (kind, load(kind))),
            engine,
        }
    }

    fn builder(&self) -> HostBuilder {
        let path = guest("wasip2/every_plugin");
        let plugin = ComponentPlugin::load(&self.engine, path, Some("every"), None).unwrap();
        Host::builder().plugin(plugin)
    }

    async fn run(
        &self,
        kind: &str,
        host: HostBuilder,
        arguments: &[&str],
    ) -> Result<String, Error> {
        let (_, guest) = self
            .guests
            .iter()
            .find(|(known, _)| *known == kind)
            .unwrap();
        let output = Capture::default();
        let host = host
            .arguments(arguments.iter().copied())
            .stdout(Output::Capture(output.clone()))
            .build();
        assert_eq!(host.run(guest).await?, 0);
        Ok(output.text().as_str().to_owned())
    }
}

const EVERYTHING: &str = r#"2
2 calls
Grüße, Welt

cba
100000 bytes of Some(7)
Point { x: -1.5, y: 2.5 }
[Person { name: "p0", age: 1, active: true }, Person { name: "p1", age: 1, active: false }, Person { name: "p2", age: 3, active: true }]
Ok(8589934590) Err("there is no number")
153
11 12 21
2 live
0 live
[5, 5, 5]
false true
hello Ada
"#;

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn values_of_every_kind_cross() {
    let setup = Setup::new();
    for kind in KINDS {
        let printed = setup.run(kind, setup.builder(), &[]).await.unwrap();
        assert_eq!(printed, EVERYTHING, "{kind}");
        setup.run(kind, setup.builder(), &["leak"]).await.unwrap();
    }
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn a_plugin_that_traps_ends_the_call_and_is_named() {
    let setup = Setup::new();
    for (arguments, function) in [
        (&["refuse"][..], "refuse"),
        (&["counter", "999"], "[constructor]counter"),
        (&["garbage", "101"], "garbage"),
    ] {
        for kind in KINDS {
            let error = setup
                .run(kind, setup.builder(), arguments)
                .await
                .unwrap_err();
            let Error::Trap(trap) = &error else {
                panic!("{error:?}");
            };
            let named = format!("plugin `every`, test:every/things@1.2.0#{function} failed: ");
            assert!(
                trap.message.starts_with(&named),
                "{kind} {arguments:?}: {trap}"
            );
        }
    }
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn a_plugin_has_what_it_is_granted_and_nothing_else() {
    let setup = Setup::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("greeting"), "from a file").unwrap();
    // What the guest is granted is not the plugin's.
    let host = || {
        let directory = c12::Directory::new(folder.path(), "/data", false);
        setup.builder().directory(directory)
    };
    let ask = async |host| setup.run("wasip2", host, &["garbage", "0"]).await.unwrap();
    assert_eq!(ask(host()).await, "fine\n");
    let environment = host().setting("every", "env", "GREETING=from the environment");
    assert_eq!(ask(environment).await, "from the environment\n");
    let directory = format!("{}::/data:ro", folder.path().display());
    assert_eq!(
        ask(host().setting("every", "dir", directory)).await,
        "from a file\n"
    );
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn the_guests_time_is_the_plugins() {
    let setup = Setup::new();
    let mut limits = Limits::default();
    limits.timeout = Some(Duration::from_millis(200));
    let started = Instant::now();
    let host = setup.builder().limits(limits);
    let error = setup
        .run("wasip2", host, &["garbage", "100"])
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
#[cfg_attr(
    not(guests),
    ignore = "the guests are not built: run `cargo xtask test`"
)]
async fn an_interface_of_another_form_is_refused() {
    let setup = Setup::new();
    let guest = r#"(component
        (import "test:every/things@1.2.0" (instance
            (export "add" (func (param "a" u64) (param "b" u32) (result u32))))))"#;
    let workload = setup.engine.load("guest", guest.as_bytes()).unwrap();
    let error = setup.builder().build().link(&workload).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        source,
        "the parameter `a` of `add` is u64 for the guest, and u32 in the plugin"
    );
}

#[test]
fn what_provides_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::builder().cache(false).build().unwrap();
    let refused = |contents: &str| {
        let path = folder.path().join("plugin.wasm");
        std::fs::write(&path, contents).unwrap();
        ComponentPlugin::load(&engine, &path, None, None)
            .unwrap_err()
            .to_string()
    };
    assert!(refused("(module)").ends_with("it is a core module; only components are plugins"));
    assert!(refused("(component)").ends_with("its world exports nothing"));
    assert!(refused("hello").contains("is not something that c12 can run"));
}
