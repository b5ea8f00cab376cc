//! What a call has ended with.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use c12_crypto_core::Errno;

/// Why a call has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// With the specification's error.
    Errno(Errno),
    /// With a panic.
    Panic,
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// What a call answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// What a call has ended with, its value aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With success.
    Done,
    /// With the specification's error.
    Errno(Errno),
    /// With a panic.
    Panic,
}

impl Outcome {
    pub(crate) fn of<T>(answer: &Answer<T>) -> Self {
        match answer {
            Ok(_) => Self::Done,
            Err(Failure::Errno(errno)) => Self::Errno(*errno),
            Err(Failure::Panic) => Self::Panic,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("success"),
            Self::Errno(errno) => write!(f, "`{errno}`"),
            Self::Panic => f.write_str("a panic"),
        }
    }
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls an implementation; its panics are answers, and print nothing.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Answer<T>) -> Answer<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                print(panic);
            }
        }));
    });
    GUARDED.set(true);
    let answer = catch_unwind(AssertUnwindSafe(call)).unwrap_or(Err(Failure::Panic));
    GUARDED.set(false);
    answer
}
