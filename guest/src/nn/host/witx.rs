//! Core modules: `wasi_ephemeral_nn`, and C12's own `c12_nn` for what it lacks.
// These are foreign functions. Every pointer that they get is that of a value or slice which lives through the call, and
// goes along with the slice's length; what they write into is initialised before.
#![allow(unsafe_code)]

mod handles;
mod imports;
mod language;

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::{Inputs, Outputs, json, side_by_side};
use crate::nn::{
    Description, Device, Encoding, Error, Options, Result, Signature, Tensor, TensorType,
    TensorView,
};
use handles::{ContextHandle, GraphHandle};

pub(in crate::nn) use handles::Generation;
pub(in crate::nn) use language::{
    apply_chat_template, count_tokens, embed, finish, generate, info, next, usage,
};

/// Calls a function of the host with the arguments and, at their end, a pointer to what it gives.
macro_rules! call {
    ($module:ident::$function:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: see the top of `witx.rs`.
        crate::nn::host::witx::check(unsafe {
            crate::nn::host::witx::imports::$module::$function($($argument),*)
        })
    };
    ($module:ident::$function:ident($($argument:expr),* $(,)?) -> u32) => {{
        let mut out = 0_u32;
        call!($module::$function($($argument,)* &mut out)).map(|()| out)
    }};
}
use call;

/// Calls a function of the host's that fills a buffer. A larger one is tried if it had no room.
macro_rules! fill {
    ($first:expr, $module:ident::$function:ident($($argument:expr),* $(,)?)) => {
        crate::nn::host::witx::filled($first, |buffer, room, length| {
            // SAFETY: see the top of `witx.rs`.
            unsafe {
                crate::nn::host::witx::imports::$module::$function($($argument,)* buffer, room, length)
            }
        })
    };
}
use fill;

/// What a function's error number means. The words are the host's.
fn check(code: u32) -> Result<()> {
    let case = match code {
        0 => return Ok(()),
        1 => Error::InvalidArgument,
        2 => Error::InvalidEncoding,
        // The host knows one thing that may be busy, a computation that takes too long.
        4 => Error::Timeout,
        5 => Error::RuntimeError,
        6 => Error::UnsupportedOperation,
        7 | 101 | 102 => Error::TooLarge,
        8 | 103 => Error::NotFound,
        _ => Error::Unknown,
    };
    Err(case(last_error()))
}

fn last_error() -> String {
    let mut words = vec![0; 4096];
    let mut length = 0;
    // SAFETY: see the top of this file.
    let code = unsafe { imports::c12::last_error(words.as_mut_ptr(), words.len(), &mut length) };
    if code != 0 {
        return String::new();
    }
    words.truncate(length as usize);
    String::from_utf8_lossy(&words).into_owned()
}

/// The number of an error that a buffer has no room.
const TOO_LARGE: u32 = 7;

fn filled(first: usize, call: impl Fn(*mut u8, usize, &mut u32) -> u32) -> Result<Vec<u8>> {
    let mut buffer = vec![0; first];
    loop {
        let mut length = 0;
        let code = call(buffer.as_mut_ptr(), buffer.len(), &mut length);
        let length = length as usize;
        if code == TOO_LARGE && length > buffer.len() {
            buffer.resize(length, 0);
            continue;
        }
        check(code)?;
        buffer.truncate(length);
        return Ok(buffer);
    }
}

/// A model.
#[derive(Debug)]
pub(in crate::nn) struct Graph {
    handle: GraphHandle,
    signature: OnceLock<Signature>,
}

impl Graph {
    fn owning(handle: u32) -> Self {
        Self {
            handle: GraphHandle::owning(handle),
            signature: OnceLock::new(),
        }
    }

    fn described(&self) -> Result<Value> {
        json::parsed(&fill!(4096, c12::describe(self.handle.number()))?)
    }

    fn signature(&self) -> Result<&Signature> {
        if let Some(known) = self.signature.get() {
            return Ok(known);
        }
        let signature = json::signature(&self.described()?)?;
        Ok(self.signature.get_or_init(|| signature))
    }
}

/// A context with what it needs of its graph, which it keeps from being unloaded.
#[derive(Debug)]
pub(in crate::nn) struct Context {
    graph: GraphHandle,
    /// What the graph takes.
    inputs: Vec<Description>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    handle: ContextHandle,
    /// The inputs that were set in it: they stay until others take their places.
    set: BTreeSet<u32>,
}

pub(in crate::nn) fn load(parts: &[&[u8]], encoding: Encoding, device: Device) -> Result<Graph> {
    let parts: Vec<imports::Bytes> = parts.iter().map(|part| imports::Bytes::of(part)).collect();
    let encoding = match encoding {
        Encoding::OpenVino => 0,
        Encoding::Onnx => 1,
        Encoding::TensorFlow => 2,
        Encoding::PyTorch => 3,
        Encoding::TensorFlowLite => 4,
        Encoding::Autodetect => 5,
        Encoding::Ggml => 6,
    };
    let device = match device {
        Device::Cpu => 0,
        Device::Gpu => 1,
        Device::Tpu => 2,
    };
    call!(wasi::load(parts.as_ptr(), parts.len(), encoding, device) -> u32).map(Graph::owning)
}

