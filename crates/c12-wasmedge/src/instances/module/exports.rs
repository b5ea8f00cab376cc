//! What a plugin put into a module.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ptr::NonNull;

use super::{FunctionInstance, GlobalInstance, MemoryInstance, TableInstance, TagInstance};
use crate::abi::live;
use crate::frame::guest::ExportKind;

/// Something that a module exports.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    Function(NonNull<FunctionInstance>),
    Table(NonNull<TableInstance>),
    Memory(NonNull<MemoryInstance>),
    Global(NonNull<GlobalInstance>),
    Tag(NonNull<TagInstance>),
}

impl Item {
    /// Frees the item.
    ///
    /// # Safety
    ///
    /// As [`live::free`].
    pub(super) unsafe fn free(self) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Item::Function(function) => live::free(function),
                Item::Table(table) => live::free(table),
                Item::Memory(memory) => live::free(memory),
                Item::Global(global) => live::free(global),
                Item::Tag(tag) => live::free(tag),
            }
        }
    }
}

/// The exports of a module, each kind by itself: items of different kinds may have the same name.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    functions: Named,
    tables: Named,
    memories: Named,
    globals: Named,
    tags: Named,
    /// All that was ever added, in that order: what a later one of the same name replaces stays alive.
    owned: Vec<Item>,
}

/// By name, without the zero byte; the stored name has it. The order is that of the names' bytes.
type Named = BTreeMap<Box<[u8]>, (Box<[u8]>, Item)>;

impl Exports {
    fn named(&self, kind: ExportKind) -> &Named {
        match kind {
            ExportKind::Function => &self.functions,
            ExportKind::Table => &self.tables,
            ExportKind::Memory => &self.memories,
            ExportKind::Global => &self.globals,
            ExportKind::Tag => &self.tags,
        }
    }

    /// Adds an item, which is freed with the module.
    pub(super) fn add(&mut self, kind: ExportKind, name: &[u8], item: Item) {
        self.owned.push(item);
        let named = match kind {
            ExportKind::Function => &mut self.functions,
            ExportKind::Table => &mut self.tables,
            ExportKind::Memory => &mut self.memories,
            ExportKind::Global => &mut self.globals,
            ExportKind::Tag => &mut self.tags,
        };
        // The stored name of a replaced item stays where it is: plugins may have a view of it.
        named
            .entry(name.into())
            .and_modify(|(_, there)| *there = item)
            .or_insert_with(|| (name.iter().copied().chain([0]).collect(), item));
    }

    /// The item of that kind and name.
    pub(crate) fn find(&self, kind: ExportKind, name: &[u8]) -> Option<Item> {
        self.named(kind).get(name).map(|(_, item)| *item)
    }

    /// The names of a kind, with a zero byte at the end.
    pub(crate) fn names(&self, kind: ExportKind) -> impl Iterator<Item = &[u8]> {
        self.named(kind).values().map(|(name, _)| &**name)
    }

    /// The functions with their names.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&[u8], NonNull<FunctionInstance>)> {
        self.functions
            .iter()
            .filter_map(|(name, (_, item))| match item {
                Item::Function(function) => Some((&**name, *function)),
                _ => None,
            })
    }

    /// The memory that was added as that one.
    pub(super) fn memory_at(&self, index: u32) -> Option<NonNull<MemoryInstance>> {
        self.owned
            .iter()
            .filter_map(|item| match item {
                Item::Memory(memory) => Some(*memory),
                _ => None,
            })
            .nth(index as usize)
    }

    /// Frees all items: functions, then tables, memories and globals, as in WasmEdge.
    ///
    /// # Safety
    ///
    /// As [`live::free`].
    pub(super) unsafe fn free(&mut self) {
        let order = |item: &Item| match item {
            Item::Function(_) => 0,
            Item::Table(_) => 1,
            Item::Memory(_) => 2,
            Item::Global(_) => 3,
            Item::Tag(_) => 4,
        };
        self.owned.sort_by_key(order);
        for item in self.owned.drain(..) {
            // SAFETY: the caller's promise; each item was added once.
            unsafe { item.free() };
        }
    }
}
