//! What every call from a plugin passes through: panics end here, and errors are logged with the plugin's name.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

/// The messages that pass, as plugins set it: only those of C API plugins are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Off,
}

static LEVEL: AtomicU8 = AtomicU8::new(LogLevel::Info as u8);

/// Sets the level for the whole process, as WasmEdge does.
pub(crate) fn set_log_level(level: LogLevel) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

fn passes(level: LogLevel) -> bool {
    level as u8 >= LEVEL.load(Ordering::Relaxed)
}

thread_local! {
    /// The plugin that runs on this thread, for messages.
    static RUNNING: Cell<Option<NonNull<str>>> = const { Cell::new(None) };
}

/// While it lives, messages of this thread name the plugin.
pub(crate) struct Running<'a> {
    before: Option<NonNull<str>>,
    _plugin: PhantomData<&'a str>,
}

impl<'a> Running<'a> {
    pub(crate) fn new(plugin: &'a str) -> Self {
        Running {
            before: RUNNING.replace(Some(NonNull::from(plugin))),
            _plugin: PhantomData,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        RUNNING.set(self.before);
    }
}

/// The plugin whose code runs on this thread.
pub(crate) fn running() -> Option<String> {
    let plugin = RUNNING.get()?;
    // SAFETY: a `Running` put it there, which borrows the name and takes it away when it is dropped. None is ever forgotten.
    Some(unsafe { plugin.as_ref() }.to_owned())
}

/// Logs that a call failed, which plugins may also see from its result.
pub(crate) fn failed(function: &str, reason: impl Display) {
    if passes(LogLevel::Error) {
        let plugin = running();
        tracing::error!(target: "c12::plugin::wasmedge", plugin = plugin.as_deref(), "{function}: {reason}");
    }
}

/// Logs something that is wrong, but harmless.
pub(crate) fn warning(function: &str, reason: impl Display) {
    if passes(LogLevel::Warning) {
        let plugin = running();
        tracing::warn!(target: "c12::plugin::wasmedge", plugin = plugin.as_deref(), "{function}: {reason}");
    }
}

/// As [`failed`], once for each function: plugins may repeat what cannot work.
pub(crate) fn failed_once(function: &'static str, reason: impl Display) {
    static SEEN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let new = SEEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(function);
    if new {
        failed(function, reason);
    }
}

/// Runs the body of a function that a plugin calls. A panic must not unwind into the plugin: it is logged, and the
/// plugin is told that the call failed.
pub(crate) fn guard<R>(function: &'static str, otherwise: R, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(panic) => {
            let message = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned());
            failed(
                function,
                format_args!(
                    "panicked within C12: {}",
                    message.as_deref().unwrap_or("no message")
                ),
            );
            otherwise
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let result = guard("f", 7, || panic!("no"));
        std::panic::set_hook(hook);
        assert_eq!(result, 7);
    }

    #[test]
    fn plugins_are_nested() {
        let outer = Running::new("one");
        {
            let _inner = Running::new("two");
            assert_eq!(running().as_deref(), Some("two"));
        }
        assert_eq!(running().as_deref(), Some("one"));
        drop(outer);
        assert_eq!(running(), None);
    }
}
