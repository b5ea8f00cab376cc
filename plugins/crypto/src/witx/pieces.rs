//! What is absorbed. Much of it is taken piece by piece, so that others have their turn in between, or on a thread of its own
//! by what has to have it whole.

use c12::Context;
use c12::plugin::Place;
use c12_crypto_core::{Handle, Result, Session};
use wasmtime::{Caller, Linker};

use super::link::{answer_later, code, parts};
use super::memory;
use crate::instance::{Turn, Wait};

/// A function that absorbs.
#[derive(Clone, Copy)]
pub(super) struct Absorb {
    /// Whether pieces are the same as the whole for a state.
    pub(super) takes_pieces: fn(&Session, Handle) -> bool,
    pub(super) work: fn(&mut Session, Handle, &[u8]) -> Result<()>,
}

impl Absorb {
    async fn run(
        self,
        caller: &mut Caller<'_, Context>,
        place: Place,
        state: Handle,
        (start, length): (u32, u32),
    ) -> wasmtime::Result<u32> {
        let (memory, instance) = parts(caller, place)?;
        let session = instance.session()?;
        let range = match memory::range(memory, start, length) {
            Ok(range) => range,
            Err(errno) => return Ok(code(Err(errno))),
        };
        if range.len() > Turn::BYTES && !(self.takes_pieces)(session, state) {
            return answer_later(caller, place, [], |memory, most, _| {
                let data = memory::copied(memory, start, length, most)?;
                Ok((Wait::Computation, move |session: &mut Session| {
                    (self.work)(session, state, &data)?;
                    Ok(((), None))
                }))
            })
            .await;
        }
        let mut from = range.start;
        loop {
            let (memory, instance) = parts(caller, place)?;
            let to = from.saturating_add(Turn::BYTES).min(range.end);
            // The guest's memory does not become smaller.
            let piece = memory.get(from..to).unwrap_or_default();
            let outcome = (self.work)(instance.session()?, state, piece);
            if outcome.is_err() || to == range.end {
                return Ok(code(outcome));
            }
            from = to;
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn define(
        self,
        linker: &mut Linker<Context>,
        module: &str,
        name: &str,
        place: Place,
    ) -> wasmtime::Result<()> {
        linker.func_wrap_async(
            module,
            name,
            move |mut caller: Caller<'_, Context>, (state, start, length): (u32, u32, u32)| {
                Box::new(async move {
                    let state = Handle::from_raw(state);
                    self.run(&mut caller, place, state, (start, length)).await
                })
            },
        )?;
        Ok(())
    }
}
