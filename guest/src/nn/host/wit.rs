//! Components: `wasi:nn` and `c12:nn`.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[allow(missing_docs, rust_2018_idioms, unreachable_pub, clippy::all)]
mod bindings {
    wit_bindgen::generate!({ path: "../wit/nn", world: "imports", generate_all });
}

use bindings::c12::nn::{graphs, language};
use bindings::wasi::nn::{errors, graph, inference, tensor};

use super::{Inputs, Outputs};
use crate::nn::{
    Description, Device, Dimension, Encoding, Error, Finish, Grammar, Message, ModelInfo, Options,
    Prompt, Result, Sampling, Signature, Tensor, TensorType, TensorView, Usage,
};

pub(in crate::nn) use graph::Graph;
pub(in crate::nn) use inference::GraphExecutionContext as Context;
pub(in crate::nn) use language::Generation;

pub(in crate::nn) fn load(parts: &[&[u8]], encoding: Encoding, device: Device) -> Result<Graph> {
    let parts: Vec<Vec<u8>> = parts.iter().map(|part| part.to_vec()).collect();
    Ok(graph::load(&parts, encoding.into(), device.into())?)
}

pub(in crate::nn) fn load_by_name(name: &str, options: Option<&Options>) -> Result<Graph> {
    Ok(match options {
        None => graph::load_by_name(name)?,
        Some(options) => graphs::load_by_name_with_options(name, &given(options))?,
    })
}

pub(in crate::nn) fn names() -> Result<Vec<String>> {
    Ok(graphs::names())
}

pub(in crate::nn) fn describe(graph: &Graph) -> Result<Signature> {
    let signature = graphs::describe(graph);
    let side = |side: Vec<graphs::Description>| side.into_iter().map(Into::into).collect();
    Ok(Signature {
        inputs: side(signature.inputs),
        open_inputs: signature.open_inputs,
        outputs: side(signature.outputs),
        open_outputs: signature.open_outputs,
    })
}

pub(in crate::nn) fn context(graph: &Graph) -> Result<Context> {
    Ok(graph.init_execution_context()?)
}

pub(in crate::nn) fn compute(context: &Context, inputs: &Inputs<'_>) -> Result<Outputs> {
    taken(context.compute(handed_over(inputs))?)
}

pub(in crate::nn) fn compute_all<'a>(
    graph: &Graph,
    inputs: &[Vec<(&'a str, TensorView<'a>)>],
) -> Result<Vec<Outputs>> {
    let inputs = inputs.iter().map(|set| handed_over(set)).collect();
    let outputs = graphs::compute_all(graph, inputs)?;
    outputs.into_iter().map(taken).collect()
}

/// Tensors of the host's, with one copy each.
fn handed_over(inputs: &Inputs<'_>) -> Vec<inference::NamedTensor> {
    let inputs = inputs.iter().map(|(name, view)| {
        let tensor = tensor::Tensor::new(view.dimensions(), view.ty().into(), view.bytes());
        ((*name).to_owned(), tensor)
    });
    inputs.collect()
}

fn taken(outputs: Vec<inference::NamedTensor>) -> Result<Outputs> {
    let outputs = outputs.into_iter().map(|(name, output)| {
        let tensor = Tensor::from_bytes(output.ty().into(), output.dimensions(), output.data())?;
        Ok((name, tensor))
    });
    outputs.collect()
}

pub(in crate::nn) fn info(graph: &Graph) -> Result<ModelInfo> {
    let info = language::describe(graph)?;
    Ok(ModelInfo {
        name: info.name,
        architecture: info.architecture,
        context_tokens: info.context_tokens,
        vocabulary: info.vocabulary,
        embedding_size: info.embedding_size,
        has_chat_template: info.has_chat_template,
    })
}

pub(in crate::nn) fn generate(
    graph: &Graph,
    prompt: &Prompt,
    sampling: &Sampling,
) -> Result<Generation> {
    let prompt = match prompt {
        Prompt::Text(text) => language::Prompt::Text(text.clone()),
        Prompt::Chat(list) => language::Prompt::Chat(messages(list)),
    };
    let sampling = language::Sampling {
        max_tokens: sampling.max_tokens,
        temperature: sampling.temperature,
        top_k: sampling.top_k,
        top_p: sampling.top_p,
        min_p: sampling.min_p,
        repeat_penalty: sampling.repeat_penalty,
        seed: sampling.seed,
        stop: sampling.stop.clone(),
        grammar: sampling.grammar.clone().map(Into::into),
        others: given(&sampling.others),
    };
    Ok(language::generate(graph, &prompt, &sampling)?)
}

pub(in crate::nn) fn next(generation: &Generation) -> Result<Option<String>> {
    Ok(generation.next()?)
}

