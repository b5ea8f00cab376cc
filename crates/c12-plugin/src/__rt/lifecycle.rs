//! How plugins and their instances begin and end.

use std::ffi::c_void;

use super::{abi, host, panics};
use crate::{Plugin, Settings};

/// Puts what was made into a box and its address where the host wants it.
///
/// # Safety
///
/// The host called with `call` and `to`.
unsafe fn make<T>(
    call: *mut abi::Call,
    to: *mut *mut c_void,
    body: impl FnOnce() -> crate::Result<T>,
) -> abi::Status {
    match panics::catch(|| body().map(Box::new)) {
        Ok(made) => {
            // SAFETY: as the caller promises.
            unsafe { to.write(Box::into_raw(made).cast()) };
            abi::OK
        }
        Err(error) => {
            // SAFETY: as the caller promises.
            unsafe { host::fail(call, &error.to_string()) };
            abi::TRAP
        }
    }
}

/// `open` of the description.
///
/// # Safety
///
/// The host calls it as `c12_plugin.h` says.
pub unsafe extern "C" fn open<P: Plugin>(
    call: *mut abi::Call,
    settings: *const abi::Settings,
    plugin: *mut *mut c_void,
) -> abi::Status {
    // SAFETY: the host called with all of these.
    unsafe { make(call, plugin, || P::open(&Settings::from_host(settings))) }
}

/// `close` of the description.
///
/// # Safety
///
/// The host calls it as `c12_plugin.h` says.
pub unsafe extern "C" fn close<P: Plugin>(plugin: *mut c_void) {
    panics::catch_and_log("closing the plugin", || {
        // SAFETY: `open` made it, and all instances ended.
        drop(unsafe { Box::from_raw(plugin.cast::<P>()) });
    });
}

/// `instantiate` of the description.
///
/// # Safety
///
/// The host calls it as `c12_plugin.h` says.
pub unsafe extern "C" fn instantiate<P: Plugin>(
    call: *mut abi::Call,
    plugin: *mut c_void,
    instance: *mut *mut c_void,
) -> abi::Status {
    // SAFETY: the host called with all of these; `open` made the plugin, which is shared from now on.
    unsafe { make(call, instance, || (*plugin.cast::<P>()).instantiate()) }
}

/// `drop_instance` of the description.
///
/// # Safety
///
/// The host calls it as `c12_plugin.h` says.
pub unsafe extern "C" fn drop_instance<P: Plugin>(instance: *mut c_void) {
    panics::catch_and_log("ending an instance", || {
        // SAFETY: `instantiate` made it, and nobody uses it any more.
        drop(unsafe { Box::from_raw(instance.cast::<P::Instance>()) });
    });
}
