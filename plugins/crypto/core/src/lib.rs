//! Cryptography for guests: the core of the official plugin `crypto`.
//!
//! [`Session`] has one method for each function of WASI-Crypto (witx-0.10); a guest instance has a session of its own, and
//! all sessions of a host [share](Shared) its configuration and its secrets store. Nothing here knows of WebAssembly: the
//! plugin's two faces translate pointers and handles, and nothing else.

mod algorithms;
pub mod asymmetric;
mod config;
mod error;
mod handle;
mod options;
mod random;
mod secrets;
pub mod session;
mod symmetric;
mod types;
mod wiped;

pub use algorithms::{AlgorithmInfo, algorithms};
pub use config::{Config, ConfigError, Limits, Shared};
pub use error::{Errno, Result};
pub use handle::Handle;
pub use options::Options;
pub use secrets::StoreError;
pub use session::{IDENTIFIER_BYTES, LONG, Session};
pub use types::{
    AlgorithmType, KeypairEncoding, PublickeyEncoding, SecretkeyEncoding, SignatureEncoding,
    version,
};
