//! Libraries that break the contract.

use std::path::Path;

use c12_plugin::harness::{Harness, HarnessError, Value};

use crate::compile;

/// A plugin in C with one function in its world, `f: func(x: u32) -> RESULT`.
fn plugin(result: &str, code: &str, description: &str) -> Result<Harness, HarnessError> {
    let text = format!(
        r#"#include "c12_plugin.h"
        static const c12_host *host;
        static const char wit[] = "package a:b; world w {{ export f: func(x: u32) -> {result}; }}";
        static c12_status f(c12_call *call, void *instance, const void *arguments, void *results) {{
          (void)call; (void)instance; (void)arguments; (void)results;
          {code}
        }}
        static const c12_export table[] = {{{{sizeof(c12_export), 0, "f", f, 0, 0}}, {{sizeof(c12_export), 0, "g", f, 0, 0}}}};
        static const c12_export twice[] = {{{{sizeof(c12_export), 0, "f", f, 0, 0}}, {{sizeof(c12_export), 0, "f", f, 0, 0}}}};
        static const c12_export hollow[] = {{{{sizeof(c12_export), 0, "f", 0, 0, 0}}}};
        static const c12_export small[] = {{{{8, 0, "f", f, 0, 0}}}};
        static const c12_key keys[] = {{{{sizeof(c12_key), "a", 0, 0, 0, 0}}, {{sizeof(c12_key), "a", 0, 0, 0, 0}}}};
        static const c12_key odd[] = {{{{sizeof(c12_key), "a", 0, 0, 99, 0}}}};
        const c12_plugin_description *all[] = {{(const void *)wit, (const void *)table, (const void *)twice,
          (const void *)hollow, (const void *)small, (const void *)keys, (const void *)odd}};
        C12_EXPORT const c12_plugin_description *c12_plugin(const c12_host *given) {{
          static c12_plugin_description d = {{
            sizeof(c12_plugin_description), 1, 0, "bad", "1.0.0", "", wit, "w", table, 1, 0, 0, 0, 0, 0, 0}};
          host = given;
          (void)host;
          {description}
          return &d;
        }}"#
    );
    let built = compile("bad.c", &text, "");
    Harness::load(&built.path(), &[])
}

fn described(description: &str) -> String {
    match plugin("u32", "return C12_OK;", description) {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.to_string(),
    }
}

