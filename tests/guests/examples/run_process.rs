//! Runs a program of the host: PROGRAM [ARGUMENTS]…, or `--stream PROGRAM …` to talk to it while it runs. Its input is
//! the variable INPUT, its environment the variable PASS as NAME=VALUE. With `c12:process` on wasip2, with
//! `wasmedge_process` on wasip1.
// The bindings, generated or written by hand, call foreign functions.
#![allow(unsafe_code)]

/// What came of a program: its exit code, standard output and standard error.
#[cfg(target_os = "wasi")]
type Outcome = (i32, Vec<u8>, Vec<u8>);

#[cfg(target_os = "wasi")]
struct Request {
    stream: bool,
    program: String,
    arguments: Vec<String>,
    input: String,
    environment: Vec<(String, String)>,
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod guest {
    wit_bindgen::generate!({ path: "../../wit/process", world: "imports", generate_all });

    use c12::process::process::{Command, Error, ExitStatus, Pipes, run, spawn};

    use crate::{Outcome, Request};

    pub(crate) fn go(request: Request) -> Outcome {
        let command = Command {
            program: request.program,
            arguments: request.arguments,
            environment: request.environment,
            timeout: None,
        };
        let outcome = if request.stream {
            stream(&command, request.input.as_bytes())
        } else {
            run(&command, request.input.as_bytes())
                .map(|output| (code(output.status), output.stdout, output.stderr))
        };
        outcome.unwrap_or_else(|error| {
            let words = match error {
                Error::NotAllowed(words) | Error::Limit(words) | Error::Other(words) => words,
                Error::NotFound => "not found".to_owned(),
                Error::Timeout => "timeout".to_owned(),
            };
            (1, Vec::new(), format!("{words}\n").into_bytes())
        })
    }

    /// Gives the input line by line, and takes as much back before it goes on.
    fn stream(command: &Command, input: &[u8]) -> Result<Outcome, Error> {
        let child = spawn(command, Pipes::STDIN | Pipes::STDOUT)?;
        let (stdin, stdout) = (child.stdin()?, child.stdout()?);
        let mut taken = Vec::new();
        for line in input.split_inclusive(|byte| *byte == b'\n') {
            stdin.blocking_write_and_flush(line).expect("it reads");
            let due = taken.len() + line.len();
            while taken.len() < due {
                taken.extend(stdout.blocking_read(1024).expect("it writes"));
            }
        }
        drop(stdin);
        let status = child.wait()?;
        Ok((code(status), taken, Vec::new()))
    }

    fn code(status: ExitStatus) -> i32 {
        match status {
            ExitStatus::Code(code) => code as i32,
            ExitStatus::Signal(signal) => 128 + signal as i32,
        }
    }
}

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
mod guest {
    use crate::{Outcome, Request};

    #[link(wasm_import_module = "wasmedge_process")]
    unsafe extern "C" {
        fn wasmedge_process_set_prog_name(name: *const u8, length: u32);
        fn wasmedge_process_add_arg(argument: *const u8, length: u32);
        fn wasmedge_process_add_env(name: *const u8, length: u32, value: *const u8, size: u32);
        fn wasmedge_process_add_stdin(input: *const u8, length: u32);
        fn wasmedge_process_run() -> i32;
        fn wasmedge_process_get_stdout_len() -> u32;
        fn wasmedge_process_get_stdout(buffer: *mut u8);
        fn wasmedge_process_get_stderr_len() -> u32;
        fn wasmedge_process_get_stderr(buffer: *mut u8);
    }

    pub(crate) fn go(request: Request) -> Outcome {
        assert!(!request.stream, "`wasmedge_process` has no streams");
        let parts = |text: &str| (text.as_ptr(), text.len() as u32);
        // SAFETY: each pointer comes with the length of what it leads to, and buffers are as long as the host said.
        unsafe {
            let (name, length) = parts(&request.program);
            wasmedge_process_set_prog_name(name, length);
            for argument in &request.arguments {
                let (argument, length) = parts(argument);
                wasmedge_process_add_arg(argument, length);
            }
            for (name, value) in &request.environment {
                let ((name, length), (value, size)) = (parts(name), parts(value));
                wasmedge_process_add_env(name, length, value, size);
            }
            let (input, length) = parts(&request.input);
            wasmedge_process_add_stdin(input, length);
            let code = wasmedge_process_run();
            let mut stdout = vec![0; wasmedge_process_get_stdout_len() as usize];
            wasmedge_process_get_stdout(stdout.as_mut_ptr());
            let mut stderr = vec![0; wasmedge_process_get_stderr_len() as usize];
            wasmedge_process_get_stderr(stderr.as_mut_ptr());
            (code, stdout, stderr)
        }
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    use std::io::Write;

    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let stream = arguments.first().is_some_and(|first| first == "--stream");
    if stream {
        arguments.remove(0);
    }
    assert!(!arguments.is_empty(), "expected a program");
    let pass = std::env::var("PASS").unwrap_or_default();
    let (code, stdout, stderr) = guest::go(Request {
        stream,
        program: arguments.remove(0),
        arguments,
        input: std::env::var("INPUT").unwrap_or_default(),
        environment: pass
            .split_once('=')
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
    });
    std::io::stdout()
        .write_all(&stdout)
        .expect("standard output is there");
    std::io::stderr()
        .write_all(&stderr)
        .expect("standard error is there");
    std::process::exit(code & 0xff);
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
