//! What models take and give, and many inferences at once.

use c12::Context;
use c12::plugin::Place;
use c12_nn_core::{Dimension, Error, NamedTensor, Side, TensorType};
use serde_json::{Value, json};
use wasmtime::Linker;

use super::super::errno::Refusal;
use super::super::inference::about;
use super::super::{Buffer, Call, function, memory};
use super::MODULE;
use crate::session::{ExecutionContext, Session};

pub(super) fn link(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
    function!(linker, MODULE, place, "describe", |call, graph => buffer| describe(call, graph, buffer))?;
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
        |call, context => buffer| describe_outputs(call, context, buffer)
    )?;
    Ok(())
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
    let session = call.session()?;
    if u64::from(count) > session.policy().contexts {
        return Err(Error::invalid_argument(format!(
            "{count} execution contexts are more than there can be"
        ))
        .into());
    }
    let numbers: Vec<u32> = memory::numbers(call.memory()?, contexts, count)?.collect();
    let contexts = numbers
        .into_iter()
        .map(|number| call.live_context(number))
        .collect::<Result<Vec<_>, _>>()?;
    let begin = |context: ExecutionContext, ()| {
        let session = session.clone();
        async move {
            let computed = session.compute(&context).await;
            computed.map_err(|error| about(&context, error))
        }
    };
    // They have their contexts already.
    Session::side_by_side(contexts, || Ok(()), begin)
        .await
        .map(|_: Vec<()>| ())
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
