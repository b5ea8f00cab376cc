//! Options that a state has.

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::Handle;
use wasmtime::{Caller, Linker};

use super::link::answer;
use super::memory;

/// Only what the option has is written. The name and the place of the value may overlap, so the name is copied.
pub(super) fn get(
    linker: &mut Linker<Context>,
    module: &str,
    function: &str,
    place: Place,
) -> wasmtime::Result<()> {
    linker.func_wrap(
        module,
        function,
        move |mut caller: Caller<'_, Context>,
              state: u32,
              name: u32,
              name_len: u32,
              value: u32,
              value_len: u32,
              result: u32|
              -> wasmtime::Result<u32> {
            answer(&mut caller, place, [result], |memory, session| {
                let name = memory::text(memory, name, name_len)?.to_owned();
                let value = memory::bytes_mut(memory, value, value_len)?;
                session.symmetric_state_options_get(Handle::from_raw(state), &name, value)
            })
        },
    )?;
    Ok(())
}
