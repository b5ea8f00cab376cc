//! Core modules run programs through `wasmedge_process`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]

use std::time::{Duration, Instant};

use c12::{Capture, Engine, Error, Host, Limits, Output};
use c12_process::Process;

/// A guest that puts commands together, runs them, and passes on what they wrote.
#[derive(Default)]
struct Guest {
    data: String,
    code: String,
    used: usize,
}

impl Guest {
    /// Calls a function with texts.
    fn call(mut self, function: &str, texts: &[&str]) -> Self {
        let mut arguments = String::new();
        for text in texts {
            let at = 64 + self.used;
            let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            self.data += &format!("(data (i32.const {at}) \"{escaped}\")\n");
            arguments += &format!("(i32.const {at}) (i32.const {})", text.len());
            self.used += text.len();
        }
        self.code += &format!("(call ${function} {arguments})\n");
        self
    }

    fn command(words: &[&str]) -> Self {
        let guest = Guest::default().call("set_prog_name", &words[..1]);
        words[1..]
            .iter()
            .fold(guest, |guest, word| guest.call("add_arg", &[word]))
    }

    fn then(mut self, code: &str) -> Self {
        self.code += code;
        self
    }

    /// The module: `go` does what was put together, runs it, and returns the exit code.
    fn text(&self) -> String {
        let (data, code) = (&self.data, &self.code);
        format!(
            r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasmedge_process" "wasmedge_process_set_prog_name" (func $set_prog_name (param i32 i32)))
  (import "wasmedge_process" "wasmedge_process_add_arg" (func $add_arg (param i32 i32)))
  (import "wasmedge_process" "wasmedge_process_add_env" (func $add_env (param i32 i32 i32 i32)))
  (import "wasmedge_process" "wasmedge_process_add_stdin" (func $add_stdin (param i32 i32)))
  (import "wasmedge_process" "wasmedge_process_set_timeout" (func $set_timeout (param i32)))
  (import "wasmedge_process" "wasmedge_process_run" (func $run (result i32)))
  (import "wasmedge_process" "wasmedge_process_get_exit_code" (func $get_exit_code (result i32)))
  (import "wasmedge_process" "wasmedge_process_get_stdout_len" (func $get_stdout_len (result i32)))
  (import "wasmedge_process" "wasmedge_process_get_stdout" (func $get_stdout (param i32)))
  (import "wasmedge_process" "wasmedge_process_get_stderr_len" (func $get_stderr_len (result i32)))
  (import "wasmedge_process" "wasmedge_process_get_stderr" (func $get_stderr (param i32)))
  (memory (export "memory") 4)
  {data}
  (func $pass_on (param $file i32) (param $length i32)
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $finish (result i32)
    (local $code i32)
    (local.set $code (call $run))
    (if (i32.ne (local.get $code) (call $get_exit_code)) (then (unreachable)))
    (call $get_stdout (i32.const 65536))
    (call $pass_on (i32.const 1) (call $get_stdout_len))
    (call $get_stderr (i32.const 65536))
    (call $pass_on (i32.const 2) (call $get_stderr_len))
    (local.get $code))
  (func (export "go") (result i32)
    {code}
    (call $finish)))"#
        )
    }

    /// The exit code, standard output and standard error.
    async fn run(&self, settings: &[(&str, &str)]) -> Result<(i32, String, String), Error> {
        self.run_with(settings, Limits::default()).await
    }

    async fn run_with(
        &self,
        settings: &[(&str, &str)],
        limits: Limits,
    ) -> Result<(i32, String, String), Error> {
        let (stdout, stderr) = (Capture::default(), Capture::default());
        let mut host = Host::builder()
            .plugin(Process)
            .limits(limits)
            .stdout(Output::Capture(stdout.clone()))
            .stderr(Output::Capture(stderr.clone()));
        for (key, value) in settings {
            host = host.setting("process", *key, *value);
        }
        let engine = Engine::builder().cache(false).build()?;
        let workload = engine.load("guest.wat", self.text().as_bytes())?;
        let code = host.build().link(&workload)?.invoke("go()").await?;
        Ok((code[0].parse().unwrap(), stdout.text(), stderr.text()))
    }
}

fn trap(outcome: Result<(i32, String, String), Error>) -> String {
    match outcome {
        Err(Error::Trap(trap)) => trap.message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn gives_input_arguments_and_environment() {
    let allow = [("allow", "cat,echo,env")];
    let (code, stdout, stderr) = Guest::command(&["cat"])
        .call("add_stdin", &["good "])
        .call("add_stdin", &["morning"])
        .run(&allow)
        .await
        .unwrap();
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (0, "good morning", "")
    );

    // The name comes in pieces as well.
    let (_, stdout, _) = Guest::command(&["ec", "$HOME *", "a  b"])
        .call("set_prog_name", &["ho"])
        .run(&allow)
        .await
        .unwrap();
    assert_eq!(stdout, "$HOME * a  b\n");

    let (_, stdout, _) = Guest::command(&["env"])
        .call("add_env", &["A", "first"])
        .call("add_env", &["A", "second"])
        .call("add_env", &["B", ""])
        .run(&allow)
        .await
        .unwrap();
    let mut lines: Vec<&str> = stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["A=first", "B="]);
}

#[tokio::test]
async fn exit_codes_are_signed_bytes() {
    let allow = [("allow", "false,ls,timeout")];
    assert_eq!(Guest::command(&["false"]).run(&allow).await.unwrap().0, 1);
    let (code, stdout, stderr) = Guest::command(&["ls", "/c12/has/no/such/folder"])
        .run(&allow)
        .await
        .unwrap();
    assert!(code != 0 && stdout.is_empty() && stderr.contains("folder"));
    // Ends itself by SIGKILL, or reports it: 137 either way.
    let killed = ["timeout", "-s", "KILL", "0.1", "sleep", "60"];
    assert_eq!(Guest::command(&killed).run(&allow).await.unwrap().0, -119);
}

