//! The library that plugins find as `libwasmedge.so.0`.
//!
//! A plugin says that it needs a library of that name, and the dynamic linker looks for nothing else until it has one. So
//! C12 makes one, in memory, whose functions jump to those of this crate, and opens it before the first plugin. It
//! stays: what was loaded against it must find it as long as the process runs.
#![allow(unsafe_code)]

mod image;
mod refused;
mod table;

use std::ffi::c_void;
use std::sync::OnceLock;

use c12::plugin::PrivateFile;
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

use crate::LoadError;

/// The name that plugins ask for.
pub(crate) const SONAME: &str = "libwasmedge.so.0";

/// The function that is asked for its address, to find out whose library is loaded.
const PROBE: &str = "WasmEdge_VersionGet";

/// Every function that plugins can call, by name. The order is that of the names' bytes.
pub(crate) fn functions() -> Vec<(&'static str, usize)> {
    let mut functions = table::provided();
    functions.extend(refused::refused());
    functions.sort_unstable_by_key(|(name, _)| *name);
    functions
}

/// Whether plugins can call it.
pub(crate) fn has(name: &str) -> bool {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES
        .get_or_init(|| functions().into_iter().map(|(name, _)| name).collect())
        .binary_search(&name)
        .is_ok()
}

/// Opens the library, once for the process.
pub(crate) fn open() -> Result<(), LoadError> {
    // The file stays open: the linker knows the library by its path, which no other may get.
    static OPENED: OnceLock<Result<PrivateFile, Failure>> = OnceLock::new();
    match OPENED.get_or_init(open_now) {
        Ok(_) => Ok(()),
        Err(Failure::RealRuntime) => Err(LoadError::RealRuntime),
        Err(Failure::Other(reason)) => Err(LoadError::StandIn {
            reason: reason.clone(),
        }),
    }
}

enum Failure {
    RealRuntime,
    Other(String),
}

fn open_now() -> Result<PrivateFile, Failure> {
    /// `dlopen` finds the library only if it is loaded already. The value is that of Linux.
    const RTLD_NOLOAD: i32 = 4;
    // SAFETY: nothing is loaded, so no initialiser runs.
    if unsafe { Library::open(Some(SONAME), RTLD_NOW | RTLD_NOLOAD) }.is_ok() {
        return Err(Failure::RealRuntime);
    }
    let functions = functions();
    let machine = image::Machine::here()
        .ok_or_else(|| Failure::Other("no such image is known for this machine".into()))?;
    let image = image::library(machine, SONAME, &functions);
    let failed =
        |what: &str, error: &dyn std::fmt::Display| Failure::Other(format!("{what}: {error}"));
    let file = PrivateFile::new(SONAME, &image)
        .map_err(|error| failed("cannot write it to memory", &error))?;
    // SAFETY: the library has no initialisers; all it contains are jumps to functions of this crate, which live as long
    // as the process.
    let library = unsafe { Library::open(Some(file.path()), RTLD_NOW | RTLD_GLOBAL) }
        .map_err(|error| failed("the dynamic linker refuses it", &error))?;
    // SAFETY: the symbol is a function of the library; it is only looked at.
    let probe =
        unsafe { library.get::<*const c_void>(PROBE.as_bytes()) }.map(|symbol| symbol.as_raw_ptr());
    let found = probe.is_ok_and(|probe| !probe.is_null());
    // It is never closed.
    std::mem::forget(library);
    if found {
        Ok(file)
    } else {
        Err(Failure::Other(format!("`{PROBE}` is not found in it")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that WasmEdge 0.14.1 exports, and what 0.15 and 0.16 added under the same version of the plugin API.
    #[test]
    fn every_function_has_one_entry() {
        let functions = functions();
        assert_eq!(functions.len(), 277 + 6);
        assert!(functions.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(functions.iter().all(|(_, address)| *address != 0));
        assert!(has("WasmEdge_StringWrap") && !has("WasmEdge_Plugin_GetDescriptor"));
    }

    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    #[test]
    fn its_functions_are_found_by_name_and_can_be_called() {
        open().unwrap();
        open().unwrap();
        // SAFETY: the library is loaded already, and the symbols have these types.
        unsafe {
            let library = Library::open(Some(SONAME), RTLD_NOW).unwrap();
            let minor: libloading::os::unix::Symbol<unsafe extern "C" fn() -> u32> =
                library.get(b"WasmEdge_VersionGetMinor").unwrap();
            assert_eq!(minor(), 14);
            for (name, _) in functions() {
                assert!(
                    library.get::<*const c_void>(name.as_bytes()).is_ok(),
                    "{name}"
                );
            }
        }
    }
}
