//! What the bindings of all frameworks have in common: libraries, tables of their functions, objects that they own.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

/// Objects of a library, only ever seen through pointers.
macro_rules! opaque {
    ($($name:ident),* $(,)?) => {$(
        #[repr(C)]
        pub(super) struct $name {
            _nothing: [u8; 0],
        }
    )*};
}

pub(crate) use opaque;

/// A struct of a library's functions, by their names in the library.
macro_rules! functions {
    ($(#[$attribute:meta])* $name:ident { $($function:ident: $type:ty;)* }) => {
        $(#[$attribute])*
        #[allow(non_snake_case)]
        pub(super) struct $name {
            $(pub(super) $function: $type,)*
        }

        impl $name {
            /// Looks all of them up.
            ///
            /// # Safety
            ///
            /// The library's functions of these names have these types.
            pub(super) unsafe fn find(
                library: &libloading::os::unix::Library,
            ) -> Result<Self, String> {
                Ok(Self {
                    $(
                        // SAFETY: the caller says that the function has this type.
                        $function: unsafe {
                            $crate::foreign::function(
                                library,
                                concat!(stringify!($function), "\0"),
                            )
                        }?,
                    )*
                })
            }
        }
    };
}

pub(crate) use functions;

/// Opens a library with all that it needs. It stays open, also where it turns out to be of no use: what has run of it may
/// have left something that is called when the process ends.
pub(crate) fn open(path: &Path) -> Result<&'static Library, String> {
    // SAFETY: loading a library runs its initialisers with all rights of this process. It is one that the user named,
    // set up, or installed for the system.
    let opened = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    let opened = opened.map(|library| &*Box::leak(Box::new(library)));
    opened.map_err(|error| {
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        reason.replace(&format!("{}: ", path.display()), "")
    })
}

/// A function of the library, whose name ends with a zero.
///
/// # Safety
///
/// `T` is the function's type.
pub(crate) unsafe fn function<T: Copy>(library: &Library, name: &'static str) -> Result<T, String> {
    // SAFETY: the caller says that this is the function's type.
    match unsafe { library.get::<T>(name.as_bytes()) } {
        Ok(symbol) => Ok(*symbol),
        Err(_) => Err(format!(
            "it lacks the function `{}`",
            name.trim_end_matches('\0')
        )),
    }
}

/// Whether the library has a function of this name, which ends with a zero.
pub(crate) fn has(library: &Library, name: &CStr) -> bool {
    // SAFETY: nothing is done with the function.
    unsafe { library.get::<*const ()>(name.to_bytes_with_nul()) }.is_ok()
}

/// What the framework owns and frees.
pub(crate) struct Owned<T> {
    pointer: NonNull<T>,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// Nothing if the pointer is null.
    ///
    /// # Safety
    ///
    /// The pointer is valid until `free` is called with it, which happens once and nowhere else.
    pub(crate) unsafe fn new(pointer: *mut T, free: unsafe extern "C" fn(*mut T)) -> Option<Self> {
        NonNull::new(pointer).map(|pointer| Self { pointer, free })
    }

    pub(crate) fn as_ptr(&self) -> *mut T {
        self.pointer.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer is valid, and this is the only call.
        unsafe { (self.free)(self.pointer.as_ptr()) }
    }
}

/// The libraries of a framework that are loaded. None is ever unloaded: they start threads and leave destructors, and
/// graphs of guests may end in any order.
pub(crate) struct Loaded<T: 'static>(Mutex<Vec<(PathBuf, &'static T)>>);

impl<T> Loaded<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The library at this path, which is loaded when it is asked for first.
    pub(crate) fn get(
        &self,
        path: &Path,
        load: impl FnOnce(&Path) -> Result<T, String>,
    ) -> Result<&'static T, String> {
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, library)) = loaded.iter().find(|(known, _)| known == path) {
            return Ok(library);
        }
        let library: &'static T = Box::leak(Box::new(load(path)?));
        loaded.push((path.to_owned(), library));
        Ok(library)
    }
}

/// The text at a pointer that may be null.
///
/// # Safety
///
/// If it is not null, it points to a text that ends with a zero and does not change meanwhile.
pub(crate) unsafe fn text(pointer: *const std::ffi::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the caller says so.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}
