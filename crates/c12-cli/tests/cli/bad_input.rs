//! Whatever is handed to the program, it answers with one clear error, an exit code, and nothing left behind.

use std::time::Duration;

use snapbox::{assert_data_eq, str};

use crate::harness::{Home, Outcome};

/// Runs bytes as a program.
fn run(bytes: impl AsRef<[u8]>) -> Outcome {
    let home = Home::new();
    home.write("app", bytes);
    home.c12(["run", "app"]).run()
}

#[test]
fn a_file_that_is_not_there() {
    let home = Home::new();
    assert_data_eq!(
        home.c12(["run", "nowhere.wasm"]).run().failure(1),
        str![[r#"
error: cannot read nowhere.wasm
  No such file or directory (os error 2)
help: check the path; it is relative to the current directory

"#]]
    );
}

#[test]
fn a_directory() {
    assert_data_eq!(
        Home::new().c12(["run", "."]).run().failure(1),
        str![[r#"
error: cannot read .
  Is a directory (os error 21)

"#]]
    );
}

#[test]
fn an_empty_file() {
    assert_data_eq!(
        run("").failure(1),
        str![[r#"
error: app is not something that c12 can run
  the file is empty
help: build or download the file again; the last attempt may have been interrupted

"#]]
    );
}

#[test]
fn html_instead_of_wasm() {
    assert_data_eq!(
        run("<!DOCTYPE html>\n<html><body>404 Not Found</body></html>").failure(1),
        str![[r#"
error: app is not something that c12 can run
  this is an HTML page, not WebAssembly
help: the download gave a page in place of the file: check the address, and whether it needs a login

"#]]
    );
}

#[test]
fn random_bytes() {
    let bytes: Vec<u8> = (0u32..4096)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert_data_eq!(
        run(bytes).failure(1),
        str![[r#"
error: app is not something that c12 can run
  this is not WebAssembly: it starts with the bytes 00 bb 77 33 ef ab 66 22, not with 00 61 73 6d
help: check the path, and that the file is the output of a compiler for WebAssembly

"#]]
    );
}

#[test]
fn a_header_and_nothing_more() {
    assert_data_eq!(
        run(b"\0asm").failure(1),
        str![[r#"
error: app is not something that c12 can run
  the file ends after 4 of the 8 bytes that start every WebAssembly binary
help: the file was cut off: build or download it again

"#]]
    );
}

#[test]
fn an_unknown_version() {
    assert_data_eq!(
        run(b"\0asm\x07\0\0\0").failure(1),
        str![[r#"
error: app is not something that c12 can run
  WebAssembly binary of unknown version 0x7, layer 0
help: it was made for a draft from before WebAssembly 1.0: build it with a current compiler

"#]]
    );
}

/// Every prefix of a module ends in an error or, at a section's end, in a smaller valid module.
#[test]
fn a_truncated_module() {
    let whole = wat::parse_str("(module (memory 1) (func (export \"f\") (result i32) i32.const 7) (data (i32.const 0) \"abc\"))").unwrap();
    for length in [9, 12, 20, whole.len() - 1] {
        let outcome = run(&whole[..length]);
        assert!(
            outcome.code == 1 || outcome.stderr.contains("nothing to run"),
            "{length}: {outcome:?}"
        );
        assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
    }
}

#[test]
fn a_section_that_claims_two_gigabytes() {
    let outcome = run(b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\x07");
    assert!(outcome.took < Duration::from_secs(20));
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: app is not valid WebAssembly
  malformed WebAssembly at byte 0xe: unexpected end-of-file
help: build it again; if it uses a proposal beyond WebAssembly 3.0, turn that off in its compiler

"#]]
    );
}

#[test]
fn text_with_a_mistake() {
    assert_data_eq!(
        run("(module\n  (func (export \"f\") i32.cosnt 1))").failure(1),
        str![[r#"
error: app is not valid WebAssembly
  line 2, column 22: unknown operator or unexpected token
help: build it again; if it uses a proposal beyond WebAssembly 3.0, turn that off in its compiler

"#]]
    );
}

#[test]
fn a_function_of_the_wrong_type() {
    assert_data_eq!(
        run("(module (func (export \"_start\") (result i32) i64.const 1))").failure(1),
        str![[r#"
error: app is not valid WebAssembly
  Invalid input WebAssembly code at offset 38: type mismatch: expected i32, found i64
help: build it again; if it uses a proposal beyond WebAssembly 3.0, turn that off in its compiler

"#]]
    );
}

/// The parsers behind the check would recurse once per level and overflow the native stack.
#[test]
fn types_nested_beyond_reason() {
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    let mut section = vec![1];
    for _ in 0..200_000 {
        section.extend_from_slice(&[0x42, 1, 1]);
    }
    component.push(7);
    let mut length = section.len();
    while length >= 0x80 {
        component.push(length as u8 | 0x80);
        length >>= 7;
    }
    component.push(length as u8);
    component.extend(section);
    let error = run(component).failure(1);
    assert!(
        error.starts_with("error: app is not valid WebAssembly"),
        "{error}"
    );
}

#[test]
fn a_module_that_imports_what_nobody_has() {
    let module = "(module (import \"env\" \"a\" (func)) (import \"env\" \"b\" (func)) (import \"acme_shop\" \"load\" (func)) (func (export \"_start\")))";
    assert_data_eq!(
        run(module).failure(1),
        str![[r#"
error: app imports what nothing here provides
  nothing provides the module `env` (a, b)
  nothing provides the module `acme_shop` (load)
help: `env` usually means symbols that the linker did not find: link the missing library, or build for wasm32-wasip1 or wasm32-wasip2
help: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is

"#]]
    );
}

#[test]
fn a_component_that_imports_what_nobody_has() {
    let component = "(component (import \"acme:shop/prices@1.0.0\" (instance (export \"get\" (func)))) (import \"wasi:blobstore/container@0.2.0\" (instance (export \"name\" (func)))))";
    assert_data_eq!(
        run(component).failure(1),
        str![[r#"
error: app imports what nothing here provides
  nothing provides the interface `acme:shop/prices@1.0.0` (get)
  nothing provides the interface `wasi:blobstore/container@0.2.0` (name)
help: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is
help: it belongs to the capability `blobstore`: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is

"#]]
    );
}

#[test]
fn a_component_that_imports_another_version_of_wasi() {
    let component =
        "(component (import \"wasi:cli/exit@0.9.0\" (instance (export \"exit\" (func)))))";
    assert_data_eq!(
        run(component).failure(1),
        str![[r#"
error: app imports what nothing here provides
  nothing provides the interface `wasi:cli/exit@0.9.0` (exit)
help: `wasi:cli/exit` is provided in version 0.2.12: build the guest against a version that is compatible with it

"#]]
    );
}

#[test]
fn an_import_of_the_wrong_type() {
    let module = "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func (param f64))) (func (export \"_start\")))";
    assert_data_eq!(
        run(module).failure(1),
        str![[r#"
error: the imports do not fit what is provided
  incompatible import type for `wasi_snapshot_preview1::fd_write`: types incompatible: expected type `(func (param f64))`, found type `(func (param i32 i32 i32 i32) (result i32))`

"#]]
    );
}

#[test]
fn a_module_with_nothing_to_run() {
    assert_data_eq!(
        run("(module (func (export \"add\")) (func (export \"sub\")))").failure(1),
        str![[r#"
error: app has nothing to run: it exports no function `_start`
help: call one of its functions with `--invoke`: add, sub

"#]]
    );
}

#[test]
fn an_artifact_that_wasmtime_could_have_made() {
    let mut elf = b"\x7fELF\x02\x01\x01\xc8".to_vec();
    elf.resize(4096, 0);
    assert_data_eq!(
        run(elf).failure(1),
        str![[r#"
error: cannot load the compiled artifact app
  it was not made by `c12 compile`
help: compile it here with `c12 compile`, or pass `--trust-precompiled` if you trust whoever made it with your machine

"#]]
    );
}

#[test]
fn options_that_make_no_sense() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    for (arguments, told) in [
        (
            vec!["--dir", "::/d"],
            "the directory on the host is missing",
        ),
        (vec!["--dir", "a::b::c"], "more than one `::`"),
        (vec!["--net", "1.2.3.4:99999"], "is not a network rule"),
        (vec!["--timeout", "5"], "500ms, 5s or 2m"),
        (vec!["--timeout", "0s"], "lets nothing run"),
        (vec!["--max-memory", "lots"], "64MiB"),
        (vec!["--max-stack", "1"], "between 16 KiB and 1 GiB"),
        (vec!["--env", "=x"], "name is missing"),
        (vec!["--env", "C12_SURELY_NOT_SET"], "C12_SURELY_NOT_SET"),
        (vec!["--log", "loud=very"], "is not a log level"),
        (
            vec!["--config", "nowhere.toml"],
            "cannot use the configuration nowhere.toml",
        ),
        (vec!["--frobnicate"], "unexpected argument '--frobnicate'"),
    ] {
        let outcome = home
            .c12([vec!["run"], arguments.clone(), vec!["app"]].concat())
            .run();
        let error = outcome.failure(2);
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
}

#[test]
fn a_directory_to_grant_that_is_not_there() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    assert_data_eq!(
        home.c12(["run", "--dir", "nowhere::/d", "app"])
            .run()
            .failure(1),
        str![[r#"
error: cannot grant the directory nowhere
  No such file or directory (os error 2)
help: `--dir` takes an existing directory of the host: create it, or correct the path

"#]]
    );
    assert_data_eq!(
        home.c12(["run", "--dir", "app::/d", "app"])
            .run()
            .failure(1),
        str![[r#"
error: cannot grant the directory app
  it is not a directory
help: grant the directory that it is in

"#]]
    );
}

#[test]
fn a_configuration_with_a_key_that_nobody_knows() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    home.write("c12.toml", "[limits]\nmemroy = \"1MiB\"\n");
    assert_data_eq!(
        home.c12(["run", "--config", "c12.toml", "app"])
            .run()
            .failure(2),
        str![[r#"
error: cannot use the configuration c12.toml
  TOML parse error at line 2, column 1
    |
  2 | memroy = "1MiB"
    | ^^^^^^
  unknown field `memroy`, expected one of `timeout`, `fuel`, `memory`, `table-elements`, `tables`, `memories`, `instances`, `host-bytes`, `handles`

"#]]
    );
}

#[test]
fn errors_for_machines_are_json() {
    let home = Home::new();
    home.write("app", "");
    let error = home.c12(["run", "--json", "app"]).run().failure(1);
    let object: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(object["error"]["exit_code"], 1);
    assert_eq!(
        object["error"]["message"],
        "app is not something that c12 can run"
    );
}

#[test]
fn wrong_usage_for_machines_is_json_too() {
    let error = Home::new()
        .c12(["run", "--json", "--max-memory", "lots", "app"])
        .run()
        .failure(2);
    let object: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(object["error"]["exit_code"], 2);
    let message = object["error"]["message"].as_str().unwrap();
    assert!(message.contains("lots"), "{message}");
}

#[test]
fn a_mistyped_subcommand() {
    assert_data_eq!(
        Home::new().c12(["isnpect", "app.wasm"]).run().failure(1),
        str![[r#"
error: cannot read isnpect
  there is no such file, and no such subcommand
help: perhaps `c12 inspect` is meant

"#]]
    );
}

/// Each level instantiates the one before twice: two thousand bytes that stand for a billion instances.
#[test]
fn a_component_that_doubles_itself() {
    let mut text = String::from(
        "(component (component $c0 (core module $m) (core instance (instantiate $m)))",
    );
    for level in 1..=30 {
        let before = level - 1;
        text += &format!(
            "(component $c{level} (alias outer 1 $c{before} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))"
        );
    }
    text += "(instance (instantiate $c30)))";
    let outcome = run(text);
    assert!(outcome.took < Duration::from_secs(20), "{outcome:?}");
    let error = outcome.failure(1);
    assert!(error.contains("instances"), "{error}");
}

#[test]
fn an_input_without_an_end() {
    let outcome = Home::new().c12(["run", "/dev/zero"]).run();
    assert_data_eq!(
        outcome.failure(1),
        str![[r#"
error: cannot read /dev/zero
  it is larger than 1 GiB

"#]]
    );
}

/// What a file names itself must not act on the terminal, nor look like words of ours.
#[test]
fn names_that_would_act_on_the_terminal() {
    let module = "(module (import \"a\\1b]0;b\\07\\0aerror: forged\" \"f\" (func)) (func (export \"_start\")))";
    let error = run(module).failure(1);
    assert!(
        !error.contains('\u{1b}') && !error.contains("\nerror: forged"),
        "{error}"
    );
}

#[test]
fn two_versions_of_one_interface() {
    let random = "(instance (export \"get-random-u64\" (func (result u64))))";
    let component = format!(
        "(component (import \"wasi:random/random@0.2.0\" {random}) (import \"wasi:random/random@0.2.3\" {random}))"
    );
    let error = run(component).failure(1);
    assert!(error.contains("has nothing to run"), "{error}");
}
