//! Files made to do harm: an error with its place, in little time and memory, and never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use c12_toolchain::detect::detect;
use c12_toolchain::{InspectError, InspectOptions, check_nesting, inspect, text};

/// The binaries of all cases in `tests/inspect`.
fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("input.wat"));
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
        .iter()
        .map(|file| text::encode(&fs::read(file).unwrap()).unwrap().into_owned())
        .collect()
}

/// Everything that a caller does with bytes that it does not trust.
fn all(bytes: &[u8]) -> Result<(), InspectError> {
    let _ = detect(bytes);
    let _ = check_nesting(bytes);
    let report = inspect(bytes, &InspectOptions::default())?;
    assert!(!report.to_string().is_empty());
    assert!(!serde_json::to_string(&report).unwrap().is_empty());
    Ok(())
}

fn quickly(what: &str, bytes: &[u8]) -> Result<(), InspectError> {
    let start = Instant::now();
    let result = all(bytes);
    // Generous, for a busy machine and a build without optimisation: what grows without bound takes far longer.
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{what} took {:?}",
        start.elapsed()
    );
    result
}

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len() as u64).as_slice(), content].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0".as_slice(), &sections.concat()].concat()
}

#[test]
fn a_file_cut_off_at_any_byte_is_an_error_or_whole() {
    for sample in samples() {
        all(&sample).unwrap();
        for end in 0..sample.len() {
            if let Err(error) = all(&sample[..end]) {
                assert!(
                    error.offset().is_none_or(|offset| offset <= end as u64),
                    "{error:?} of {end} bytes"
                );
                assert!(!error.help().is_empty());
            }
        }
    }
}

