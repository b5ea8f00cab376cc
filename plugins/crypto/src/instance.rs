//! What an instance keeps, and where its long computations run.

mod threads;

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{LONG, Session};

pub(crate) use self::threads::{Guest, Host, Wait};

/// What an instance keeps. It goes with the instance, and with it all that is open.
pub(crate) struct Instance {
    /// Not there while it is used.
    session: Option<Box<Session>>,
    guest: Guest,
    /// Bytes that one call may make the host allocate.
    pub(crate) call_bytes: usize,
}

impl Instance {
    pub(crate) fn new(session: Session, guest: Guest, call_bytes: usize) -> Self {
        Instance {
            session: Some(Box::new(session)),
            guest,
            call_bytes,
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

    /// Where its computations run.
    pub(crate) fn guest(&self) -> Guest {
        self.guest.clone()
    }
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
    /// What is one operation on more bytes is done on a thread of its own.
    pub(crate) const BYTES: usize = LONG;
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
