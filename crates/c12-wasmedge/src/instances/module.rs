//! `WasmEdge_ModuleInstance…`
#![allow(unsafe_code)]

pub(crate) mod api;
mod exports;

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use wasmtime::Extern;

pub(crate) use self::exports::{Exports, Item};

use super::{FunctionInstance, GlobalInstance, MemoryInstance, TableInstance, TagInstance};
use crate::abi::live::{Kind, Object};
use crate::abi::{Finalizer, guard, live};
use crate::frame::guest::{ExportKind, Shape};
use crate::frame::{Realm, barrier};

/// `WasmEdge_ModuleInstanceContext`.
#[derive(Debug)]
pub(crate) struct ModuleInstance {
    /// With a zero byte at the end.
    name: Box<[u8]>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Made by a plugin.
    Own {
        exports: RwLock<Exports>,
        data: *mut c_void,
        finalizer: Option<Finalizer>,
    },
    /// The module of a guest.
    Guest {
        realm: NonNull<Realm>,
        shape: Arc<Shape>,
        /// What the plugin has asked for, by the export's place.
        found: RwLock<Vec<Option<Item>>>,
    },
}

impl Object for ModuleInstance {
    const KIND: Kind = Kind::Module;
}

// SAFETY: the items behind the pointers are the module's own, and may be used by one thread after another; the host data is
// handled as `Callee` says. Lists are locked.
unsafe impl Send for ModuleInstance {}
// SAFETY: as above; a guest's items are made and used only by the thread that its realm lets in.
unsafe impl Sync for ModuleInstance {}

impl ModuleInstance {
    /// A module of a plugin, without exports. The finaliser is called with the data when the module goes.
    fn new(name: &[u8], data: *mut c_void, finalizer: Option<Finalizer>) -> Self {
        ModuleInstance {
            name: name.iter().copied().chain([0]).collect(),
            content: Content::Own {
                exports: RwLock::default(),
                data,
                finalizer,
            },
        }
    }

    /// Stands for the module of the guest that is calling, whose name is empty, as in WasmEdge.
    pub(crate) fn of_guest(realm: &Realm, shape: Arc<Shape>) -> Self {
        let found = RwLock::new(vec![None; shape.len()]);
        ModuleInstance {
            name: Box::new([0]),
            content: Content::Guest {
                realm: NonNull::from(realm),
                shape,
                found,
            },
        }
    }

    /// The name by which guests import from it.
    pub(crate) fn name(&self) -> &[u8] {
        self.name.split_last().map_or(&[], |(_, name)| name)
    }

