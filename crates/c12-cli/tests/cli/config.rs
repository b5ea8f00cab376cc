//! `c12.toml`: every key is taken, documented, and does what its option does.

use std::collections::BTreeSet;

use crate::guests::{guest, root, with_guests};
use crate::harness::Home;
use crate::plugins::build;

/// The file that the documentation shows.
const EVERY_KEY: &str = include_str!("every_key.toml");

const NOTHING: &str = "(module (func (export \"_start\")))";

/// The words that a message has in backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// What the program says that it expects in place of something that it does not know.
fn expected(toml: &str) -> BTreeSet<String> {
    let home = Home::new();
    home.write("app", NOTHING);
    home.write("c12.toml", toml);
    let error = home
        .c12(["run", "--config", "c12.toml", "app"])
        .run()
        .failure(2);
    let (_, expected) = error
        .split_once("unknown field `no-such-key`, expected ")
        .unwrap_or_else(|| panic!("{error}"));
    quoted(expected.lines().next().unwrap())
}

/// The tables that are there once for each plugin.
const PLUGIN: &str = "plugins.NAME";

/// Every key that the program knows, as `table.key`.
fn known() -> BTreeSet<String> {
    let tables = expected("[no-such-key]\n");
    assert!(tables.len() > 3, "{tables:?}");
    tables
        .iter()
        .map(|table| if table == "plugins" { PLUGIN } else { table })
        .flat_map(|table| {
            expected(&format!("[{table}]\nno-such-key = 1\n"))
                .into_iter()
                .map(move |key| format!("{table}.{key}"))
        })
        .collect()
}

#[test]
fn the_file_with_every_key_has_every_key() {
    let mut file: toml::Table = toml::from_str(EVERY_KEY).unwrap();
    let plugins = file.remove("plugins").unwrap();
    let plugins = plugins.as_table().unwrap().values();
    let keys: BTreeSet<String> = file
        .iter()
        .map(|(table, keys)| (table.as_str(), keys))
        .chain(plugins.map(|keys| (PLUGIN, keys)))
        .flat_map(|(table, keys)| {
            keys.as_table()
                .unwrap()
                .keys()
                .map(move |key| format!("{table}.{key}"))
        })
        .collect();
    assert_eq!(keys, known());
}

/// A row of a table of keys starts with the key, as `table.key`.
#[test]
fn every_key_is_documented() {
    let known = known();
    let tables: BTreeSet<&str> = known
        .iter()
        .filter_map(|key| key.rsplit_once('.'))
        .map(|(table, _)| table)
        .collect();
    for page in ["02_grants_and_limits.md", "02_授权与限制.md"] {
        let text =
            std::fs::read_to_string(root().join("docs/tier_02_practice").join(page)).unwrap();
        let documented: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .filter(|cell| {
                cell.rsplit_once('.')
                    .is_some_and(|(table, _)| tables.contains(table))
            })
            .map(str::to_owned)
            .collect();
        assert_eq!(documented, known, "{page}");
    }
}

#[test]
fn a_file_with_every_key_is_taken_and_paths_are_relative_to_it() {
    let home = Home::new();
    home.write("app", NOTHING);
    for folder in ["docs", "out", "plugins"] {
        std::fs::create_dir_all(home.work().join("settings").join(folder)).unwrap();
    }
    // They are not loaded before a guest asks for them.
    for model in ["efficientnet-lite0.onnx", "detector.xml", "detector.bin"] {
        home.write(&format!("settings/models/{model}"), "");
    }
    let library = home.work().join("settings/plugins/text-tools.so");
    let sha256 = build(&library, "description.name=\"text-tools\"");
    let pin = EVERY_KEY
        .lines()
        .find_map(|line| line.strip_prefix("sha256 = \"")?.strip_suffix('"'))
        .unwrap();
    home.write("settings/c12.toml", EVERY_KEY.replace(pin, &sha256));
    let outcome = home
        .c12(["run", "--config", "settings/c12.toml", "app"])
        .run();
    assert_eq!(
        (
            outcome.code,
            outcome.stdout.as_str(),
            outcome.stderr.as_str()
        ),
        (0, "", "")
    );
    let compiled = home.work().join("settings/compiled");
    assert_eq!(compiled.read_dir().unwrap().count(), 1);
    assert!(!home.cache().exists());
}

