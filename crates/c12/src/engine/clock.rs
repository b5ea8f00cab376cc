use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often interruptible guests look up from their work: the precision of time limits in a busy
/// guest, and how long one may keep a thread to itself while others wait.
const TICK: Duration = Duration::from_millis(10);

/// Advances the epoch of engines while interruptible guests run on them. Its thread ends a [`TICK`] after the last of
/// them: guests that follow each other closely share it.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    watched: Vec<(u64, wasmtime::Engine)>,
    next: u64,
    running: bool,
}

/// While this lives, the engine's epoch advances every [`TICK`].
pub(crate) struct Watch {
    clock: Clock,
    id: u64,
}

impl Clock {
    pub(crate) fn watch(&self, engine: &wasmtime::Engine) -> std::io::Result<Watch> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = state.next;
        state.next += 1;
        state.watched.push((id, engine.clone()));
        if !state.running {
            let clock = Arc::clone(&self.0);
            let spawned = std::thread::Builder::new()
                .name("c12-clock".into())
                .spawn(move || run(&clock));
            if let Err(error) = spawned {
                state.watched.clear();
                return Err(error);
            }
            state.running = true;
        }
        Ok(Watch {
            clock: self.clone(),
            id,
        })
    }
}

fn run(clock: &Mutex<State>) {
    loop {
        std::thread::sleep(TICK);
        let mut state = clock.lock().unwrap_or_else(PoisonError::into_inner);
        if state.watched.is_empty() {
            state.running = false;
            return;
        }
        let mut seen: Vec<&wasmtime::Engine> = Vec::new();
        for (_, engine) in &state.watched {
            if !seen
                .iter()
                .any(|other| wasmtime::Engine::same(other, engine))
            {
                seen.push(engine);
                engine.increment_epoch();
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.clock.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.watched.retain(|(id, _)| *id != self.id);
    }
}
