//! Waiting for a function of the guest that a plugin calls.
//!
//! The plugin's frames are on the stack between the two, so the wait cannot be handed to whoever polls the guest: the
//! thread waits. That thread may be the one that drives the timers and sockets of its runtime. So what the inner
//! call waits for is registered with a runtime that has a thread of its own.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Instant;

use tokio::runtime::{Builder, Handle};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread; `None` if its time is up before.
pub(super) fn run<F: Future>(work: F, deadline: Option<Instant>) -> Option<F::Output> {
    let _context = runtime().map(Handle::enter);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(output) = work.as_mut().poll(&mut context) {
            return Some(output);
        }
        match deadline {
            None => std::thread::park(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                std::thread::park_timeout(left);
            }
        }
    }
}

/// The runtime that drives what inner calls wait for. Without it they use that of the outer call, which is enough
/// unless that has no second thread.
fn runtime() -> Option<&'static Handle> {
    static RUNTIME: OnceLock<Option<Handle>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            let runtime = Builder::new_current_thread().enable_all().build().ok()?;
            let handle = runtime.handle().clone();
            std::thread::Builder::new()
                .name("c12-wasmedge".into())
                .spawn(move || runtime.block_on(std::future::pending::<()>()))
                .ok()?;
            Some(handle)
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn timers_run_while_the_only_thread_waits() {
        let outer = Builder::new_current_thread().enable_all().build().unwrap();
        let done = outer.block_on(async {
            run(
                async {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    7
                },
                None,
            )
        });
        assert_eq!(done, Some(7));
    }

    #[test]
    fn the_wait_ends_with_the_deadline() {
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(run(std::future::pending::<()>(), Some(deadline)), None);
    }
}
