//! Components run programs through `c12:process`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use c12::{Engine, Error, Host};
use c12_process::Process;

const GUEST: &str = include_str!("guest.wat");

async fn invoke(settings: &[(&str, &str)], call: &str) -> Result<String, Error> {
    let mut host = Host::builder().plugin(Process);
    for (key, value) in settings {
        host = host.setting("process", *key, *value);
    }
    let engine = Engine::builder().cache(false).build()?;
    let workload = engine.load("guest.wat", GUEST.as_bytes())?;
    let results = host.build().link(&workload)?.invoke(call).await?;
    Ok(results.concat())
}

#[tokio::test]
async fn runs_a_program_to_its_end() {
    let allow = [("allow", "cat,env,echo")];
    for (call, output) in [
        (
            r#"output("cat", "-", "", "", "good morning")"#,
            "good morning",
        ),
        (r#"output("echo", "$HOME;*", "", "", "")"#, r"$HOME;*\n"),
        (r#"output("env", "", "NAME", "value", "")"#, r"NAME=value\n"),
    ] {
        assert_eq!(
            invoke(&allow, call).await.unwrap(),
            format!("\"{output}\""),
            "{call}"
        );
    }
}

#[tokio::test]
async fn refusals_are_results() {
    let allow = [("allow", "cat")];
    for (call, message) in [
        (
            r#"output("/bin/cat", "", "", "", "")"#,
            "the program `/bin/cat` is not allowed; `--plugin-config process.allow=/bin/cat` would allow it",
        ),
        (
            r#"output("cat", "", "LD_PRELOAD", "x.so", "")"#,
            "the environment variable `LD_PRELOAD` is not allowed, because it can make a program run other code; `--plugin-config process.environment=LD_PRELOAD` would allow it",
        ),
        (
            r#"output("cat", "", "A=B", "C", "")"#,
            "the name of a variable cannot be passed on: it is empty or contains `=`",
        ),
    ] {
        assert_eq!(
            invoke(&allow, call).await.unwrap(),
            format!("\"{message}\""),
            "{call}"
        );
    }
}

#[tokio::test]
async fn streams_lead_to_a_program_and_back() {
    assert_eq!(
        invoke(&[("allow", "cat")], "pipe()").await.unwrap(),
        "\"through a pipe\""
    );
}

#[tokio::test]
async fn a_program_can_be_killed() {
    assert_eq!(invoke(&[("allow", "sleep")], "kill()").await.unwrap(), "9");
}

#[tokio::test]
async fn the_number_of_programs_is_limited() {
    let settings = [("allow", "sleep"), ("processes", "3")];
    assert_eq!(
        invoke(&settings, "many()").await.unwrap(),
        "\"3 processes are there already; `process.processes` is the limit\""
    );
}

#[tokio::test]
async fn a_program_that_was_dropped_is_a_trap() {
    let error = invoke(&[("allow", "sleep")], "stale()").await;
    assert!(matches!(error, Err(Error::Trap(_))), "{error:?}");
}
