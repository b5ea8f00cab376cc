//! For authors of native plugins for C12: shared libraries that give WebAssembly guests what the machine can do.
//!
//! A plugin says in WIT what it provides. [`generate!`] turns the WIT into traits, [`export!`] turns a type that has
//! them into a library:
//!
//! ```
//! c12_plugin::generate!({ inline: "
//!     package example:text;
//!     interface tools { reverse: func(text: string) -> string; }
//!     world text { export tools; }
//! " });
//!
//! struct Text;
//! struct Tools;
//!
//! impl c12_plugin::Plugin for Text {
//!     const DESCRIPTION: &'static str = "Turns text around";
//!     type Instance = Tools;
//!
//!     fn open(_: &c12_plugin::Settings<'_>) -> c12_plugin::Result<Self> {
//!         Ok(Text)
//!     }
//!
//!     fn instantiate(&self) -> c12_plugin::Result<Tools> {
//!         Ok(Tools)
//!     }
//! }
//!
//! impl exports::example::text::tools::Guest for Tools {
//!     fn reverse(&mut self, text: &str) -> c12_plugin::Result<String> {
//!         Ok(text.chars().rev().collect())
//!     }
//! }
//!
//! c12_plugin::export!(Text);
//! # fn main() {}
//! ```
//!
//! The crate of a plugin is a `cdylib`. `c12_plugin.h`, in the folder `include` of this crate, says what such a
//! library and C12 say to each other; plugins in C and C++ are written against it.
//!
//! # WIT in Rust
//!
//! | WIT | parameter | result, field |
//! |---|---|---|
//! | `bool`, `u8` … `f64`, `char` | the same | the same |
//! | `string` | `&str` | `String` |
//! | `list<T>` of numbers, or of records of nothing but numbers | `&[T]` | `Vec<T>` |
//! | `list<T>` of anything else | `Vec` of T as a parameter: `Vec<&str>` | `Vec<T>` |
//! | `option`, `result`, `tuple` | the same, of their parts as parameters | the same |
//! | `record`, `variant`, `enum`, `flags` | a type of that name | the same |
//! | `own<R>` | [`Own<R>`] | [`Own<R>`] |
//! | `borrow<R>` | `&RefCell<R>` | |
//!
//! `&str` and `&[T]` are the guest's own memory, or the host's: nothing is copied. Results are kept as they are until
//! the host has taken them.
//!
//! A function returns [`Result`]: an `Err` traps, as does a panic. What a guest should handle is a `result` in the WIT;
//! such a function returns `c12_plugin::Result<Result<T, E>>`.
//!
//! # Features
//!
//! - `sdk`, on by default: all of the above.
//! - `harness`: runs plugins without a guest, for tests.
//! - Without either there is only [`abi`], for hosts.

// What crosses a C ABI cannot be checked by the compiler; every block says why it holds.
#![allow(unsafe_code)]

#[cfg(feature = "sdk")]
#[doc(hidden)]
pub mod __rt;
pub mod abi;
#[cfg(feature = "sdk")]
mod error;
#[cfg(feature = "harness")]
pub mod harness;
#[cfg(feature = "sdk")]
pub mod log;
#[cfg(feature = "sdk")]
mod plugin;
#[cfg(feature = "sdk")]
mod resource;
#[cfg(feature = "sdk")]
mod settings;

#[cfg(feature = "sdk")]
pub use {
    c12_plugin_macro::generate,
    error::{Error, Result},
    plugin::Plugin,
    resource::Own,
    settings::{Key, Settings},
};
