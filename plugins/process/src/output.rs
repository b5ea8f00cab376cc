use std::io;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::unix::pipe;

use crate::Error;
use crate::lease::{Lease, Reason};

/// What a program writes into one of its outputs. Reading fails, and the program is killed, when it passes the limit.
#[derive(Debug)]
pub struct Output {
    pipe: pipe::Receiver,
    stream: &'static str,
    limit: u64,
    left: u64,
    state: State,
    lease: Weak<Lease>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// More was written than may be, and the reader does not know it yet.
    Passed,
    Ended,
}

impl Output {
    pub(crate) fn new(
        pipe: pipe::Receiver,
        stream: &'static str,
        limit: u64,
        lease: Weak<Lease>,
    ) -> Self {
        Output {
            pipe,
            stream,
            limit,
            left: limit,
            state: State::Open,
            lease,
        }
    }

    fn pass_limit(&mut self) {
        self.state = State::Passed;
        if let Some(lease) = self.lease.upgrade() {
            lease.end(self.reason());
        }
    }

    fn reason(&self) -> Reason {
        Reason::Output {
            stream: self.stream,
            limit: self.limit,
        }
    }
}

impl AsyncRead for Output {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state == State::Open {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.pipe).poll_read(context, buffer))?;
            let read = buffer.filled().len().saturating_sub(before) as u64;
            if read <= this.left {
                this.left -= read;
                return Poll::Ready(Ok(()));
            }
            // What is within the limit is passed on first.
            let kept = usize::try_from(this.left).unwrap_or(usize::MAX);
            buffer.set_filled(before.saturating_add(kept));
            this.left = 0;
            this.pass_limit();
            if kept > 0 {
                return Poll::Ready(Ok(()));
            }
        }
        if this.state == State::Passed {
            this.state = State::Ended;
            return Poll::Ready(Err(io::Error::other(Error::from(this.reason()))));
        }
        Poll::Ready(Ok(()))
    }
}
