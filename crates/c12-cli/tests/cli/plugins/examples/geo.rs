//! `geo` as a component in Rust and in JavaScript: one guest, as a component and as a core module, sees no difference.

use std::f64::consts::PI;
use std::path::Path;
use std::sync::Once;

use snapbox::{assert_data_eq, str};

use super::KINDS;
use crate::guests::{guest, root, with_guests, with_js_guests};
use crate::harness::{C12, Home, Outcome};

const RUST: &str = "wasip2/geo";
const JS: &str = "js/geo";

/// What the guest prints, whoever answers.
const PRINTED: &str = "\
Paris-London: 343556.5 m
Paris-London: 330.0211 degrees
Paris-London-Berlin: 1275127.2 m
no way: 0.0 m
Land's End-John o' Groats: 968854.9 m
Land's End-John o' Groats: 9.1198 degrees
124.8 km on: 53.1883 0.1333
poles: 20015114.4 m
date line: 111195.1 m
over it: 0.0000 -179.5000
57.64911 10.40744: u4pruydqqvj
42.60000 -5.60000: ezs42
-90.00000 180.00000: pbpbpbpbpbpb
no geohash: 0 characters are not 1 to 12
no geohash: 13 characters are not 1 to 12
no geohash: 91 0 is not on the globe
no geohash: 0 NaN is not on the globe
ezs42: 42.6049805+-0.0219727 -5.6030273+-0.0219727
gcpvj0e: 51.5073395+-0.0006866 -0.1270294+-0.0006866
U4PRUYDQQVJ: 57.6491106+-0.0000007 10.4074397+-0.0000007
no place: 0 characters are not 1 to 12
no place: no geohash has a `o`
no place: 13 characters are not 1 to 12
no place: no geohash has a `\u{1f30d}`
Paris-London-Berlin: 150917.211 km2
Brussels: true
Amsterdam: false
Vienna: false
an eighth: 63758234.549 km2
in it: true false
a degree: 12364.032 km2
in it: true false
";

/// A command with folders that all tests here share, because compiling an engine for JavaScript takes long. Its entries
/// are found by what is in the files.
pub(crate) fn compiled_once(command: C12) -> C12 {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples");
    command
        .env("C12_CACHE_DIR", folder.join("cache"))
        .env("C12_STATE_DIR", folder.join("state"))
}

/// Compiles the plugin in JavaScript while all other tests that need it wait.
pub(crate) fn compile_js() {
    static COMPILED: Once = Once::new();
    COMPILED.call_once(|| {
        let home = Home::new();
        // On a busy machine it takes longer than `check` waits by default.
        let check = home.c12(["plugin", "check", "--timeout", "20m", &guest(JS)]);
        compiled_once(check).run().success();
    });
}

fn c12(plugin: &str, arguments: &[&str]) -> Outcome {
    if plugin == JS {
        compile_js();
    }
    compiled_once(Home::new().c12(arguments)).run()
}

fn run(plugin: &str, kind: &str, options: &[&str], arguments: &[&str]) -> Outcome {
    let (path, app) = (guest(plugin), guest(&format!("{kind}/use_geo")));
    let run = ["run", "--plugin", &path];
    c12(plugin, &[&run, options, &[&app, "--"], arguments].concat())
}

fn serves_guests_of_both_kinds(plugin: &str) {
    for kind in KINDS {
        let outcome = run(plugin, kind, &[], &[]);
        assert_eq!(outcome.stderr, "", "{kind}");
        assert_eq!(outcome.success(), PRINTED, "{kind}");
    }
}

fn gives_the_error_of_a_result(plugin: &str) {
    for kind in KINDS {
        for (hash, error) in [
            ("9q8yi", "no geohash has a `i`"),
            ("9q8yyk8ytpxr2", "13 characters are not 1 to 12"),
        ] {
            let outcome = run(plugin, kind, &[], &["decode", hash]);
            assert_eq!(outcome.success(), format!("no place: {error}\n"), "{kind}");
        }
    }
}

/// `told` is what the language prints for its own error when nobody catches it.
fn is_named_when_it_traps(plugin: &str, told: impl Fn(&str) -> String) {
    for kind in KINDS {
        for (what, why) in [
            (
                "nan",
                "a corner is not a place: its coordinates are not finite",
            ),
            ("line", "a fence has at least 3 corners, not 2"),
        ] {
            let error = run(plugin, kind, &[], &[what]).failure_of_a_plugin();
            let named = "use_geo.wasm trapped: plugin `geo`, c12-example:geo/geo@1.0.0#[constructor]fence failed: ";
            assert!(error.contains(named), "{kind} {error}");
            assert!(error.contains(&told(why)), "{kind} {error}");
        }
    }
}

