//! `c12 run --watch`: changed files take effect, broken ones are told.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::harness::Home;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A module that exits with a code.
fn exits(code: u32) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start") (call $exit (i32.const {code}))))"#
    )
}

/// A component that is a plugin.
fn answers(number: u32) -> String {
    format!(
        r#"(component
            (core module $m (func (export "answer") (result i32) (i32.const {number})))
            (core instance $i (instantiate $m))
            (func (export "answer") (result u32) (canon lift (core func $i "answer"))))"#
    )
}

const ASKS: &str = r#"(module
    (import "$root" "answer" (func $answer (result i32)))
    (func (export "run") (result i32) (call $answer)))"#;

const ENDLESS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\08\00\00\00")
    (data (i32.const 16) "begun...")
    (data (i32.const 23) "\n")
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (loop (br 0))))"#;

/// A running program, and what it says.
struct Watching {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

/// The lines of a stream, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let _ = send.send(line.unwrap());
        }
    });
    lines
}

/// Waits for a line. Returns those before it.
#[track_caller]
fn wait(lines: &Receiver<String>, line: &str) -> Vec<String> {
    let mut before = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(said) if said == line => return before,
            Ok(said) => before.push(said),
            Err(error) => panic!("{error}: `{line}` does not come after {before:#?}"),
        }
    }
}

impl Watching {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = home.c12([&["run", "--watch"], arguments].concat()).spawn();
        Watching {
            stdout: lines(child.stdout.take().unwrap()),
            stderr: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    /// Waits for a line of the program's.
    #[track_caller]
    fn says(&self, line: &str) -> Vec<String> {
        wait(&self.stderr, line)
    }

    /// Waits for a line of the guest's.
    #[track_caller]
    fn prints(&self, line: &str) {
        wait(&self.stdout, line);
    }

    fn signal(&self, signal: &str) {
        let kill = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success(), "it had ended");
    }

    #[track_caller]
    fn interrupt(mut self) {
        self.signal("-INT");
        assert_eq!(self.child.wait().unwrap().code(), Some(130));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const WAITING: &str = "note: waiting for changes";

fn ended(code: u32) -> String {
    format!("note: ended with exit code {code}; waiting for changes")
}

#[test]
fn a_changed_guest_runs_again() {
    let home = Home::new();
    home.write("app.wat", exits(3));
    let watching = Watching::start(&home, &["app.wat"]);
    watching.says(&ended(3));
    home.write("app.wat", exits(4));
    watching.says("note: running app.wat again");
    watching.says(&ended(4));
    home.write("app.wat", "(module");
    watching.says("error: app.wat is not valid WebAssembly");
    home.write("app.wat", exits(5));
    watching.says(&ended(5));
    // As editors and linkers do it.
    home.write("new.wat", exits(6));
    std::fs::rename(home.work().join("new.wat"), home.work().join("app.wat")).unwrap();
    watching.says(&ended(6));
    watching.interrupt();
}

#[test]
fn a_guest_that_computes_is_ended_by_its_new_version() {
    let home = Home::new();
    home.write("app.wat", ENDLESS);
    let watching = Watching::start(&home, &["app.wat"]);
    watching.prints("begun..");
    home.write("app.wat", exits(0));
    watching.says("note: running app.wat again");
    watching.says(&ended(0));
    watching.interrupt();
}

#[test]
fn a_guest_that_cannot_be_used_is_waited_for() {
    let home = Home::new();
    home.write("app.wat", "nonsense");
    let watching = Watching::start(&home, &["app.wat"]);
    watching.says(WAITING);
    home.write("app.wat", exits(7));
    watching.says(&ended(7));
    watching.interrupt();
}

#[test]
fn a_file_that_is_not_there_is_not_waited_for() {
    let outcome = Home::new().c12(["run", "--watch", "app.wasm"]).run();
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.starts_with("error: cannot read app.wasm"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_cannot_be_read_again_is_refused() {
    let home = Home::new();
    let made = Command::new("mkfifo")
        .arg(home.work().join("pipe.wasm"))
        .status();
    assert!(made.unwrap().success());
    for app in ["pipe.wasm", "/dev/stdin", "."] {
        let error = home.c12(["run", "--watch", app]).run().failure(2);
        assert!(
            error.contains("--watch` cannot read") && error.contains("not a regular file"),
            "{error}"
        );
    }
}

#[test]
fn a_changed_plugin_takes_effect_and_a_broken_one_does_not() {
    let home = Home::new();
    home.write("app.wat", ASKS);
    home.write("answers.wat", answers(1));
    let arguments = ["--plugin", "./answers.wat", "--invoke", "run()", "app.wat"];
    let watching = Watching::start(&home, &arguments);
    watching.prints("1");
    watching.says(&ended(0));
    home.write("answers.wat", answers(2));
    watching.says("note: running app.wat again");
    watching.prints("2");
    watching.says(&ended(0));
    home.write("answers.wat", "(component");
    watching
        .says("warning: the new version of the plugin `answers` cannot be used; the old one stays");
    home.write("app.wat", format!("{ASKS}\n"));
    watching.prints("2");
    home.write("answers.wat", answers(3));
    watching.prints("3");
    watching.interrupt();
}

#[test]
fn a_hangup_runs_it_again() {
    let home = Home::new();
    home.write("app.wat", exits(3));
    let watching = Watching::start(&home, &["app.wat"]);
    watching.says(&ended(3));
    watching.signal("-HUP");
    watching.says("note: running app.wat again");
    watching.says(&ended(3));
    watching.interrupt();
}

#[test]
fn a_changed_configuration_starts_everything_over() {
    let home = Home::new();
    home.write("app.wat", ENDLESS);
    home.write("c12.toml", "[limits]\ntimeout = \"100ms\"\n");
    let watching = Watching::start(&home, &["--config", "c12.toml", "app.wat"]);
    watching.says("note: ended; waiting for changes");
    home.write("c12.toml", "[limits]\ntimeuot = \"200ms\"\n");
    watching.says("error: cannot use the configuration c12.toml");
    home.write("c12.toml", "[plugins.gone]\npath = \"gone.so\"\n");
    watching.says("error: cannot load the plugin gone.so");
    home.write("c12.toml", "[limits]\ntimeout = \"200ms\"\n");
    let before = watching.says("note: ended; waiting for changes").concat();
    assert!(before.contains("200"), "{before}");
    watching.interrupt();
}
