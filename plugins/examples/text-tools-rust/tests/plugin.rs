//! The plugin without a guest: in the process of the test, and as the library that it is for users.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::path::PathBuf;

use c12_example_text_tools::c12_plugin as text_tools;
use c12_plugin::harness::{Harness, HarnessError, Instance, Outcome, Value};

// ANCHOR: open
const TOOLS: &str = "example:text/tools@1.0.0";

fn open(settings: &[(&str, &str)]) -> Harness {
    Harness::open(text_tools, settings).unwrap()
}
// ANCHOR_END: open

fn call(instance: &mut Instance<'_>, name: &str, arguments: &[Value]) -> Value {
    instance.call(TOOLS, name, arguments).unwrap().unwrap()
}

/// Counts, with no limit or one.
fn count(instance: &mut Instance<'_>, text: &str, order: &str, most: Option<u32>) -> Value {
    let most: Value = most.into();
    call(
        instance,
        "count",
        &[text.into(), Value::enumeration(order), most],
    )
}

fn counted<const N: usize>(counts: [(&str, u32); N]) -> Value {
    let record = |(word, count): (&str, u32)| {
        Value::record([("word", word.into()), ("count", count.into())])
    };
    Value::ok(Value::list(counts.map(record)))
}

#[test]
fn texts_are_turned_around_by_character() {
    let plugin = open(&[]);
    let mut tools = plugin.instantiate().unwrap();
    for (text, reversed) in [
        ("", ""),
        ("añb", "bña"),
        ("水 🌍", "🌍 水"),
        ("a\0b", "b\0a"),
    ] {
        assert_eq!(call(&mut tools, "reverse", &[text.into()]), reversed.into());
    }
}

#[test]
fn digests_are_those_of_the_rfc() {
    let plugin = open(&[]);
    let mut tools = plugin.instantiate().unwrap();
    // RFC 1321, section A.5.
    for (text, digest) in [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ] {
        let bytes: Vec<u8> = (0..32)
            .step_by(2)
            .map(|at| u8::from_str_radix(&digest[at..at + 2], 16).unwrap())
            .collect();
        let data = Value::list(text.bytes());
        assert_eq!(call(&mut tools, "md5", &[data]), bytes.into());
    }
}

#[test]
fn words_are_counted() {
    let plugin = open(&[]);
    let mut tools = plugin.instantiate().unwrap();
    let text = "c b\ta b\na";
    assert_eq!(
        count(&mut tools, text, "alphabet", None),
        counted([("a", 2), ("b", 2), ("c", 1)])
    );
    assert_eq!(
        count(&mut tools, "b c a c", "count", None),
        counted([("c", 2), ("a", 1), ("b", 1)])
    );
    assert_eq!(
        count(&mut tools, text, "count", Some(1)),
        counted([("a", 2)])
    );
    assert_eq!(count(&mut tools, text, "count", Some(0)), counted([]));
    let none = Value::err(Value::case("no-words"));
    assert_eq!(count(&mut tools, " \n", "count", None), none);
}

#[test]
fn the_setting_limits_words() {
    let plugin = open(&[("longest-word", "3")]);
    let mut tools = plugin.instantiate().unwrap();
    assert_eq!(
        count(&mut tools, "ünü", "count", None),
        counted([("ünü", 1)])
    );
    assert_eq!(
        count(&mut tools, "one four", "count", None),
        Value::err(Value::variant("too-long", 4_u32))
    );
    assert!(
        plugin
            .logs()
            .iter()
            .any(|line| line.message == "words may have 3 characters")
    );
    for wrong in ["0", "-1", "4294967296"] {
        assert_eq!(
            Harness::open(text_tools, &[("longest-word", wrong)]).unwrap_err(),
            HarnessError::Open(
                "the setting `longest-word` is at least 1 and has at most 32 bits".into()
            )
        );
    }
}

#[test]
// ANCHOR: traps
fn texts_are_put_together() {
    let plugin = open(&[]);
    let mut tools = plugin.instantiate().unwrap();
    let builder = call(&mut tools, "[constructor]builder", &["a".into()]);
    let append = [builder.clone(), "b".into()];
    tools
        .call(TOOLS, "[method]builder.append", &append)
        .unwrap();
    match tools.call(
        TOOLS,
        "[method]builder.append",
        &[builder.clone(), "".into()],
    ) {
        Err(HarnessError::Trap { message, .. }) => {
            assert!(message.starts_with("panicked at "), "{message}");
            assert!(message.contains("src/lib.rs:"), "{message}");
            assert!(
                message.ends_with(": there is nothing to append"),
                "{message}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        call(&mut tools, "[static]builder.finish", &[builder]),
        "ab".into()
    );
}
// ANCHOR_END: traps

/// The library, which cargo builds with the tests, beside them.
fn library() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.join("libc12_example_text_tools.so")
}

#[test]
fn the_library_is_the_plugin() {
    let plugin = Harness::load(&library(), &[]).unwrap();
    assert_eq!((plugin.name(), plugin.version()), ("text-tools", "1.0.0"));
    assert_eq!(plugin.description(), "Reverses, digests and counts text");
    let key = &plugin.keys()[0];
    assert_eq!(
        (key.name.as_str(), key.fallback.as_deref()),
        ("longest-word", Some("100"))
    );
    let mut tools = plugin.instantiate().unwrap();
    assert_eq!(call(&mut tools, "reverse", &["ab".into()]), "ba".into());
}

#[test]
fn the_library_is_unloaded_even_after_a_panic() {
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