impl Outcome {
    /// The error of a guest that trapped. Unlike [`Outcome::failure`] it may hold a plugin's panic.
    #[track_caller]
    fn failure_of_a_plugin(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (134, ""), "{self:?}");
        self.stderr
    }
}

fn has_no_fence_that_was_dropped(plugin: &str) {
    for kind in KINDS {
        let error = run(plugin, kind, &[], &["dropped"]).failure(134);
        assert!(error.contains("use_geo.wasm trapped: "), "{kind} {error}");
        assert!(error.contains("handle"), "{kind} {error}");
    }
}

/// As many fences as do not fit into the plugin's memory at once do so one after the other.
fn frees_what_the_guest_drops(plugin: &str, kinds: &[&str], options: &[&str], count: &str) {
    for kind in kinds {
        let freed = run(plugin, kind, options, &["fences", count]).success();
        assert_eq!(freed, format!("{count} fences, one at a time\n"), "{kind}");
        let error = run(plugin, kind, options, &["leak", count]).failure_of_a_plugin();
        let named = "trapped: plugin `geo`, c12-example:geo/geo@1.0.0#[constructor]fence failed: ";
        assert!(error.contains(named), "{kind} {error}");
    }
}

fn says_what_it_is(plugin: &str) {
    let path = guest(plugin);
    assert_data_eq!(
        c12(plugin, &["plugin", "info", &path]).success(),
        str![[r#"
geo
A component, sandboxed with grants of its own

origin: component [..]
sha256: [..]

Provides
  c12-example:geo/geo@1.0.0
    [constructor]fence: func(corners: list<point>) -> fence
    [method]fence.contains: func(self: borrow<fence>, place: point) -> bool
    [method]fence.area: func(self: borrow<fence>) -> f64
    distance: func(start: point, end: point) -> f64
    bearing: func(start: point, end: point) -> f64
    destination: func(start: point, bearing: f64, distance: f64) -> point
    path-length: func(points: list<point>) -> f64
    geohash-encode: func(place: point, length: u32) -> result<string, geohash-error>
    geohash-decode: func(hash: string) -> result<cell, geohash-error>

Settings
  dir (text): [..]
  env (text): [..]
  net (text): [..]
  memory (bytes): [..]

"#]]
    );
    assert_data_eq!(
        c12(plugin, &["plugin", "check", &path]).success(),
        str![[r#"
ok       file: [..] bytes
ok       kind: component
ok       description: geo: [..]
ok       WIT: exports c12-example:geo/geo@1.0.0
ok       functions: 9
ok       settings: dir, env, net, memory
ok       open: it opens, and a guest that imports all of it is linked
ok       instance: made, and ended
ok       close: closed

"#]]
    );
}

/// What the plugin imports: all of it is there without any option, and gives it nothing but standard error.
fn asks_for_nothing_that_must_be_granted(plugin: &str) {
    let shown = c12(plugin, &["inspect", "--json", &guest(plugin)]).success();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let imports = shown["imports"].as_array().unwrap();
    assert!(!imports.is_empty(), "{shown}");
    for import in imports {
        let name = import["module"].as_str().unwrap();
        assert_eq!(import["provider"]["name"], "wasi", "{import}");
        // Directories that were granted are in a list, which is empty.
        let known = [
            "wasi:cli/",
            "wasi:clocks/",
            "wasi:filesystem/",
            "wasi:io/",
            "wasi:random/",
        ];
        assert!(known.iter().any(|known| name.starts_with(known)), "{name}");
    }
}

fn fills_the_guests_import(plugin: &str) {
    let path = guest(plugin);
    let provided = |kind: &str, options: &[&str]| {
        let app = guest(&format!("{kind}/use_geo"));
        c12(plugin, &[&["inspect"], options, &[&app]].concat()).success()
    };
    let (open, filled) = (
        provided("wasip2", &[]),
        provided("wasip2", &["--plugin", &path]),
    );
    assert!(open.contains("\n  c12-example:geo/geo@1.0.0\n"), "{open}");
    let line = "\n  c12-example:geo/geo@1.0.0   [provided by geo]\n";
    assert!(filled.contains(line), "{filled}");
    let (open, filled) = (
        provided("wasip1", &[]),
        provided("wasip1", &["--plugin", &path]),
    );
    let line = "\n    distance (func (param f64 f64 f64 f64) (result f64))";
    assert!(open.contains(&format!("{line}\n")), "{open}");
    let line = format!("{line}   [provided by geo]\n");
    assert!(filled.contains(&line), "{filled}");
}

with_guests! {
    fn rust_serves_guests_of_both_kinds() {
        serves_guests_of_both_kinds(RUST);
    }

    fn rust_gives_the_error_of_a_result() {
        gives_the_error_of_a_result(RUST);
    }

    fn rust_is_named_when_it_traps() {
        is_named_when_it_traps(RUST, |why| format!(":\n{why}\n"));
    }

    fn rust_has_no_fence_that_was_dropped() {
        has_no_fence_that_was_dropped(RUST);
    }

    fn rust_frees_what_the_guest_drops() {
        // A fence takes 16,000 bytes.
        let memory = ["--plugin-config", "geo.memory=16777216"];
        frees_what_the_guest_drops(RUST, &KINDS, &memory, "1200");
    }

    fn rust_says_what_it_is() {
        says_what_it_is(RUST);
    }

    fn rust_asks_for_nothing_that_must_be_granted() {
        asks_for_nothing_that_must_be_granted(RUST);
    }

    fn rust_fills_the_guests_import() {
        fills_the_guests_import(RUST);
    }

    fn without_it_the_guest_is_told_what_is_missing() {
        for (kind, what) in [("wasip1", "module"), ("wasip2", "interface")] {
            let error = Home::new().c12(["run", &guest(&format!("{kind}/use_geo"))]).run().failure(1);
            let missing = format!("\n  nothing provides the {what} `c12-example:geo/geo@1.0.0` (");
            assert!(error.contains(&missing), "{error}");
        }
    }
}

with_js_guests! {
    fn javascript_serves_guests_of_both_kinds() {
        serves_guests_of_both_kinds(JS);
    }

    fn javascript_gives_the_error_of_a_result() {
        gives_the_error_of_a_result(JS);
    }

    fn javascript_is_named_when_it_traps() {
        is_named_when_it_traps(JS, |why| format!("{why}\nStack:\n  Fence@geo.js:"));
    }

    fn javascript_has_no_fence_that_was_dropped() {
        has_no_fence_that_was_dropped(JS);
    }

    fn javascript_frees_what_the_guest_drops() {
        // Its engine ends with a heap of its own size, and collects what is dropped when it must.
        frees_what_the_guest_drops(JS, &KINDS[1..], &[], "1200");
    }

    fn javascript_says_what_it_is() {
        says_what_it_is(JS);
    }

    fn javascript_asks_for_nothing_that_must_be_granted() {
        asks_for_nothing_that_must_be_granted(JS);
    }

    fn javascript_fills_the_guests_import() {
        fills_the_guests_import(JS);
    }
}

#[test]
fn both_have_the_same_interface() {
    let read = |folder: &str| {
        let path = root().join("plugins/examples").join(folder);
        std::fs::read_to_string(path.join("wit/geo.wit")).unwrap()
    };
    assert_eq!(read("geo-rust"), read("geo-js"));
}

/// The numbers behind a label, in the first line that starts with it.
fn printed(label: &str) -> Vec<f64> {
    let mut lines = PRINTED.lines();
    let line = lines.find(|line| line.starts_with(label)).unwrap();
    let words = line[label.len()..].split(['+', '-', ' ']);
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The mean radius of WGS 84, in metres.
const RADIUS: f64 = 6_371_008.771_4;

#[test]
fn what_is_expected_is_what_is_known() {
    // Figures from elsewhere, and how far rounding and the shape of the Earth may take these from them.
    for (label, known, within) in [
        ("Paris-London: ", 343_500.0, 500.0),
        ("Land's End-John o' Groats: ", 968_900.0, 100.0),
        ("poles: ", PI * RADIUS, 0.1),
        // A degree of a great circle.
        ("date line: ", PI * RADIUS / 180.0, 0.1),
        // 53 degrees 11'18" north, 0 degrees 8'0" east.
        ("124.8 km on: ", 53.0 + 11.0 / 60.0 + 18.0 / 3600.0, 0.0002),
        // An eighth of a sphere's surface, in square kilometres.
        ("an eighth: ", PI * (RADIUS / 1e3).powi(2) / 2.0, 0.01),
        ("a degree: ", 12_364.0, 1.0),
        ("ezs42: ", 42.605, 0.001),
    ] {
        let figure = printed(label)[0];
        assert!(
            (figure - known).abs() <= within,
            "{label}{figure}, not {known}"
        );
    }
    assert!((printed("124.8 km on: ")[1] - 8.0 / 60.0).abs() < 0.0002);
    // 9 degrees 7'11".
    assert!(PRINTED.contains(": 9.1198 degrees\n"));
}
