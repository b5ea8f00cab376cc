//! What is reported about a file. Each folder in `tests/inspect` is a case: its text, and the report for people; with
//! `BLESS=1` the reports are written again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

use c12_toolchain::inspect::role::Role;
use c12_toolchain::{ImportName, InspectError, InspectOptions, Provider, Report, inspect, text};
use serde_json::Value;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn case(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/inspect")
            .join(name)
            .join("input.wat"),
    )
    .unwrap()
}

fn report(bytes: &[u8]) -> Report {
    inspect(bytes, &InspectOptions::default()).unwrap()
}

fn features(bytes: &[u8]) -> Vec<&'static str> {
    report(bytes)
        .features
        .iter()
        .map(|found| found.feature.id())
        .collect()
}

#[test]
fn reports_for_people_are_as_recorded() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut changed = Vec::new();
    for folder in cases() {
        let report = report(&fs::read(folder.join("input.wat")).unwrap());
        let found = match report.wit() {
            Some(wit) => format!("{report}\nWIT\n{wit}"),
            None => report.to_string(),
        };
        let file = folder.join("report.txt");
        if bless {
            fs::write(&file, &found).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != found {
            changed.push(format!("--- {}\n{found}", folder.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "run with BLESS=1 if this is right:\n{}",
        changed.join("\n")
    );
}

#[test]
fn the_sizes_of_a_level_add_up_to_the_level_above() {
    for folder in cases() {
        let report = report(&fs::read(folder.join("input.wat")).unwrap());
        let sum = |prefix: &str, depth: u32| -> u64 {
            let inside = report
                .sections
                .iter()
                .filter(|section| section.depth == depth);
            inside
                .filter(|section| section.path.starts_with(prefix))
                .map(|section| section.size)
                .sum()
        };
        assert_eq!(sum("", 0) + 8, report.binary_size, "{}", folder.display());
        for module in report
            .modules
            .iter()
            .filter(|module| !module.path.is_empty())
        {
            let depth = module.path.matches('/').count() as u32 + 1;
            assert_eq!(
                sum(&format!("{}/", module.path), depth) + 8,
                module.size,
                "{}",
                module.path
            );
        }
    }
}

#[test]
fn binaries_and_their_text_give_the_same_report_but_for_kind_and_size() {
    for folder in cases() {
        let source = fs::read(folder.join("input.wat")).unwrap();
        let binary = text::encode(&source).unwrap();
        let mut of_text = serde_json::to_value(report(&source)).unwrap();
        let mut of_binary = serde_json::to_value(report(&binary)).unwrap();
        for report in [&mut of_text, &mut of_binary] {
            report
                .as_object_mut()
                .unwrap()
                .retain(|key, _| key != "kind" && key != "size");
        }
        assert_eq!(of_text, of_binary, "{}", folder.display());
    }
}

#[test]
fn the_wit_is_accepted_by_the_parser() {
    let mut printed = 0;
    for folder in cases() {
        let report = report(&fs::read(folder.join("input.wat")).unwrap());
        if let Some(wit) = report.wit() {
            printed += 1;
            let mut resolve = wit_parser::Resolve::default();
            resolve
                .push_str("report.wit", wit)
                .unwrap_or_else(|error| panic!("{}: {error:?}\n{wit}", folder.display()));
        }
    }
    assert!(printed >= 4, "{printed}");
}

#[test]
fn every_import_is_asked_for_its_provider() {
    let providers = |import: &ImportName<'_>| match import {
        ImportName::Core {
            module: "wasi_snapshot_preview1",
            name,
        } => Some(Provider {
            name: "wasi".to_owned(),
            serves: Some((*name).to_owned()),
        }),
        ImportName::Component { name } if name.starts_with("wasi:cli/") => {
            Some(Provider::new("wasi"))
        }
        _ => None,
    };
    let options = InspectOptions::default().with_providers(&providers);
    let of = |name: &str| -> Vec<Option<String>> {
        let report = inspect(&case(name), &options).unwrap();
        report
            .imports
            .into_iter()
            .map(|import| Some(import.provider?.serves.unwrap_or_default()))
            .collect()
    };
    assert_eq!(
        of("wasi_01_command"),
        [
            Some("fd_write".to_owned()),
            Some("proc_exit".to_owned()),
            None
        ]
    );
    assert_eq!(of("cli_command"), [Some(String::new()), None, None]);
    let report = inspect(&case("cli_command"), &options).unwrap().to_string();
    assert!(
        report.contains("wasi:cli/environment@0.2.3   [provided by wasi]"),
        "{report}"
    );
}

#[test]
fn roles_are_told_from_imports_exports_and_sections() {
    let roles = |name: &str| report(&case(name)).roles;
    let version = Some("0.2.3".to_owned());
    assert_eq!(roles("wasi_01_command"), [Role::Wasi01Command]);
    assert_eq!(roles("wasi_01_reactor"), [Role::Wasi01Reactor]);
    assert_eq!(
        roles("cli_command"),
        [Role::WasiCliCommand {
            version: version.clone()
        }]
    );
    assert_eq!(roles("http_proxy"), [Role::WasiHttpProxy { version }]);
    assert_eq!(roles("library"), [Role::Library]);
    assert_eq!(roles("empty_module"), [Role::NoExports]);
    assert_eq!(roles("about"), [Role::ObjectFile]);
    assert_eq!(roles("wit_package"), [Role::WitPackage]);
}

#[test]
fn features_are_those_used_and_no_others() {
    assert_eq!(
        features(b"(module (func (param i32) (result f64) (f64.const 1)))"),
        [""; 0]
    );
    assert_eq!(
        features(b"(module (func (block (result i32) (i32.const 1)) drop))"),
        [""; 0]
    );
    assert_eq!(
        features(b"(module (table 1 funcref) (elem (i32.const 0) 0) (func))"),
        [""; 0]
    );
    assert_eq!(features(b"(module (func (param v128)))"), ["simd"]);
    assert_eq!(features(b"(module (func (local v128)))"), ["simd"]);
    assert_eq!(
        features(b"(module (func (result i32 i32) unreachable))"),
        ["multi-value"]
    );
    assert_eq!(
        features(b"(module (func (param i32) local.get 0 (block (param i32) drop)))"),
        ["multi-value"]
    );
    assert_eq!(
        features(b"(module (memory 1) (data \"passive\"))"),
        ["bulk-memory"]
    );
    assert_eq!(
        features(b"(module (table 1 funcref) (table 1 funcref))"),
        ["reference-types"]
    );
    assert_eq!(
        features(b"(module (memory 1) (memory 1))"),
        ["multi-memory"]
    );
    assert_eq!(features(b"(module (memory i64 1))"), ["memory64"]);
    assert_eq!(features(b"(module (table i64 1 funcref))"), ["memory64"]);
    assert_eq!(features(b"(module (memory 1 2 shared))"), ["threads"]);
    assert_eq!(
        features(b"(module (memory 1 (pagesize 1)))"),
        ["custom-page-sizes"]
    );
    assert_eq!(features(b"(module (func return_call 0))"), ["tail-calls"]);
    assert_eq!(
        features(b"(module (global i64 (i64.mul (i64.const 2) (i64.const 3))))"),
        ["extended-const"]
    );
    assert_eq!(
        features(b"(module (global i32 (i32.const 1)) (global i32 (global.get 0)))"),
        ["gc"]
    );
    assert_eq!(
        features(b"(module (import \"\" \"\" (global i32)) (global i32 (global.get 0)))"),
        [""; 0]
    );
    assert_eq!(
        features(b"(module (global (export \"g\") (mut i32) (i32.const 1)))"),
        ["mutable-globals"]
    );
    assert_eq!(features(b"(module (type (array i8)))"), ["gc"]);
    assert_eq!(
        features(b"(module (type $f (func)) (func (param (ref $f))))"),
        ["function-references"]
    );
    assert_eq!(features(b"(module (tag))"), ["exceptions"]);
    assert_eq!(
        features(b"(module (tag) (func try throw 0 catch_all end))"),
        ["legacy-exceptions"]
    );
    assert_eq!(features(b"(module (func (param exnref)))"), ["exceptions"]);
    assert_eq!(
        features(b"(module (type $f (func)) (type (cont $f)))"),
        ["stack-switching"]
    );
    assert_eq!(features(b"(component)"), ["component-model"]);
    assert_eq!(
        features(b"(component (type (stream u8)))"),
        ["component-model", "component-model-async"]
    );
    assert_eq!(
        features(b"(component (core func (canon waitable-set.new)))"),
        ["component-model", "component-model-async"]
    );
    assert_eq!(
        features(b"(component (core module (func (param v128))))"),
        ["simd", "component-model"]
    );
}

#[test]
fn features_say_where_they_are_met_first() {
    let binary =
        text::encode(b"(module (func nop i32.const 1 i32.extend8_s i32.extend16_s drop))").unwrap();
    let report = report(&binary);
    let feature = &report.features[0];
    assert_eq!(
        (feature.feature.id(), feature.since, feature.uses),
        ("sign-extension", "2.0", 2)
    );
    assert_eq!(binary[feature.first_offset as usize], 0xc0);
}

#[test]
fn json_has_the_documented_fields() {
    let json = serde_json::to_value(report(&case("cli_command"))).unwrap();
    let mut fields: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    let expected = [
        "binary_size",
        "debug_info",
        "exports",
        "features",
        "imports",
        "kind",
        "metadata",
        "modules",
        "notes",
        "producers",
        "roles",
        "sections",
        "size",
        "wit",
    ];
    assert_eq!(fields, expected);
    assert_eq!(json["kind"], "component-text");
    assert_eq!(
        json["roles"][0],
        serde_json::json!({"role": "wasi-cli-command", "version": "0.2.3"})
    );
    assert_eq!(json["imports"][0]["module"], "wasi:cli/environment@0.2.3");
    assert_eq!(json["imports"][0]["name"], Value::Null);
    assert_eq!(json["imports"][0]["interface"]["package"], "cli");
    assert_eq!(
        json["imports"][0]["functions"][1]["type"],
        "func() -> list<string>"
    );
    assert_eq!(json["imports"][1]["resources"][0], "error");
    assert_eq!(
        json["imports"][2]["resources"],
        serde_json::json!(["output-stream"])
    );
    assert_eq!(json["features"][0]["feature"], "component-model");
    assert_eq!(json["producers"][0]["field"], "sdk");
}

#[test]
fn lists_are_cut_where_asked_and_the_report_says_so() {
    let options = InspectOptions::default().with_max_list(1);
    let report = inspect(&case("wasi_01_command"), &options).unwrap();
    assert_eq!((report.imports.len(), report.sections.len()), (1, 1));
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("3 more imports, exports and functions")),
        "{:?}",
        report.notes
    );
}

