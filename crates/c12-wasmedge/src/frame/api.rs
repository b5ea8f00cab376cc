//! The functions `WasmEdge_CallingFrame…`.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};

use super::guest::Shape;
use super::{CallingFrame, Realm};
use crate::abi::guard::{guard, warning};
use crate::instances::{MemoryInstance, ModuleInstance};

/// The module of the function that made the call: the guest's, or the plugin's own where no guest called.
///
/// # Safety
///
/// The frame is that of a call that has not returned.
unsafe fn calling_module(frame: &CallingFrame) -> Option<NonNull<ModuleInstance>> {
    // SAFETY: the caller's promise: realm and shape live as long as the call.
    let (realm, known) = unsafe {
        (
            frame.realm.as_ref(),
            frame.guest.map(|known| known.as_ref()),
        )
    };
    let shape = known.and_then(|known| realm.with(|caller| Shape::of_caller(known, caller))?);
    match shape {
        Some(shape) => Some(realm.guest_module(shape)),
        None => frame.own,
    }
}

pub(crate) unsafe extern "C" fn executor(frame: *const CallingFrame) -> *mut Realm {
    // SAFETY: the API's contract: the frame of a call that has not returned, or NULL.
    unsafe { frame.as_ref() }.map_or(ptr::null_mut(), |frame| frame.realm.as_ptr())
}

pub(crate) unsafe extern "C" fn module(frame: *const CallingFrame) -> *const ModuleInstance {
    guard(
        "WasmEdge_CallingFrameGetModuleInstance",
        ptr::null(),
        || {
            // SAFETY: the API's contract: the frame of a call that has not returned, or NULL.
            let module = unsafe { frame.as_ref().and_then(|frame| calling_module(frame)) };
            module.map_or(ptr::null(), |module| module.as_ptr().cast_const())
        },
    )
}

pub(crate) unsafe extern "C" fn memory(
    frame: *const CallingFrame,
    index: u32,
) -> *mut MemoryInstance {
    const NAME: &str = "WasmEdge_CallingFrameGetMemoryInstance";
    guard(NAME, ptr::null_mut(), || {
        // SAFETY: the API's contract: the frame of a call that has not returned, or NULL. The module lives as long as
        // the instance.
        let module = unsafe {
            frame
                .as_ref()
                .and_then(|frame| calling_module(frame))
                .map(|module| module.as_ref())
        };
        match module.and_then(|module| module.memory_at(index)) {
            Some(Ok(memory)) => memory.as_ptr(),
            Some(Err(reason)) => {
                warning(NAME, format_args!("no memory {index}: {reason}"));
                ptr::null_mut()
            }
            None => ptr::null_mut(),
        }
    })
}
