//! How the program behaves in a shell: pipes, signals, help.

use std::time::{Duration, Instant};

use snapbox::{Data, assert_data_eq, str};

use crate::guests::root;
use crate::harness::Home;

/// Writes lines without end.
pub(crate) const CHATTERBOX: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "hello\n")
    (func (export "_start") (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))))"#;

#[test]
fn a_closed_pipe_ends_the_guest_quietly() {
    let home = Home::new();
    home.write("app", CHATTERBOX);
    let outcome = home
        .shell("c12 run app | head -1; echo ${PIPESTATUS[0]}")
        .run();
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        ("hello\n141\n", ""),
        "{outcome:?}"
    );
}

#[test]
fn a_closed_pipe_ends_reports_quietly() {
    let home = Home::new();
    home.write("app", CHATTERBOX);
    for command in [
        "c12 inspect app",
        "c12 completions bash",
        "c12 run --help",
        "c12 doctor",
    ] {
        let outcome = home.shell(&format!("{command} | true; echo done")).run();
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("done\n", ""),
            "{command}: {outcome:?}"
        );
    }
}

#[test]
fn ctrl_c_ends_an_endless_loop() {
    for (signal, code, told) in [
        ("INT", 130, "error: interrupted\n"),
        ("TERM", 143, "error: terminated\n"),
    ] {
        let home = Home::new();
        home.write("app", "(module (func (export \"_start\") (loop br 0)))");
        let child = home.c12(["run", "app"]).spawn();
        std::thread::sleep(Duration::from_millis(700));
        let started = Instant::now();
        let kill = std::process::Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(
            (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap().as_str()
            ),
            (Some(code), told)
        );
    }
}

#[test]
fn run_may_be_left_out_and_one_separator_is_ours() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    for arguments in [
        &["app"][..],
        &["app", "--", "x"],
        &["--max-memory", "1MiB", "app", "--dir", "of-the-guest"],
    ] {
        home.c12(arguments).run().success();
    }
}

#[test]
fn without_arguments_there_is_help() {
    let outcome = Home::new().c12::<&str>([]).run();
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("Usage: c12 <COMMAND>"),
        "{outcome:?}"
    );
}

/// The texts are shown in the documentation, too.
#[test]
fn help_texts_are_reviewed() {
    let home = Home::new();
    for command in [
        "run",
        "compile",
        "inspect",
        "plugin",
        "plugin list",
        "plugin info",
        "plugin check",
        "plugin bindgen",
        "plugin setup",
        "new",
        "doctor",
        "completions",
    ] {
        let help = home
            .c12(command.split(' ').chain(["--help"]))
            .env("COLUMNS", "100")
            .run()
            .success();
        assert!(help.contains("Example"), "{help}");
        let snapshot = Data::read_from(
            &root().join(format!(
                "crates/c12-cli/tests/cli/snapshots/{}-help.txt",
                command.replace(' ', "-")
            )),
            None,
        );
        assert_data_eq!(help, snapshot.raw());
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Home::new().c12(["completions", shell]).run().success();
        for word in ["trust-precompiled", "plugin-config", "check", "template"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let script = "source <(c12 completions bash) && complete -p c12";
    let told = Home::new().shell(script).run().success();
    assert!(told.contains("_c12"), "{told}");
}

#[test]
fn doctor_reports_what_is_there() {
    let home = Home::new();
    let text = home.c12(["doctor"]).run().success();
    assert!(
        text.contains("ok       compile cache: ")
            && text.contains("plugin wasi")
            && text.contains("plugin process"),
        "{text}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&home.c12(["doctor", "--json"]).run().success()).unwrap();
    assert_eq!(json[0]["subject"], "c12");
    std::fs::create_dir_all(home.key()).unwrap();
    let outcome = home.c12(["doctor"]).run();
    assert!(
        outcome.code == 1 && outcome.stdout.contains("broken   artifact key"),
        "{outcome:?}"
    );
}

#[test]
fn the_version_is_told() {
    assert_data_eq!(
        Home::new().c12(["--version"]).run().success(),
        str![[r#"
c12 0.3.0

"#]]
    );
}

#[test]
fn logs_are_asked_for() {
    let home = Home::new();
    home.write("app", "(module (func (export \"_start\")))");
    assert_eq!(home.c12(["run", "app"]).run().stderr, "");
    let log = home
        .c12(["run", "--no-cache", "--log", "debug", "app"])
        .run();
    assert!(
        log.stderr.contains("DEBUG c12::engine: compiled"),
        "{log:?}"
    );
    let log = home
        .c12(["run", "--no-cache", "--json", "app"])
        .env("C12_LOG", "debug")
        .run();
    for line in log.stderr.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}
