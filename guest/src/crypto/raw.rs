//! The functions of the WASI-Crypto specification, one by one and under its names.
//!
//! The typed modules stand on these. They are here for what is not typed: algorithms that are named at run time, options,
//! and encodings. Algorithms are the specification's strings.
//!
//! Core modules import the specification's `wasi_ephemeral_crypto_*` (witx 0.10), components its `wasi:crypto@0.11.0`;
//! the functions here are what both have. They differ from the specification in this:
//!
//! - Handles are closed when they are dropped, so there are no functions that close.
//! - What the specification returns as an array to be pulled arrives as a `Vec<u8>`.
//! - `options_set_guest_buffer` is missing: it lends the guest's memory to the host for longer than the call, which no
//!   safe function can do, and components have deprecated it.
//!
//! ```no_run
//! use c12_wasm::crypto::raw::*;
//!
//! let state = symmetric_state_open("SHA-256", None, None)?;
//! symmetric_state_absorb(&state, b"abc")?;
//! let digest = symmetric_state_squeeze(&state, 32)?;
//! assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
//! # Ok::<(), c12_wasm::crypto::Error>(())
//! ```

mod asymmetric;
mod batch;
mod common;
mod external_secrets;
mod kx;
mod signatures;
mod symmetric;

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
mod witx;
#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
use witx as host;

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wit;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
use wit as host;

use super::Error;

pub use asymmetric::*;
pub use batch::*;
pub use common::*;
pub use external_secrets::*;
pub use kx::*;
pub use signatures::*;
pub use symmetric::*;

/// What an operation gives.
pub type Result<T> = std::result::Result<T, Error>;

/// Declares the types of handles.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(
            #[cfg(target_os = "wasi")] pub(in crate::crypto::raw) super::host::handles::$name,
            // Without a host there are no handles.
            #[cfg(not(target_os = "wasi"))] pub(in crate::crypto::raw) std::convert::Infallible,
        );
    )*};
}
use handles;

/// Declares functions that the host has.
macro_rules! functions {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name($($argument: $type),*) -> super::Result<$result> {
            #[cfg(target_os = "wasi")]
            return super::host::$name($($argument),*);
            #[cfg(not(target_os = "wasi"))]
            {
                $(let _ = $argument;)*
                Err(super::Error::NotImplemented)
            }
        }
    )*};
}
use functions;

/// Says how many bytes a state with these options will be squeezed for. Where the function has a parameter for it, nobody has
/// to know before.
pub(super) fn announce(options: &Options, bytes: usize) -> Result<()> {
    #[cfg(all(target_os = "wasi", target_env = "p2"))]
    return options_set_u64(options, "output_len", bytes as u64);
    #[cfg(not(all(target_os = "wasi", target_env = "p2")))]
    {
        let _ = (options, bytes);
        Ok(())
    }
}

/// How many of so many bytes of what has no end can be had at once, without having announced them.
pub(super) fn piece(bytes: usize) -> usize {
    if cfg!(all(target_os = "wasi", target_env = "p2")) {
        bytes.min(32)
    } else {
        bytes
    }
}

/// So many random bytes of the host.
pub(super) fn random(bytes: usize) -> Result<Vec<u8>> {
    #[cfg(target_os = "wasi")]
    return host::random(bytes);
    #[cfg(not(target_os = "wasi"))]
    {
        let _ = bytes;
        Err(Error::NotImplemented)
    }
}
