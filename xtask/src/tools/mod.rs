//! What is installed for contributors, one file per tool, and the three places it comes from.

pub(crate) mod crates_io;
pub(crate) mod debian;
pub(crate) mod pypi;

pub(crate) mod boolector;
pub(crate) mod c_compiler;
pub(crate) mod llvm;
pub(crate) mod mdbook;
pub(crate) mod rust_for_guests;
pub(crate) mod wasm_component_ld;
pub(crate) mod wasmedge;
pub(crate) mod wasmtime;

pub(crate) use wasmedge::wasmedge;
pub(crate) use wasmtime::wasmtime;
