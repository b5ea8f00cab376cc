//! Models that continue text, all of it in `c12_nn`.

use serde_json::json;

use super::{Generation, Graph, call, fill, json};
use crate::nn::{Error, Finish, Message, ModelInfo, Options, Prompt, Result, Sampling, Usage};

/// The number that says there is no more text.
const END_OF_SEQUENCE: u32 = 100;

pub(in crate::nn) fn info(graph: &Graph) -> Result<ModelInfo> {
    json::info(&graph.described()?)
}

pub(in crate::nn) fn generate(
    graph: &Graph,
    prompt: &Prompt,
    sampling: &Sampling,
) -> Result<Generation> {
    let request = json::request(prompt, sampling).to_string();
    let graph = graph.handle.number();
    call!(c12::generate(graph, request.as_ptr(), request.len()) -> u32).map(Generation::owning)
}

pub(in crate::nn) fn next(generation: &Generation) -> Result<Option<String>> {
    let ended = std::cell::Cell::new(false);
    let piece = super::filled(256, |buffer, room, length| {
        // SAFETY: see the top of `witx.rs`.
        let code = unsafe {
            super::imports::c12::generation_next(generation.number(), buffer, room, length)
        };
        ended.set(code == END_OF_SEQUENCE);
        // The end is no error.
        if ended.get() { 0 } else { code }
    })?;
    if ended.get() {
        return Ok(None);
    }
    text(piece).map(Some)
}

pub(in crate::nn) fn finish(generation: &Generation) -> Result<Option<Finish>> {
    json::finish(&told(generation)?)
}

pub(in crate::nn) fn usage(generation: &Generation) -> Result<Usage> {
    json::usage(&told(generation)?)
}

fn told(generation: &Generation) -> Result<serde_json::Value> {
    json::parsed(&fill!(512, c12::generation_usage(generation.number()))?)
}

pub(in crate::nn) fn apply_chat_template(graph: &Graph, messages: &[Message]) -> Result<String> {
    let messages = json::messages(messages).to_string();
    let graph = graph.handle.number();
    text(fill!(
        messages.len() + 1024,
        c12::apply_chat_template(graph, messages.as_ptr(), messages.len())
    )?)
}

pub(in crate::nn) fn count_tokens(graph: &Graph, text: &str) -> Result<u32> {
    let graph = graph.handle.number();
    call!(c12::count_tokens(graph, text.as_ptr(), text.len()) -> u32)
}

pub(in crate::nn) fn embed(
    graph: &Graph,
    texts: &[&str],
    options: &Options,
) -> Result<Vec<Vec<f32>>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let size = info(graph)?.embedding_size as usize;
    let request = json!({ "texts": texts, "options": json::options(options) }).to_string();
    let graph = graph.handle.number();
    // With room from the beginning, one call is enough.
    let bytes = fill!(
        texts.len() * size * size_of::<f32>(),
        c12::embed(graph, request.as_ptr(), request.len())
    )?;
    let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
    let length = numbers.len() / texts.len();
    Ok(numbers
        .chunks_exact(length.max(1))
        .map(<[f32]>::to_vec)
        .collect())
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::Unknown("the host's text is no UTF-8".to_owned()))
}
