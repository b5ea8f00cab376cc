//! `wasi_ephemeral_nn` for core modules: the specification's functions, and those that WasmEdge adds, with the
//! signatures that they have there.
//!
//! Every function returns a number; results go where trailing arguments point. What a guest passes is never a trap:
//! what lies outside of its memory is `invalid_argument`. Words for errors go to the user, because the interface has no
//! place for them. Three things differ from WasmEdge: a handle is not used again; an output that is larger than the
//! buffer is `too_large` with its size, and not cut off; and graphs that have the same name have numbers of their own,
//! so that one can be unloaded while the other is in use.

mod errno;
mod graphs;
mod handles;
mod inference;
mod memory;
mod numbering;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use c12::Context;
use c12::plugin::{Link, Place};
use wasmtime::{Caller, Linker};

use self::errno::{Errno, Refusal};
use self::handles::Handles;
pub(crate) use self::numbering::Numbering;
use crate::State;
use crate::session::{ExecutionContext, Graph, Session};

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

/// What one instance knows by number.
pub(crate) struct Tables {
    graphs: Handles<OpenGraph>,
    contexts: Handles<OpenContext>,
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

impl Tables {
    pub(crate) fn new(most: usize) -> Self {
        Tables {
            graphs: Handles::new("graph", most),
            contexts: Handles::new("execution context", most),
        }
    }
}

/// Defines the functions.
pub(crate) fn link(link: &Link<'_>, linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    let place = link.place;
    graphs::link(linker, place)?;
    inference::link(linker, place)
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
            .ok_or_else(|| c12_nn_core::Error::runtime("the instance has no state").into())
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

    /// The number that the guest gets for an outcome. The words go to the user.
    fn finish(&mut self, function: &str, outcome: Result<(), Refusal>) -> u32 {
        let Err(refusal) = outcome else {
            return Errno::Success.raw();
        };
        if let (Some(words), Ok(session)) = (&refusal.words, self.session()) {
            session.reporter().tell(&format!("`{function}`"), words);
        }
        refusal.errno.raw()
    }
}

/// Defines a function that takes numbers and returns one. `$body` gets the call and the arguments, and may wait.
macro_rules! function {
    ($linker:expr, $place:expr, $name:literal, |$call:ident, $($argument:ident),+| $body:expr) => {{
        let place = $place;
        $linker.func_wrap_async(
            $crate::witx::MODULE,
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
