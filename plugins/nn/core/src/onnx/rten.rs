use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueView};
use rten_tensor::prelude::*;

use super::signature::{BOOL, Declared, declared};
use super::{Checked, checked, growth};
use crate::{
    Backend, Cancel, Device, Encoding, Error, Graph, Key, Options, Result, Session, Signature,
    Source, Status, Tensor, TensorGraph, TensorModel, TensorType,
};

/// The version of the engine.
const VERSION: &str = "0.27.0";

/// An engine in Rust, part of this program: slower than ONNX Runtime, but always there. It computes with `f32`, and
/// with integers of 32 bits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rten;

impl Rten {
    /// The backend.
    pub fn new() -> Self {
        Self
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

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key {
            name: "threads",
            help: "threads for each operator; as many as there are cores by default",
        }];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        if !matches!(device, Device::Cpu | Device::Auto) {
            return Err(Error::unsupported(format!(
                "the engine in Rust runs models on the processor, not on `{device}`"
            )));
        }
        let source = checked(sources)?;
        let declared = declared(&source.bytes)?;
        supported(&declared)?;
        bounded(&source.bytes)?;
        let threads = options
            .parsed::<usize>("threads")?
            .filter(|threads| *threads > 0);
        let model = Model {
            memory: source.size,
            model: Arc::new(loaded(&source)?),
            declared: Arc::new(declared),
            threads: threads
                .map(|threads| Arc::new(ThreadPool::with_num_threads(threads.min(256)))),
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

/// Refuses models that let an input say how large a tensor becomes.
fn bounded(model: &[u8]) -> Result<()> {
    let Some(operator) = growth::sized_by_inputs(model)? else {
        return Ok(());
    };
    let operator = operator.escape_debug();
    Err(Error::unsupported(format!(
        "the model has `{operator}` make tensors as large as its inputs say, which the engine in Rust cannot bound"
    ))
    .with_help("ONNX Runtime can: `c12 plugin setup nn onnx` would fetch it"))
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
        }))
    }
}

struct RtenSession {
    model: Arc<rten::Model>,
    declared: Arc<Declared>,
    threads: Option<Arc<ThreadPool>>,
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
            Tensor::from_slice(&dimensions(tensor.shape())?, &tensor.to_vec())
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

fn dimensions(shape: &[usize]) -> Result<Vec<u32>> {
    shape
        .iter()
        .map(|size| u32::try_from(*size).map_err(|_| Error::too_large("an output is too large")))
        .collect()
}
