use std::sync::{Arc, Mutex, PoisonError};

use super::ffi::{self, Compiled, Library, Port, TensorMemory};
use crate::native_type::NativeType;
use crate::tflite::Inspection;
use crate::{
    Cancel, Code, Dimension, Error, Options, Result, Session, Side, Signature, Tensor,
    TensorDescription, TensorModel,
};

/// How a model is to be run.
pub(super) struct Settings {
    threads: u16,
    sessions: usize,
    signature: Option<String>,
}

impl Settings {
    pub(super) fn new(options: &Options) -> Result<Self> {
        Ok(Self {
            threads: options.threads()?.unwrap_or(1),
            sessions: options.sessions()?,
            signature: options.text("signature")?,
        })
    }
}

/// A model that has been read and prepared once.
pub(super) struct Model {
    model: Arc<ffi::Model>,
    inspection: Inspection,
    settings: Settings,
    signature: Signature,
    size: u64,
    /// What was prepared to see whether that is possible, until a session asks for it.
    first: Mutex<Option<Compiled>>,
}

impl Model {
    pub(super) fn new(
        library: &'static Library,
        bytes: &[u8],
        inspection: Inspection,
        settings: Settings,
    ) -> Result<Self> {
        let model = Arc::new(library.read(bytes, settings.signature.as_deref())?);
        let mut first = Compiled::new(&model, settings.threads)?;
        check_operators(&model, &mut first)?;
        let side = |ports: &[Port]| Side::of(ports.iter().map(description).collect());
        Ok(Self {
            signature: Signature {
                inputs: side(&model.inputs),
                outputs: side(&model.outputs),
            },
            size: bytes.len() as u64,
            first: Mutex::new(Some(first)),
            model,
            inspection,
            settings,
        })
    }
}

/// Has the tensors laid out, which the library otherwise does at the first run, and fails at then if the model has an
/// operator that it does not know.
fn check_operators(model: &ffi::Model, compiled: &mut Compiled) -> Result<()> {
    let mut dimensions = model.inputs.iter().flat_map(|port| &port.dimensions);
    if dimensions.any(|dimension| matches!(dimension, Dimension::Free(_))) {
        return Ok(());
    }
    match compiled.output_dimensions() {
        Err(error) if error.code() == Code::InvalidArgument => Err(Error::invalid_encoding(
            "LiteRT cannot prepare the model, which may have operators that LiteRT does not know",
        )),
        _ => Ok(()),
    }
}

fn description(port: &Port) -> TensorDescription {
    TensorDescription {
        name: port.name.clone(),
        ty: Some(port.ty.shown()),
        dimensions: Some(port.dimensions.clone()),
    }
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The file, and what the library makes of it for each session.
    fn memory(&self) -> u64 {
        let sessions = self.max_sessions() as u64;
        let made = self.session_memory().saturating_mul(sessions);
        self.size.saturating_add(made)
    }

    fn is_stateful(&self) -> bool {
        self.inspection.is_stateful
    }

    fn session_memory(&self) -> u64 {
        self.size.saturating_add(self.inspection.largest_tensor)
    }

    fn max_sessions(&self) -> usize {
        self.settings.sessions
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(Box::new(Inference {
            model: Arc::clone(&self.model),
            threads: self.settings.threads,
            has_free_ranks: self.inspection.has_free_ranks,
            compiled: first,
            inputs: Vec::new(),
            outputs: Vec::new(),
        }))
    }
}

/// A prepared model with the memory of its tensors. The library remembers where that memory is from one run to the
/// next, so it goes after the prepared model, and is only exchanged together with it or after a run with the new one.
struct Inference {
    /// Nothing after a failure: who knows what state it was in.
    compiled: Option<Compiled>,
    inputs: Vec<TensorMemory>,
    outputs: Vec<TensorMemory>,
    model: Arc<ffi::Model>,
    threads: u16,
    has_free_ranks: bool,
}

impl Inference {
    /// Whether the tensors are there, for inputs of these dimensions.
    fn fits(&self, inputs: &[Tensor]) -> bool {
        self.outputs.len() == self.model.outputs.len()
            && self.inputs.len() == inputs.len()
            && self
                .inputs
                .iter()
                .zip(inputs)
                .all(|(memory, tensor)| memory.dimensions == tensor.dimensions)
    }

    /// Forgets a prepared model, and after it what it may still know.
    fn clear(&mut self, compiled: Compiled) {
        drop(compiled);
        self.inputs.clear();
        self.outputs.clear();
    }

    fn run_prepared(
        &mut self,
        compiled: &mut Compiled,
        inputs: &[Tensor],
        cancel: &Cancel,
    ) -> Result<Vec<Tensor>> {
        let data = inputs
            .iter()
            .zip(&self.model.inputs)
            .map(|(tensor, port)| port.ty.bytes_of(tensor))
            .collect::<Result<Vec<_>>>()?;
        let mut replaced = (Vec::new(), Vec::new());
        if !self.fits(inputs) {
            let (ins, outs) = self.memory(compiled, inputs)?;
            replaced = (
                std::mem::replace(&mut self.inputs, ins),
                std::mem::replace(&mut self.outputs, outs),
            );
        }
        for (memory, bytes) in self.inputs.iter_mut().zip(&data) {
            memory.fill(bytes);
        }
        let ran = compiled.run(&self.inputs, &self.outputs, cancel);
        if ran.is_err() {
            // The prepared model may still know the old memory, and goes first.
            self.inputs.append(&mut replaced.0);
            self.outputs.append(&mut replaced.1);
        }
        ran?;
        self.outputs
            .iter()
            .zip(&self.model.outputs)
            .map(|(memory, port)| port.ty.tensor_of(memory.dimensions.clone(), memory.bytes()))
            .collect()
    }

    /// For inputs of other dimensions than before.
    fn memory(
        &self,
        compiled: &mut Compiled,
        inputs: &[Tensor],
    ) -> Result<(Vec<TensorMemory>, Vec<TensorMemory>)> {
        for (index, (tensor, port)) in inputs.iter().zip(&self.model.inputs).enumerate() {
            if tensor.dimensions.contains(&0) {
                return Err(Error::invalid_argument(
                    "a tensor without elements cannot be given to a model of TensorFlow Lite",
                ));
            }
            let is_free = port
                .dimensions
                .iter()
                .any(|dimension| matches!(dimension, Dimension::Free(_)));
            if is_free {
                compiled.resize(index, &tensor.dimensions)?;
            }
        }
        let new =
            |ty: NativeType, dimensions: &[u32]| TensorMemory::new(&self.model, ty, dimensions);
        let ins = inputs
            .iter()
            .zip(&self.model.inputs)
            .map(|(tensor, port)| new(port.ty, &tensor.dimensions))
            .collect::<Result<_>>()?;
        let outs = compiled
            .output_dimensions()?
            .iter()
            .zip(&self.model.outputs)
            .map(|(dimensions, port)| new(port.ty, dimensions))
            .collect::<Result<_>>()?;
        Ok((ins, outs))
    }
}

impl Session for Inference {
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        // What a run has left of an output is not asked for.
        let is_stale = self.has_free_ranks && !self.inputs.is_empty() && !self.fits(inputs);
        if is_stale && let Some(compiled) = self.compiled.take() {
            self.clear(compiled);
        }
        let mut compiled = match self.compiled.take() {
            Some(compiled) => compiled,
            None => Compiled::new(&self.model, self.threads)?,
        };
        let outputs = self.run_prepared(&mut compiled, inputs, cancel);
        if outputs.is_ok() {
            self.compiled = Some(compiled);
        } else {
            self.clear(compiled);
        }
        outputs
    }
}