pub(in crate::nn) fn load_by_name(name: &str, options: Option<&Options>) -> Result<Graph> {
    let handle = match options {
        None => call!(wasi::load_by_name(name.as_ptr(), name.len()) -> u32),
        Some(options) => {
            let config = json::options(options).to_string();
            call!(wasi::load_by_name_with_config(
                name.as_ptr(),
                name.len(),
                config.as_ptr(),
                config.len(),
            ) -> u32)
        }
    };
    handle.map(Graph::owning)
}

pub(in crate::nn) fn names() -> Result<Vec<String>> {
    json::names(&json::parsed(&fill!(1024, c12::names())?)?)
}

pub(in crate::nn) fn describe(graph: &Graph) -> Result<Signature> {
    graph.signature().cloned()
}

pub(in crate::nn) fn context(graph: &Graph) -> Result<Context> {
    let inputs = graph.signature()?.inputs.clone();
    let handle = new_context(&graph.handle)?;
    Ok(Context {
        graph: graph.handle.clone(),
        inputs,
        state: Mutex::new(State {
            handle,
            set: BTreeSet::new(),
        }),
    })
}

fn new_context(graph: &GraphHandle) -> Result<ContextHandle> {
    let handle = call!(wasi::init_execution_context(graph.number()) -> u32)?;
    Ok(ContextHandle::owning(handle))
}

pub(in crate::nn) fn compute(context: &Context, inputs: &Inputs<'_>) -> Result<Outputs> {
    let handle = context.set(inputs)?;
    call!(wasi::compute(handle))?;
    outputs(handle)
}

pub(in crate::nn) fn compute_all<'a>(
    graph: &Graph,
    inputs: &[Vec<(&'a str, TensorView<'a>)>],
) -> Result<Vec<Outputs>> {
    let new = || context(graph);
    side_by_side::in_contexts(inputs, new, |contexts, sets| {
        let ready = contexts.iter().zip(sets);
        let ready: Vec<u32> = ready
            .map(|(context, set)| context.set(set))
            .collect::<Result<_>>()?;
        call!(c12::compute_all(ready.as_ptr(), ready.len()))?;
        ready.into_iter().map(outputs).collect()
    })
}

impl Context {
    /// Sets these inputs and no others, and says in which context.
    fn set(&self, inputs: &Inputs<'_>) -> Result<u32> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let positions = inputs
            .iter()
            .map(|(name, _)| position(&self.inputs, name))
            .collect::<Result<Vec<u32>>>()?;
        let wanted: BTreeSet<u32> = positions.iter().copied().collect();
        if !state.set.is_subset(&wanted) {
            state.handle = new_context(&self.graph)?;
            state.set.clear();
        }
        let handle = state.handle.number();
        for (position, (_, view)) in positions.into_iter().zip(inputs) {
            let tensor = imports::Tensor::of(*view, type_number(view.ty())?);
            call!(wasi::set_input(handle, position, &tensor))?;
            state.set.insert(position);
        }
        Ok(handle)
    }
}

/// Which input it is: the one of that name, or of that position in digits where no input has it as its name.
fn position(inputs: &[Description], name: &str) -> Result<u32> {
    let named = inputs.iter().position(|input| input.name == name);
    let position = named.map(|position| position as u32);
    position.or_else(|| name.parse().ok()).ok_or_else(|| {
        let names: Vec<String> = inputs.iter().map(Description::to_string).collect();
        let there = names.join("`, `");
        Error::InvalidArgument(format!("the model has no input `{name}`; it has `{there}`"))
    })
}

fn outputs(context: u32) -> Result<Outputs> {
    let outputs = json::outputs(&json::parsed(&fill!(
        4096,
        c12::describe_outputs(context)
    )?)?)?;
    let fetched = outputs.into_iter().enumerate().map(|(index, output)| {
        let bytes = fill!(output.bytes, wasi::get_output(context, index as u32))?;
        let tensor = Tensor::from_bytes(output.ty, output.dimensions, bytes)?;
        Ok((output.name, tensor))
    });
    fetched.collect()
}

/// The specification's numbers for core modules.
fn type_number(ty: TensorType) -> Result<u8> {
    Ok(match ty {
        TensorType::F16 => 0,
        TensorType::F32 => 1,
        TensorType::F64 => 2,
        TensorType::U8 => 3,
        TensorType::I32 => 4,
        TensorType::I64 => 5,
        TensorType::Bf16 => {
            return Err(Error::UnsupportedOperation(
                "core modules have no tensors of bf16".to_owned(),
            ));
        }
    })
}