/// Runs a program with a setting from a file, from options, and without: the first two end alike, the third does not.
#[track_caller]
fn does_what_the_option_does(
    setting: &str,
    options: &[&str],
    app: impl AsRef<[u8]>,
    arguments: &[&str],
) {
    let home = Home::new();
    home.write("app", app);
    home.write("c12.toml", setting);
    std::fs::create_dir(home.work().join("d")).unwrap();
    let run = |options: &[&str]| {
        let outcome = home.c12([&["run"], options, arguments].concat()).run();
        (outcome.code, outcome.stdout, outcome.stderr)
    };
    let from_file = run(&["--config", "c12.toml"]);
    assert_eq!(from_file, run(options), "{setting}");
    assert_ne!(from_file, run(&[]), "{setting} changes nothing");
}

const RUN: [&str; 3] = ["--invoke", "run", "app"];

#[test]
fn limits_are_those_of_the_options() {
    let counts = r#"(module (func (export "run") (local $n i32)
        (loop (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if 0 (i32.lt_u (local.get $n) (i32.const 100000))))))"#;
    let memories = r#"(module (memory 1) (memory 1) (func (export "run")))"#;
    let tables = r#"(module (table 20 funcref) (table 20 funcref) (func (export "run")))"#;
    let instances = r#"(component
        (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m))
        (core module $f (func (export "f"))) (core instance $i (instantiate $f))
        (func (export "run") (canon lift (core func $i "f"))))"#;
    // `random_get` of 1 MiB.
    let greedy = r#"(module
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 17)
        (func (export "run") (result i32) (call $random (i32.const 0) (i32.const 1048576))))"#;
    let recursive = r#"(module (func $again (export "run") call $again))"#;
    for (setting, option, app) in [
        ("[limits]\nfuel = 1000", ["--fuel", "1000"], counts),
        (
            "[limits]\nmemory = \"64KiB\"",
            ["--max-memory", "64KiB"],
            memories,
        ),
        (
            "[limits]\nmemory = 65536",
            ["--max-memory", "65536"],
            memories,
        ),
        (
            "[limits]\ntable-elements = 30",
            ["--max-table-elements", "30"],
            tables,
        ),
        ("[limits]\ntables = 1", ["--max-tables", "1"], tables),
        ("[limits]\nmemories = 1", ["--max-memories", "1"], memories),
        (
            "[limits]\ninstances = 1",
            ["--max-instances", "1"],
            instances,
        ),
        (
            "[limits]\nhost-bytes = \"64KiB\"",
            ["--max-host-bytes", "64KiB"],
            greedy,
        ),
        (
            "[engine]\nstack = \"64KiB\"",
            ["--max-stack", "64KiB"],
            recursive,
        ),
    ] {
        does_what_the_option_does(setting, &option, app, &RUN);
    }
}

#[test]
fn grants_are_those_of_the_options() {
    let variables = r#"(module
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32) (drop (call $sizes (i32.const 0) (i32.const 4))) (i32.load (i32.const 0))))"#;
    // The first directory is descriptor 3.
    let directory = r#"(module
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run") (result i32) (call $prestat (i32.const 3) (i32.const 0))))"#;
    does_what_the_option_does(
        "[grants]\nenv = { A = \"1\" }",
        &["--env", "A=1"],
        variables,
        &RUN,
    );
    does_what_the_option_does(
        "[grants]\ndir = [\"d::/d\"]",
        &["--dir", "d::/d"],
        directory,
        &RUN,
    );
    // Options come on top.
    let home = Home::new();
    home.write("app", variables);
    home.write("c12.toml", "[grants]\nenv = { A = \"1\", B = \"2\" }\n");
    let text = home
        .c12([
            "run", "--config", "c12.toml", "--env", "C=3", "--invoke", "run", "app",
        ])
        .run()
        .success();
    assert_eq!(text, "3\n");
}

