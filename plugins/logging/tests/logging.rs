//! Guests of both kinds log through the plugin, and it shows.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::io;
use std::sync::{Arc, Mutex};

use c12::{Engine, Error, Host};
use c12_logging::Logging;
use tracing_subscriber::fmt::MakeWriter;

/// Exports a function that logs what it is given.
fn component(interface: &str) -> String {
    format!(
        r#"(component
  (import "{interface}" (instance $logging
    (type $level-shape (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $level (eq $level-shape)))
    (export "log" (func (param "level" $level) (param "context" string) (param "message" string)))))
  (core module $Memory
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $memory (instantiate $Memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $log (canon lower (func $logging "log") (memory $m)))
  (core module $Guest
    (import "host" "log" (func $log (param i32 i32 i32 i32 i32)))
    (func (export "say") (param i32 i32 i32 i32 i32)
      (call $log (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))
  (core instance $guest (instantiate $Guest (with "host" (instance (export "log" (func $log))))))
  (func (export "say") (param "level" u32) (param "context" string) (param "message" string)
    (canon lift (core func $guest "say") (memory $m) (realloc $realloc))))"#
    )
}

/// The same for core modules: numbers stand for the strings at 0 (`web`) and at 16.
const MODULE: &str = r#"(module
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "web")
  (data (i32.const 16) "good\1b[31m morning\ff")
  (func (export "say") (param i32 i32 i32 i32 i32)
    (call $log (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))"#;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;
    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// Calls `say` and returns the lines that it left in the log.
async fn say(
    settings: &[(&str, &str)],
    guest: &str,
    arguments: &str,
) -> Result<Vec<String>, Error> {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    let engine = Engine::builder().cache(false).build()?;
    let mut host = Host::builder().plugin(Logging);
    for (key, value) in settings {
        host = host.setting("logging", *key, *value);
    }
    let workload = engine.load("guest.wat", guest.as_bytes())?;
    let linked = host.build().link(&workload)?;
    linked.invoke(&format!("say{arguments}")).await?;
    drop(listening);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let of_the_guest = |line: &&str| line.contains("c12::guest");
    Ok(text
        .lines()
        .filter(of_the_guest)
        .map(|line| line.trim().to_owned())
        .collect())
}

#[tokio::test]
async fn components_log_under_both_names() {
    for name in ["wasi:logging/logging@0.1.0-draft", "wasi:logging/logging"] {
        let lines = say(&[], &component(name), r#"(3, "web", "good morning")"#).await;
        assert_eq!(
            lines.unwrap(),
            [r#"WARN c12::guest: good morning guest=guest.wat context=web"#]
        );
    }
}

#[tokio::test]
async fn every_level_has_its_place() {
    let guest = component("wasi:logging/logging@0.1.0-draft");
    let expected = [
        "TRACE c12::guest: m guest=guest.wat",
        "DEBUG c12::guest: m guest=guest.wat",
        "INFO c12::guest: m guest=guest.wat",
        "WARN c12::guest: m guest=guest.wat",
        "ERROR c12::guest: m guest=guest.wat",
        "ERROR c12::guest: m guest=guest.wat critical=true",
    ];
    for (level, expected) in expected.into_iter().enumerate() {
        let lines = say(&[], &guest, &format!(r#"({level}, "", "m")"#)).await;
        assert_eq!(lines.unwrap(), [expected]);
    }
}

#[tokio::test]
async fn a_guest_cannot_write_lines_of_others() {
    let guest = component("wasi:logging/logging@0.1.0-draft");
    let lines = say(&[], &guest, r#"(2, "a\nb", "c\r\n ERROR c12: d")"#).await;
    assert_eq!(
        lines.unwrap(),
        [r"INFO c12::guest: c\u{d}\u{a} ERROR c12: d guest=guest.wat context=a\u{a}b"]
    );
}

#[tokio::test]
async fn settings_bound_what_is_passed_on() {
    let guest = component("wasi:logging/logging@0.1.0-draft");
    let settings = [("level", "warn"), ("length", "4")];
    let lines = say(&settings, &guest, r#"(2, "web", "quiet")"#).await;
    assert!(lines.unwrap().is_empty());
    let lines = say(&settings, &guest, r#"(3, "web", "good morning")"#).await;
    assert_eq!(
        lines.unwrap(),
        ["WARN c12::guest: good… (8 bytes more) guest=gues… (5 bytes more) context=web"]
    );
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    for (key, value, why) in [
        (
            "level",
            "loud",
            "`logging.level` must be trace, debug, info, warn, error or critical",
        ),
        ("length", "0", "`logging.length` must be at least 1"),
    ] {
        let error = say(&[(key, value)], MODULE, "(0, 0, 0, 0, 0)").await;
        let Err(Error::Plugin { source, .. }) = error else {
            panic!("{error:?}")
        };
        assert_eq!(source.to_string(), why);
    }
}

#[tokio::test]
async fn core_modules_log_in_the_flattened_form() {
    let lines = say(&[], MODULE, "(2, 0, 3, 16, 17)").await;
    assert_eq!(
        lines.unwrap(),
        [r"INFO c12::guest: good\u{1b}[31m morning guest=guest.wat context=web"]
    );
}

#[tokio::test]
async fn what_is_no_message_is_a_trap() {
    let component = component("wasi:logging/logging@0.1.0-draft");
    for (guest, arguments, message) in [
        (
            MODULE,
            "(6, 0, 3, 16, 4)",
            "plugin `logging`: there is no level 6",
        ),
        (
            MODULE,
            "(2, 0, 3, 65530, 7)",
            "plugin `logging`: the 7 bytes at 0xfffa are not within the guest's memory",
        ),
        (
            MODULE,
            "(2, -1, -1, 0, 0)",
            "plugin `logging`: the 4294967295 bytes at 0xffffffff are not within the guest's memory",
        ),
        (
            MODULE,
            "(2, 0, 3, 16, 18)",
            "plugin `logging`: the text is not UTF-8: invalid utf-8 sequence of 1 bytes from index 17",
        ),
        (&component, r#"(6, "web", "m")"#, "discriminant"),
    ] {
        let Err(Error::Trap(trap)) = say(&[], guest, arguments).await else {
            panic!("{arguments} is no trap")
        };
        assert!(trap.message.contains(message), "{}", trap.message);
    }
}
