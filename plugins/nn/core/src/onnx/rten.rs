use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use half::{bf16, f16};
use rten::{NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueView};
use rten_tensor::prelude::*;

use super::signature::{BOOL, Declared, declared, interface_type};
use super::{Checked, SESSION, checked, growth};
use crate::backend::only_processor;
use crate::{
    Backend, Cancel, Device, Encoding, Error, Graph, Key, Options, Result, Session, Signature,
    Source, Status, Tensor, TensorGraph, TensorModel, TensorType,
};

/// The version of the engine.
const VERSION: &str = "0.27.0";

/// The nodes of the longest chain. The engine calls itself for each.
const CHAIN: usize = 5000;

/// The elements of an input, unless the user says otherwise.
const INPUT: usize = 1 << 24;

/// An engine in Rust, part of this program: slower than ONNX Runtime, but always there. It computes with `f32`, and
/// with integers of 32 bits.
///
/// It does not notice that memory is running out: a model that needs more than there is ends the process, and a few
/// bytes of a model can ask for that. So it takes no models from guests, unless they are trusted with it. For those that
/// the user names it is checked that no number in an input becomes a size, and that inputs are not larger than the option
/// `input-elements` says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rten {
    trusts_guests: bool,
}

impl Rten {
    /// The backend.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether guests may hand over models, and with them end the process.
    #[must_use]
    pub fn trusts_guests(mut self, yes: bool) -> Self {
        self.trusts_guests = yes;
        self
    }
}

/// What the options say.
struct Settings {
    /// Of each operator.
    threads: Option<u16>,
    /// Elements that an input may have.
    input_elements: usize,
}

impl Settings {
    fn new(options: &Options) -> Result<Self> {
        Ok(Self {
            threads: options.threads()?,
            input_elements: options.parsed("input-elements")?.unwrap_or(INPUT),
        })
    }
}

impl Backend for Rten {
    fn name(&self) -> &'static str {
        "rten"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Onnx
    }

    fn status(&self) -> Status {
        Status::built_in(VERSION)
    }

    fn declines_guests(&self, _: Encoding) -> Option<&'static str> {
        (!self.trusts_guests).then_some(
            "`--plugin-config nn.rten-guest-models=true` lets the built-in engine take them, where a model that wants \
             more memory than there is ends this program",
        )
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key {
                name: "threads",
                help: "threads for each operator; as many as there are cores by default",
            },
            Key {
                name: "input-elements",
                help: "elements that an input may have, since the engine ends the process where memory does; 16777216 by default",
            },
        ];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        Settings::new(options)?;
        TensorGraph::check_options(options)
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        only_processor("the engine in Rust", device)?;
        let source = checked(sources)?;
        let declared = declared(&source.bytes)?;
        supported(&declared)?;
        bounded(&source)?;
        let Settings {
            threads,
            input_elements,
        } = Settings::new(options)?;
        let model = Model {
            memory: source.size.saturating_add(SESSION),
            model: Arc::new(loaded(&source)?),
            declared: Arc::new(declared),
            input_elements,
            threads: threads.map(|threads| Arc::new(ThreadPool::with_num_threads(threads.into()))),
        };
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

/// Refuses models whose inputs the engine cannot take.
fn supported(declared: &Declared) -> Result<()> {
    for tensor in &declared.signature.inputs.tensors {
        let is_known = matches!(
            tensor.ty,
            Some(TensorType::F32 | TensorType::I32 | TensorType::I64 | TensorType::U8)
        );
        if !is_known {
            return Err(Error::unsupported(format!(
                "the engine in Rust does not compute with the input {tensor}"
            ))
            .with_help("ONNX Runtime does: `c12 plugin setup nn onnx` would fetch it"));
        }
    }
    Ok(())
}

