//! The one place where machine code from outside the process becomes executable.
#![allow(unsafe_code)]

use std::path::Path;

use wasmtime::component::Component;
use wasmtime::{Engine, Error, Module};

use crate::artifact::CodeKind;
use crate::workload::Code;

/// Where machine code comes from.
#[derive(Clone, Copy)]
pub(super) enum Image<'a> {
    /// Memory; the engine makes a copy of its own.
    Bytes(&'a [u8]),
    /// A file that nobody but the user can write, and that is replaced but never changed; the engine maps it.
    File(&'a Path),
}

/// Turns an image into code. The caller has made sure that it is trusted: just compiled in this
/// process, authenticated with the user's key, or declared as trusted by the user.
pub(super) fn code(engine: &Engine, kind: CodeKind, image: Image<'_>) -> Result<Code, Error> {
    // SAFETY: these functions ask that the bytes come unmodified from Wasmtime's own serialisation, and that a mapped
    // file does not change. The first is so for images that this process compiled, and is what the keyed hash vouches
    // for; where the user declares trust, the user answers for it. The second holds for entries of the compile cache,
    // which is private to the user and where files are replaced by renaming. Version, settings and CPU features are
    // checked by Wasmtime itself.
    unsafe {
        match (kind, image) {
            (CodeKind::Module, Image::Bytes(bytes)) => {
                Module::deserialize(engine, bytes).map(Code::Module)
            }
            (CodeKind::Module, Image::File(path)) => {
                Module::deserialize_file(engine, path).map(Code::Module)
            }
            (CodeKind::Component, Image::Bytes(bytes)) => {
                Component::deserialize(engine, bytes).map(Code::Component)
            }
            (CodeKind::Component, Image::File(path)) => {
                Component::deserialize_file(engine, path).map(Code::Component)
            }
        }
    }
}