#[test]
fn random_changes_never_make_it_panic() {
    // A generator of Marsaglia's, with a fixed seed: every run tries the same files.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let samples = samples();
    for _ in 0..3000 {
        let mut bytes = samples[random(samples.len())].clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(5) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes[at] ^= 1 << random(8),
                2 => bytes.insert(at, random(256) as u8),
                3 if bytes.len() > 9 => drop(bytes.remove(at)),
                _ => {
                    let end = (at + 1 + random(16)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = random(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        let _ = all(&bytes);
    }
}

#[test]
fn sizes_and_counts_that_the_file_cannot_hold_are_refused() {
    let huge = leb(2 << 30);
    for id in 0..=13 {
        let module = [b"\0asm\x01\0\0\0".as_slice(), &[id], &huge, b"few bytes"].concat();
        let error = quickly("a module's section of 2 GiB", &module).unwrap_err();
        assert!(
            error.offset().is_some_and(|at| at <= module.len() as u64),
            "{error:?}"
        );
        let counted = [b"\0asm\x01\0\0\0".as_slice(), &section(id, &huge)].concat();
        assert!(
            id == 8 || id == 0 || quickly("a count of 2^31", &counted).is_err(),
            "section {id}"
        );
    }
    for id in 0..=11 {
        let file = component(&[[[id].as_slice(), &huge, b"few bytes"].concat()]);
        quickly("a component's section of 2 GiB", &file).unwrap_err();
        let counted = component(&[section(id, &huge)]);
        assert!(
            id == 0 || quickly("a count of 2^31", &counted).is_err(),
            "section {id}"
        );
    }
    let locals = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x0b\x01\x09\x01\xff\xff\xff\xff\x0f\x7f\x0b\x00";
    quickly("4 billion locals", locals).unwrap_err();
}

#[test]
fn components_nested_without_end_are_refused() {
    let mut file = component(&[]);
    for _ in 0..200 {
        file = component(&[section(4, &file)]);
    }
    let error = quickly("200 components in each other", &file).unwrap_err();
    assert!(
        matches!(error, InspectError::TooDeep { limit: 32, .. }),
        "{error:?}"
    );
    assert!(matches!(
        check_nesting(&file),
        Err(InspectError::TooDeep { .. })
    ));
}

#[test]
fn types_nested_without_end_are_refused_before_they_overflow_the_stack() {
    for head in [[0x42, 0x01, 0x01], [0x41, 0x01, 0x01]] {
        let content = [&[1], head.repeat(1 << 20).as_slice()].concat();
        let file = component(&[section(7, &content)]);
        let error = quickly("a million types in each other", &file).unwrap_err();
        assert!(
            matches!(error, InspectError::TooDeep { what: "types", .. }),
            "{error:?}"
        );
        assert_eq!(check_nesting(&file).unwrap_err(), error);
    }
}

#[test]
fn text_nested_without_end_is_refused() {
    let blocks = format!("(module (func {}", "(block ".repeat(100_000));
    quickly("open blocks", blocks.as_bytes()).unwrap_err();
    let components = "(component ".repeat(100_000);
    quickly("open components", components.as_bytes()).unwrap_err();
    let comment = "(;".repeat(100_000);
    quickly("open comments", comment.as_bytes()).unwrap_err();
}

/// Types that each use the one before twice: their text doubles with every line.
fn doubling(levels: usize, functions: usize) -> String {
    let mut text = String::from("(component\n(type $t0 (tuple u8 u8))\n");
    for level in 1..levels {
        text += &format!("(type $t{level} (tuple $t{} $t{}))\n", level - 1, level - 1);
    }
    for function in 0..functions {
        text += &format!(
            "(import \"f{function}\" (func (param \"x\" $t{})))\n",
            levels - 1
        );
    }
    text + ")"
}

#[test]
fn types_that_double_with_every_level_stay_bounded() {
    let report = inspect(doubling(12, 10).as_bytes(), &InspectOptions::default()).unwrap();
    let ty = report.imports[0].item.ty.as_ref().unwrap();
    assert!(
        ty.starts_with("func(x: tuple<tuple<") && ty.len() < 2000,
        "{ty}"
    );
    let _ = quickly(
        "500 functions of a doubling type",
        doubling(17, 500).as_bytes(),
    );
    let _ = quickly("a type of 2^60 parts", doubling(60, 1).as_bytes());
}

#[test]
fn wit_that_would_be_far_longer_than_the_file_is_not_printed() {
    let mut text = format!(
        "(component (type $r (record (field \"x\" u8))) (import \"{}\" (type $n (eq $r)))\n",
        "n".repeat(50_000)
    );
    for function in 0..500 {
        text += &format!("(import \"f{function}\" (func (param \"x\" $n)))\n");
    }
    text += ")";
    let report = inspect(text.as_bytes(), &InspectOptions::default()).unwrap();
    assert_eq!(report.wit(), None);
    assert!(
        report.notes.iter().any(|note| note.contains("longer than")),
        "{:?}",
        report.notes
    );
    quickly("500 uses of a long name", text.as_bytes()).unwrap();
}

#[test]
fn a_component_whose_interfaces_contradict_each_other_has_no_wit_and_no_panic() {
    let text = br#"(component
        (import "a:b/c" (instance $i (type $l (list string)) (export "t" (type (eq $l)))))
        (component $c (type $r (record (field "x" u8))) (export "t" (type $r)))
        (instance $e (instantiate $c))
        (export "a:b/c" (instance $e)))"#;
    let report = inspect(text, &InspectOptions::default()).unwrap();
    assert_eq!(report.wit(), None);
    assert!(
        report
            .notes
            .iter()
            .any(|note| note.contains("WIT cannot describe")),
        "{:?}",
        report.notes
    );
    assert_eq!((report.imports.len(), report.exports.len()), (1, 1));
}

#[test]
fn long_names_and_many_items_stay_bounded_in_the_report_for_people() {
    let mut text = String::from("(module\n");
    for index in 0..20_000 {
        text += &format!("(import \"m\" \"{index}{}\" (func))\n", "x".repeat(50));
    }
    text += &format!("(import \"{}\" \"n\" (func)))", "y".repeat(90_000));
    let report = inspect(text.as_bytes(), &InspectOptions::default()).unwrap();
    assert_eq!(report.imports.len(), 10_000);
    assert!(report.to_string().len() < 100_000);
}

#[test]
fn damaged_artifacts_are_an_error() {
    let mut elf = vec![0; 64];
    elf[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\xc8");
    elf[48] = 1;
    for end in 8..=64 {
        assert!(quickly("an artifact cut off", &elf[..end]).is_err());
    }
    elf[0x28..0x30].copy_from_slice(&u64::MAX.to_le_bytes());
    elf[0x3a] = 64;
    elf[0x3c..0x40].copy_from_slice(&[0xff; 4]);
    let error = quickly("a section table beyond the end", &elf).unwrap_err();
    assert!(
        matches!(error, InspectError::Precompiled { .. }),
        "{error:?}"
    );
}
