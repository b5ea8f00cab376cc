//! `text-tools` in C++ and in Rust: one guest, as a component and as a core module, sees no difference.

use std::path::Path;

use super::{KINDS, cxx_library, library};
use crate::guests::{guest, root, with_guests, with_guests_and_cxx};
use crate::harness::{Home, Outcome};

/// Texts, and what the guest prints of them.
const TEXTS: [&str; 4] = [
    "hello",
    "Grüße, 世界 🌍",
    "the cat and the dog",
    "The quick brown fox jumps over the lazy dog",
];
const PRINTED: &str = "\
reversed: olleh
md5:      5d41402abc4b2a76b9719d911017c592
words:    hello 1
mostly:   hello 1
reversed: 🌍 界世 ,eßürG
md5:      c247ec241a6d2f5c2a3630dc26bea556
words:    Grüße, 1, 世界 1, 🌍 1
mostly:   Grüße, 1
reversed: god eht dna tac eht
md5:      e3e95583d7c33d3aadf77981accdf7e3
words:    and 1, cat 1, dog 1, the 2
mostly:   the 2
reversed: god yzal eht revo spmuj xof nworb kciuq ehT
md5:      9e107d9d372bb6826bd81d3542a419d6
words:    The 1, brown 1, dog 1, fox 1, jumps 1, lazy 1, over 1, quick 1, the 1
mostly:   The 1
all: hello Grüße, 世界 🌍 the cat and the dog The quick brown fox jumps over the lazy dog
";

fn run(library: &Path, kind: &str, options: &[&str], texts: &[&str]) -> Outcome {
    let app = guest(&format!("{kind}/use_text_tools"));
    let plugin = ["run", "--plugin", library.to_str().unwrap()];
    Home::new()
        .c12([&plugin[..], options, &[&app, "--"], texts].concat())
        .run()
}

fn serves_guests_of_both_kinds(library: &Path) {
    for kind in KINDS {
        assert_eq!(run(library, kind, &[], &TEXTS).success(), PRINTED, "{kind}");
    }
}

fn gives_results_for_what_guests_should_handle(library: &Path) {
    let limit = |value: &str| format!("text-tools.longest-word={value}");
    for kind in KINDS {
        let words = |options: &[&str], text: &str| {
            let printed = run(library, kind, options, &[text]).success();
            let words = printed.lines().find(|line| line.starts_with("words:"));
            words.unwrap().to_owned()
        };
        assert_eq!(words(&[], " \t"), "words:    none");
        let long = "ü".repeat(101);
        assert_eq!(
            words(&[], &long),
            "words:    one of 101 characters is too long"
        );
        let options = ["--plugin-config", &limit("101")];
        assert_eq!(words(&options, &long), format!("words:    {long} 1"));
        let options = ["--plugin-config", &limit("4")];
        assert_eq!(
            words(&options, "a short text"),
            "words:    one of 5 characters is too long"
        );
    }
    let options = ["--plugin-config", &limit("0")];
    let error = run(library, "wasip2", &options, &["a"]).failure(1);
    assert!(
        error.contains("the setting `longest-word` is at least 1"),
        "{error}"
    );
    let options = ["--plugin-config", &limit("many")];
    let error = run(library, "wasip2", &options, &["a"]).failure(2);
    assert!(error.contains("longest-word"), "{error}");
}

fn traps_with_its_name(library: &Path) {
    for kind in KINDS {
        let outcome = run(library, kind, &[], &["a", ""]);
        assert_eq!(outcome.code, 134, "{outcome:?}");
        assert!(outcome.stdout.starts_with("reversed: a\n"), "{outcome:?}");
        for told in [
            "plugin `text-tools`",
            "[method]builder.append",
            "there is nothing to append",
        ] {
            assert!(outcome.stderr.contains(told), "{kind} {told}: {outcome:?}");
        }
    }
}

fn checks(library: &Path) {
    let home = Home::new();
    let check = ["plugin", "check", "--call", library.to_str().unwrap()];
    let checked = home.c12(check).run().success();
    for line in [
        "description: text-tools 1.0.0: Reverses, digests and counts text\n",
        "settings: longest-word\n",
        "example:text/tools@1.0.0#md5: 8 calls returned\n",
    ] {
        assert!(checked.contains(&format!("ok       {line}")), "{checked}");
    }
}

#[test]
fn both_have_the_same_wit() {
    let wit = |example: &str| {
        let path = format!("plugins/examples/{example}/wit/text-tools.wit");
        std::fs::read_to_string(root().join(path)).unwrap()
    };
    assert_eq!(wit("text-tools-cpp"), wit("text-tools-rust"));
}

with_guests! {
    fn text_tools_in_rust() {
        let library = library("text-tools");
        checks(&library);
        serves_guests_of_both_kinds(&library);
        gives_results_for_what_guests_should_handle(&library);
    }

    fn a_panic_of_text_tools_is_a_trap() {
        traps_with_its_name(&library("text-tools"));
    }

    fn every_call_of_text_tools_can_be_logged() {
        let outcome = run(&library("text-tools"), "wasip1", &["--log", "c12::plugin=trace"], &["a"]);
        for told in ["words may have 100 characters", "reverse", "md5", "count", "[constructor]builder", "[method]builder.append", "[static]builder.finish"] {
            assert!(outcome.stderr.contains(told), "{told}: {outcome:?}");
        }
    }
}

with_guests_and_cxx! {
    fn text_tools_in_cxx() {
        let home = Home::new();
        let library = cxx_library(&home, "text-tools-cpp", "text-tools");
        checks(&library);
        serves_guests_of_both_kinds(&library);
        gives_results_for_what_guests_should_handle(&library);
        traps_with_its_name(&library);
    }
}