/// Refuses models that the engine cannot run within bounds: those that let an input say how large a tensor becomes,
/// those whose nodes need each other in too long a chain, and loops of guests, which nothing ends.
fn bounded(source: &Checked) -> Result<()> {
    let refused = |what: String| {
        Error::unsupported(what)
            .with_help("ONNX Runtime can run it: `c12 plugin setup nn onnx` would fetch it")
    };
    if source.longest_chain > CHAIN {
        return Err(refused(format!(
            "the model has {} nodes in a row, but the engine in Rust goes through {CHAIN} at most",
            source.longest_chain
        )));
    }
    if let Some(operator) = growth::sized_by_inputs(&source.bytes)? {
        let operator = operator.escape_debug();
        return Err(refused(format!(
            "the model has `{operator}` make tensors as large as its inputs say, which the engine in Rust cannot bound"
        )));
    }
    let is_guest_s = source.source.path().is_none();
    if let Some(operator) = growth::repeating(&source.bytes)?.filter(|_| is_guest_s) {
        let operator = operator.escape_debug();
        return Err(refused(format!(
            "the model has the operator `{operator}`, which the engine in Rust cannot interrupt"
        )));
    }
    Ok(())
}

fn loaded(source: &Checked) -> Result<rten::Model> {
    let load = || match (&source.source, source.has_external_data) {
        (Source::File(path), true) => rten::Model::load_file(path),
        _ => rten::Model::load(source.bytes.to_vec()),
    };
    // It is written in Rust, but not for files that mean harm.
    catch_unwind(AssertUnwindSafe(load))
        .map_err(|_| Error::invalid_encoding("the engine in Rust cannot load the model"))?
        .map_err(|error| {
            Error::invalid_encoding(format!("the engine in Rust cannot load the model: {error}"))
                .with_help("ONNX Runtime may: `c12 plugin setup nn onnx` would fetch it")
        })
}

struct Model {
    model: Arc<rten::Model>,
    declared: Arc<Declared>,
    threads: Option<Arc<ThreadPool>>,
    input_elements: usize,
    memory: u64,
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.declared.signature
    }

    fn memory(&self) -> u64 {
        self.memory
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let node = |name: &str| {
            self.model
                .node_id(name)
                .map_err(|error| Error::invalid_encoding(error.to_string()))
        };
        let nodes = |side: &crate::Side| {
            side.tensors
                .iter()
                .map(|tensor| node(&tensor.name))
                .collect::<Result<Vec<_>>>()
        };
        Ok(Box::new(RtenSession {
            inputs: nodes(&self.declared.signature.inputs)?,
            outputs: nodes(&self.declared.signature.outputs)?,
            model: Arc::clone(&self.model),
            declared: Arc::clone(&self.declared),
            threads: self.threads.clone(),
            input_elements: self.input_elements,
        }))
    }
}

struct RtenSession {
    model: Arc<rten::Model>,
    declared: Arc<Declared>,
    threads: Option<Arc<ThreadPool>>,
    input_elements: usize,
    inputs: Vec<NodeId>,
    outputs: Vec<NodeId>,
}

impl Session for RtenSession {
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        let mut converted = Vec::with_capacity(inputs.len());
        for ((tensor, node), ty) in inputs
            .iter()
            .zip(&self.inputs)
            .zip(&self.declared.input_types)
        {
            let elements = Tensor::elements(&tensor.dimensions)?;
            if elements > self.input_elements {
                return Err(Error::too_large(format!(
                    "an input has {elements} elements, but {} are taken",
                    self.input_elements
                ))
                .with_help("the model's option `input-elements` says how many"));
            }
            converted.push((*node, value_of(tensor, *ty)?));
        }
        let options = RunOptions::default().with_thread_pool(self.threads.clone());
        let run = || self.model.run(converted, &self.outputs, Some(options));
        let outputs = catch_unwind(AssertUnwindSafe(run))
            .map_err(|_| Error::runtime("the engine in Rust failed"))?
            .map_err(|error| Error::runtime(error.to_string()))?;
        cancel.check()?;
        outputs
            .into_iter()
            .zip(&self.declared.output_types)
            .map(|(value, ty)| tensor_of(value, *ty))
            .collect()
    }
}

fn shape_of(tensor: &Tensor) -> Result<Vec<usize>> {
    tensor
        .dimensions
        .iter()
        .map(|size| usize::try_from(*size).map_err(|_| Error::too_large("a tensor is too large")))
        .collect()
}