/// What the harness says of a function that returns this.
fn returned(result: &str, code: &str) -> String {
    let plugin = plugin(result, code, "").unwrap();
    let mut instance = plugin.instantiate().unwrap();
    match instance.call(None, "f", &[Value::U32(3)]) {
        Ok(value) => panic!("{value:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn files_that_are_no_plugin() {
    assert!(matches!(
        Harness::load(Path::new("no such file"), &[]),
        Err(HarnessError::Load { .. })
    ));
    assert!(matches!(
        Harness::load(Path::new(file!()), &[]),
        Err(HarnessError::Load { .. })
    ));
    let library = compile(
        "none.c",
        "int other_symbol(void);\nint other_symbol(void) { return 1; }\n",
        "",
    );
    assert!(matches!(
        Harness::load(&library.path(), &[]),
        Err(HarnessError::NoSymbol { .. })
    ));
}

#[test]
fn descriptions() {
    let wrong = "the plugin's description is wrong: ";
    for (description, message) in [
        ("return 0;", "the plugin refuses this host".to_owned()),
        (
            "d.abi = 2;",
            format!("{wrong}it is for ABI 2; this is ABI 1"),
        ),
        (
            "d.size = 8;",
            format!("{wrong}its size is 8 bytes, too few for ABI 1"),
        ),
        ("d.name = 0;", format!("{wrong}name is missing")),
        (
            "d.name = \"a b\";",
            format!("{wrong}`a b` is no name: letters, digits and `-` make one"),
        ),
        (
            "d.version = \"\\xff\";",
            format!("{wrong}version is not UTF-8"),
        ),
        (
            "d.export_count = 0;",
            format!("{wrong}its world has `f`, its table does not"),
        ),
        (
            "d.export_count = 2;",
            format!("{wrong}the export `g` is not in its world"),
        ),
        (
            "d.exports = twice; d.export_count = 2;",
            format!("{wrong}the export `f` is there twice"),
        ),
        (
            "d.exports = hollow;",
            format!("{wrong}the export `f` has no function"),
        ),
        (
            "d.exports = small;",
            format!("{wrong}its struct `export` has a size of 8 bytes"),
        ),
        (
            "d.exports = 0;",
            format!("{wrong}it has 1 of the struct `export`, but no array of them"),
        ),
        (
            "d.keys = keys; d.key_count = 2;",
            format!("{wrong}the key `a` is there twice"),
        ),
        (
            "d.keys = odd; d.key_count = 1;",
            format!("{wrong}the key `a` is of no kind that there is"),
        ),
    ] {
        assert_eq!(described(description), message, "{description}");
    }
    assert_eq!(described("d.wit = \"world\";"), "the plugin's WIT is wrong");
    assert_eq!(described("d.world = \"x\";"), "the plugin's WIT is wrong");
}

#[test]
fn garbage_as_a_result() {
    let garbage = |message: &str| format!("`f` returned garbage: {message}");
    for (result, code, message) in [
        ("bool", "*(uint8_t *)results = 2; return 0;", "2 is no bool"),
        (
            "char",
            "*(uint32_t *)results = 0xd800; return 0;",
            "U+D800 is no character",
        ),
        (
            "option<u8>",
            "*(uint8_t *)results = 7; return 0;",
            "an option has no case 7",
        ),
        (
            "result<u8>",
            "*(uint8_t *)results = 7; return 0;",
            "a result has no case 7",
        ),
        (
            "string",
            "*(c12_string *)results = (c12_string){\"a\\xff\", 2}; return 0;",
            "a string is not UTF-8: invalid utf-8 sequence of 1 bytes from index 1",
        ),
        (
            "list<u64>",
            "*(c12_list *)results = (c12_list){0, 2}; return 0;",
            "a list of 2 elements is nowhere",
        ),
        (
            "list<u64>",
            "*(c12_list *)results = (c12_list){(const void *)4097, 2}; return 0;",
            "a list at 0x1001 is not aligned to 8 bytes",
        ),
        (
            "list<u64>",
            "*(c12_list *)results = (c12_list){wit, SIZE_MAX / 8}; return 0;",
            "a list of 2305843009213693951 elements is longer than a guest's memory",
        ),
        (
            "tuple<u8, list<option<bool>>>",
            "static const uint8_t list[] = {0, 0, 1, 9}; \
             *(c12_list *)((char *)results + 8) = (c12_list){list, 2}; return 0;",
            "element 1: 9 is no bool",
        ),
    ] {
        assert_eq!(returned(result, code), garbage(message), "{code}");
    }
}

#[test]
fn statuses_and_messages() {
    assert_eq!(
        returned("u8", "return C12_TRAP;"),
        "`f` trapped: it does not say why"
    );
    assert_eq!(
        returned(
            "u8",
            "host->fail(call, \"first\", 5); host->fail(call, \"a\\xff\", 2); return C12_TRAP;"
        ),
        "`f` trapped: a\u{fffd}"
    );
    assert_eq!(
        returned("u8", "return 5;"),
        "`f` trapped: the status 5 is neither C12_OK nor C12_TRAP"
    );
}

#[test]
fn memory_of_the_host() {
    // Too much, and alignments that are none.
    let code = "if (host->alloc(call, (size_t)1 << 40, 8) || host->alloc(call, 8, 3) || host->alloc(call, 8, 32) \
                || !host->alloc(call, 0, 1)) { return C12_OK; } \
                host->fail(call, \"refused\", 7); return C12_TRAP;";
    assert_eq!(returned("u8", code), "`f` trapped: refused");
}
