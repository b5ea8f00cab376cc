//! Panics of the author's code end here.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::OnceLock;

use super::Error;

thread_local! {
    /// How many calls of the author's code this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic was.
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

/// How much of a file's name is kept: its end.
const NAME: usize = 96;

/// Where a panic was. It owns no memory: a thread-local with a destructor would keep the library from being unloaded
/// as long as the thread lives.
#[derive(Clone, Copy)]
struct Place {
    name: [u8; NAME],
    len: usize,
    line: u32,
    column: u32,
}

impl Place {
    fn of(location: &Location<'_>) -> Self {
        let file = location.file().as_bytes();
        let end = file.get(file.len().saturating_sub(NAME)..).unwrap_or(file);
        let mut name = [0; NAME];
        for (to, from) in name.iter_mut().zip(end) {
            *to = *from;
        }
        Place {
            name,
            len: end.len(),
            line: location.line(),
            column: location.column(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.get(..self.len).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        write!(f, "{name}:{}:{}", self.line, self.column)
    }
}

/// A hook that nobody has set takes no memory, and neither does ours: an unloaded library leaves nothing behind.
type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;
static PREVIOUS: OnceLock<Hook> = OnceLock::new();

/// Remembers where a panic was instead of printing it: the host gets to know by the trap. Panics elsewhere, such as
/// those of threads that the plugin started, are printed as before.
pub(super) fn install_hook() {
    PREVIOUS.get_or_init(|| {
        let previous = take_hook();
        set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
            if DEPTH.get() != 0 {
                PLACE.set(panic.location().map(Place::of));
            } else if let Some(previous) = PREVIOUS.get() {
                previous(panic);
            }
        }));
        previous
    });
}

/// Runs the author's code; a panic becomes an error that says where it was.
#[inline]
pub(super) fn catch<R>(body: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
    DEPTH.set(DEPTH.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    match outcome {
        Ok(outcome) => outcome,
        Err(panic) => Err(describe(&*panic)),
    }
}

/// Runs code that cannot say that it failed; a panic is logged.
pub(super) fn catch_and_log(what: &str, body: impl FnOnce()) {
    let outcome = catch(|| {
        body();
        Ok(())
    });
    if let Err(error) = outcome {
        crate::log::error(format_args!("{what}: {error}"));
    }
}

#[cold]
fn describe(panic: &(dyn Any + Send)) -> Error {
    let message = if let Some(message) = panic.downcast_ref::<&str>() {
        message
    } else if let Some(message) = panic.downcast_ref::<String>() {
        message
    } else {
        "with something that is no text"
    };
    match PLACE.take() {
        Some(place) => Error::new(format_args!("panicked at {place}: {message}")),
        None => Error::new(format_args!("panicked: {message}")),
    }
}