pub(in crate::nn) fn finish(generation: &Generation) -> Result<Option<Finish>> {
    Ok(generation.finish().map(|reason| match reason {
        language::FinishReason::EndOfSequence => Finish::EndOfSequence,
        language::FinishReason::Stop => Finish::Stop,
        language::FinishReason::MaxTokens => Finish::MaxTokens,
        language::FinishReason::ContextFull => Finish::ContextFull,
    }))
}

pub(in crate::nn) fn usage(generation: &Generation) -> Result<Usage> {
    let usage = generation.usage();
    Ok(Usage {
        input_tokens: usage.input_tokens,
        cached_tokens: usage.cached_tokens,
        output_tokens: usage.output_tokens,
        first_token_micros: usage.first_token_micros,
        total_micros: usage.total_micros,
    })
}

pub(in crate::nn) fn apply_chat_template(graph: &Graph, list: &[Message]) -> Result<String> {
    Ok(language::apply_chat_template(graph, &messages(list))?)
}

pub(in crate::nn) fn count_tokens(graph: &Graph, text: &str) -> Result<u32> {
    Ok(language::count_tokens(graph, text)?)
}

pub(in crate::nn) fn embed(
    graph: &Graph,
    texts: &[&str],
    options: &Options,
) -> Result<Vec<Vec<f32>>> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    Ok(language::embed(graph, &texts, &given(options))?)
}

fn given(options: &Options) -> Vec<(String, String)> {
    let all = options.iter();
    all.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn messages(list: &[Message]) -> Vec<language::Message> {
    let messages = list.iter().map(|message| language::Message {
        role: message.role.clone(),
        content: message.content.clone(),
    });
    messages.collect()
}

impl From<errors::Error> for Error {
    fn from(error: errors::Error) -> Self {
        use errors::ErrorCode;
        let case = match error.code() {
            ErrorCode::InvalidArgument => Self::InvalidArgument,
            ErrorCode::InvalidEncoding => Self::InvalidEncoding,
            ErrorCode::Timeout => Self::Timeout,
            ErrorCode::RuntimeError => Self::RuntimeError,
            ErrorCode::UnsupportedOperation => Self::UnsupportedOperation,
            ErrorCode::TooLarge => Self::TooLarge,
            ErrorCode::NotFound => Self::NotFound,
            ErrorCode::Security => Self::Security,
            ErrorCode::Unknown => Self::Unknown,
        };
        case(error.data())
    }
}

impl From<Grammar> for language::Grammar {
    fn from(grammar: Grammar) -> Self {
        match grammar {
            Grammar::Gbnf(grammar) => Self::Gbnf(grammar),
            Grammar::JsonSchema(schema) => Self::JsonSchema(schema),
        }
    }
}

impl From<Encoding> for graph::GraphEncoding {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::OpenVino => Self::Openvino,
            Encoding::Onnx => Self::Onnx,
            Encoding::TensorFlow => Self::Tensorflow,
            Encoding::PyTorch => Self::Pytorch,
            Encoding::TensorFlowLite => Self::Tensorflowlite,
            Encoding::Ggml => Self::Ggml,
            Encoding::Autodetect => Self::Autodetect,
        }
    }
}

impl From<Device> for graph::ExecutionTarget {
    fn from(device: Device) -> Self {
        match device {
            Device::Cpu => Self::Cpu,
            Device::Gpu => Self::Gpu,
            Device::Tpu => Self::Tpu,
        }
    }
}

impl From<TensorType> for tensor::TensorType {
    fn from(ty: TensorType) -> Self {
        match ty {
            TensorType::F16 => Self::Fp16,
            TensorType::F32 => Self::Fp32,
            TensorType::F64 => Self::Fp64,
            TensorType::Bf16 => Self::Bf16,
            TensorType::U8 => Self::U8,
            TensorType::I32 => Self::I32,
            TensorType::I64 => Self::I64,
        }
    }
}

impl From<tensor::TensorType> for TensorType {
    fn from(ty: tensor::TensorType) -> Self {
        use tensor::TensorType as Theirs;
        match ty {
            Theirs::Fp16 => Self::F16,
            Theirs::Fp32 => Self::F32,
            Theirs::Fp64 => Self::F64,
            Theirs::Bf16 => Self::Bf16,
            Theirs::U8 => Self::U8,
            Theirs::I32 => Self::I32,
            Theirs::I64 => Self::I64,
        }
    }
}

impl From<graphs::Description> for Description {
    fn from(description: graphs::Description) -> Self {
        let dimensions = description.dimensions;
        Self {
            name: description.name,
            ty: description.ty.map(Into::into),
            dimensions: dimensions.map(|all| all.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<graphs::Dimension> for Dimension {
    fn from(dimension: graphs::Dimension) -> Self {
        match dimension {
            graphs::Dimension::Fixed(size) => Self::Fixed(size),
            graphs::Dimension::Free(name) => Self::Free(name),
        }
    }
}
