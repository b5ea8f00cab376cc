//! `c12_nn`: for core modules, what `c12:nn` is for components, and the words for errors.
//!
//! Requests and descriptions are JSON. Whoever gets bytes passes a buffer, its size, and where the number of bytes
//! goes; if they have no room the function is `too_large`, says how many they are, and can be called again.

mod graphs;
mod language;
mod request;

use c12::Context;
use c12::plugin::Place;
use serde_json::json;
use wasmtime::Linker;

use super::errno::Refusal;
use super::{Buffer, Call, function};
use crate::graph::Graph;

/// The module that guests import from.
pub(crate) const MODULE: &str = "c12_nn";

/// The function that gives the words of an error.
pub(super) const LAST_ERROR: &str = "last_error";

/// Its functions.
pub(crate) const FUNCTIONS: [&str; 12] = [
    LAST_ERROR,
    "names",
    "describe",
    "compute_all",
    "describe_outputs",
    "generate",
    "generation_next",
    "generation_usage",
    "generation_drop",
    "apply_chat_template",
    "count_tokens",
    "embed",
];

pub(super) fn link(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
    function!(linker, MODULE, place, "last_error", |call => buffer| last_error(call, buffer))?;
    function!(linker, MODULE, place, "names", |call => buffer| names(call, buffer))?;
    graphs::link(linker, place)?;
    language::link(linker, place)
}

impl Call<'_, '_> {
    fn graph(&mut self, number: u32) -> Result<Graph, Refusal> {
        Ok(self.tables()?.graphs.get(number)?.graph.clone())
    }
}

async fn last_error(call: &mut Call<'_, '_>, buffer: Buffer) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let words = call.tables()?.last_error.clone();
    // What has no room is cut off, so that the words of this failure do not take the place of those.
    let room = words.floor_char_boundary(buffer.size as usize);
    call.fill(buffer, words.get(..room).unwrap_or_default().as_bytes())
}

async fn names(call: &mut Call<'_, '_>, buffer: Buffer) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let names = json!(call.session()?.names());
    call.fill(buffer, names.to_string().as_bytes())
}
