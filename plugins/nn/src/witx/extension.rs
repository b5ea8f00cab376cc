//! `c12_nn`: for core modules, what `c12:nn` is for components, and the words for errors.
//!
//! Requests and descriptions are JSON. Whoever gets bytes passes a buffer, its size, and where the number of bytes
//! goes; if they have no room the function is `too_large`, says how many they are, and can be called again.

use c12::Context;
use c12::plugin::Place;
use c12_nn_core::{
    Code, Dimension, Error, Finish, Message, NamedTensor, Options, Prompt, Side, TensorType,
};
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;
use wasmtime::Linker;

use super::errno::{Errno, Refusal};
use super::inference::about;
use super::{Buffer, Call, OpenGeneration, function, memory};
use crate::graph::Graph;

/// The module that guests import from.
pub(crate) const MODULE: &str = "c12_nn";

/// Its functions.
pub(crate) const FUNCTIONS: [&str; 12] = [
    "last_error",
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
    function!(
        linker,
        MODULE,
        place,
        "last_error",
        |call, start, size, written| {
            last_error(
                call,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "names",
        |call, start, size, written| {
            names(
                call,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "describe",
        |call, graph, start, size, written| {
            describe(
                call,
                graph,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "compute_all",
        |call, contexts, count| { compute_all(call, contexts, count) }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "describe_outputs",
        |call, context, start, size, written| {
            describe_outputs(
                call,
                context,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    link_language(linker, place)
}

fn link_language(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
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
        |call, generation, start, size, written| {
            generation_next(
                call,
                generation,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "generation_usage",
        |call, generation, start, size, written| {
            generation_usage(
                call,
                generation,
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
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
        |call, graph, messages, length, start, size, written| {
            apply_chat_template(
                call,
                graph,
                (messages, length),
                Buffer {
                    start,
                    size,
                    written,
                },
            )
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
        |call, graph, request, length, start, size, written| {
            embed(
                call,
                graph,
                (request, length),
                Buffer {
                    start,
                    size,
                    written,
                },
            )
        }
    )?;
    Ok(())
}

impl Call<'_, '_> {
    fn graph(&mut self, number: u32) -> Result<Graph, Refusal> {
        Ok(self.tables()?.graphs.get(number)?.graph.clone())
    }

    fn json(&mut self, (start, length): (u32, u32)) -> Result<Value, Refusal> {
        let most = self.session()?.limits().host_bytes;
        let bytes = memory::bytes(self.memory()?, start, length)?;
        if bytes.len() > most {
            return Err(Error::too_large(format!(
                "a request of {} bytes is larger than the {most} bytes that one call may have the host keep",
                bytes.len()
            ))
            .with_help("`--max-host-bytes` is the limit")
            .into());
        }
        serde_json::from_slice(bytes)
            .map_err(|error| Error::invalid_argument(format!("it is no JSON: {error}")).into())
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

async fn describe(call: &mut Call<'_, '_>, graph: u32, buffer: Buffer) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let graph = call.graph(graph)?;
    let signature = graph.model().signature();
    let mut described = json!({
        "backend": graph.model().backend(),
        "inputs": side(&signature.inputs),
        "outputs": side(&signature.outputs),
    });
    if let (Ok(info), Some(object)) = (
        call.session()?.describe_language(&graph),
        described.as_object_mut(),
    ) {
        object.insert(
            "language".to_owned(),
            json!({
                "name": info.name,
                "architecture": info.architecture,
                "context-tokens": info.context_tokens,
                "vocabulary": info.vocabulary,
                "embedding-size": info.embedding_size,
                "has-chat-template": info.has_chat_template,
            }),
        );
    }
    call.fill(buffer, described.to_string().as_bytes())
}

/// `{"open": …, "tensors": [{"name": …, "type": …, "dimensions": [4, "n", null]}]}`
fn side(side: &Side) -> Value {
    let dimension = |dimension: &Dimension| match dimension {
        Dimension::Fixed(size) => json!(size),
        Dimension::Free(name) => json!(name),
    };
    let tensors = side.tensors.iter().map(|tensor| {
        let dimensions = tensor.dimensions.as_ref();
        json!({
            "name": tensor.name,
            "type": tensor.ty.map(TensorType::name),
            "dimensions": dimensions.map(|all| all.iter().map(dimension).collect::<Vec<_>>()),
        })
    });
    json!({ "open": side.open, "tensors": tensors.collect::<Vec<_>>() })
}

/// Computes in several contexts, at once where the host can.
async fn compute_all(call: &mut Call<'_, '_>, contexts: u32, count: u32) -> Result<(), Refusal> {
    /// As for components: enough to fill batches, too few to fill the pool of threads.
    const AT_ONCE: usize = 64;
    let session = call.session()?;
    if u64::from(count) > session.policy().contexts {
        return Err(Error::invalid_argument(format!(
            "{count} execution contexts are more than there can be"
        ))
        .into());
    }
    let numbers: Vec<u32> = memory::numbers(call.memory()?, contexts, count)?.collect();
    let mut waiting = Vec::new();
    for number in numbers {
        waiting.push(call.live_context(number)?);
    }
    let mut waiting = waiting.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(context) = waiting.next()
        {
            let session = session.clone();
            running.spawn(async move {
                let computed = session.compute(&context).await;
                computed.map_err(|error| about(&context, error))
            });
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(ended) => {
                ended.map_err(|error| Refusal::from(Error::runtime(error.to_string())))??;
            }
        }
    }
}

/// `[{"name": …, "type": …, "dimensions": […], "bytes": …}]`: what `get_output` cannot say.
async fn describe_outputs(
    call: &mut Call<'_, '_>,
    context: u32,
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let context = call.tables()?.contexts.get(context)?.context.clone();
    let outputs = call.session()?.outputs(&context).await?;
    let described = outputs.iter().map(|NamedTensor { name, tensor }| {
        json!({
            "name": name,
            "type": tensor.ty.name(),
            "dimensions": tensor.dimensions,
            "bytes": tensor.data.len(),
        })
    });
    let described: Value = described.collect();
    call.fill(buffer, described.to_string().as_bytes())
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
    let mut request = object(call.json(request)?)?;
    let prompt = match (request.remove("prompt"), request.remove("messages")) {
        (Some(Value::String(text)), None) => Prompt::Text(text),
        (None, Some(list)) => Prompt::Chat(messages(list)?),
        _ => {
            return Err(Error::invalid_argument(
                "either `prompt`, a text, or `messages`, a list, is to be continued",
            )
            .into());
        }
    };
    let options = options(request)?;
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
    let generation = call.tables()?.generations.get(number)?.generation.clone();
    let usage = generation.usage();
    let finish = generation.finish().map(|reason| match reason {
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
    let messages = messages(call.json(list)?)?;
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
    let text = memory::text(call.memory()?, start, length, "the text")?.to_owned();
    let session = call.session()?;
    let count = session.count_tokens(&graph, text).await?;
    call.write(out, count)
}

/// The vectors one after the other, as numbers of 32 bits.
async fn embed(
    call: &mut Call<'_, '_>,
    graph: u32,
    request: (u32, u32),
    buffer: Buffer,
) -> Result<(), Refusal> {
    call.check_buffer(buffer)?;
    let graph = call.graph(graph)?;
    let mut request = object(call.json(request)?)?;
    let texts = match request.remove("texts") {
        Some(Value::Array(texts)) => texts
            .into_iter()
            .map(text)
            .collect::<Result<Vec<String>, Refusal>>()?,
        _ => return Err(Error::invalid_argument("`texts`, a list, is to be embedded").into()),
    };
    let options = options(request)?;
    let session = call.session()?;
    let vectors = session.embed(&graph, texts, options).await?;
    let bytes: Vec<u8> = vectors
        .iter()
        .flatten()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    call.fill(buffer, &bytes)
}

fn object(value: Value) -> Result<Map<String, Value>, Refusal> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Error::invalid_argument("the request is no JSON object").into()),
    }
}

fn text(value: Value) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Error::invalid_argument("something that must be a text is none").into()),
    }
}

/// What is left of a request: its options, and nothing else.
fn options(mut request: Map<String, Value>) -> Result<Options, Refusal> {
    let mut options = Options::new();
    if let Some(given) = request.remove("options") {
        for (key, value) in object(given)? {
            options.set(key, value);
        }
    }
    match request.keys().next() {
        None => Ok(options),
        Some(key) => Err(Error::invalid_argument(format!(
            "the request has `{}`, which means nothing",
            key.escape_debug()
        ))
        .into()),
    }
}

/// `[{"role": …, "content": …}]`
fn messages(list: Value) -> Result<Vec<Message>, Refusal> {
    let Value::Array(list) = list else {
        return Err(Error::invalid_argument("the messages are no list").into());
    };
    list.into_iter()
        .map(|message| {
            let mut message = object(message)?;
            let mut part = |name: &str| text(message.remove(name).unwrap_or_default());
            Ok(Message {
                role: part("role")?,
                content: part("content")?,
            })
        })
        .collect()
}