#[test]
fn a_single_value_is_replaced_by_its_option() {
    let home = Home::new();
    home.write(
        "app",
        "(module (memory 2) (func (export \"_start\") (loop br 0)))",
    );
    home.write(
        "c12.toml",
        "[limits]\nmemory = \"64KiB\"\ntimeout = \"1h\"\n",
    );
    let outcome = home
        .c12([
            "run",
            "--config",
            "c12.toml",
            "--max-memory",
            "1MiB",
            "--timeout",
            "200ms",
            "app",
        ])
        .run();
    assert_eq!(outcome.code, 124, "{outcome:?}");
}

/// An entry of the cache stands for one program and one set of settings.
#[test]
fn compilation_is_that_of_the_options() {
    for (setting, options) in [
        ("optimize = \"none\"", &["--optimize", "none"][..]),
        ("optimize = \"size\"", &["--optimize", "size"][..]),
        ("deterministic = true", &["--deterministic"][..]),
    ] {
        let home = Home::new();
        home.write("app", NOTHING);
        home.write("c12.toml", format!("[engine]\n{setting}\n"));
        let entries_after = |options: &[&str]| {
            home.c12([&["run"], options, &["app"]].concat())
                .run()
                .success();
            home.cache().read_dir().unwrap().count()
        };
        assert_eq!(entries_after(&[]), 1);
        assert_eq!(entries_after(&["--config", "c12.toml"]), 2, "{setting}");
        assert_eq!(entries_after(options), 2, "{setting}");
    }
    let home = Home::new();
    home.write("app", NOTHING);
    home.write("c12.toml", "[engine]\ncache = false\n");
    home.c12(["run", "--config", "c12.toml", "app"])
        .run()
        .success();
    assert!(!home.cache().exists());
}

#[test]
fn trust_is_that_of_the_option() {
    let theirs = Home::new();
    theirs.write(
        "x.wat",
        "(module (func (export \"run\") (result i32) i32.const 42))",
    );
    theirs.c12(["compile", "x.wat"]).run().success();
    let artifact = std::fs::read(theirs.work().join("x.cwasm")).unwrap();
    does_what_the_option_does(
        "[engine]\ntrust-precompiled = true",
        &["--trust-precompiled"],
        artifact,
        &RUN,
    );
}

#[test]
fn the_log_level_is_set_and_replaced() {
    let home = Home::new();
    home.write("app", NOTHING);
    home.write("c12.toml", "[log]\nlevel = \"debug\"\n");
    let run = |options: &[&str]| {
        let outcome = home
            .c12(
                [
                    &["run", "--no-cache", "--config", "c12.toml"],
                    options,
                    &["app"],
                ]
                .concat(),
            )
            .run();
        assert_eq!(outcome.code, 0, "{outcome:?}");
        outcome.stderr
    };
    assert!(run(&[]).contains("DEBUG c12::engine: compiled"));
    assert_eq!(run(&["--log", "off"]), "");
}

with_guests! {
    fn what_takes_a_guest_is_that_of_the_options_too() {
        let read = |name: &str| std::fs::read(guest(name)).unwrap();
        does_what_the_option_does("[limits]\nhandles = 1", &["--max-handles", "1"], read("wasip2/hello"), &["app"]);
        // Nothing listens there: refused by the machine in one case, by the program in the other.
        does_what_the_option_does(
            "[grants]\nnet = [\"loopback\"]",
            &["--net", "loopback"],
            read("wasip2/tcp_connect"),
            &["app", "--", "127.0.0.1:1"],
        );
    }
}