fn value_of(tensor: &Tensor, declared: u64) -> Result<ValueOrView<'_>> {
    let shape = shape_of(tensor)?;
    let misfit = |error: &dyn std::error::Error| Error::invalid_argument(error.to_string());
    match tensor.ty {
        TensorType::F32 => match bytemuck::try_cast_slice::<u8, f32>(&tensor.data) {
            Ok(elements) => ValueView::from_shape(&shape, elements)
                .map(ValueOrView::View)
                .map_err(|error| misfit(&error)),
            Err(_) => owned(&shape, tensor.to_slice::<f32>()?.into_owned()),
        },
        TensorType::I32 => owned(&shape, tensor.to_slice::<i32>()?.into_owned()),
        TensorType::I64 => {
            let elements = tensor
                .to_slice::<i64>()?
                .iter()
                .map(|number| {
                    i32::try_from(*number).map_err(|_| {
                        Error::unsupported(format!(
                            "the engine in Rust computes with 32 bits, which {number} does not fit"
                        ))
                    })
                })
                .collect::<Result<Vec<i32>>>()?;
            owned(&shape, elements)
        }
        TensorType::U8 if declared == BOOL => owned(
            &shape,
            tensor
                .data
                .iter()
                .map(|byte| i32::from(*byte != 0))
                .collect(),
        ),
        TensorType::U8 => ValueView::from_shape(&shape, &tensor.data[..])
            .map(ValueOrView::View)
            .map_err(|error| misfit(&error)),
        other => Err(Error::unsupported(format!(
            "the engine in Rust does not compute with {other}"
        ))),
    }
}

fn owned<T>(shape: &[usize], elements: Vec<T>) -> Result<ValueOrView<'static>>
where
    Value: From<rten_tensor::Tensor<T>>,
{
    Value::from_shape(shape, elements)
        .map(ValueOrView::Value)
        .map_err(|error| Error::invalid_argument(error.to_string()))
}

fn tensor_of(value: Value, declared: u64) -> Result<Tensor> {
    match value {
        Value::FloatTensor(tensor) => {
            let (dimensions, numbers) = (dimensions(tensor.shape())?, tensor.to_vec());
            floats(dimensions, &numbers, declared)
        }
        Value::Int32Tensor(tensor) => {
            let (dimensions, numbers) = (dimensions(tensor.shape())?, tensor.to_vec());
            match declared {
                7 => {
                    let numbers: Vec<i64> = numbers.into_iter().map(i64::from).collect();
                    Tensor::from_slice(&dimensions, &numbers)
                }
                BOOL => {
                    let truths: Vec<u8> = numbers
                        .iter()
                        .map(|number| u8::from(*number != 0))
                        .collect();
                    Tensor::from_slice(&dimensions, &truths)
                }
                _ => Tensor::from_slice(&dimensions, &numbers),
            }
        }
        Value::UInt8Tensor(tensor) => {
            Tensor::from_slice(&dimensions(tensor.shape())?, &tensor.to_vec())
        }
        _ => Err(Error::unsupported(
            "the model has an output of a type that the interface does not know",
        )),
    }
}

/// The engine's numbers as the type that the model says.
fn floats(dimensions: Vec<u32>, numbers: &[f32], declared: u64) -> Result<Tensor> {
    match interface_type(declared) {
        Some(TensorType::F64) => {
            let numbers: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
            Tensor::from_slice(&dimensions, &numbers)
        }
        Some(TensorType::F16) => {
            let numbers: Vec<f16> = numbers.iter().copied().map(f16::from_f32).collect();
            let bytes = Bytes::copy_from_slice(bytemuck::cast_slice(&numbers));
            Tensor::new(TensorType::F16, dimensions, bytes)
        }
        Some(TensorType::Bf16) => {
            let numbers: Vec<bf16> = numbers.iter().copied().map(bf16::from_f32).collect();
            let bytes = Bytes::copy_from_slice(bytemuck::cast_slice(&numbers));
            Tensor::new(TensorType::Bf16, dimensions, bytes)
        }
        _ => Tensor::from_slice(&dimensions, numbers),
    }
}

fn dimensions(shape: &[usize]) -> Result<Vec<u32>> {
    shape
        .iter()
        .map(|size| u32::try_from(*size).map_err(|_| Error::too_large("an output is too large")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_built_in() {
        let locked = include_str!("../../../../../Cargo.lock");
        assert!(locked.contains(&format!("name = \"rten\"\nversion = \"{VERSION}\"\n")));
    }
}
