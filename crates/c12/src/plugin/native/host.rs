//! What the host does for native plugins: the functions of `c12_host`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};

use c12_plugin::abi;

use crate::plugin::dynamic::memory::CallMemory;

/// One call as the host sees it; plugins have a pointer to it while they run.
#[repr(C)]
pub(super) struct Call {
    mark: u64,
    pub(super) memory: CallMemory,
    pub(super) failure: Option<String>,
}

/// A pointer that a plugin made up, or kept too long, hardly leads to this.
const MARK: u64 = 0xc12c_a11c_12ca_11c1;

/// Longer words are cut.
const LONGEST_MESSAGE: usize = 16 << 10;

impl Call {
    pub(super) fn new(memory: CallMemory) -> Self {
        Call {
            mark: MARK,
            memory,
            failure: None,
        }
    }

    pub(super) fn pointer(&mut self) -> *mut abi::Call {
        std::ptr::from_mut(self).cast()
    }

    /// What the plugin said when it failed.
    pub(super) fn failure(&mut self) -> String {
        self.failure
            .take()
            .unwrap_or_else(|| "it gave no reason".to_owned())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.mark = 0;
    }
}

/// The host's side of the contract, one for all plugins.
pub(super) static HOST: abi::Host = abi::Host {
    size: size_of::<abi::Host>(),
    abi: abi::ABI,
    reserved: 0,
    alloc,
    defer,
    fail,
    log,
};

/// # Safety
///
/// `call` must be null or what a function of a plugin was called with, and that function still run.
unsafe fn call<'a>(call: *mut abi::Call) -> Option<&'a mut Call> {
    let call: *mut Call = call.cast();
    if call.is_null() || !call.is_aligned() {
        return None;
    }
    // SAFETY: the caller says so. The host does not use the call while a plugin runs.
    let call = unsafe { &mut *call };
    (call.mark == MARK).then_some(call)
}

unsafe extern "C" fn alloc(pointer: *mut abi::Call, size: usize, align: usize) -> *mut c_void {
    const MOST_ALIGNED: usize = 16;
    // SAFETY: this is what the contract asks of plugins.
    let Some(call) = (unsafe { call(pointer) }) else {
        return std::ptr::null_mut();
    };
    if !align.is_power_of_two() || align > MOST_ALIGNED {
        call.failure = Some(format!("it asked for memory aligned to {align}"));
        return std::ptr::null_mut();
    }
    match call.memory.allocate(size) {
        Ok(place) => place.cast(),
        Err(fault) => {
            call.failure = Some(fault.to_string());
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn defer(
    pointer: *mut abi::Call,
    release: unsafe extern "C" fn(*mut c_void),
    data: *mut c_void,
) {
    // SAFETY: as above.
    if let Some(call) = unsafe { call(pointer) } {
        call.memory.defer(release, data);
    }
}

unsafe extern "C" fn fail(pointer: *mut abi::Call, message: *const u8, len: usize) {
    // SAFETY: as above.
    if let Some(call) = unsafe { call(pointer) } {
        // SAFETY: the message is `len` bytes, says the contract.
        call.failure = Some(unsafe { words(message, len) });
    }
}

unsafe extern "C" fn log(plugin: *const c_char, level: u32, message: *const u8, len: usize) {
    let plugin = if plugin.is_null() {
        "?".into()
    } else {
        // SAFETY: the name is the one of the description, which ends with a zero.
        unsafe { CStr::from_ptr(plugin) }.to_string_lossy()
    };
    // SAFETY: as in `fail`.
    let message = unsafe { words(message, len) };
    match level {
        abi::LOG_ERROR => tracing::error!(target: "c12::plugin", %plugin, "{message}"),
        abi::LOG_WARN => tracing::warn!(target: "c12::plugin", %plugin, "{message}"),
        abi::LOG_INFO => tracing::info!(target: "c12::plugin", %plugin, "{message}"),
        abi::LOG_DEBUG => tracing::debug!(target: "c12::plugin", %plugin, "{message}"),
        _ => tracing::trace!(target: "c12::plugin", %plugin, "{message}"),
    }
}

/// # Safety
///
/// `message` must be null or lead to `len` bytes.
unsafe fn words(message: *const u8, len: usize) -> String {
    if message.is_null() || len == 0 {
        return String::new();
    }
    // SAFETY: the caller says so; less than all is read.
    let bytes = unsafe { std::slice::from_raw_parts(message, len.min(LONGEST_MESSAGE)) };
    c12_toolchain::escape(&String::from_utf8_lossy(bytes)).into_owned()
}
