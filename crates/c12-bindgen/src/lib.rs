//! From the WIT of a plugin to what its author writes against.
//!
//! - [`World`] reads a world and checks that a plugin can provide it: it only exports, and only what ABI 1 has.
//! - [`layout`] says where each part of a value lies in memory.
//! - [`c`], [`cpp`] and [`rust`] write the bindings for a language.
//!
//! The three languages share the rules: which types can be borrowed from the host, what is named how, and where
//! a value's parts are. `c12_plugin.h` has the contract itself.
//!
//! ```
//! use c12_bindgen::{Options, World, c};
//!
//! let wit = "package example:text; world text { export reverse: func(text: string) -> string; }";
//! let world = World::from_text("text.wit", wit, None)?;
//! let header = c::header(&world, &Options::default())?;
//!
//! assert!(header.contains(
//!     "c12_status text_reverse(c12_call *call, C12_INSTANCE *instance, c12_string text, c12_string *result);"
//! ));
//! # Ok::<(), c12_bindgen::Error>(())
//! ```

pub mod c;
pub mod cpp;
mod error;
mod facts;
pub mod layout;
pub mod names;
mod options;
mod print;
pub mod rust;
mod world;
mod writer;

pub use error::Error;
pub use options::{Blocking, Options};
pub use world::{Function, Interface, Kind, World};

/// The files that generated headers include, and one for the linker, by name: to be put beside them.
pub const HEADERS: [(&str, &str); 5] = [
    (
        "c12_plugin.h",
        include_str!("../../c12-plugin/include/c12_plugin.h"),
    ),
    (
        "c12_plugin_c.h",
        include_str!("../../c12-plugin/include/c12_plugin_c.h"),
    ),
    (
        "c12_plugin.hpp",
        include_str!("../../c12-plugin/include/c12_plugin.hpp"),
    ),
    (
        "c12_plugin_glue.hpp",
        include_str!("../../c12-plugin/include/c12_plugin_glue.hpp"),
    ),
    (
        "c12_plugin.map",
        include_str!("../../c12-plugin/include/c12_plugin.map"),
    ),
];
