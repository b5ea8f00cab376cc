//! Shared libraries.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::HarnessError;
use crate::abi;

// In the C library of every Unix, which `std` links.
unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, symbol: *const c_char) -> *mut c_void;
    fn dlclose(library: *mut c_void) -> c_int;
    fn dlerror() -> *mut c_char;
}

/// All symbols are looked for at once, so that a missing one is an error now. The value is the same on Linux and macOS.
const RTLD_NOW: c_int = 2;

/// A library that is loaded as long as this lives.
#[derive(Debug)]
pub(super) struct Library {
    handle: *mut c_void,
    path: PathBuf,
}

impl Library {
    pub(super) fn load(path: &Path) -> Result<Self, HarnessError> {
        let failed = |message: String| HarnessError::Load {
            path: path.to_owned(),
            message,
        };
        // A name without a slash would be searched for in the system's folders.
        let absolute = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
        let name = CString::new(absolute.as_os_str().as_bytes())
            .map_err(|_| failed("the path has a zero in it".into()))?;
        // SAFETY: the name has a terminating zero. The caller wants the library's code to run.
        let handle = unsafe { dlopen(name.as_ptr(), RTLD_NOW) };
        if handle.is_null() {
            // SAFETY: the last call of this thread failed, so there is a message, valid until the next one.
            let message = unsafe {
                let message = dlerror();
                if message.is_null() {
                    "the system does not say why".to_owned()
                } else {
                    CStr::from_ptr(message).to_string_lossy().into_owned()
                }
            };
            return Err(failed(message));
        }
        Ok(Library {
            handle,
            path: path.to_owned(),
        })
    }

    /// The plugin's function.
    pub(super) fn describe(&self) -> Result<abi::Describe, HarnessError> {
        // SAFETY: the library is loaded, and the name has a terminating zero.
        let symbol = unsafe { dlsym(self.handle, abi::SYMBOL.as_ptr().cast()) };
        if symbol.is_null() {
            return Err(HarnessError::NoSymbol {
                path: self.path.clone(),
            });
        }
        // SAFETY: the symbol of this name is such a function, by the contract.
        Ok(unsafe { std::mem::transmute::<*mut c_void, abi::Describe>(symbol) })
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: it was loaded, and nothing points into it any more.
        unsafe { dlclose(self.handle) };
    }
}
