use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Code, Error, Result};

/// Why a computation is no longer wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nobody waits for the result: the guest is gone.
    Gone,
    /// It took longer than it may.
    Timeout,
}

impl Reason {
    fn error(self) -> Error {
        match self {
            Reason::Gone => Error::new(Code::RuntimeError, "the computation was cancelled"),
            Reason::Timeout => Error::new(Code::Timeout, "the computation took too long"),
        }
    }
}

type Callback = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct State {
    reason: Option<Reason>,
    next: u64,
    callbacks: Vec<(u64, Callback)>,
}

/// Tells a computation that it is no longer wanted. Clones are one token.
#[derive(Clone, Default)]
pub struct Cancel {
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.reason()).finish()
    }
}

impl Cancel {
    /// A token that nobody has cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels, and runs what [`Cancel::on_cancel`] left. The first reason stays.
    pub fn cancel(&self, reason: Reason) {
        let callbacks = {
            let mut state = self.lock();
            if state.reason.is_some() {
                return;
            }
            state.reason = Some(reason);
            std::mem::take(&mut state.callbacks)
        };
        // Outside of the lock: a callback may look at the token.
        for (_, callback) in callbacks {
            callback();
        }
    }

    /// Why, if it is cancelled.
    pub fn reason(&self) -> Option<Reason> {
        self.lock().reason
    }

    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.reason().is_some()
    }

    /// To be called between the steps of a long computation.
    ///
    /// # Errors
    ///
    /// It is cancelled.
    pub fn check(&self) -> Result<()> {
        self.reason().map_or(Ok(()), |reason| Err(reason.error()))
    }

    /// Calls this when it is cancelled, at once if it is already; for computations that cannot look for themselves.
    /// Dropping the result takes it back.
    pub fn on_cancel(&self, callback: impl Fn() + Send + Sync + 'static) -> OnCancel {
        let mut state = self.lock();
        if state.reason.is_some() {
            drop(state);
            callback();
            return OnCancel { of: None };
        }
        let id = state.next;
        state.next += 1;
        state.callbacks.push((id, Arc::new(callback)));
        OnCancel {
            of: Some((self.clone(), id)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a callback of [`Cancel::on_cancel`].
#[must_use = "dropping it takes the callback back"]
#[derive(Debug)]
pub struct OnCancel {
    of: Option<(Cancel, u64)>,
}

impl Drop for OnCancel {
    fn drop(&mut self) {
        if let Some((cancel, id)) = self.of.take() {
            cancel.lock().callbacks.retain(|(other, _)| *other != id);
        }
    }
}
