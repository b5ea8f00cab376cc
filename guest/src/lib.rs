//! The guest SDK of C12: what a program needs when it runs *inside* a WebAssembly sandbox.
//!
//! | module | what it gives | targets |
//! |---|---|---|
//! | [`crypto`] | encryption, signatures and the rest, done by the host | all; outside of a sandbox there is no host to do it |
//! | [`nn`] | models that the host runs: images, text, meanings | all; outside of a sandbox there is no host to run them |
//! | [`cli`] | failures with an exit code and one clear message | all |
//! | [`log`] | structured logs, one JSON object a line, on standard error | all |
//! | `http` | a small typed client over `wasi:http`, several requests at once | `wasm32-wasip2` |
//!
//! "All" is `wasm32-wasip1`, `wasm32-wasip2` and the host, so that a guest's own logic can be tested natively.
//! The crate and everything it depends on compile with Rust 1.85.
//!
//! The numbered programs in `examples/` show each piece at work.

pub mod cli;
pub mod crypto;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
pub mod http;
pub mod log;
pub mod nn;