#[test]
fn control_characters_of_a_file_never_reach_the_terminal() {
    let source = b"(module (import \"\\1b[2J\" \"\\r\\07\\u{202e}\" (func)) (export \"\\1b]0;x\\07\" (func 0))
        (@custom \"\\1b[31m\" \"\") (@custom \"version\" \"1\\1b[1m\") (func $\"\\1b[5m\") (start 1))";
    let report = report(source).to_string();
    assert!(
        !report
            .chars()
            .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
        "{report:?}"
    );
}

#[test]
fn errors_in_text_keep_their_position() {
    let error = inspect(
        b"(module\n  (func\n    i32.const\n    i32.addd))",
        &InspectOptions::default(),
    )
    .unwrap_err();
    let InspectError::Text(text) = &error else {
        panic!("{error:?}")
    };
    assert_eq!((text.line, text.column, text.offset), (4, 5, 34));
    assert_eq!(text.snippet(), "    i32.addd))\n    ^");
    let error = inspect(b"(module (func call $nowhere))", &InspectOptions::default()).unwrap_err();
    assert!(
        error.to_string().starts_with("line 1, column 20: "),
        "{error}"
    );
    let error = inspect(b"(module \xff)", &InspectOptions::default()).unwrap_err();
    assert!(error.to_string().contains("UTF-8"), "{error}");
    let long = format!("(module {} oops)", " ".repeat(100_000));
    let InspectError::Text(text) =
        inspect(long.as_bytes(), &InspectOptions::default()).unwrap_err()
    else {
        panic!()
    };
    assert!(
        text.excerpt.len() <= 100 && text.snippet().contains("oops"),
        "{text:?}"
    );
    assert_eq!(text.excerpt.chars().nth(text.caret), Some('o'));
}

#[test]
fn invalid_modules_are_told_from_malformed_ones() {
    let options = InspectOptions::default();
    let invalid = inspect(b"(module (func (result i32) (f64.const 1)))", &options).unwrap_err();
    assert!(
        matches!(invalid, InspectError::Invalid { .. }),
        "{invalid:?}"
    );
    assert!(invalid.to_string().contains("type mismatch"), "{invalid}");
    let malformed = inspect(b"\0asm\x01\0\0\0\x01\x05\x01", &options).unwrap_err();
    assert!(
        matches!(malformed, InspectError::Malformed { .. }),
        "{malformed:?}"
    );
    assert_eq!(malformed.offset(), Some(10));
}
