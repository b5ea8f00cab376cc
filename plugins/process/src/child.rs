use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi::p2::Pollable;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn, with_ambient_tokio_runtime};

use crate::lease::{End, EndReceiver, Lease, Started};
use crate::{Error, Output, Status};

/// A program that was started. It is killed, with its process group, when this is dropped; what was written by
/// then can still be read from its outputs.
#[derive(Debug)]
pub struct Child {
    lease: Arc<Lease>,
    end: EndReceiver,
    stdin: Option<pipe::Sender>,
    stdout: Option<Output>,
    stderr: Option<Output>,
    _timer: AbortOnDropJoinHandle<()>,
    /// Its place among the processes that a guest may have at once.
    _slot: OwnedSemaphorePermit,
}

impl Child {
    /// Takes over what was started. Pipes that it does not have stay away.
    ///
    /// # Errors
    ///
    /// Those of handing pipes to Tokio.
    pub(crate) fn new(
        started: Started,
        end: EndReceiver,
        timeout: Duration,
        output: u64,
        slot: OwnedSemaphorePermit,
    ) -> std::io::Result<Self> {
        let Started {
            lease,
            stdin,
            stdout,
            stderr,
        } = started;
        let reader = |pipe: OwnedFd, stream| {
            let pipe = pipe::Receiver::from_owned_fd(pipe)?;
            std::io::Result::Ok(Output::new(pipe, stream, output, Arc::downgrade(&lease)))
        };
        // Within a runtime already, wherever the guest was called from one.
        let (stdin, stdout, stderr) = with_ambient_tokio_runtime(|| {
            std::io::Result::Ok((
                stdin
                    .map(|pipe| pipe::Sender::from_owned_fd(pipe.into()))
                    .transpose()?,
                stdout
                    .map(|pipe| reader(pipe.into(), "standard output"))
                    .transpose()?,
                stderr
                    .map(|pipe| reader(pipe.into(), "standard error"))
                    .transpose()?,
            ))
        })?;
        let timer = {
            let (lease, end) = (Arc::downgrade(&lease), end.clone());
            spawn(async move {
                tokio::time::sleep(timeout).await;
                if let Some(lease) = lease.upgrade() {
                    // A program that has ended was not late, but what it left running is.
                    if end.borrow().is_none() {
                        lease.end(crate::lease::Reason::Timeout(timeout));
                    } else {
                        lease.kill();
                    }
                }
            })
        };
        Ok(Child {
            lease,
            end,
            stdin,
            stdout,
            stderr,
            _timer: timer,
            _slot: slot,
        })
    }

    /// The pipe that it reads from, once, if there is one. Dropping the pipe is the end of its input.
    pub fn take_stdin(&mut self) -> Option<pipe::Sender> {
        self.stdin.take()
    }

    /// What it writes into standard output, once, if that is a pipe.
    pub fn take_stdout(&mut self) -> Option<Output> {
        self.stdout.take()
    }

    /// What it writes into standard error, once, if that is a pipe.
    pub fn take_stderr(&mut self) -> Option<Output> {
        self.stderr.take()
    }

    /// Waits for its end. A pipe to its standard input that was not taken is closed first.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] and [`Error::TooMuchOutput`] if it was killed for that; [`Error::Lost`].
    pub async fn wait(&mut self) -> Result<Status, Error> {
        self.stdin = None;
        let end = self.ended().end().await;
        if let Some(reason) = self.lease.reason() {
            return Err(reason.into());
        }
        match end {
            End::Known(status) => Ok(status),
            End::Lost => Err(Error::Lost),
        }
    }

    /// Something that can be waited for by itself.
    pub fn ended(&self) -> Ended {
        Ended(self.end.clone())
    }

    /// Kills it, with its process group, unless all of that has ended.
    pub fn kill(&self) {
        self.lease.kill();
    }

    #[cfg(test)]
    pub(crate) fn process(&self) -> rustix::process::Pid {
        self.lease.process()
    }
}

/// The end of a program. It does not keep the program alive.
#[derive(Debug, Clone)]
pub struct Ended(EndReceiver);

impl Ended {
    async fn end(&mut self) -> End {
        // The sender goes only after it has sent; if it went otherwise, there is nothing to be known.
        let end = self.0.wait_for(Option::is_some).await;
        end.ok().and_then(|end| *end).unwrap_or(End::Lost)
    }

    /// Waits for it.
    pub async fn wait(&mut self) {
        self.end().await;
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Ended {
    async fn ready(&mut self) {
        self.wait().await;
    }
}
