//! Core modules with handles of a native plugin's resources that are not theirs, and many instances at once.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

mod plugins;

use c12::plugin::NativePlugin;
use c12::{Engine, Error, Host, Linked};
use tempfile::TempDir;

const GUEST: &str = r#"(module
    (import "test:every/things@1.2.0" "[constructor]counter" (func $new (param i32) (result i32)))
    (import "test:every/things@1.2.0" "[method]counter.next" (func $next (param i32) (result i32)))
    (import "test:every/things@1.2.0" "[resource-drop]counter" (func $drop (param i32)))
    (func (export "make-and-use") (result i32)
        (call $next (call $new (i32.const 5))))
    (func (export "use") (param i32) (result i32)
        (call $next (local.get 0)))
    (func (export "use-after-drop") (result i32) (local $counter i32)
        (local.set $counter (call $new (i32.const 5)))
        (call $drop (local.get $counter))
        (call $next (local.get $counter)))
    (func (export "drop-twice") (local $counter i32)
        (local.set $counter (call $new (i32.const 5)))
        (call $drop (local.get $counter))
        (call $drop (local.get $counter))))"#;

fn linked(folder: &TempDir) -> Linked {
    let library = plugins::library(folder.path(), "(void)0");
    let plugin = NativePlugin::load(library, None).unwrap();
    let host = Host::builder().plugin(plugin).build();
    let engine = Engine::builder().cache(false).build().unwrap();
    host.link(&engine.load("guest", GUEST.as_bytes()).unwrap())
        .unwrap()
}

#[tokio::test]
async fn a_handle_is_good_in_its_instance_until_it_is_dropped() {
    let folder = TempDir::new().unwrap();
    let linked = linked(&folder);
    assert_eq!(linked.invoke("make-and-use()").await.unwrap(), ["6"]);
    // The handles of one instance are the first in each other one.
    for call in ["use(0)", "use(1)", "use(-1)", "use-after-drop()"] {
        let error = linked.invoke(call).await.unwrap_err();
        assert!(matches!(error, Error::Trap(_)), "{call}: {error:?}");
        let told = chain(&error);
        assert!(
            told.contains("plugin `every`, test:every/things@1.2.0#[method]counter.next: the guest passed what cannot be: a handle that the plugin did not hand out"),
            "{call}: {told}"
        );
    }
    let told = chain(&linked.invoke("drop-twice()").await.unwrap_err());
    assert!(
        told.contains("a handle that the plugin did not hand out"),
        "{told}"
    );
    assert_eq!(linked.invoke("make-and-use()").await.unwrap(), ["6"]);
}

#[tokio::test]
async fn a_thousand_instances_live_at_once() {
    let folder = TempDir::new().unwrap();
    let linked = linked(&folder);
    let mut instances = Vec::new();
    for _ in 0..1000 {
        instances.push(linked.instantiate().await.unwrap());
    }
    assert_eq!(linked.invoke("make-and-use()").await.unwrap(), ["6"]);
    drop(instances);
    assert_eq!(linked.invoke("make-and-use()").await.unwrap(), ["6"]);
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        told.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    told
}
