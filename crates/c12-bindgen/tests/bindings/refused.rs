//! Worlds that no plugin can provide.

use c12_bindgen::{Error, World};

fn refused(wit: &str) -> String {
    let wit = format!("package a:b;\n{wit}");
    World::from_text("b.wit", &wit, None)
        .unwrap_err()
        .to_string()
}

/// A world with one function, of parameters.
fn function(types: &str, params: &str) -> String {
    refused(&format!(
        "interface i {{ {types} f: func({params}); }} world w {{ export i; }}"
    ))
}

#[test]
fn imports() {
    let only = "; the world of a plugin only exports, and imports nothing but types";
    assert_eq!(
        refused("world w { import f: func(); export g: func(); }"),
        format!("the world `w` imports the function `f`{only}")
    );
    assert_eq!(
        refused("interface i { f: func(); } world w { import i; export g: func(); }"),
        format!("the world `w` imports `a:b/i`, which has functions or resources{only}")
    );
    // The resource is somebody else's, so the plugin could not make sense of it.
    assert_eq!(
        refused(
            "interface i { resource r; } interface j { use i.{r}; f: func(x: r); } world w { export j; }"
        ),
        format!("the world `w` imports `a:b/i`, which has functions or resources{only}")
    );
    assert_eq!(
        refused("world w { resource r; export f: func(x: r); }"),
        format!("the world `w` imports the resource `r`{only}")
    );
}

#[test]
fn worlds_without_functions() {
    assert_eq!(refused("world w { }"), "the world `w` exports no function");
    assert_eq!(
        refused("interface i { type t = u8; } world w { export i; }"),
        "the world `w` exports no function"
    );
}

#[test]
fn types_that_abi_1_does_not_have() {
    for (param, what) in [
        (
            "x: stream<u8>",
            "`stream` cannot be provided by a plugin: ABI 1 has no streams; use a resource that is read",
        ),
        (
            "x: future<u8>",
            "`future` cannot be provided by a plugin: ABI 1 has no futures",
        ),
        (
            "x: list<option<error-context>>",
            "`error-context` cannot be provided by a plugin: ABI 1 has none",
        ),
        (
            "x: list<u8, 4>",
            "`fixed-length list` cannot be provided by a plugin: ABI 1 has no lists of fixed length; use a tuple or a list",
        ),
        (
            "x: map<string, u8>",
            "`map` cannot be provided by a plugin: ABI 1 has no maps; use a list of tuples",
        ),
    ] {
        assert_eq!(function("", param), what);
    }
    assert_eq!(
        function("record r {}", "x: r"),
        "`r` cannot be provided by a plugin: a record needs a field"
    );
    assert_eq!(
        function("flags r {}", "x: r"),
        "`r` cannot be provided by a plugin: flags need a name"
    );
    let many: String = (0..33).map(|n| format!("flag{n},")).collect();
    assert_eq!(
        function(&format!("flags r {{ {many} }}"), "x: r"),
        "`r` cannot be provided by a plugin: flags have at most 32 names"
    );
    assert_eq!(
        refused("interface i { f: async func(); } world w { export i; }"),
        "`f` cannot be provided by a plugin: ABI 1 has no async functions; make it blocking"
    );
}

#[test]
fn types_that_are_too_large() {
    // Each is four times as large as the one before.
    let mut types = String::from("type t0 = tuple<u64, u64, u64, u64>;");
    for n in 1..40 {
        let before = format!("t{}", n - 1);
        types.push_str(&format!(
            "type t{n} = tuple<{before}, {before}, {before}, {before}>;"
        ));
    }
    assert!(
        function(&types, "x: t39").ends_with("cannot be provided by a plugin: it is too large")
    );

    let mut types = String::from("type t0 = u8;");
    for n in 1..100 {
        types.push_str(&format!("type t{n} = list<t{}>;", n - 1));
    }
    // In the order of their declaration they are all known; a function that names the last is enough to see them.
    let nested = format!("{}u8{}", "list<".repeat(80), ">".repeat(80));
    assert!(
        function("", &format!("x: {nested}"))
            .ends_with("cannot be provided by a plugin: its types are nested too deeply")
    );
}

#[test]
fn text_that_is_no_wit() {
    let error = World::from_text(
        "b.wit",
        "package a:b; world w { export f: func(x: y); }",
        None,
    );
    let Err(Error::Wit { message }) = error else {
        panic!("{error:?}");
    };
    assert!(message.contains("`y` does not exist"), "{message}");
    assert!(message.contains("b.wit:1:42"), "{message}");
    let two = "package a:b; world v { export f: func(); } world w { export f: func(); }";
    assert!(World::from_text("b.wit", two, None).is_err());
    assert_eq!(
        World::from_text("b.wit", two, Some("w")).unwrap().name(),
        "w"
    );
    assert!(World::from_text("b.wit", two, Some("x")).is_err());
    assert!(World::from_path("no such file".as_ref(), None).is_err());
}
