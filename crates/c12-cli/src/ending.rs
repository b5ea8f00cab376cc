//! The end of the program that nobody here decided: a native plugin that calls `exit` takes everything with it, and
//! without a word it would look like success.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::report::FAILED;

static EXPECTED: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    /// ISO C, 7.22.4.2: calls a function when the process ends by `exit` or by a return from `main`.
    fn atexit(function: extern "C" fn()) -> c_int;
}

/// Tells of an end that nothing here [expected].
pub(crate) fn guard() {
    // SAFETY: the function outlives everything. Without room for one more there is no guard, and no harm.
    let _ = unsafe { atexit(ended) };
}

/// The program ends on purpose.
pub(crate) fn expected() {
    EXPECTED.store(true, Ordering::Relaxed);
}

extern "C" fn ended() {
    if EXPECTED.load(Ordering::Relaxed) {
        return;
    }
    let message = b"error: native code ended the program\n  a plugin, or a library that it uses, called `exit`\n";
    // Nothing can be done about a standard error that cannot be written.
    let _ = rustix::io::write(rustix::stdio::stderr(), message);
    signal_hook::low_level::exit(FAILED.into());
}
