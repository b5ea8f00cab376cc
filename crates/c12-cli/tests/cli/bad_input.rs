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
    assert_data_eq!(run("").failure(1), str![[""]]);
}

#[test]
fn html_instead_of_wasm() {
    assert_data_eq!(run("<!DOCTYPE html>\n<html><body>404 Not Found</body></html>").failure(1), str![[""]]);
}

#[test]
fn random_bytes() {
    let bytes: Vec<u8> = (0u32..4096).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_data_eq!(run(bytes).failure(1), str![[""]]);
}

#[test]
fn a_header_and_nothing_more() {
    assert_data_eq!(run(b"\0asm").failure(1), str![[""]]);
}

#[test]
fn an_unknown_version() {
    assert_data_eq!(run(b"\0asm\x07\0\0\0").failure(1), str![[""]]);
}

/// Every prefix of a module ends in an error or, at a section's end, in a smaller valid module.
#[test]
fn a_truncated_module() {
    let whole = wat::parse_str("(module (memory 1) (func (export \"f\") (result i32) i32.const 7) (data (i32.const 0) \"abc\"))").unwrap();
    for length in [9, 12, 20, whole.len() - 1] {
        let outcome = run(&whole[..length]);
        assert!(outcome.code == 1 || outcome.stderr.contains("nothing to run"), "{length}: {outcome:?}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
    }
}

#[test]
fn a_section_that_claims_two_gigabytes() {
    let outcome = run(b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\x07");
    assert!(outcome.took < Duration::from_secs(20));
    assert_data_eq!(outcome.failure(1), str![[""]]);
}

#[test]
fn text_with_a_mistake() {
    assert_data_eq!(run("(module\n  (func (export \"f\") i32.cosnt 1))").failure(1), str![[""]]);
}

#[test]
fn a_function_of_the_wrong_type() {
    assert_data_eq!(run("(module (func (export \"_start\") (result i32) i64.const 1))").failure(1), str![[""]]);
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
    assert!(error.starts_with("error: app is not valid WebAssembly"), "{error}");
}

#[test]
fn a_module_that_imports_what_nobody_has() {
    let module = "(module (import \"env\" \"a\" (func)) (import \"env\" \"b\" (func)) (import \"wasi_ephemeral_nn\" \"load\" (func)) (func (export \"_start\")))";
    assert_data_eq!(run(module).failure(1), str![[""]]);
}

#[test]
fn a_component_that_imports_what_nobody_has() {
    let component = "(component (import \"acme:shop/prices@1.0.0\" (instance (export \"get\" (func)))))";
    assert_data_eq!(run(component).failure(1), str![[""]]);
}

#[test]
fn a_component_that_imports_another_version_of_wasi() {
    let component = "(component (import \"wasi:cli/exit@0.9.0\" (instance (export \"exit\" (func)))))";
    assert_data_eq!(run(component).failure(1), str![[""]]);
}

#[test]
fn an_import_of_the_wrong_type() {
    let module = "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func (param f64))) (func (export \"_start\")))";
    assert_data_eq!(run(module).failure(1), str![[""]]);
}

#[test]
fn a_module_with_nothing_to_run() {
    assert_data_eq!(run("(module (func (export \"add\")) (func (export \"sub\")))").failure(1), str![[""]]);
}

#[test]
fn an_artifact_that_wasmtime_could_have_made() {
    let mut elf = b"\x7fELF\x02\x01\x01\xc8".to_vec();
    elf.resize(4096, 0);
    assert_data_eq!(run(elf).failure(1), str![[""]]);
}

#[test]
fn options_that_make_no_sense() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    for (arguments, told) in [
        (vec!["--dir", "::/d"], "the directory on the host is missing"),
        (vec!["--dir", "a::b::c"], "more than one `::`"),
        (vec!["--net", "1.2.3.4:99999"], "is not a network rule"),
        (vec!["--timeout", "5"], "500ms, 5s or 2m"),
        (vec!["--timeout", "0s"], "lets nothing run"),
        (vec!["--max-memory", "lots"], "64MiB"),
        (vec!["--max-stack", "1"], "between 16 KiB and 1 GiB"),
        (vec!["--env", "=x"], "name is missing"),
        (vec!["--env", "C12_SURELY_NOT_SET"], "C12_SURELY_NOT_SET"),
        (vec!["--log", "loud=very"], "is not a log level"),
        (vec!["--config", "nowhere.toml"], "cannot use the configuration nowhere.toml"),
        (vec!["--frobnicate"], "unexpected argument '--frobnicate'"),
    ] {
        let outcome = home.c12([vec!["run"], arguments.clone(), vec!["app"]].concat()).run();
        let error = outcome.failure(2);
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
}

#[test]
fn a_directory_to_grant_that_is_not_there() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    assert_data_eq!(home.c12(["run", "--dir", "nowhere::/d", "app"]).run().failure(1), str![[""]]);
    assert_data_eq!(home.c12(["run", "--dir", "app::/d", "app"]).run().failure(1), str![[""]]);
}

#[test]
fn a_configuration_with_a_key_that_nobody_knows() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    home.write("c12.toml", "[limits]\nmemroy = \"1MiB\"\n");
    assert_data_eq!(home.c12(["run", "--config", "c12.toml", "app"]).run().failure(2), str![[""]]);
}

#[test]
fn errors_for_machines_are_json() {
    let home = Home::new();
    home.write("app", "");
    let error = home.c12(["run", "--json", "app"]).run().failure(1);
    let object: serde_json::Value = serde_json::from_str(&error).unwrap();
    assert_eq!(object["error"]["exit_code"], 1);
    assert_eq!(object["error"]["message"], "app is not something that c12 can run");
}
