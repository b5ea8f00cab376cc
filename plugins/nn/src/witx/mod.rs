//! `wasi_ephemeral_nn` for core modules: the specification's functions, and those that WasmEdge adds, with the
//! signatures that they have there.
//!
//! `c12_nn` has what both lack, so that core modules can do what components can.
//!
//! Every function returns a number; results go where trailing arguments point. What a guest passes is never a trap:
//! what lies outside of its memory is `invalid_argument`. The interface has no place for words for errors: what only the
//! user can mend goes to the user, and so does the rest if the guest does not import `last_error` of `c12_nn`. Three things differ from WasmEdge: a handle is not used again; an output that is larger than the
//! buffer is `too_large` with its size, and not cut off; and graphs that have the same name have numbers of their own,
//! so that one can be unloaded while the other is in use.

mod errno;
mod extension;
mod graphs;
mod handles;
mod inference;
mod memory;
mod numbering;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use c12::plugin::{Link, Place};
use c12::{Context, Workload};
use c12_nn_core::Error;
use wasmtime::{Caller, Linker};

use self::errno::{Errno, Refusal};
use self::handles::Handles;
pub(crate) use self::numbering::Numbering;
use crate::State;
use crate::graph::Graph;
use crate::language::Generation;
use crate::session::{ExecutionContext, Session};

/// The module that guests import from.
pub(crate) const MODULE: &str = "wasi_ephemeral_nn";

/// Its functions.
pub(crate) const FUNCTIONS: [&str; 12] = [
    "load",
    "load_by_name",
    "load_by_name_with_config",
    "init_execution_context",
    "set_input",
    "compute",
    "compute_single",
    "get_output",
    "get_output_single",
    "fini_single",
    "unload",
    "finalize_execution_context",
];

pub(crate) use self::extension::{FUNCTIONS as EXTENSION_FUNCTIONS, MODULE as EXTENSION};

/// What one instance knows by number.
pub(crate) struct Tables {
    graphs: Handles<OpenGraph>,
    contexts: Handles<OpenContext>,
    generations: Handles<OpenGeneration>,
    /// The words of the last failure.
    last_error: String,
    /// Whether the guest can ask for them.
    hears_words: bool,
}

struct OpenGraph {
    graph: Graph,
    /// Its contexts give the outputs that they have, and compute no more.
    unloaded: Arc<AtomicBool>,
}

#[derive(Clone)]
struct OpenContext {
    context: ExecutionContext,
    unloaded: Arc<AtomicBool>,
}

/// A text that is being made.
struct OpenGeneration {
    generation: Generation,
    /// A piece that had no room when it was asked for.
    piece: Option<String>,
}

impl Tables {
    pub(crate) fn new(most: usize, hears_words: bool) -> Self {
        Tables {
            graphs: Handles::new("graph", most),
            contexts: Handles::new("execution context", most),
            generations: Handles::new("generation", most),
            last_error: String::new(),
            hears_words,
        }
    }
}

/// Whether a guest can ask for the words of an error.
pub(crate) fn hears_words(guest: &Workload) -> bool {
    let mut imports = guest.imports().into_iter();
    imports.any(|import| {
        import.as_str() == EXTENSION
            && guest
                .imported_functions(&import)
                .iter()
                .any(|name| name == extension::LAST_ERROR)
    })
}

/// Defines the functions.
pub(crate) fn link(link: &Link<'_>, linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    let place = link.place;
    if link.offered.as_str() == EXTENSION {
        return extension::link(linker, place);
    }
    graphs::link(linker, place)?;
    inference::link(linker, place)
}

/// Where a guest wants bytes, and where it wants to know how many they are.
#[derive(Debug, Clone, Copy)]
struct Buffer {
    start: u32,
    size: u32,
    written: u32,
}

/// A call of a guest: its memory, and what it knows by number.
struct Call<'a, 'b> {
    caller: &'a mut Caller<'b, Context>,
    place: Place,
}

impl Call<'_, '_> {
    fn state(&mut self) -> Result<&mut State, Refusal> {
        self.caller
            .data_mut()
            .state::<State>(self.place)
            .ok_or_else(|| Error::runtime("the instance has no state").into())
    }

    fn session(&mut self) -> Result<Session, Refusal> {
        Ok(self.state()?.session.clone())
    }

    fn tables(&mut self) -> Result<&mut Tables, Refusal> {
        Ok(&mut self.state()?.tables)
    }

