//! `wasmedge_process` for core modules, with the signatures and the meaning that WasmEdge 0.14.1 gives its functions.
//!
//! A guest puts a command together call by call, runs it, and fetches what came of it. Two things differ. A program
//! that a signal ended gives the code that a shell would (128 and the number of the signal), where WasmEdge gives 0.
//! A program that cannot be started gives its reason as standard error, where WasmEdge writes a line of its own log
//! into standard output.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use bytes::Bytes;
use c12::Context;
use c12::plugin::{Link, Place};
use rustix::io::Errno;
use wasmtime::{Caller, Extern, Linker};

use crate::policy::shown;
use crate::{Command, Error, Finished, Launcher, State, Status};

/// The module that guests import from.
pub(crate) const MODULE: &str = "wasmedge_process";

/// Its functions.
pub(crate) const FUNCTIONS: [&str; 11] = [
    "wasmedge_process_set_prog_name",
    "wasmedge_process_add_arg",
    "wasmedge_process_add_env",
    "wasmedge_process_add_stdin",
    "wasmedge_process_set_timeout",
    "wasmedge_process_run",
    "wasmedge_process_get_exit_code",
    "wasmedge_process_get_stdout_len",
    "wasmedge_process_get_stdout",
    "wasmedge_process_get_stderr_len",
    "wasmedge_process_get_stderr",
];

/// The exit code of what was not started.
const NOT_STARTED: u32 = u32::MAX;

/// What one instance has put together, and what came of the last run.
#[derive(Debug)]
pub(crate) struct Session {
    name: Vec<u8>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    timeout: Option<Duration>,
    /// Bytes in the fields above, and how many there may be.
    gathered: usize,
    most: usize,
    last: Last,
}

/// What came of the last run. Before the first one: nothing, with code 0.
#[derive(Debug, Default)]
struct Last {
    code: u32,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Session {
    /// Gathers at most so many bytes for one run.
    pub(crate) fn new(most: usize) -> Self {
        Session {
            name: Vec::new(),
            arguments: Vec::new(),
            environment: Vec::new(),
            stdin: Vec::new(),
            timeout: None,
            gathered: 0,
            most,
            last: Last::default(),
        }
    }

    /// Takes note of bytes that are about to be kept.
    fn gather(&mut self, bytes: &[u8]) -> wasmtime::Result<()> {
        /// What an item takes besides its bytes.
        const ITEM: usize = 64;
        self.gathered = self
            .gathered
            .saturating_add(bytes.len())
            .saturating_add(ITEM);
        if self.gathered > self.most {
            return Err(trap(format!(
                "more than {} bytes were given for one program; `--max-host-bytes` is the limit",
                self.most
            )));
        }
        Ok(())
    }

    /// What was put together, which is forgotten here.
    fn take(&mut self) -> (Command, Bytes) {
        let fresh = Session::new(self.most);
        let taken = std::mem::replace(self, fresh);
        let command = Command {
            program: OsString::from_vec(taken.name),
            arguments: taken.arguments,
            environment: taken.environment,
            timeout: taken.timeout,
        };
        (command, taken.stdin.into())
    }
}

/// Defines the functions.
pub(crate) fn link(link: &Link<'_>, linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    let module = link.offered.as_str();
    let place = link.place;
    linker.func_wrap(
        module,
        "wasmedge_process_set_prog_name",
        move |mut caller: Caller<'_, Context>, name: u32, length: u32| -> wasmtime::Result<()> {
            let (memory, session) = parts(&mut caller, place)?;
            let name = bytes(memory, name, length)?;
            session.gather(name)?;
            // WasmEdge appends as well.
            session.name.extend_from_slice(name);
            Ok(())
        },
    )?;
    linker.func_wrap(
        module,
        "wasmedge_process_add_arg",
        move |mut caller: Caller<'_, Context>,
              argument: u32,
              length: u32|
              -> wasmtime::Result<()> {
            let (memory, session) = parts(&mut caller, place)?;
            let argument = bytes(memory, argument, length)?;
            session.gather(argument)?;
            session
                .arguments
                .push(OsString::from_vec(argument.to_vec()));
            Ok(())
        },
    )?;
    linker.func_wrap(
        module,
        "wasmedge_process_add_env",
        move |mut caller: Caller<'_, Context>,
              name: u32,
              name_length: u32,
              value: u32,
              value_length: u32|
              -> wasmtime::Result<()> {
            let (memory, session) = parts(&mut caller, place)?;
            let name = bytes(memory, name, name_length)?;
            let value = bytes(memory, value, value_length)?;
            session.gather(name)?;
            session.gather(value)?;
            let name = OsString::from_vec(name.to_vec());
            // Of a name that is given twice the first value counts.
            if !session.environment.iter().any(|(known, _)| *known == name) {
                let value = OsString::from_vec(value.to_vec());
                session.environment.push((name, value));
            }
            Ok(())
        },
    )?;
    linker.func_wrap(
        module,
        "wasmedge_process_add_stdin",
        move |mut caller: Caller<'_, Context>, input: u32, length: u32| -> wasmtime::Result<()> {
            let (memory, session) = parts(&mut caller, place)?;
            let input = bytes(memory, input, length)?;
            session.gather(input)?;
            session.stdin.extend_from_slice(input);
            Ok(())
        },
    )?;
    linker.func_wrap(
        module,
        "wasmedge_process_set_timeout",
        move |mut caller: Caller<'_, Context>, milliseconds: u32| -> wasmtime::Result<()> {
            let timeout = Duration::from_millis(milliseconds.into());
            state(caller.data_mut(), place)?.session.timeout = Some(timeout);
            Ok(())
        },
    )?;
    linker.func_wrap_async(
        module,
        "wasmedge_process_run",
        move |mut caller: Caller<'_, Context>, (): ()| {
            Box::new(async move {
                let state = state(caller.data_mut(), place)?;
                let launcher = state.launcher.clone();
                let (command, input) = state.session.take();
                let last = run(&launcher, &command, input).await;
                let code = last.code;
                self::state(caller.data_mut(), place)?.session.last = last;
                Ok::<u32, wasmtime::Error>(code)
            })
        },
    )?;
    link_results(module, place, linker)
}

