//! `WasmEdge_MemoryInstance…`
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

use wasmtime::{Extern, Memory, SharedMemory};

use super::host_memory::{HostMemory, PAGE};
use crate::abi::guard::{failed, guard};
use crate::abi::live::{Kind, Object};
use crate::abi::{Code, live};
use crate::frame::Realm;
use crate::types::{Bounds, MemoryType, Sizes};

/// `WasmEdge_MemoryInstanceContext`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct MemoryInstance {
    /// The first member: see [`crate::types`].
    ty: MemoryType,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Made by the plugin.
    Own(Mutex<HostMemory>),
    /// A memory of a guest.
    Guest {
        realm: NonNull<Realm>,
        memory: Memory,
    },
    /// A memory of a guest that threads share, which needs no store.
    Shared(SharedMemory),
}

impl Object for MemoryInstance {
    const KIND: Kind = Kind::Memory;
}

impl MemoryInstance {
    /// Stands for a memory of the guest that is calling.
    pub(super) fn of_guest(realm: &Realm, item: Extern) -> Option<Self> {
        let (ty, body) = match item {
            Extern::Memory(memory) => {
                let ty = realm.with(|caller| memory.ty(&*caller))?;
                let realm = NonNull::from(realm);
                (ty, Body::Guest { realm, memory })
            }
            Extern::SharedMemory(memory) => (memory.ty(), Body::Shared(memory)),
            _ => return None,
        };
        let pages = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
        let bounds = Bounds::new(Sizes {
            min: pages(ty.minimum()),
            max: ty.maximum().map(pages),
            shared: ty.is_shared(),
        });
        Some(MemoryInstance {
            ty: MemoryType { bounds },
            body,
        })
    }

    /// The bytes and their number, if they can be reached now.
    fn view(&self) -> Option<(*mut u8, usize)> {
        match &self.body {
            Body::Own(memory) => Some(lock(memory).view()),
            Body::Guest { realm, memory } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                realm.with(|caller| (memory.data_ptr(&*caller), memory.data_size(&*caller)))
            }
            Body::Shared(memory) => {
                let data = memory.data();
                Some((data.as_ptr().cast_mut().cast(), data.len()))
            }
        }
    }

    /// The place of a range, if it is within the memory.
    fn range(&self, offset: u32, length: u32) -> Result<*mut u8, Code> {
        let (base, size) = self.view().ok_or(Code::WRONG_WORKFLOW)?;
        if u64::from(offset) + u64::from(length) > size as u64 {
            return Err(Code::MEMORY_BOUNDS);
        }
        Ok(base.wrapping_add(offset as usize))
    }

    fn pages(&self) -> Option<u32> {
        let (_, size) = self.view()?;
        u32::try_from(size / PAGE).ok()
    }

    fn grow(&self, pages: u32) -> Result<(), Code> {
        let grown = match &self.body {
            Body::Own(memory) => lock(memory).grow(pages),
            Body::Guest { realm, memory } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                realm
                    .with(|caller| {
                        // The engine's pages may be smaller ones.
                        let delta = u64::from(pages) * (PAGE as u64) / memory.page_size(&*caller);
                        memory.grow(&mut *caller, delta).is_ok()
                    })
                    .ok_or(Code::WRONG_WORKFLOW)?
            }
            Body::Shared(memory) => memory.grow(pages.into()).is_ok(),
        };
        if !grown {
            return Err(Code::MEMORY_BOUNDS);
        }
        Ok(())
    }
}

fn lock(memory: &Mutex<HostMemory>) -> std::sync::MutexGuard<'_, HostMemory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Logs what the plugin gets as a code.
fn told(function: &'static str, outcome: Result<(), Code>) -> Code {
    match outcome {
        Ok(()) => Code::SUCCESS,
        Err(Code::WRONG_WORKFLOW) => {
            failed(
                function,
                "the memory cannot be reached outside of a call from its guest",
            );
            Code::WRONG_WORKFLOW
        }
        Err(code) => {
            failed(function, code);
            code
        }
    }
}

pub(crate) unsafe extern "C" fn create(ty: *const MemoryType) -> *mut MemoryInstance {
    guard("WasmEdge_MemoryInstanceCreate", ptr::null_mut(), || {
        // SAFETY: the API's contract: a memory type, or NULL.
        let Some(ty) = (unsafe { ty.as_ref() }) else {
            return ptr::null_mut();
        };
        let memory = HostMemory::new(ty.bounds.get());
        live::give(MemoryInstance {
            ty: ty.clone(),
            body: Body::Own(Mutex::new(memory)),
        })
    })
}

/// The smaller size of the type is the current size.
pub(crate) unsafe extern "C" fn memory_type(memory: *const MemoryInstance) -> *const MemoryType {
    guard("WasmEdge_MemoryInstanceGetMemoryType", ptr::null(), || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        let Some(memory) = (unsafe { memory.as_ref() }) else {
            return ptr::null();
        };
        if let Some(pages) = memory.pages() {
            memory.ty.bounds.grown_to(pages);
        }
        &raw const memory.ty
    })
}