    /// The guest's memory, to be read.
    fn memory(&mut self) -> Result<&[u8], Refusal> {
        Ok(memory::memory(self.caller)?.data(&*self.caller))
    }

    /// The guest's memory, to be written.
    fn memory_mut(&mut self) -> Result<&mut [u8], Refusal> {
        Ok(memory::memory(self.caller)?.data_mut(&mut *self.caller))
    }

    /// Whether a number can be written there; to be asked before anything is done that a failure would leave behind.
    fn check_place(&mut self, place: u32) -> Result<(), Refusal> {
        memory::number(self.memory()?, place)?;
        Ok(())
    }

    fn write(&mut self, place: u32, number: u32) -> Result<(), Refusal> {
        Ok(memory::write_number(self.memory_mut()?, place, number)?)
    }

    /// Whether there is a buffer, and a place for how much is written into it.
    fn check_buffer(&mut self, buffer: Buffer) -> Result<(), Refusal> {
        self.check_place(buffer.written)?;
        memory::bytes(self.memory()?, buffer.start, buffer.size)?;
        Ok(())
    }

    /// Writes bytes into a buffer, with one copy. If they have no room there, the guest learns how many they are.
    fn fill(&mut self, buffer: Buffer, bytes: &[u8]) -> Result<(), Refusal> {
        let length = self.check_room(buffer, bytes.len())?;
        memory::bytes_mut(self.memory_mut()?, buffer.start, length)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Tells the guest how many bytes there are, or will be, and refuses if the buffer has no room for them.
    fn check_room(&mut self, buffer: Buffer, length: usize) -> Result<u32, Refusal> {
        let length = u32::try_from(length)
            .map_err(|_| Error::too_large("the output is larger than the guest's memory can be"))?;
        self.write(buffer.written, length)?;
        if length > buffer.size {
            return Err(Refusal::answer(Error::too_large(format!(
                "the output has {length} bytes, but the guest has room for {}",
                buffer.size
            ))));
        }
        Ok(length)
    }

    /// The number that the guest gets for an outcome. The words are for the guest, and for the user where only the user
    /// can mend it or would hear of it.
    fn finish(&mut self, function: &str, outcome: Result<(), Refusal>) -> u32 {
        let Err(refusal) = outcome else {
            return Errno::Success.raw();
        };
        if let (Some(words), Ok(state)) = (refusal.words, self.state()) {
            let for_user = words.help().is_some() || !state.tables.hears_words;
            if for_user && !refusal.is_answer {
                let reporter = state.session.reporter();
                reporter.tell(&format!("`{function}`"), &words);
            }
            state.tables.last_error = crate::trouble::shortened(words.message()).to_owned();
        }
        refusal.errno.raw()
    }
}

/// Defines a function that takes numbers and returns one. `$body` gets the call and the arguments, and may wait. What
/// stands behind `=>` are the last three arguments, as a [`Buffer`].
macro_rules! function {
    ($linker:expr, $module:expr, $place:expr, $name:literal, |$call:ident $(, $argument:ident)* => $buffer:ident| $body:expr) => {
        function!($linker, $module, $place, $name, |$call $(, $argument)*, start, size, written| {
            let $buffer = $crate::witx::Buffer { start, size, written };
            $body
        })
    };
    ($linker:expr, $module:expr, $place:expr, $name:literal, |$call:ident, $($argument:ident),+| $body:expr) => {{
        let place = $place;
        $linker.func_wrap_async(
            $module,
            $name,
            move |mut caller: wasmtime::Caller<'_, c12::Context>, ($($argument,)+)| {
                $(let $argument: u32 = $argument;)+
                Box::new(async move {
                    let mut call = $crate::witx::Call { caller: &mut caller, place };
                    let outcome = {
                        let $call = &mut call;
                        $body.await
                    };
                    Ok::<u32, wasmtime::Error>(call.finish($name, outcome))
                })
            },
        )
    }};
}
use function;

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written down for authors of guests is what there is.
    #[test]
    fn the_descriptions_have_every_function() {
        for (text, functions) in [
            (
                include_str!("../../../../wit/nn/witx/wasi_ephemeral_nn.witx"),
                &FUNCTIONS[..],
            ),
            (
                include_str!("../../../../wit/nn/witx/c12_nn.witx"),
                &EXTENSION_FUNCTIONS[..],
            ),
        ] {
            let exports = text.split("(export \"").skip(1);
            let described: Vec<&str> = exports.filter_map(|rest| rest.split('"').next()).collect();
            assert_eq!(described, functions);
        }
    }
}
