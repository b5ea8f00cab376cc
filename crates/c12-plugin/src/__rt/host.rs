//! What the host does for the plugin.

use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::{abi, panics};

static HOST: AtomicPtr<abi::Host> = AtomicPtr::new(std::ptr::null_mut());
static NAME: AtomicPtr<c_char> = AtomicPtr::new(std::ptr::null_mut());

/// Takes the host's functions, the first thing that it gives. `false` if it is too old to work with.
///
/// # Safety
///
/// `host` is as `c12_plugin.h` says, and stays valid while the library is loaded. `name` has a terminating zero.
pub unsafe fn connect(host: *const abi::Host, name: &'static [u8]) -> bool {
    if host.is_null() {
        return false;
    }
    // SAFETY: every version of the struct begins with these two.
    let (size, version) = unsafe { ((*host).size, (*host).abi) };
    if version < abi::ABI || size < size_of::<abi::Host>() {
        return false;
    }
    HOST.store(host.cast_mut(), Ordering::Release);
    NAME.store(name.as_ptr().cast_mut().cast(), Ordering::Release);
    panics::install_hook();
    true
}

#[inline]
fn host() -> Option<&'static abi::Host> {
    // SAFETY: `connect` was promised that it stays valid.
    unsafe { HOST.load(Ordering::Acquire).as_ref() }
}

/// Logs a line. `false` if there is no host.
pub(crate) fn log(level: u32, message: &str) -> bool {
    let Some(host) = host() else {
        return false;
    };
    let name = NAME.load(Ordering::Acquire);
    if name.is_null() {
        return false;
    }
    // SAFETY: the name has a terminating zero, and the message its length.
    unsafe { (host.log)(name, level, message.as_ptr(), message.len()) };
    true
}

/// Says why a call traps.
///
/// # Safety
///
/// The host is in this call.
pub(super) unsafe fn fail(call: *mut abi::Call, message: &str) {
    if let Some(host) = host() {
        // SAFETY: as the caller promises; the message has its length.
        unsafe { (host.fail)(call, message.as_ptr(), message.len()) };
    }
}

/// Has something freed after the call.
///
/// # Safety
///
/// The host is in this call, and `release` may be called with `data` once.
#[inline]
pub(super) unsafe fn defer(
    call: *mut abi::Call,
    release: unsafe extern "C" fn(*mut c_void),
    data: *mut c_void,
) {
    if let Some(host) = host() {
        // SAFETY: as the caller promises.
        unsafe { (host.defer)(call, release, data) };
    }
}
