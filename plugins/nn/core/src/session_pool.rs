use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Cancel, Result, Session, Tensor, TensorModel};

/// The sessions that a model's contexts share.
pub(crate) struct SessionPool {
    model: Box<dyn TensorModel>,
    state: Mutex<State>,
    freed: Arc<Condvar>,
}

#[derive(Default)]
struct State {
    idle: Vec<Box<dyn Session>>,
    in_use: usize,
}

impl SessionPool {
    pub(crate) fn new(model: Box<dyn TensorModel>) -> Self {
        Self {
            model,
            state: Mutex::default(),
            freed: Arc::default(),
        }
    }

    pub(crate) fn model(&self) -> &dyn TensorModel {
        &*self.model
    }

    /// Runs the model with a session that is free, or waits for one.
    pub(crate) fn run(&self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        let mut lease = self.lease(cancel)?;
        let session = match &mut lease.session {
            Some(session) => session,
            empty => empty.insert(self.model.session()?),
        };
        session.run(inputs, cancel)
    }

    fn lease(&self, cancel: &Cancel) -> Result<Lease<'_>> {
        let freed = Arc::clone(&self.freed);
        let _wake = cancel.on_cancel(move || freed.notify_all());
        let mut state = self.lock();
        loop {
            cancel.check()?;
            let session = state.idle.pop();
            if session.is_some() || state.in_use < self.model.max_sessions().max(1) {
                state.in_use += 1;
                return Ok(Lease {
                    pool: self,
                    session,
                });
            }
            // A cancellation between the check and the wait is noticed a moment later.
            (state, _) = self
                .freed
                .wait_timeout(state, Duration::from_millis(50))
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Lease<'a> {
    pool: &'a SessionPool,
    session: Option<Box<dyn Session>>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.in_use -= 1;
        // Not after a panic: who knows what state it is in.
        if let Some(session) = self.session.take()
            && !std::thread::panicking()
        {
            state.idle.push(session);
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}
