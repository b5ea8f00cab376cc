//! # C12: run WebAssembly in your own program
//!
//! The runtime behind the `c12` program: core modules (WebAssembly 3.0, WASI 0.1) and components
//! (WASI 0.2 and 0.3), with limits, a compile cache, and plugins that provide what guests import.
//!
//! Bytes become a [`Workload`] through an [`Engine`], which compiles them or finds them compiled. A
//! [`Host`] says what guests are granted and who provides their imports; [`Host::link`] fills the
//! imports, and [`Linked::run`] makes an instance and runs it. A guest is granted nothing by default.
//!
//! ```
//! use c12::{Capture, Engine, Error, Host, Limits, Output};
//! use std::time::Duration;
//!
//! // A program that writes one line with WASI 0.1, in text form; a file works the same way.
//! const GREETING: &str = r#"(module
//!     (import "wasi_snapshot_preview1" "fd_write"
//!         (func $fd_write (param i32 i32 i32 i32) (result i32)))
//!     (memory (export "memory") 1)
//!     (data (i32.const 8) "Good morning!\n")
//!     (func (export "_start")
//!         (i32.store (i32.const 0) (i32.const 8))   ;; where the text is
//!         (i32.store (i32.const 4) (i32.const 14))  ;; how long it is
//!         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 24))))
//! )"#;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let engine = Engine::builder().cache(false).build()?;
//! let greeting = engine.load("greeting", GREETING.as_bytes())?;
//!
//! let mut limits = Limits::default();
//! limits.timeout = Some(Duration::from_secs(5));
//! limits.memory = 16 << 20;
//! let output = Capture::default();
//! let host = Host::builder().limits(limits).stdout(Output::Capture(output.clone())).build();
//!
//! let exit_code = host.run(&greeting).await?;
//! assert_eq!((exit_code, output.text().as_str()), (0, "Good morning!\n"));
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod artifact;
mod atomic_file;
mod cache;
mod context;
mod engine;
mod error;
mod folders;
mod host;
mod invoke;
mod kind;
mod limits;
pub mod plugin;
mod trap;
mod wasi;
mod wit;
mod workload;

pub use artifact::ArtifactError;
pub use bytes::Bytes;
pub use context::Context;
pub use engine::{Engine, EngineBuilder, Optimize, read};
pub use error::{Error, Reason};
pub use folders::{cache as cache_folder, state as state_folder};
pub use host::{Host, HostBuilder, Instance, Linked, RawInstance, ReloadOnHangup};
pub use limits::{LimitExceeded, LimitKind, Limits};
pub use trap::{Frame, Trap};
pub use wasi::{Capture, Directory, DirectoryError, Input, NetworkRule, NetworkRuleError, Output};
pub use wasmtime;
pub use workload::{Callable, Role, Workload};
