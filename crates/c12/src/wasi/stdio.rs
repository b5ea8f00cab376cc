//! Standard streams of a guest.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::Error;

/// Where a guest's standard input comes from.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Input {
    /// Nowhere: the guest reads the end at once. The default.
    #[default]
    Empty,
    /// The process's own.
    Inherit,
    /// These bytes.
    Bytes(Bytes),
}

/// Where a guest's standard output or error goes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Output {
    /// Nowhere. The default.
    #[default]
    Discard,
    /// To the process's own.
    Inherit,
    /// Into memory.
    Capture(Capture),
}

/// Output kept in memory, up to a limit beyond which the guest's writes fail. Clones share what is kept.
#[derive(Debug, Clone)]
pub struct Capture(MemoryOutputPipe);

impl Capture {
    /// Keeps at most `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Capture(MemoryOutputPipe::new(limit))
    }

    /// What was written so far.
    pub fn contents(&self) -> Bytes {
        self.0.contents()
    }

    /// What was written so far, as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.contents()).into_owned()
    }
}

impl Default for Capture {
    /// Keeps at most 16 MiB.
    fn default() -> Self {
        Capture::with_limit(16 << 20)
    }
}

impl Input {
    pub(super) fn grant(&self, builder: &mut WasiCtxBuilder) {
        match self {
            Input::Empty => {}
            Input::Inherit => {
                builder.inherit_stdin();
            }
            Input::Bytes(bytes) => {
                builder.stdin(MemoryInputPipe::new(bytes.clone()));
            }
        }
    }
}

impl Output {
    pub(super) fn grant_stdout(&self, builder: &mut WasiCtxBuilder, state: &StdoutState) {
        match self {
            Output::Discard => {}
            Output::Inherit => {
                builder.stdout(ProcessStdout(state.clone()));
            }
            Output::Capture(capture) => {
                builder.stdout(capture.0.clone());
            }
        }
    }

    pub(super) fn grant_stderr(&self, builder: &mut WasiCtxBuilder) {
        match self {
            Output::Discard => {}
            Output::Inherit => {
                builder.inherit_stderr();
            }
            Output::Capture(capture) => {
                builder.stderr(capture.0.clone());
            }
        }
    }
}

/// Whether the reader of the process's standard output has gone.
#[derive(Debug, Clone, Default)]
pub(crate) struct StdoutState(Arc<AtomicBool>);

impl StdoutState {
    pub(crate) fn is_closed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The process's standard output, unbuffered. A guest that writes after the reader has gone is ended,
/// as a native program would be by SIGPIPE: a pipeline like `c12 run … | head -1` ends quietly.
#[derive(Clone)]
struct ProcessStdout(StdoutState);

/// How much a guest may write in one go; the same as what wasmtime-wasi's own streams allow.
const PERMIT: usize = 64 << 10;

impl ProcessStdout {
    fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        let stdout = io::stdout();
        while !bytes.is_empty() {
            match rustix::io::write(&stdout, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => {
                    let mut poll = [rustix::event::PollFd::new(
                        &stdout,
                        rustix::event::PollFlags::OUT,
                    )];
                    rustix::event::poll(&mut poll, None)?;
                }
                Err(error) => {
                    if error == rustix::io::Errno::PIPE {
                        self.0.0.store(true, Ordering::Relaxed);
                    }
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }
}

impl IsTerminal for ProcessStdout {
    fn is_terminal(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stdout())
    }
}

impl StdoutStream for ProcessStdout {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for ProcessStdout {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        ProcessStdout::write(self, &bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                StreamError::Trap(wasmtime::Error::new(Error::StdoutClosed))
            } else {
                StreamError::LastOperationFailed(error.into())
            }
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for ProcessStdout {
    async fn ready(&mut self) {}
}

impl AsyncWrite for ProcessStdout {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(ProcessStdout::write(&self, bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
