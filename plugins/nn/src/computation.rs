//! Work that takes long, away from the executor.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use c12_nn_core::{Cancel, Code, Error, Reason, Result};
use tokio::task::JoinError;

/// How long a computation whose time is up may take to notice, before it is left to itself.
const GRACE: Duration = Duration::from_millis(500);

/// Cancels when it is dropped: nobody waits any more.
pub(crate) struct Guard(Option<Cancel>);

impl Guard {
    pub(crate) fn new(cancel: &Cancel) -> Self {
        Guard(Some(cancel.clone()))
    }

    /// What was waited for has come, and goes on later.
    pub(crate) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(cancel) = &self.0 {
            cancel.cancel(Reason::Gone);
        }
    }
}

/// Does the work on a thread that may block. The token is cancelled when whoever waits is gone, as a guest whose time
/// is up is, and after the time that one computation may take.
///
/// # Errors
///
/// Those of the work; `timeout` after that time; `runtime-error` if it panics.
pub(crate) async fn run<T: Send + 'static>(
    most: Option<Duration>,
    work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
) -> Result<T> {
    let cancel = Cancel::new();
    // What is over cannot be cancelled any more, so the guard does no harm in the end.
    let _guard = Guard::new(&cancel);
    let mut task = tokio::task::spawn_blocking({
        let cancel = cancel.clone();
        move || work(&cancel)
    });
    let done = poll_fn(|context| {
        let joined = Pin::new(&mut task).poll(context);
        joined.map(|joined| joined.unwrap_or_else(|error| Err(failed(&error))))
    });
    within(most, &cancel, pin!(done)).await
}

/// Waits for what comes to an end when it is cancelled, which happens after this time.
///
/// # Errors
///
/// Its own; `timeout` after that time.
pub(crate) async fn within<T>(
    most: Option<Duration>,
    cancel: &Cancel,
    mut done: Pin<&mut impl Future<Output = Result<T>>>,
) -> Result<T> {
    let Some(most) = most else {
        return done.await;
    };
    if let Ok(done) = tokio::time::timeout(most, &mut done).await {
        return done;
    }
    cancel.cancel(Reason::Timeout);
    // Frameworks that can be interrupted have ended in a moment, and say so in their own words.
    tokio::time::timeout(GRACE, done).await.unwrap_or_else(|_| {
        Err(Error::new(
            Code::Timeout,
            format!("the computation took longer than {} ms", most.as_millis()),
        ))
    })
}

fn failed(error: &JoinError) -> Error {
    Error::runtime(if error.is_panic() {
        "the computation failed unexpectedly"
    } else {
        "the computation was cancelled"
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::task::Poll;

    use super::*;

    fn until_cancelled(cancel: &Cancel) -> Result<()> {
        loop {
            cancel.check()?;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_cancelled() {
        let (sender, ended) = mpsc::channel();
        let work = run(None, move |cancel| {
            sender.send(until_cancelled(cancel)).unwrap();
            Ok(())
        });
        let waiting = tokio::time::timeout(Duration::from_millis(20), work).await;
        assert!(waiting.is_err());
        let outcome = ended.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(outcome.unwrap_err().code(), Code::RuntimeError);
    }

    #[tokio::test]
    async fn a_computation_ends_when_its_time_is_up() {
        let most = Some(Duration::from_millis(20));
        let error = run(most, until_cancelled).await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout);
        // Also if it does not notice.
        let (hold, held) = mpsc::channel::<()>();
        let deaf = run(most, move |_| {
            let _ = held.recv();
            Ok(())
        });
        let error = deaf.await.unwrap_err();
        drop(hold);
        assert_eq!(error.code(), Code::Timeout);
        assert_eq!(error.message(), "the computation took longer than 20 ms");
    }

    #[tokio::test]
    async fn what_is_waited_for_in_vain_is_cancelled() {
        let cancel = Cancel::new();
        let most = Some(Duration::from_millis(10));
        let never = poll_fn(|_| Poll::<Result<()>>::Pending);
        let error = within(most, &cancel, pin!(never)).await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout);
        assert_eq!(cancel.reason(), Some(Reason::Timeout));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let error = run::<()>(None, |_| panic!("on purpose")).await.unwrap_err();
        assert_eq!(error.code(), Code::RuntimeError);
    }
}
