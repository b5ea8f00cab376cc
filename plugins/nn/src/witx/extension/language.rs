//! Models that continue text.

use c12::Context;
use c12::plugin::Place;
use c12_nn_core::{Code, Finish};
use serde_json::json;
use wasmtime::Linker;

use super::super::errno::{Errno, Refusal};
use super::super::{Buffer, Call, OpenGeneration, function, memory};
use super::{MODULE, request};
use crate::language::Progress;

pub(super) fn link(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
    function!(
        linker,
        MODULE,
        place,
        "generate",
        |call, graph, request, length, out| { generate(call, graph, (request, length), out) }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "generation_next",
        |call, generation => buffer| generation_next(call, generation, buffer)
    )?;
    function!(
        linker,
        MODULE,
        place,
        "generation_usage",
        |call, generation => buffer| generation_usage(call, generation, buffer)
    )?;
    function!(
        linker,
        MODULE,
        place,
        "generation_drop",
        |call, generation| { generation_drop(call, generation) }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "apply_chat_template",
        |call, graph, messages, length => buffer| {
            apply_chat_template(call, graph, (messages, length), buffer)
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "count_tokens",
        |call, graph, text, length, out| { count_tokens(call, graph, (text, length), out) }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "embed",
        |call, graph, request, length => buffer| embed(call, graph, (request, length), buffer)
    )?;
    Ok(())
}

async fn generate(
    call: &mut Call<'_, '_>,
    graph: u32,
    request: (u32, u32),
    out: u32,
) -> Result<(), Refusal> {
    call.check_place(out)?;
    let graph = call.graph(graph)?;
    call.tables()?.generations.check_room()?;
    let (prompt, options) = call.request(request, request::generation).await?;
    let session = call.session()?;
    let generation = session.generate(&graph, prompt, options).await;
    let generation = generation.map_err(|error| match error.code() {
        Code::TooLarge => Refusal::new(Errno::PromptTooLong, error),
        _ => error.into(),
    })?;
    let number = call.tables()?.generations.insert(OpenGeneration {
        generation,
        piece: None,
    })?;
    call.write(out, number)
}

/// The next piece of the text. `end_of_sequence` if it is complete.
async fn generation_next(
    call: &mut Call<'_, '_>,
    number: u32,
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let open = call.tables()?.generations.get_mut(number)?;
    let piece = match open.piece.take() {
        Some(piece) => piece,
        None => {
            let generation = open.generation.clone();
            let session = call.session()?;
            let next = session.next_piece(&generation).await?;
            next.ok_or_else(|| Refusal::silent(Errno::EndOfSequence))?
        }
    };
    let filled = call.fill(buffer, piece.as_bytes());
    if filled.is_err() {
        call.tables()?.generations.get_mut(number)?.piece = Some(piece);
    }
    filled
}

async fn generation_usage(
    call: &mut Call<'_, '_>,
    number: u32,
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let open = call.tables()?.generations.get(number)?;
    let Progress { finish, usage } = open.generation.progress();
    let finish = finish.map(|reason| match reason {
        Finish::EndOfSequence => "end-of-sequence",
        Finish::StopWord => "stop",
        Finish::Limit => "max-tokens",
        Finish::ContextFull => "context-full",
    });
    let described = json!({
        "finish": finish,
        "input-tokens": usage.input_tokens,
        "cached-tokens": usage.cached_tokens,
        "output-tokens": usage.output_tokens,
        "first-token-micros": usage.first_token_micros,
        "total-micros": usage.total_micros,
    });
    call.fill(buffer, described.to_string().as_bytes())
}

async fn generation_drop(call: &mut Call<'_, '_>, number: u32) -> Result<(), Refusal> {
    call.tables()?.generations.remove(number)?;
    Ok(())
}

async fn apply_chat_template(
    call: &mut Call<'_, '_>,
    graph: u32,
    list: (u32, u32),
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let graph = call.graph(graph)?;
    let messages = call.request(list, request::messages).await?;
    let session = call.session()?;
    let text = session.apply_chat_template(&graph, messages).await?;
    call.fill(buffer, text.as_bytes())
}

async fn count_tokens(
    call: &mut Call<'_, '_>,
    graph: u32,
    (start, length): (u32, u32),
    out: u32,
) -> Result<(), Refusal> {
    call.check_place(out)?;
    let graph = call.graph(graph)?;
    call.kept((start, length))?;
    let text = memory::text(call.memory()?, start, length, "the text")?.to_owned();
    let session = call.session()?;
    let count = session.count_tokens(&graph, text).await?;
    call.write(out, count)
}

/// The vectors one after the other, as numbers of 32 bits. Nothing is computed before there is room for them.
async fn embed(
    call: &mut Call<'_, '_>,
    graph: u32,
    request: (u32, u32),
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let graph = call.graph(graph)?;
    let (texts, options) = call.request(request, request::embedding).await?;
    let session = call.session()?;
    call.check_room(buffer, session.size_of_embeddings(&graph, texts.len())?)?;
    let (vectors, _held) = session.embed(&graph, texts, options).await?;
    let bytes: Vec<u8> = vectors
        .iter()
        .flatten()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    call.fill(buffer, &bytes)
}
