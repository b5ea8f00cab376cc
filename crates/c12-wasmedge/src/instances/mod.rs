//! Instances of modules, functions, tables, memories and globals.
//!
//! An instance is either one that a plugin made, or one that stands for something in a guest. What a plugin makes needs
//! no store: plugins make their modules before there is one. What stands for something in a guest can be used while
//! a call of that guest is in the plugin.

pub(crate) mod function;
pub(crate) mod global;
mod host_memory;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod table;
pub(crate) mod tag;

pub(crate) use function::{Body, FunctionInstance};
pub(crate) use global::GlobalInstance;
pub(crate) use memory::MemoryInstance;
pub(crate) use module::{Item, ModuleInstance};
pub(crate) use table::TableInstance;
pub(crate) use tag::TagInstance;
