//! Memory with an end, for the models of guests.
//!
//! ONNX Runtime takes what a model asks for, and a few bytes of a model can ask for all that there is. Sessions with this
//! arena fail instead. It counts what is asked of it and not what is reserved, as the library does for weights that it
//! packs and for patterns that it has planned, so these sessions do neither; and they give back what a run took, since
//! nobody else can have it before.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ptr;

use ort::environment::Environment;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::RunOptions;
use ort::session::builder::SessionBuilder;
use ort::{AsPointer as _, Error, Result};

/// `kSameAsRequested`: the arena grows by what is asked for, not by powers of two.
const AS_REQUESTED: c_int = 1;
/// The library's choice.
const DEFAULT: c_int = -1;

/// What its sessions give back after a run: the arena of the processor.
const ARENA: &str = "cpu:0";

/// Gives the environment an arena of at most so many bytes, which sessions share that ask for the environment's
/// allocators.
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
    // Nothing would mean the library's choice.
    let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
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

/// Has a session take its memory there.
///
/// # Errors
///
/// The library refuses.
pub(super) fn use_in(session: SessionBuilder) -> Result<SessionBuilder> {
    Ok(session
        .with_env_allocators()?
        .with_prepacking(false)?
        .with_memory_pattern(false)?
        // It computes in memory of its own.
        .with_disabled_optimizers("ConstantFolding")?)
}

/// Has a run give back what it took.
///
/// # Errors
///
/// The library refuses.
pub(super) fn give_back(run: &mut RunOptions) -> Result<()> {
    run.set("memory.enable_memory_arena_shrinkage", ARENA)
}

/// Whether that is the arena's refusal.
pub(super) fn is_exhausted(error: &Error) -> bool {
    error.message().contains("Available memory of")
}
