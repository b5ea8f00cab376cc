//! The one place where machine code from outside the process becomes executable.
#![allow(unsafe_code)]

use wasmtime::component::Component;
use wasmtime::{Engine, Error, Module};

use crate::artifact::CodeKind;
use crate::workload::Code;

/// Turns an image into code. The caller has made sure that it is trusted: just compiled in this
/// process, authenticated with the user's key, or declared as trusted by the user.
pub(super) fn code(engine: &Engine, kind: CodeKind, image: &[u8]) -> Result<Code, Error> {
    match kind {
        // SAFETY: `deserialize` asks that the bytes come unmodified from Wasmtime's own serialisation. That is so for
        // images that this process compiled, and is what the keyed hash vouches for; where the user declares trust,
        // the user answers for it. Version, settings and CPU features are checked by Wasmtime itself.
        CodeKind::Module => unsafe { Module::deserialize(engine, image) }.map(Code::Module),
        // SAFETY: as above.
        CodeKind::Component => {
            unsafe { Component::deserialize(engine, image) }.map(Code::Component)
        }
    }
}
