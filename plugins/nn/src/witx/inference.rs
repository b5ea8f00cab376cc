//! Inputs, computations and outputs.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use c12::Context;
use c12::plugin::Place;
use c12_nn_core::{Code, Error, Step, Tensor, TensorType};
use wasmtime::Linker;

use super::errno::{Errno, Refusal};
use super::{Buffer, Call, MODULE, Numbering, OpenContext, function, memory};
use crate::session::{ExecutionContext, check_rank};

pub(super) fn link(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
    function!(
        linker,
        MODULE,
        place,
        "set_input",
        |call, context, index, tensor| { set_input(call, context, index, tensor) }
    )?;
    function!(linker, MODULE, place, "compute", |call, context| compute(
        call, context
    ))?;
    function!(linker, MODULE, place, "compute_single", |call, context| {
        compute_single(call, context)
    })?;
    function!(linker, MODULE, place, "fini_single", |call, context| {
        fini_single(call, context)
    })?;
    function!(
        linker,
        MODULE,
        place,
        "get_output",
        |call, context, index => buffer| get_output(call, (context, index, false), buffer)
    )?;
    function!(
        linker,
        MODULE,
        place,
        "get_output_single",
        |call, context, index => buffer| get_output(call, (context, index, true), buffer)
    )?;
    Ok(())
}

impl Call<'_, '_> {
    fn context(&mut self, number: u32) -> Result<OpenContext, Refusal> {
        Ok(self.tables()?.contexts.get(number)?.clone())
    }

    /// A context that may compute.
    pub(super) fn live_context(&mut self, number: u32) -> Result<ExecutionContext, Refusal> {
        let open = self.context(number)?;
        if open.unloaded.load(Ordering::Relaxed) {
            return Err(Error::invalid_argument(format!(
                "the graph of the execution context {number} was unloaded"
            ))
            .into());
        }
        Ok(open.context)
    }
}

async fn set_input(
    call: &mut Call<'_, '_>,
    context: u32,
    index: u32,
    tensor: u32,
) -> Result<(), Refusal> {
    let context = call.live_context(context)?;
    let session = call.session()?;
    let numbering = session.policy().numbering;
    let most = session.limits().host_bytes;
    let of_text = context.is_of_language_model();
    let tensor = read_tensor(call.memory()?, tensor, numbering, of_text, most)?;
    let set = session.set_input(&context, index, tensor).await;
    set.map_err(|error| about(&context, error))
}

/// `tensor` of the specification: the dimensions with their number, the type, the bytes with their number.
fn read_tensor(
    memory: &[u8],
    place: u32,
    numbering: Numbering,
    of_text: bool,
    most: usize,
) -> Result<Tensor, Error> {
    /// Five numbers; of the third only the first byte is defined.
    const SIZE: u32 = 20;
    memory::bytes(memory, place, SIZE)?;
    let field = |index: u32| memory::number(memory, place.saturating_add(4 * index));
    let (dimensions, rank) = (field(0)?, field(1)?);
    check_rank(rank as usize)?;
    let dimensions: Vec<u32> = memory::numbers(memory, dimensions, rank)?.collect();
    let [ty, ..] = field(2)?.to_le_bytes();
    let data = memory::bytes(memory, field(3)?, field(4)?)?;
    if data.len() > most {
        return Err(Error::too_large(format!(
            "a tensor of {} bytes is larger than the {most} bytes that one call may have the host keep",
            data.len()
        ))
        .with_help("`--max-host-bytes` is the limit"));
    }
    if of_text {
        // Text is text, whatever a guest says of its type and its size, as in WasmEdge.
        return Ok(Tensor {
            ty: TensorType::U8,
            dimensions: vec![u32::try_from(data.len()).unwrap_or(u32::MAX)],
            data: Bytes::copy_from_slice(data),
        });
    }
    Ok(Tensor {
        ty: numbering.tensor_type(ty, &dimensions, data.len())?,
        dimensions,
        data: Bytes::copy_from_slice(data),
    })
}

async fn compute(call: &mut Call<'_, '_>, context: u32) -> Result<(), Refusal> {
    let context = call.live_context(context)?;
    let session = call.session()?;
    let Err(error) = session.compute(&context).await else {
        return Ok(());
    };
    let too_large = context.is_of_language_model() && error.code() == Code::TooLarge;
    if too_large && session.get_output(&context, 0, false).await.is_ok() {
        // There is some text; what had no room is its end, not the prompt.
        return Err(Refusal::new(Errno::ContextFull, error));
    }
    Err(about(&context, error))
}

async fn compute_single(call: &mut Call<'_, '_>, context: u32) -> Result<(), Refusal> {
    let context = call.live_context(context)?;
    let session = call.session()?;
    let step = session.compute_single(&context).await;
    match step.map_err(|error| about(&context, error))? {
        Step::Piece => Ok(()),
        Step::EndOfSequence | Step::LimitReached => Err(Refusal::silent(Errno::EndOfSequence)),
        Step::ContextFull => Err(Refusal::silent(Errno::ContextFull)),
    }
}

async fn fini_single(call: &mut Call<'_, '_>, context: u32) -> Result<(), Refusal> {
    let context = call.context(context)?.context;
    let session = call.session()?;
    session.fini_single(&context).await?;
    Ok(())
}

async fn get_output(
    call: &mut Call<'_, '_>,
    (context, index, single): (u32, u32, bool),
    buffer: Buffer,
) -> Result<(), Refusal> {
    let context = call.context(context)?.context;
    call.check_buffer(buffer)?;
    let session = call.session()?;
    let output = session.get_output(&context, index, single).await?;
    call.fill(buffer, &output.data)
}

/// A prompt that is longer than the context has a number of its own.
pub(super) fn about(context: &ExecutionContext, error: Error) -> Refusal {
    if context.is_of_language_model() && error.code() == Code::TooLarge {
        return Refusal::new(Errno::PromptTooLong, error);
    }
    error.into()
}
