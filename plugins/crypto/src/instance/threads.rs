//! Threads for what takes long.
//!
//! A guest's time limit gives up its call, but nothing ends a computation that has begun: it goes on to its end, and keeps its
//! thread. So that a guest cannot have them all in this way, by being started again and again, its next computation waits until
//! those that it gave up are over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use c12_crypto_core::Session;
use tokio::sync::{Semaphore, watch};

use super::{is_slow_to_generate, trap};

/// How many calls of the secrets store may be under way at once. They take turns at its file; what is more than one is there
/// so that a call that was given up does not hold up the others.
const STORE_THREADS: usize = 2;

/// Where something is done that may take long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// At once: it is short.
    No,
    /// On a thread for computations.
    Computation,
    /// On a thread for the secrets store, so that nobody who needs a key waits for others' passwords.
    Store,
}

impl Wait {
    /// For a stored key pair that is made.
    pub(crate) fn to_generate(algorithm: &str) -> Self {
        if is_slow_to_generate(algorithm) {
            Wait::Computation
        } else {
            Wait::Store
        }
    }

    /// For a computation that may be a long one.
    pub(crate) fn if_long(is_long: bool) -> Self {
        if is_long { Wait::Computation } else { Wait::No }
    }
}

/// The threads of a host.
pub(crate) struct Host {
    computations: Arc<Semaphore>,
    store: Arc<Semaphore>,
    guests: Mutex<HashMap<String, Weak<watch::Sender<usize>>>>,
}

impl Host {
    /// With as many threads for computations.
    pub(crate) fn new(computations: usize) -> Self {
        Host {
            computations: Arc::new(Semaphore::new(computations)),
            store: Arc::new(Semaphore::new(STORE_THREADS)),
            guests: Mutex::default(),
        }
    }

    /// The threads of a guest, which is the same for all instances of a workload of this name.
    pub(crate) fn guest(&self, name: &str) -> Guest {
        let mut guests = lock(&self.guests);
        let given_up = guests.get(name).and_then(Weak::upgrade);
        let given_up = given_up.unwrap_or_else(|| {
            // Those that have neither an instance nor a computation are over.
            guests.retain(|_, guest| guest.strong_count() > 0);
            let given_up = Arc::new(watch::Sender::new(0));
            guests.insert(name.to_owned(), Arc::downgrade(&given_up));
            given_up
        });
        Guest {
            computations: Arc::clone(&self.computations),
            store: Arc::clone(&self.store),
            given_up,
        }
    }
}

/// The threads, for one guest.
#[derive(Clone)]
pub(crate) struct Guest {
    computations: Arc<Semaphore>,
    store: Arc<Semaphore>,
    /// How many computations it has given up that are not over.
    given_up: Arc<watch::Sender<usize>>,
}

impl Guest {
    /// Works on a thread for that, once one is free. If the guest is given up meanwhile, the session ends with the work.
    pub(crate) async fn apart<R: Send + 'static>(
        self,
        wait: Wait,
        mut session: Box<Session>,
        work: impl FnOnce(&mut Session) -> R + Send + 'static,
    ) -> wasmtime::Result<(Box<Session>, R)> {
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| trap("what takes long needs a Tokio runtime"))?;
        let threads = match wait {
            Wait::No => return Ok(at_once(session, work)),
            Wait::Store => self.store,
            Wait::Computation => {
                let mut given_up = self.given_up.subscribe();
                // The sender is here, so there is no error.
                let _ = given_up.wait_for(|count| *count == 0).await;
                self.computations
            }
        };
        let permit = threads.acquire_owned().await;
        let end = End(Arc::new(Mutex::new(Progress::Working)), self.given_up);
        let _waiting = Waiting(Arc::clone(&end.0), Arc::clone(&end.1));
        let working = runtime.spawn_blocking(move || {
            let result = work(&mut session);
            drop((permit, end));
            (session, result)
        });
        working
            .await
            .map_err(|error| trap(format_args!("a computation ended early: {error}")))
    }
}

fn at_once<R>(
    mut session: Box<Session>,
    work: impl FnOnce(&mut Session) -> R,
) -> (Box<Session>, R) {
    let result = work(&mut session);
    (session, result)
}

/// How far a computation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Working,
    GivenUp,
    Over,
}

/// Dropped when nobody waits for a computation any more.
struct Waiting(Arc<Mutex<Progress>>, Arc<watch::Sender<usize>>);

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut progress = lock(&self.0);
        if *progress == Progress::Working {
            *progress = Progress::GivenUp;
            self.1.send_modify(|count| *count += 1);
        }
    }
}

/// Dropped at the end of a computation, however it ended.
struct End(Arc<Mutex<Progress>>, Arc<watch::Sender<usize>>);

impl Drop for End {
    fn drop(&mut self) {
        let mut progress = lock(&self.0);
        if *progress == Progress::GivenUp {
            self.1.send_modify(|count| *count = count.saturating_sub(1));
        }
        *progress = Progress::Over;
    }
}

/// What these locks protect is never left half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use c12_crypto_core::{Config, Shared};
    use tokio::time::timeout;

    use super::*;

    fn session() -> Box<Session> {
        Box::new(Session::new(&Shared::new(Config::default()).unwrap()))
    }

    /// Long enough for what has to happen, and waited for in full by what must not.
    const SOON: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_guest_waits_for_what_it_gave_up_and_others_do_not() {
        let host = Host::new(2);
        let (release, held) = mpsc::channel::<()>();
        let first = host
            .guest("one")
            .apart(Wait::Computation, session(), move |_| {
                let _ = held.recv();
            });
        // The guest's time is over.
        assert!(timeout(SOON, first).await.is_err());
        let again = host
            .guest("one")
            .apart(Wait::Computation, session(), |_| ());
        let mut again = Box::pin(again);
        assert!(timeout(SOON, &mut again).await.is_err());
        let other = host.guest("two").apart(Wait::Computation, session(), |_| 7);
        assert_eq!(other.await.unwrap().1, 7);
        release.send(()).unwrap();
        again.await.unwrap();
    }

    #[tokio::test]
    async fn the_store_does_not_wait_for_computations() {
        let host = Host::new(1);
        let (release, held) = mpsc::channel::<()>();
        let guest = host.guest("one");
        let long = guest.clone().apart(Wait::Computation, session(), move |_| {
            let _ = held.recv();
        });
        let mut long = Box::pin(long);
        assert!(timeout(SOON, &mut long).await.is_err());
        let read = host.guest("two").apart(Wait::Store, session(), |_| 7);
        assert_eq!(read.await.unwrap().1, 7);
        // One that is waited for holds up none of the same guest's but for the thread.
        let second = guest.apart(Wait::Computation, session(), |_| ());
        let mut second = Box::pin(second);
        assert!(timeout(SOON, &mut second).await.is_err());
        release.send(()).unwrap();
        long.await.unwrap();
        second.await.unwrap();
    }

    #[tokio::test]
    async fn a_guest_that_is_gone_is_forgotten() {
        let host = Host::new(1);
        drop(host.guest("one"));
        let _two = host.guest("two");
        assert_eq!(lock(&host.guests).len(), 1);
    }
}
