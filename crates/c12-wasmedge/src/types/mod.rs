//! Types of functions, tables, memories, globals and tags.
//!
//! Each user of a type copies it, so a plugin may delete it right after use. Types that an instance hands out are part
//! of the instance, and its first member: plugins exist that pass the instance where its type is wanted.

pub(crate) mod api;
pub(crate) mod functions;

use std::sync::{Mutex, PoisonError};

use crate::abi::live::{Kind, Object};
use crate::abi::{Limit, ValType};
pub(crate) use functions::FunctionType;

/// `WasmEdge_TableTypeContext`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct TableType {
    /// What it holds.
    pub(crate) element: ValType,
    /// Sizes in elements.
    pub(crate) bounds: Bounds,
}

/// `WasmEdge_MemoryTypeContext`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct MemoryType {
    /// Sizes in pages of 64 KiB.
    pub(crate) bounds: Bounds,
}

/// `WasmEdge_GlobalTypeContext`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalType {
    pub(crate) content: ValType,
    pub(crate) mutable: bool,
}

/// `WasmEdge_TagTypeContext`.
#[derive(Debug)]
pub(crate) struct TagType {
    pub(crate) function: FunctionType,
}

/// Sizes, of which the smaller one follows the current size in an instance's type.
#[derive(Debug)]
pub(crate) struct Bounds(Mutex<Sizes>);

/// A size, and the one that it may not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) shared: bool,
}

impl Bounds {
    pub(crate) fn new(sizes: Sizes) -> Self {
        Bounds(Mutex::new(sizes))
    }

    pub(crate) fn get(&self) -> Sizes {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the current size.
    pub(crate) fn grown_to(&self, size: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).min = size;
    }
}

impl Clone for Bounds {
    fn clone(&self) -> Self {
        Bounds::new(self.get())
    }
}

impl Clone for TableType {
    fn clone(&self) -> Self {
        TableType {
            element: self.element,
            bounds: self.bounds.clone(),
        }
    }
}

impl Clone for MemoryType {
    fn clone(&self) -> Self {
        MemoryType {
            bounds: self.bounds.clone(),
        }
    }
}

impl Sizes {
    /// For tables, which are never shared.
    pub(crate) fn of_table(limit: Limit) -> Self {
        Sizes {
            min: limit.min,
            max: (limit.has_max != 0).then_some(limit.max),
            shared: false,
        }
    }

    /// For memories. Those that are shared always have a maximum.
    pub(crate) fn of_memory(limit: Limit) -> Self {
        let shared = limit.shared != 0;
        Sizes {
            min: limit.min,
            max: (shared || limit.has_max != 0).then_some(limit.max),
            shared,
        }
    }

    /// Without a maximum, that member repeats the minimum.
    pub(crate) fn to_limit(self) -> Limit {
        Limit {
            has_max: self.max.is_some().into(),
            shared: self.shared.into(),
            min: self.min,
            max: self.max.unwrap_or(self.min),
        }
    }
}

impl Object for FunctionType {
    const KIND: Kind = Kind::FunctionType;
}

impl Object for TableType {
    const KIND: Kind = Kind::TableType;
}

impl Object for MemoryType {
    const KIND: Kind = Kind::MemoryType;
}

impl Object for GlobalType {
    const KIND: Kind = Kind::GlobalType;
}
