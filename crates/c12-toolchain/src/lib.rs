//! What happens to WebAssembly before it runs.
//!
//! - [`detect`] tells what a file is from its bytes.
//! - [`inspect()`] reports what is in a module or component: imports, exports, the WIT world, features used, sizes,
//!   debug information.
//! - [`text`] turns the text format into the binary format.
//! - [`check_nesting`] guards decoders against types nested too deep for the stack.
//!
//! Nothing here runs or compiles code, and the crate does not depend on an engine. Every function takes bytes that
//! anyone may have written: malformed input of any kind gives an error with the offset, in bounded time and memory.
//!
//! # Example
//!
//! ```
//! use c12_toolchain::{InspectOptions, inspect};
//!
//! let module = br#"(module
//!     (import "env" "log" (func (param i32)))
//!     (memory (export "memory") 1)
//!     (func (export "main") i32.const 1 i32.extend8_s call 0))"#;
//! let report = inspect(module, &InspectOptions::default())?;
//!
//! assert_eq!(report.imports[0].module, "env");
//! assert_eq!(report.imports[0].item.ty.as_deref(), Some("(func (param i32))"));
//! assert_eq!(report.features[0].feature.id(), "sign-extension");
//! println!("{report}");
//! # Ok::<(), c12_toolchain::InspectError>(())
//! ```

pub mod detect;
pub mod inspect;
mod instances;
mod nesting;
mod printable;
pub mod text;

pub use inspect::report::{Provider, Report};
pub use inspect::{ImportName, InspectError, InspectOptions, inspect};
pub use instances::check_instances;
pub use nesting::check_nesting;
pub use printable::escape;
