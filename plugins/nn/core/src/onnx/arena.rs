//! Memory with an end, for the models of guests.
//!
//! ONNX Runtime takes what a model asks for, and a few bytes of a model can ask for all that there is. Sessions with this
//! arena fail instead.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ptr;

use ort::environment::Environment;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::{AsPointer as _, Error, Result};

/// `kSameAsRequested`: the arena grows by what is asked for, not by powers of two.
const AS_REQUESTED: c_int = 1;
/// The library's choice.
const DEFAULT: c_int = -1;

/// Gives the environment an arena of at most so many bytes, which sessions share that ask for the environment's
/// allocators. It keeps what it has once taken.
///
/// # Errors
///
/// The library refuses, such as where there is one already.
pub(super) fn register(environment: &mut Environment, most: u64) -> Result<()> {
    let memory = MemoryInfo::new(
        AllocationDevice::CPU,
        0,
        AllocatorType::Arena,
        MemoryType::Default,
    )?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut configuration = ptr::null_mut();
    // SAFETY: the library writes a pointer to a configuration, or returns a status, which is taken over.
    unsafe {
        Error::result_from_status((ort::api().CreateArenaCfg)(
            most,
            AS_REQUESTED,
            DEFAULT,
            DEFAULT,
            &raw mut configuration,
        ))
    }?;
    // SAFETY: all three live, and the library copies what it keeps of the last two.
    let registered = unsafe {
        Error::result_from_status((ort::api().CreateAndRegisterAllocator)(
            environment.ptr_mut(),
            memory.ptr(),
            configuration,
        ))
    };
    // SAFETY: it was made above, and is not used any more.
    unsafe { (ort::api().ReleaseArenaCfg)(configuration) };
    registered
}
