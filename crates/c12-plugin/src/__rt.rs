//! What generated code calls. Not for authors: it changes with the generator.
//!
//! What the macros refuse:
//!
//! ```compile_fail
//! // It imports a function.
//! c12_plugin::generate!({ inline: "package a:b; world w { import f: func(); export g: func(); }" });
//! ```
//!
//! ```compile_fail
//! // There is no such file.
//! c12_plugin::generate!({ path: "no/such/file.wit" });
//! ```
//!
//! ```compile_fail
//! // There is no such function.
//! c12_plugin::generate!({
//!     inline: "package a:b; world w { export g: func(); }",
//!     blocking: ["h"],
//! });
//! ```
//!
//! ```compile_fail
//! // There is no such key.
//! c12_plugin::generate!({ inline: "package a:b; world w { export g: func(); }", wolrd: "w" });
//! ```
//!
//! ```compile_fail
//! // The instance does not have the traits of the world.
//! c12_plugin::generate!({ inline: "package a:b; world w { export g: func(); }" });
//! struct P;
//! impl c12_plugin::Plugin for P {
//!     type Instance = P;
//!     fn open(_: &c12_plugin::Settings<'_>) -> c12_plugin::Result<Self> { Ok(P) }
//!     fn instantiate(&self) -> c12_plugin::Result<Self> { Ok(P) }
//! }
//! c12_plugin::export!(P);
//! fn main() {}
//! ```
//!
//! ```compile_fail
//! // The name is no name of a plugin.
//! c12_plugin::generate!({ inline: "package a:b; world w { export g: func(); }" });
//! struct P;
//! impl c12_plugin::Plugin for P {
//!     const NAME: Option<&'static str> = Some("a plugin");
//!     type Instance = P;
//!     fn open(_: &c12_plugin::Settings<'_>) -> c12_plugin::Result<Self> { Ok(P) }
//!     fn instantiate(&self) -> c12_plugin::Result<Self> { Ok(P) }
//! }
//! impl Guest for P {
//!     fn g(&mut self) -> c12_plugin::Result<()> { Ok(()) }
//! }
//! c12_plugin::export!(P);
//! fn main() {}
//! ```

mod calls;
mod compound;
pub(crate) mod describe;
mod flags;
pub(crate) mod host;
mod lifecycle;
mod memory;
mod native;
mod panics;
mod scalars;
mod spans;

pub use core::option::Option::{self, None, Some};
pub use core::result::Result::{self, Err, Ok};

pub use crate::abi;
pub use crate::error::Error;
pub use crate::resource::Own;

pub use calls::{answer, borrowed, exclusive, instance, owned};
pub use describe::{About, Exports, Shared, check_layout, export, keys, pack, packed_size};
pub use host::connect;
pub use lifecycle::{close, drop_instance, instantiate, open};
pub use memory::Memory;
pub use native::{Lift, Lower, Native, Plain, lift, lower, no_case, put_tag, tag};
pub use spans::{lift_plain_list, lower_plain_list};

pub use crate::{__flags as flags, __plain as plain, __plain_lists as plain_lists};