/// The functions that give the length and the bytes of an output, and where that is.
type OutputOf = (&'static str, &'static str, fn(&Last) -> &[u8]);

fn link_results(module: &str, place: Place, linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    linker.func_wrap(
        module,
        "wasmedge_process_get_exit_code",
        move |mut caller: Caller<'_, Context>| -> wasmtime::Result<u32> {
            Ok(state(caller.data_mut(), place)?.session.last.code)
        },
    )?;
    let outputs: [OutputOf; 2] = [
        (
            "wasmedge_process_get_stdout_len",
            "wasmedge_process_get_stdout",
            |last| last.stdout.as_slice(),
        ),
        (
            "wasmedge_process_get_stderr_len",
            "wasmedge_process_get_stderr",
            |last| last.stderr.as_slice(),
        ),
    ];
    for (length, contents, output) in outputs {
        linker.func_wrap(
            module,
            length,
            move |mut caller: Caller<'_, Context>| -> wasmtime::Result<u32> {
                let last = &state(caller.data_mut(), place)?.session.last;
                u32::try_from(output(last).len())
                    .map_err(|_| trap("the output is longer than 4 GiB"))
            },
        )?;
        linker.func_wrap(
            module,
            contents,
            move |mut caller: Caller<'_, Context>, buffer: u32| -> wasmtime::Result<()> {
                let (memory, session) = parts(&mut caller, place)?;
                let contents = output(&session.last);
                let space = memory
                    .get_mut(buffer as usize..)
                    .and_then(|rest| rest.get_mut(..contents.len()))
                    .ok_or_else(|| outside(buffer, contents.len()))?;
                space.copy_from_slice(contents);
                Ok(())
            },
        )?;
    }
    Ok(())
}

async fn run(launcher: &Launcher, command: &Command, input: Bytes) -> Last {
    let Finished {
        status,
        stdout,
        mut stderr,
    } = match launcher.run(command, input).await {
        Ok(finished) => finished,
        Err(error) => {
            return Last {
                code: NOT_STARTED,
                stdout: Vec::new(),
                stderr: format!("{}\n", refusal(command, &error)).into_bytes(),
            };
        }
    };
    let code = match status {
        Ok(Status::Code(code)) => exit_code(code),
        Ok(Status::Signal(signal)) => exit_code(signal.saturating_add(128)),
        Err(Error::Timeout { .. }) => Errno::TIMEDOUT.raw_os_error().cast_unsigned(),
        Err(error) => {
            stderr.extend_from_slice(format!("{error}\n").as_bytes());
            match error {
                Error::TooMuchOutput { .. } => Errno::FBIG.raw_os_error().cast_unsigned(),
                _ => Errno::INVAL.raw_os_error().cast_unsigned(),
            }
        }
    };
    Last {
        code,
        stdout,
        stderr,
    }
}

/// Guests know the first sentence of a refusal from WasmEdge; what helps differs.
fn refusal(command: &Command, error: &Error) -> String {
    match error {
        Error::ProgramNotAllowed { .. } => {
            let name = shown(&command.program);
            format!(
                "Permission denied: Command \"{name}\" is not in the white list. `--plugin-config process.allow={name}` would allow it."
            )
        }
        error => error.to_string(),
    }
}

/// The eight bits of an exit code, as a signed number.
fn exit_code(code: i32) -> u32 {
    i32::from(code as i8).cast_unsigned()
}

fn state(context: &mut Context, place: Place) -> wasmtime::Result<&mut State> {
    context
        .state::<State>(place)
        .ok_or_else(|| trap("the instance has no state"))
}

/// The guest's memory, and what it has put together.
fn parts<'a>(
    caller: &'a mut Caller<'_, Context>,
    place: Place,
) -> wasmtime::Result<(&'a mut [u8], &'a mut Session)> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(trap("the guest exports no memory called `memory`"));
    };
    let (bytes, context) = memory.data_and_store_mut(caller);
    Ok((bytes, &mut state(context, place)?.session))
}

fn bytes(memory: &[u8], start: u32, length: u32) -> wasmtime::Result<&[u8]> {
    let length = length as usize;
    memory
        .get(start as usize..)
        .and_then(|rest| rest.get(..length))
        .ok_or_else(|| outside(start, length))
}

fn outside(start: u32, length: usize) -> wasmtime::Error {
    trap(format!(
        "the {length} bytes at {start:#x} are not within the guest's memory"
    ))
}

fn trap(message: impl std::fmt::Display) -> wasmtime::Error {
    wasmtime::Error::msg(format!("plugin `process`: {message}"))
}
