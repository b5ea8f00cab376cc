//! A plugin in Rust as the library that it is for users.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::path::PathBuf;

use c12_plugin::harness::{Harness, HarnessError, Outcome, Value};

const TOOLS: &str = "example:text/tools@1.0.0";

/// The example, which cargo builds with the tests.
fn library() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples/libtext_tools.so")
}

#[test]
fn a_library_in_rust() {
    let plugin = Harness::load(&library(), &[("suffix", "!")]).unwrap();
    assert_eq!(plugin.name(), "text-tools");
    assert_eq!(plugin.description(), "Reverses and counts text");
    assert_eq!(plugin.keys()[1].description, "How long a text may be");
    assert_eq!(plugin.keys()[1].fallback, None);
    let mut instance = plugin.instantiate().unwrap();
    let mut call = |name: &str, arguments: &[Value]| instance.call(TOOLS, name, arguments);
    assert_eq!(call("reverse", &["añb".into()]), Ok(Some("bña!".into())));
    let count = [
        "b a b".into(),
        Value::enumeration("count"),
        Value::some(1_u32),
    ];
    let most = Value::record([("word", "b".into()), ("count", 2_u32.into())]);
    assert_eq!(
        call("count", &count),
        Ok(Some(Value::ok(Value::list([most]))))
    );
    assert_eq!(
        call("md5", &[Value::list([1_u8])]).unwrap_err().to_string(),
        format!("`{TOOLS}#md5` trapped: there is no MD5 in this example")
    );
    let builder = call("[constructor]builder", &["a".into()])
        .unwrap()
        .unwrap();
    match call("[method]builder.append", &[builder.clone(), "".into()]) {
        Err(HarnessError::Trap { message, .. }) => {
            assert!(message.starts_with("panicked at "), "{message}");
            assert!(message.contains("examples/text_tools.rs:"), "{message}");
            assert!(
                message.ends_with(": there is nothing to append"),
                "{message}"
            );
        }
        other => panic!("{other:?}"),
    }
    call("[method]builder.append", &[builder.clone(), "b".into()]).unwrap();
    assert_eq!(
        call("[static]builder.finish", &[builder]),
        Ok(Some("ab!".into()))
    );
    drop(instance);
    assert!(
        plugin
            .logs()
            .iter()
            .any(|line| line.message == "opened with 1 settings")
    );
}

#[test]
fn a_library_in_rust_is_unloaded_even_after_a_panic() {
    // A copy: the other test has the library itself loaded.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.so");
    std::fs::copy(library(), &copy).unwrap();
    let loaded = || {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(copy.to_str().unwrap())
    };
    let plugin = Harness::load(&copy, &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let panicked = instance.exercise(20).iter().any(
        |done| matches!(&done.outcome, Outcome::Trapped(message) if message.contains("panicked")),
    );
    assert!(panicked && loaded());
    drop(instance);
    drop(plugin);
    assert!(!loaded());
}
