//! What an instance keeps, and where its long computations run.

use std::sync::Arc;

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::Session;
use tokio::sync::Semaphore;

use crate::wit::OutputBuffer;

/// What an instance keeps. It goes with the instance, and with it all that is open.
pub(crate) struct Instance {
    /// Not there while it is used.
    session: Option<Box<Session>>,
    threads: Arc<Semaphore>,
    /// Bytes that one call may make the host allocate.
    pub(crate) call_bytes: usize,
    /// Where a component's outputs are made.
    pub(crate) buffer: OutputBuffer,
}

impl Instance {
    pub(crate) fn new(session: Session, threads: Arc<Semaphore>, call_bytes: usize) -> Self {
        Instance {
            session: Some(Box::new(session)),
            threads,
            call_bytes,
            buffer: OutputBuffer::default(),
        }
    }

    /// The one of a guest.
    pub(crate) fn of(context: &mut Context, place: Place) -> wasmtime::Result<&mut Self> {
        context
            .state(place)
            .ok_or_else(|| trap("the instance has no state"))
    }

    pub(crate) fn session(&mut self) -> wasmtime::Result<&mut Session> {
        self.session.as_deref_mut().ok_or_else(busy)
    }

    /// The session, which has to be [put](Instance::put) back.
    pub(crate) fn take(&mut self) -> wasmtime::Result<Box<Session>> {
        self.session.take().ok_or_else(busy)
    }

    pub(crate) fn put(&mut self, session: Box<Session>) {
        self.session = Some(session);
    }

    pub(crate) fn threads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.threads)
    }
}

/// Computes on a thread for that, once one of the `threads` is free. If the guest is given up meanwhile, the session ends
/// with the computation.
pub(crate) async fn apart<R: Send + 'static>(
    mut session: Box<Session>,
    threads: Arc<Semaphore>,
    work: impl FnOnce(&mut Session) -> R + Send + 'static,
) -> wasmtime::Result<(Box<Session>, R)> {
    let runtime = tokio::runtime::Handle::try_current()
        .map_err(|_| trap("what takes long needs a Tokio runtime"))?;
    let permit = threads.acquire_owned().await;
    let working = runtime.spawn_blocking(move || {
        let result = work(&mut session);
        drop(permit);
        (session, result)
    });
    working
        .await
        .map_err(|error| trap(format_args!("a computation ended early: {error}")))
}

/// Whether key pairs of an algorithm take long to find. For names that mean nothing it does not matter.
pub(crate) fn is_slow_to_generate(algorithm: &str) -> bool {
    algorithm
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("RSA"))
}

/// Lets others have the executor now and then in a call that does many things.
pub(crate) struct Turn(usize);

impl Turn {
    /// About as many bytes as a cipher gets through in some milliseconds.
    const BYTES: usize = 4 << 20;
    /// What an operation costs besides its bytes.
    const OPERATION: usize = 4 << 10;

    pub(crate) fn new() -> Self {
        Turn(Turn::BYTES)
    }

    /// Takes note of an operation on so many bytes; whether it is time to let others go on.
    pub(crate) fn is_over_after(&mut self, bytes: usize) -> bool {
        let cost = bytes.saturating_add(Turn::OPERATION);
        match self.0.checked_sub(cost) {
            Some(left) => {
                self.0 = left;
                false
            }
            None => {
                self.0 = Turn::BYTES;
                true
            }
        }
    }
}

fn busy() -> wasmtime::Error {
    trap("the instance is still busy with a call that was given up")
}

pub(crate) fn trap(message: impl std::fmt::Display) -> wasmtime::Error {
    wasmtime::Error::msg(format!("plugin `crypto`: {message}"))
}
