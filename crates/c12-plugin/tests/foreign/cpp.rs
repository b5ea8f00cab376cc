//! Plugins in C++.

use c12_bindgen::cpp;
use c12_plugin::harness::{Generator, Harness, HarnessError, Instance, Outcome, Value};

use crate::build;

const ECHO: &str = "test:values/echo@1.2.0";
const STORE: &str = "test:resources/store@0.1.0";

#[test]
fn every_value_comes_back_from_cpp() {
    let built = build("values.cpp", "values.wit", cpp::header);
    let plugin = Harness::load(&built.path(), &[]).unwrap();
    assert_eq!(plugin.keys()[0].description, "What it says");
    let mut instance = plugin.instantiate().unwrap();
    for seed in 0..200 {
        let mut generator = Generator::new(seed);
        for entry in plugin.functions() {
            let ([(_, ty)], Some(_)) = (entry.function.params.as_slice(), entry.function.result)
            else {
                continue;
            };
            let value = generator
                .value(plugin.world(), ty, &mut |_, _| None)
                .unwrap();
            let name = &entry.function.name;
            let back = instance
                .call(ECHO, name, std::slice::from_ref(&value))
                .unwrap();
            assert_eq!(back, Some(value), "{name} in round {seed}");
        }
    }

    let back: Vec<Value> = vec![
        1_u8.into(),
        "two".into(),
        3_u64.into(),
        vec![4_u16, 5].into(),
        Some("six").into(),
        true.into(),
        7.5_f32.into(),
        vec!["a", "", "ü"].into(),
        Value::record([("x", 1.5_f64.into()), ("y", (-2.5_f64).into())]),
        (-8_i8).into(),
        Value::variant("label", "round"),
        9_u16.into(),
    ];
    let mut arguments = back.clone();
    arguments.extend([
        Value::tuple([7_u8.into(), 8_u32.into()]),
        Value::flags(["read", "execute"]),
        '水'.into(),
        Value::enumeration("blue"),
        Value::err("no"),
    ]);
    assert_eq!(
        instance.call(ECHO, "echo-many", &arguments).unwrap(),
        Some(Value::Tuple(back))
    );
}

#[test]
fn exceptions_become_traps() {
    let built = build("values.cpp", "values.wit", cpp::header);
    let plugin = Harness::load(&built.path(), &[("greeting", "hello")]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let mut trap = |word: &str| match instance.call(ECHO, "only-in", &[word.into()]) {
        Err(HarnessError::Trap { message, .. }) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(trap("error"), "told to throw");
    assert_eq!(trap("number"), "an exception that is no std::exception");
    instance.call(ECHO, "only-in", &["log".into()]).unwrap();
    assert!(plugin.logs().iter().any(|line| line.message == "a line"));
    instance.call(ECHO, "nothing", &[]).unwrap();
    assert_eq!(
        instance.call(ECHO, "only-out", &[]).unwrap(),
        Some("hello 1".into())
    );
    assert_eq!(
        Harness::load(&built.path(), &[("limit", "-1")]).unwrap_err(),
        HarnessError::Open("the limit is too little".into())
    );
}

#[test]
fn resources_in_cpp() {
    let built = build("resources.cpp", "resources.wit", cpp::header);
    let plugin = Harness::load(&built.path(), &[]).unwrap();
    let mut instance = plugin.instantiate().unwrap();
    let call = |instance: &mut Instance<'_>, name: &str, arguments: &[Value]| {
        instance.call(STORE, name, arguments).unwrap().unwrap()
    };
    let a = call(&mut instance, "[constructor]table", &["a".into()]);
    let b = call(&mut instance, "[constructor]table", &["b".into()]);
    for text in ["x", "y"] {
        call(
            &mut instance,
            "[method]table.insert",
            &[a.clone(), text.into()],
        );
    }
    assert_eq!(
        call(
            &mut instance,
            "[method]table.append",
            &[b.clone(), a.clone()]
        ),
        2_u32.into()
    );
    // In C++ a resource may be used twice in a call.
    assert_eq!(
        call(
            &mut instance,
            "[method]table.append",
            &[b.clone(), b.clone()]
        ),
        4_u32.into()
    );
    assert_eq!(
        call(
            &mut instance,
            "total",
            &[Value::list([a.clone(), b.clone()])]
        ),
        6_u32.into()
    );
    let look = Value::record([("what", a.clone()), ("depth", 1_u8.into())]);
    assert_eq!(call(&mut instance, "peek", &[look]), Value::some("y"));
    let cursor = call(&mut instance, "[constructor]cursor", &[a]);
    let cursor = cursor.payload().unwrap().clone();
    assert_eq!(
        call(
            &mut instance,
            "[method]cursor.next",
            std::slice::from_ref(&cursor)
        ),
        Value::some("x")
    );
    let a = call(&mut instance, "[static]cursor.finish", &[cursor]);
    let entries = call(&mut instance, "split", &[a]);
    assert!(
        entries
            .to_string()
            .starts_with("[{key: \"x\", value: <resource "),
        "{entries}"
    );
    assert_eq!(
        call(&mut instance, "[static]table.living", &[]),
        3_u32.into()
    );
    assert_eq!(
        call(&mut instance, "[static]table.open", &["".into()]),
        Value::err("no name")
    );

    for exercise in instance.exercise(60) {
        assert!(
            !matches!(exercise.outcome, Outcome::Wrong(_)),
            "{exercise:?}"
        );
    }
    assert_eq!(
        call(&mut instance, "[static]table.living", &[]),
        0_u32.into()
    );
}

#[test]
fn a_library_is_unloaded() {
    let built = build("values.cpp", "values.wit", cpp::header);
    let loaded = |built: &crate::Built| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(built.path().to_str().unwrap())
    };
    let plugin = Harness::load(&built.path(), &[]).unwrap();
    drop(plugin.instantiate().unwrap());
    assert!(loaded(&built));
    drop(plugin);
    assert!(!loaded(&built));
}
