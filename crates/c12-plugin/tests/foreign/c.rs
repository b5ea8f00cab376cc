//! A plugin in C.

use c12_bindgen::c;
use c12_plugin::abi;
use c12_plugin::harness::{Harness, HarnessError, Value};

use crate::build;

const TOOLS: &str = "example:text/tools@1.0.0";

#[test]
fn a_plugin_in_c() {
    let built = build("text_tools.c", "text-tools.wit", c::header);
    let plugin = Harness::load(&built.path(), &[("suffix", "!")]).unwrap();
    assert_eq!((plugin.name(), plugin.version()), ("text-tools", "1.2.3"));
    assert_eq!(plugin.description(), "Text in C");
    let mut instance = plugin.instantiate().unwrap();
    let mut call = |name: &str, arguments: &[Value]| instance.call(TOOLS, name, arguments);

    assert_eq!(call("reverse", &["abc".into()]), Ok(Some("cba!".into())));
    assert_eq!(call("reverse", &["".into()]), Ok(Some("!".into())));
    assert_eq!(
        call("reverse", &["ab\u{e4}".into()]),
        Err(HarnessError::Trap {
            function: format!("{TOOLS}#reverse"),
            message: "byte 2 is not ASCII".into()
        })
    );

    let data: Vec<u8> = (0..200).collect();
    let Ok(Some(Value::List(digest))) = call("md5", &[data.into()]) else {
        panic!();
    };
    assert_eq!(digest.len(), 16);

    let word = |word: &str| Value::record([("word", word.into()), ("count", 1_u32.into())]);
    let count = [
        "one  two three".into(),
        Value::enumeration("count"),
        Value::none(),
    ];
    assert_eq!(
        call("count", &count),
        Ok(Some(Value::ok(Value::list([
            word("one"),
            word("two"),
            word("three")
        ]))))
    );
    let [text, by, _] = count;
    assert_eq!(
        call("count", &[text, by.clone(), Value::some(1_u32)]),
        Ok(Some(Value::ok(Value::list([word("one")]))))
    );
    assert_eq!(
        call("count", &[" ".into(), by.clone(), Value::none()]),
        Ok(Some(Value::err(Value::case("no-words"))))
    );
    assert_eq!(
        call("count", &["abcdefghijkl".into(), by, Value::none()]),
        Ok(Some(Value::err(Value::variant("too-long", 12_u32))))
    );

    let builder = call("[constructor]builder", &["a".into()])
        .unwrap()
        .unwrap();
    call("[method]builder.append", &[builder.clone(), "bc".into()]).unwrap();
    let other = call("[constructor]builder", &["x".into()])
        .unwrap()
        .unwrap();
    assert_eq!(
        call("[static]builder.finish", &[builder]),
        Ok(Some("abc".into()))
    );
    // One is left for the instance to end.
    call("[method]builder.append", &[other, "y".into()]).unwrap();
    drop(instance);

    let lines = plugin.logs();
    assert!(lines.iter().any(|line| line.message == "opened with !"));
    assert!(
        lines.iter().all(|line| line.level == abi::LOG_INFO),
        "{lines:?}"
    );
}

#[test]
fn every_function_in_c_can_be_exercised() {
    let built = build("text_tools.c", "text-tools.wit", c::header);
    let plugin = Harness::load(&built.path(), &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    for exercise in instance.exercise(50) {
        assert!(
            !matches!(exercise.outcome, c12_plugin::harness::Outcome::Wrong(_)),
            "{exercise:?}"
        );
    }
}
