//! Ctrl-C, and requests to terminate.
#![allow(unsafe_code)]

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::{exit, register};

/// Ends the program on SIGINT and SIGTERM with a word, whatever the guest is doing. Files that are being
/// written have no name yet, so nothing is left behind.
///
/// A thread that waits for signals would do as well and cost every start a tenth of a millisecond.
pub(crate) fn install() {
    for (signal, message) in [
        (SIGINT, "error: interrupted\n"),
        (SIGTERM, "error: terminated\n"),
    ] {
        // SAFETY: a signal handler may only call async-signal-safe functions; these are `write` and `_exit`.
        let registered = unsafe {
            register(signal, move || {
                // Nothing can be done about a standard error that cannot be written.
                let _ = rustix::io::write(rustix::stdio::stderr(), message.as_bytes());
                exit(128 + signal);
            })
        };
        // Without the handler the signal ends the program all the same, without a word.
        drop(registered);
    }
}