pub(crate) unsafe extern "C" fn read(
    memory: *const MemoryInstance,
    data: *mut u8,
    offset: u32,
    length: u32,
) -> Code {
    const NAME: &str = "WasmEdge_MemoryInstanceGetData";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        let (Some(memory), false) = (unsafe { memory.as_ref() }, data.is_null()) else {
            return Code::WRONG_WORKFLOW;
        };
        let outcome = memory.range(offset, length).map(|from| {
            // SAFETY: the range is within the memory; the API's contract: a buffer of that length, which may be
            // in the same memory.
            unsafe { ptr::copy(from, data, length as usize) };
        });
        told(NAME, outcome)
    })
}

pub(crate) unsafe extern "C" fn write(
    memory: *mut MemoryInstance,
    data: *const u8,
    offset: u32,
    length: u32,
) -> Code {
    const NAME: &str = "WasmEdge_MemoryInstanceSetData";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        let (Some(memory), false) = (unsafe { memory.as_ref() }, data.is_null()) else {
            return Code::WRONG_WORKFLOW;
        };
        let outcome = memory.range(offset, length).map(|to| {
            // SAFETY: the range is within the memory; the API's contract: a buffer of that length, which may be
            // in the same memory.
            unsafe { ptr::copy(data, to, length as usize) };
        });
        told(NAME, outcome)
    })
}

/// The pointer is good until the memory grows or the guest goes on; where the engine reserves the address space of
/// its memories, as it does by default on 64-bit machines, growth does not move them.
pub(crate) unsafe extern "C" fn pointer(
    memory: *mut MemoryInstance,
    offset: u32,
    length: u32,
) -> *mut u8 {
    guard("WasmEdge_MemoryInstanceGetPointer", ptr::null_mut(), || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        unsafe { memory.as_ref() }
            .and_then(|memory| memory.range(offset, length).ok())
            .unwrap_or(ptr::null_mut())
    })
}

pub(crate) unsafe extern "C" fn pointer_const(
    memory: *const MemoryInstance,
    offset: u32,
    length: u32,
) -> *const u8 {
    // SAFETY: the same contract; nothing is written through the memory's pointer.
    unsafe { pointer(memory.cast_mut(), offset, length) }
}

pub(crate) unsafe extern "C" fn pages(memory: *const MemoryInstance) -> u32 {
    guard("WasmEdge_MemoryInstanceGetPageSize", 0, || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        unsafe { memory.as_ref() }
            .and_then(MemoryInstance::pages)
            .unwrap_or(0)
    })
}

pub(crate) unsafe extern "C" fn grow(memory: *mut MemoryInstance, pages: u32) -> Code {
    const NAME: &str = "WasmEdge_MemoryInstanceGrowPage";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a memory instance, or NULL.
        match unsafe { memory.as_ref() } {
            Some(memory) => told(NAME, memory.grow(pages)),
            None => Code::WRONG_WORKFLOW,
        }
    })
}

pub(crate) unsafe extern "C" fn delete(memory: *mut MemoryInstance) {
    guard("WasmEdge_MemoryInstanceDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_MemoryInstanceDelete", memory) }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Limit;
    use crate::types::api as types;

    fn memory() -> *mut MemoryInstance {
        let ty = types::memory_create(Limit {
            has_max: 1,
            shared: 0,
            min: 1,
            max: 2,
        });
        // SAFETY: a live type, of which the memory makes a copy.
        unsafe {
            let memory = create(ty);
            types::memory_delete(ty);
            memory
        }
    }

    #[test]
    fn ranges_are_checked_to_the_byte() {
        let memory = memory();
        let mut data = [1, 2, 3, 4];
        let end = PAGE as u32;
        // SAFETY: a live memory, and buffers of the lengths given.
        unsafe {
            assert_eq!(write(memory, data.as_ptr(), end - 4, 4), Code::SUCCESS);
            assert_eq!(
                write(memory, data.as_ptr(), end - 3, 4),
                Code::MEMORY_BOUNDS
            );
            assert_eq!(
                write(memory, data.as_ptr(), u32::MAX, 4),
                Code::MEMORY_BOUNDS
            );
            assert_eq!(write(memory, data.as_ptr(), end, 0), Code::SUCCESS);
            assert_eq!(
                write(memory, data.as_ptr(), end + 1, 0),
                Code::MEMORY_BOUNDS
            );
            assert_eq!(write(memory, ptr::null(), 0, 0), Code::WRONG_WORKFLOW);
            data = [0; 4];
            assert_eq!(read(memory, data.as_mut_ptr(), end - 4, 4), Code::SUCCESS);
            assert_eq!(data, [1, 2, 3, 4]);
            let base = pointer(memory, 0, end);
            assert_eq!(pointer(memory, end, 0), base.add(PAGE));
            assert!(pointer(memory, 0, end + 1).is_null() && !base.is_null());
            delete(memory);
        }
    }

    #[test]
    fn the_type_follows_the_size() {
        let memory = memory();
        // SAFETY: a live memory.
        unsafe {
            let base = pointer(memory, 0, 1);
            assert_eq!(grow(memory, 1), Code::SUCCESS);
            assert_eq!(grow(memory, 1), Code::MEMORY_BOUNDS);
            assert_eq!((pages(memory), pointer(memory, 0, 1)), (2, base));
            assert_eq!(types::memory_limit(memory_type(memory)).min, 2);
            assert_eq!(grow(ptr::null_mut(), 1), Code::WRONG_WORKFLOW);
            delete(memory);
        }
    }
}