#[tokio::test]
async fn what_is_not_allowed_is_refused_as_in_wasmedge() {
    let (code, stdout, stderr) = Guest::command(&["id"]).run(&[]).await.unwrap();
    assert_eq!((code, stdout.as_str()), (-1, ""));
    assert_eq!(
        stderr,
        "Permission denied: Command \"id\" is not in the white list. `--plugin-config process.allow=id` would allow it.\n"
    );
    let (code, _, stderr) = Guest::command(&["cat"])
        .call("add_env", &["LD_PRELOAD", "x.so"])
        .run(&[("allow", "cat")])
        .await
        .unwrap();
    assert!(
        code == -1 && stderr.contains("`LD_PRELOAD` is not allowed"),
        "{stderr}"
    );
    let missing = "/c12/has/no/such/program";
    let (code, _, stderr) = Guest::command(&[missing])
        .run(&[("allow", missing)])
        .await
        .unwrap();
    assert_eq!(
        (code, stderr),
        (-1, format!("there is no program `{missing}`\n"))
    );
}

#[tokio::test]
async fn a_run_forgets_what_was_put_together() {
    let (code, _, stderr) = Guest::command(&["cat"])
        .call("add_stdin", &["text"])
        .then("(drop (call $run)) (if (i32.ne (call $get_stdout_len) (i32.const 4)) (then (unreachable)))")
        .run(&[("allow", "cat")])
        .await
        .unwrap();
    assert!(
        code == -1 && stderr.contains("Command \"\" is not"),
        "{stderr}"
    );
}

#[tokio::test]
async fn before_the_first_run_there_is_nothing() {
    let (code, ..) = Guest::default()
        .then("(if (i32.or (call $get_exit_code) (i32.or (call $get_stdout_len) (call $get_stderr_len))) (then (unreachable)))")
        .run(&[])
        .await
        .unwrap();
    assert_eq!(code, -1);
}

#[tokio::test]
async fn limits_end_a_program() {
    let sleep = Guest::command(&["sleep", "60"]).then("(call $set_timeout (i32.const 100))");
    let (code, ..) = sleep.run(&[("allow", "sleep")]).await.unwrap();
    assert_eq!(code, rustix::io::Errno::TIMEDOUT.raw_os_error());

    let sleep = Guest::command(&["sleep", "60"]);
    let settings = [("allow", "sleep"), ("timeout", "100ms")];
    let (code, ..) = sleep.run(&settings).await.unwrap();
    assert_eq!(code, rustix::io::Errno::TIMEDOUT.raw_os_error());

    let settings = [("allow", "cat"), ("output", "100")];
    let endless = Guest::command(&["cat", "/dev/zero"]);
    let (code, stdout, stderr) = endless.run(&settings).await.unwrap();
    assert_eq!(code, rustix::io::Errno::FBIG.raw_os_error());
    assert_eq!(stdout.len(), 100);
    assert!(
        stderr.contains("standard output passed 100 bytes"),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_program_ends_with_its_guest() {
    let started = Instant::now();
    let mut limits = Limits::default();
    limits.timeout = Some(Duration::from_millis(200));
    let outcome = Guest::command(&["sleep", "60"])
        .run_with(&[("allow", "sleep")], limits)
        .await;
    assert!(matches!(outcome, Err(Error::Timeout { .. })), "{outcome:?}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn a_bad_pointer_is_a_trap() {
    for (code, message) in [
        (
            "(call $add_arg (i32.const 262140) (i32.const 5))",
            "plugin `process`: the 5 bytes at 0x3fffc are not within the guest's memory",
        ),
        (
            "(call $add_env (i32.const 0) (i32.const 1) (i32.const -1) (i32.const -1))",
            "plugin `process`: the 4294967295 bytes at 0xffffffff are not within the guest's memory",
        ),
        (
            "(drop (call $run)) (call $get_stderr (i32.const 262143))",
            "bytes at 0x3ffff are not within the guest's memory",
        ),
    ] {
        let message_given = trap(Guest::default().then(code).run(&[]).await);
        assert!(message_given.contains(message), "{message_given}");
    }
}

#[tokio::test]
async fn what_a_guest_gathers_is_bounded() {
    let mut limits = Limits::default();
    limits.host_bytes = 1 << 20;
    let endless = Guest::default()
        .then("(loop $again (call $add_stdin (i32.const 0) (i32.const 1000)) (br $again))");
    let message = trap(endless.run_with(&[], limits).await);
    assert_eq!(
        message,
        "plugin `process`: more than 1048576 bytes were given for one program; `--max-host-bytes` is the limit"
    );
}

#[tokio::test]
async fn a_guest_without_memory_is_a_trap() {
    let text = r#"(module
        (import "wasmedge_process" "wasmedge_process_add_arg" (func $add_arg (param i32 i32)))
        (func (export "go") (call $add_arg (i32.const 0) (i32.const 0))))"#;
    let engine = Engine::builder().cache(false).build().unwrap();
    let workload = engine.load("guest.wat", text.as_bytes()).unwrap();
    let host = Host::builder().plugin(Process).build();
    let error = host.link(&workload).unwrap().invoke("go()").await;
    let Err(Error::Trap(trap)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        trap.message,
        "plugin `process`: the guest exports no memory called `memory`"
    );
}
