//! Lines in the host's log, under the plugin's name.
//!
//! Each level has a function for what is at hand and a macro for what is to be formatted. They may be called from
//! any thread. Outside of a host, as in a unit test, lines go to standard error.
//!
//! ```
//! use c12_plugin::log;
//!
//! log::info("opened");
//! log::warn!("{} of {} connections are busy", 3, 4);
//! ```

use std::fmt;

use crate::__rt::host;
use crate::abi;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Level {
    /// Something failed.
    Error = abi::LOG_ERROR,
    /// Something is not as it should be.
    Warn = abi::LOG_WARN,
    /// Something that users want to know.
    Info = abi::LOG_INFO,
    /// What helps to find a fault.
    Debug = abi::LOG_DEBUG,
    /// Every step.
    Trace = abi::LOG_TRACE,
}

/// Logs a line.
pub fn log(level: Level, message: impl fmt::Display) {
    let message = message.to_string();
    if !host::log(level as u32, &message) {
        eprintln!("{level:?}: {message}");
    }
}

/// Something failed.
pub fn error(message: impl fmt::Display) {
    log(Level::Error, message);
}

/// Something is not as it should be.
pub fn warn(message: impl fmt::Display) {
    log(Level::Warn, message);
}

/// Something that users want to know.
pub fn info(message: impl fmt::Display) {
    log(Level::Info, message);
}

/// What helps to find a fault.
pub fn debug(message: impl fmt::Display) {
    log(Level::Debug, message);
}

/// Every step.
pub fn trace(message: impl fmt::Display) {
    log(Level::Trace, message);
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($line:tt)+) => { $crate::log::error(::core::format_args!($($line)+)) };
}
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($line:tt)+) => { $crate::log::warn(::core::format_args!($($line)+)) };
}
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($line:tt)+) => { $crate::log::info(::core::format_args!($($line)+)) };
}
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($line:tt)+) => { $crate::log::debug(::core::format_args!($($line)+)) };
}
#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace {
    ($($line:tt)+) => { $crate::log::trace(::core::format_args!($($line)+)) };
}

pub use crate::__log_debug as debug;
pub use crate::__log_error as error;
pub use crate::__log_info as info;
pub use crate::__log_trace as trace;
pub use crate::__log_warn as warn;
