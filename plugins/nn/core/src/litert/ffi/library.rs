#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};
use std::path::Path;

use super::raw::{
    ACCELERATORS, Functions, INTEGER, OK, PROCESSOR, RawEnvironment, RawEnvironmentOption,
    RawOptions, SEVERITY, SILENT, checked, reason,
};
use crate::foreign::{self, Loaded, Owned};
use crate::{Error, Result};

/// LiteRT, loaded.
pub(crate) struct Library {
    pub(super) functions: Functions,
    pub(super) environment: Owned<RawEnvironment>,
}

// SAFETY: the environment is only read once it is made, and the library has locks around what uses it.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

static LOADED: Loaded<Library> = Loaded::new();

impl Library {
    /// The library at this path, once and for all.
    pub(crate) fn at(path: &Path) -> Result<&'static Self, String> {
        LOADED.get(path, Self::load)
    }

    fn load(path: &Path) -> Result<Self, String> {
        let library = foreign::open(path)?;
        // Before 2.2, functions of the same names took other arguments. This one came with the change.
        if !foreign::has(library, c"LiteRtGetCompiledModelEnvironment") {
            return Err("it is older than LiteRT 2.2".to_owned());
        }
        // SAFETY: these are LiteRT's functions, and their types are those of its headers since 2.2.
        let functions = unsafe { Functions::find(library) }?;
        let option = |tag, value| RawEnvironmentOption {
            tag,
            _gap: 0,
            kind: INTEGER,
            value,
        };
        let options = [
            option(ACCELERATORS, i64::from(PROCESSOR)),
            option(SEVERITY, SILENT),
        ];
        let mut environment = std::ptr::null_mut();
        // SAFETY: there are as many options as is said, and `environment` can be written to.
        let status = unsafe {
            (functions.LiteRtCreateEnvironment)(2, options.as_ptr().cast(), &raw mut environment)
        };
        // SAFETY: what the function gives is freed once.
        let environment = unsafe { Owned::new(environment, functions.LiteRtDestroyEnvironment) };
        match (status, environment) {
            (OK, Some(environment)) => Ok(Self {
                functions,
                environment,
            }),
            _ => Err(format!("it does not start: {}", reason(status))),
        }
    }
}

unsafe extern "C" fn free_text(text: *mut c_void) {
    // SAFETY: the pointer comes from `CString::into_raw`, and the library calls this once.
    drop(unsafe { CString::from_raw(text.cast()) });
}

impl Library {
    /// For the processor, with so many threads.
    pub(super) fn options(&self, threads: u16) -> Result<Owned<RawOptions>> {
        let functions = &self.functions;
        let mut raw = std::ptr::null_mut();
        // SAFETY: `raw` can be written to.
        checked(unsafe { (functions.LiteRtCreateOptions)(&raw mut raw) })?;
        // SAFETY: what the function gives is freed once.
        let options = unsafe { Owned::new(raw, functions.LiteRtDestroyOptions) }
            .ok_or_else(|| Error::runtime("LiteRT gave nothing"))?;
        // SAFETY: the options are valid.
        checked(unsafe {
            (functions.LiteRtSetOptionsHardwareAccelerators)(options.as_ptr(), PROCESSOR)
        })?;
        let text = CString::new(format!("num_threads = {threads}\n"))
            .map_err(|_| Error::runtime("a zero byte in a number"))?
            .into_raw();
        let mut opaque = std::ptr::null_mut();
        let identifier: &CStr = c"xnnpack";
        // SAFETY: both texts end with a zero, the second is the library's from now on, and `opaque` can be written to.
        let status = unsafe {
            (functions.LiteRtCreateOpaqueOptions)(
                identifier.as_ptr(),
                text.cast(),
                free_text,
                &raw mut opaque,
            )
        };
        if status != OK || opaque.is_null() {
            // SAFETY: the library has not taken the text.
            unsafe { free_text(text.cast()) };
            checked(status)?;
            return Err(Error::runtime("LiteRT gave nothing"));
        }
        // SAFETY: both are valid, and what is added is the options' from now on.
        let status = unsafe { (functions.LiteRtAddOpaqueOptions)(options.as_ptr(), opaque) };
        if status != OK {
            // SAFETY: it was not added, so it is freed here, once.
            unsafe { (functions.LiteRtDestroyOpaqueOptions)(opaque) };
        }
        checked(status)?;
        Ok(options)
    }
}
