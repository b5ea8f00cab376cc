//! `c12:process` for components: see `wit/process` for what it means.

use std::time::Duration;

use c12::Context;
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::pipe::{AsyncReadStream, AsyncWriteStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, subscribe};

use crate::{Child, Launcher, Pipes, State, Status};

#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/process",
        world: "imports",
        imports: {
            "c12:process/process.spawn": async | trappable,
            "c12:process/process.run": async | trappable,
            "c12:process/process.[method]child.wait": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "c12:process/process.child": crate::Child,
        },
    });
}

use bindings::c12::process::process as wit;

/// What components get, in WIT: the package that it uses, and its own.
pub const WIT: [&str; 2] = [
    include_str!("../../../wit/process/deps/io.wit"),
    include_str!("../../../wit/process/process.wit"),
];

/// The interface that guests import.
pub(crate) const INTERFACE: &str = "c12:process/process@0.1.0";

/// Defines the interface.
pub(crate) fn link(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wit::add_to_linker::<Context, Processes>(linker, view)
}

/// The data of this interface.
struct Processes;

impl HasData for Processes {
    type Data<'a> = View<'a>;
}

struct View<'a> {
    launcher: Option<Launcher>,
    table: &'a mut ResourceTable,
}

fn view(context: &mut Context) -> View<'_> {
    let launcher = context
        .plugin::<State>()
        .map(|state| state.launcher.clone());
    View {
        launcher,
        table: context.resources(),
    }
}

impl View<'_> {
    fn launcher(&self) -> wasmtime::Result<Launcher> {
        self.launcher
            .clone()
            .ok_or_else(|| wasmtime::Error::msg("plugin `process`: the instance has no state"))
    }
}

impl wit::Host for View<'_> {
    async fn spawn(
        &mut self,
        command: wit::Command,
        pipes: wit::Pipes,
    ) -> wasmtime::Result<Result<Resource<Child>, wit::Error>> {
        let pipes = Pipes {
            stdin: pipes.contains(wit::Pipes::STDIN),
            stdout: pipes.contains(wit::Pipes::STDOUT),
            stderr: pipes.contains(wit::Pipes::STDERR),
        };
        let launcher = self.launcher()?;
        match launcher.spawn(&command.into(), pipes).await {
            Ok(child) => Ok(Ok(self.table.push(child)?)),
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn run(
        &mut self,
        command: wit::Command,
        stdin: Vec<u8>,
    ) -> wasmtime::Result<Result<wit::Output, wit::Error>> {
        let launcher = self.launcher()?;
        let finished = launcher.run(&command.into(), stdin.into()).await;
        Ok(finished.map_err(wit::Error::from).and_then(|finished| {
            Ok(wit::Output {
                status: finished.status?.into(),
                stdout: finished.stdout,
                stderr: finished.stderr,
            })
        }))
    }
}

impl wit::HostChild for View<'_> {
    fn stdin(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<Resource<DynOutputStream>, wit::Error>> {
        /// Bytes that a guest may have on the way, as in WASI's own streams.
        const BUDGET: usize = 64 << 10;
        let Some(pipe) = self.table.get_mut(&child)?.take_stdin() else {
            return Ok(Err(not_there("standard input")));
        };
        let stream: DynOutputStream = Box::new(AsyncWriteStream::new(BUDGET, pipe));
        Ok(Ok(self.table.push(stream)?))
    }

    fn stdout(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<Resource<DynInputStream>, wit::Error>> {
        let Some(output) = self.table.get_mut(&child)?.take_stdout() else {
            return Ok(Err(not_there("standard output")));
        };
        let stream: DynInputStream = Box::new(AsyncReadStream::new(output));
        Ok(Ok(self.table.push(stream)?))
    }

    fn stderr(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<Resource<DynInputStream>, wit::Error>> {
        let Some(output) = self.table.get_mut(&child)?.take_stderr() else {
            return Ok(Err(not_there("standard error")));
        };
        let stream: DynInputStream = Box::new(AsyncReadStream::new(output));
        Ok(Ok(self.table.push(stream)?))
    }

    async fn wait(
        &mut self,
        child: Resource<Child>,
    ) -> wasmtime::Result<Result<wit::ExitStatus, wit::Error>> {
        let ended = self.table.get_mut(&child)?.wait().await;
        Ok(ended.map(Into::into).map_err(Into::into))
    }

    fn subscribe(&mut self, child: Resource<Child>) -> wasmtime::Result<Resource<DynPollable>> {
        // The pollable owns what it waits for, so that guests may drop it and the child in any order.
        let ended = self.table.get(&child)?.ended();
        let ended = self.table.push(ended)?;
        subscribe(self.table, ended)
    }

    fn kill(&mut self, child: Resource<Child>) -> wasmtime::Result<()> {
        self.table.get(&child)?.kill();
        Ok(())
    }

    fn drop(&mut self, child: Resource<Child>) -> wasmtime::Result<()> {
        self.table.delete(child)?;
        Ok(())
    }
}

fn not_there(stream: &str) -> wit::Error {
    wit::Error::Other(format!("{stream} is not a pipe, or was taken before"))
}

impl From<wit::Command> for crate::Command {
    fn from(command: wit::Command) -> Self {
        crate::Command {
            program: command.program.into(),
            arguments: command.arguments.into_iter().map(Into::into).collect(),
            environment: command
                .environment
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            timeout: command.timeout.map(Duration::from_millis),
        }
    }
}

impl From<Status> for wit::ExitStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Code(code) => wit::ExitStatus::Code(code.cast_unsigned()),
            Status::Signal(signal) => wit::ExitStatus::Signal(signal.cast_unsigned()),
        }
    }
}

impl From<crate::Error> for wit::Error {
    fn from(error: crate::Error) -> Self {
        use crate::Error;
        match error {
            Error::ProgramNotAllowed { .. } | Error::VariableNotAllowed { .. } => {
                wit::Error::NotAllowed(error.to_string())
            }
            Error::NotFound { .. } => wit::Error::NotFound,
            Error::TooManyProcesses { .. } | Error::TooMuchOutput { .. } => {
                wit::Error::Limit(error.to_string())
            }
            Error::Timeout { .. } => wit::Error::Timeout,
            Error::Setting { .. } | Error::Unfit { .. } | Error::Start { .. } | Error::Lost => {
                wit::Error::Other(error.to_string())
            }
        }
    }
}