    /// The exports of a plugin's module.
    pub(crate) fn exports(&self) -> Option<RwLockReadGuard<'_, Exports>> {
        match &self.content {
            Content::Own { exports, .. } => {
                Some(exports.read().unwrap_or_else(PoisonError::into_inner))
            }
            Content::Guest { .. } => None,
        }
    }

    fn exports_mut(&self) -> Option<RwLockWriteGuard<'_, Exports>> {
        match &self.content {
            Content::Own { exports, .. } => {
                Some(exports.write().unwrap_or_else(PoisonError::into_inner))
            }
            Content::Guest { .. } => None,
        }
    }

    fn host_data(&self) -> *mut c_void {
        match &self.content {
            Content::Own { data, .. } => *data,
            Content::Guest { .. } => std::ptr::null_mut(),
        }
    }

    /// The export of that kind and name.
    fn find(&self, kind: ExportKind, name: &[u8]) -> Option<Item> {
        match &self.content {
            Content::Own { .. } => self.exports()?.find(kind, name),
            Content::Guest { shape, .. } => self.guest_item(shape.find(kind, name)?),
        }
    }

    /// The item at a place of the guest's exports, which stays the same object.
    fn guest_item(&self, place: usize) -> Option<Item> {
        let Content::Guest {
            realm,
            shape,
            found,
        } = &self.content
        else {
            return None;
        };
        let known = found.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(item) = known.get(place).copied().flatten() {
            return Some(item);
        }
        drop(known);
        // SAFETY: the realm owns this object, so it lives as long.
        let realm = unsafe { realm.as_ref() };
        let item = realm.with(|caller| shape.item(caller, place))??;
        let item = match item {
            Extern::Func(function) => {
                Item::Function(realm.with(|caller| realm.function(caller, function))?)
            }
            Extern::Table(_) => Item::Table(live::lend(TableInstance::of_guest(realm, item)?)),
            Extern::Memory(_) | Extern::SharedMemory(_) => {
                Item::Memory(live::lend(MemoryInstance::of_guest(realm, item)?))
            }
            Extern::Global(_) => Item::Global(live::lend(GlobalInstance::of_guest(realm, item)?)),
            Extern::Tag(_) => Item::Tag(live::lend(TagInstance::of_guest(realm, item)?)),
        };
        let mut found = found.write().unwrap_or_else(PoisonError::into_inner);
        *found.get_mut(place)? = Some(item);
        Some(item)
    }

    /// The memory of that index, or why it cannot be had; `None` if there is none.
    pub(crate) fn memory_at(
        &self,
        index: u32,
    ) -> Option<Result<NonNull<MemoryInstance>, &'static str>> {
        match &self.content {
            Content::Own { .. } => self.exports()?.memory_at(index).map(Ok),
            Content::Guest { shape, .. } => match shape.memory(index)? {
                Err(reason) => Some(Err(reason)),
                Ok(place) => match self.guest_item(place)? {
                    Item::Memory(memory) => Some(Ok(memory)),
                    _ => None,
                },
            },
        }
    }

    /// Calls back with the names of all exports of a kind, which end with a zero byte.
    fn names<R>(
        &self,
        kind: ExportKind,
        use_them: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> R,
    ) -> R {
        match &self.content {
            Content::Own { exports, .. } => {
                let exports = exports.read().unwrap_or_else(PoisonError::into_inner);
                use_them(&mut exports.names(kind))
            }
            Content::Guest { shape, .. } => {
                use_them(&mut shape.of_kind(kind).map(|(_, export)| export.terminated()))
            }
        }
    }
}

/// First the finaliser, then what the module owns, as in WasmEdge: finalisers may still use the module's items.
impl Drop for ModuleInstance {
    fn drop(&mut self) {
        match &mut self.content {
            Content::Own {
                exports,
                data,
                finalizer,
            } => {
                if let Some(finalizer) = finalizer.take() {
                    // SAFETY: the plugin gave it for this, with this data; it is called once, and the plugin is loaded as long
                    // as its modules are alive.
                    let finished = unsafe { barrier::call(|| finalizer(*data)) };
                    if finished.is_none() {
                        guard::failed("finaliser of a module's host data", "threw an exception");
                    }
                }
                let exports = exports.get_mut().unwrap_or_else(PoisonError::into_inner);
                // SAFETY: the module adopted them, and frees them once; with the module gone, the plugin may not use them.
                unsafe { exports.free() };
            }
            Content::Guest { found, .. } => {
                let found = found.get_mut().unwrap_or_else(PoisonError::into_inner);
                for item in found.drain(..).flatten() {
                    // Functions belong to the realm.
                    if !matches!(item, Item::Function(_)) {
                        // SAFETY: as above, with the guest gone.
                        unsafe { item.free() };
                    }
                }
            }
        }
    }
}

/// The kinds of items, for the functions of the API that are alike for all of them.
trait Exported: Object + Sized {
    const EXPORT: ExportKind;
    fn from_item(item: Item) -> Option<NonNull<Self>>;
    fn into_item(pointer: NonNull<Self>) -> Item;
}

macro_rules! exported {
    ($($type:ident $kind:ident)*) => {$(
        impl Exported for $type {
            const EXPORT: ExportKind = ExportKind::$kind;
            fn from_item(item: Item) -> Option<NonNull<Self>> {
                match item {
                    Item::$kind(pointer) => Some(pointer),
                    _ => None,
                }
            }
            fn into_item(pointer: NonNull<Self>) -> Item {
                Item::$kind(pointer)
            }
        }
    )*};
}

exported! {
    FunctionInstance Function
    TableInstance Table
    MemoryInstance Memory
    GlobalInstance Global
    TagInstance Tag
}
