use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::batch::{self, Batcher};
use crate::session_pool::SessionPool;
use crate::{
    Cancel, Error, ExecutionContext, Graph, Key, NamedTensor, Options, Result, Session, Side,
    Signature, Tensor, TensorId, TensorModel,
};

/// What a session takes besides what its model says, in bytes, about.
const SESSION: u64 = 64 << 10;

/// The graph of a model that is a function of tensors.
pub struct TensorGraph {
    shared: Arc<Shared>,
}

/// What contexts share.
struct Shared {
    pool: SessionPool,
    batcher: Option<Batcher>,
    contexts: AtomicUsize,
}

impl TensorGraph {
    /// The options that it takes; a backend adds them to its own.
    pub const KEYS: [Key; 2] = batch::KEYS;

    /// Looks at these options without a model.
    ///
    /// # Errors
    ///
    /// `invalid-argument` for a value that no model can have.
    pub fn check_options(options: &Options) -> Result<()> {
        batch::rows_and_delay(options).map(drop)
    }

    /// A graph of this model.
    ///
    /// # Errors
    ///
    /// An option is wrong.
    pub fn new(model: impl TensorModel, options: &Options) -> Result<Self> {
        let batcher = Batcher::new(options, model.signature())?;
        if batcher.is_some() && model.is_stateful() {
            return Err(Error::invalid_argument(
                "`batch` is given, but the model remembers what came before",
            ));
        }
        Ok(Self {
            shared: Arc::new(Shared {
                pool: SessionPool::new(Box::new(model)),
                batcher,
                contexts: AtomicUsize::new(0),
            }),
        })
    }
}

impl Graph for TensorGraph {
    fn signature(&self) -> &Signature {
        self.shared.signature()
    }

    fn memory(&self) -> u64 {
        self.shared.pool.model().memory()
    }

    /// Contexts of a model that remembers have a session of their own.
    fn context_memory(&self) -> u64 {
        let model = self.shared.pool.model();
        if model.is_stateful() {
            model.session_memory().saturating_add(SESSION)
        } else {
            0
        }
    }

    fn init_execution_context(&self, _options: &Options) -> Result<Box<dyn ExecutionContext>> {
        self.shared.contexts.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(TensorContext {
            shared: Arc::clone(&self.shared),
            inputs: Vec::new(),
            outputs: None,
            own: Mutex::default(),
        }))
    }
}

impl Shared {
    fn signature(&self) -> &Signature {
        self.pool.model().signature()
    }

    fn run(&self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        match &self.batcher {
            // A context that is alone need not wait for others.
            Some(batcher) if self.contexts.load(Ordering::Relaxed) > 1 => {
                batcher.run(&self.pool, inputs, cancel)
            }
            _ => self.pool.run(inputs, cancel),
        }
    }
}

struct TensorContext {
    shared: Arc<Shared>,
    inputs: Vec<Option<Tensor>>,
    outputs: Option<Vec<Tensor>>,
    /// The context's own session, if the model's sessions remember.
    own: Mutex<Option<Box<dyn Session>>>,
}

impl Drop for TensorContext {
    fn drop(&mut self) {
        self.shared.contexts.fetch_sub(1, Ordering::Relaxed);
    }
}

impl TensorContext {
    fn complete_inputs(&self) -> Result<Vec<Tensor>> {
        let side = &self.shared.signature().inputs;
        let count = side.tensors.len().max(self.inputs.len());
        (0..count)
            .map(|position| {
                self.inputs
                    .get(position)
                    .cloned()
                    .flatten()
                    .ok_or_else(|| missing(side, position))
            })
            .collect()
    }

    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        let model = self.shared.pool.model();
        if !model.is_stateful() {
            return self.shared.run(inputs, cancel);
        }
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        let session = match own {
            Some(session) => session,
            None => own.insert(model.session()?),
        };
        session.run(inputs, cancel)
    }
}

fn missing(side: &Side, position: usize) -> Error {
    let what = side
        .tensors
        .get(position)
        .map_or_else(|| position.to_string(), ToString::to_string);
    Error::invalid_argument(format!("the input {what} is missing"))
}

/// The interface writes a single value as `[1]`, frameworks as `[]`.
fn without_rank(side: &Side, position: usize, mut tensor: Tensor) -> Tensor {
    let expected = side
        .tensors
        .get(position)
        .and_then(|description| description.dimensions.as_deref());
    if expected.is_some_and(<[_]>::is_empty) && tensor.dimensions == [1] {
        tensor.dimensions.clear();
    }
    tensor
}

impl ExecutionContext for TensorContext {
    fn set_input(&mut self, id: &TensorId, tensor: Tensor) -> Result<()> {
        let side = &self.shared.signature().inputs;
        let position = side.position(id, "input")?;
        let tensor = without_rank(side, position, tensor);
        match side.tensors.get(position) {
            Some(description) => description.check(&tensor)?,
            None => tensor.check()?,
        }
        if self.inputs.len() <= position {
            self.inputs.resize(position + 1, None);
        }
        if let Some(slot) = self.inputs.get_mut(position) {
            *slot = Some(tensor);
        }
        Ok(())
    }

    fn compute(&mut self, cancel: &Cancel) -> Result<()> {
        self.outputs = None;
        let inputs = self.complete_inputs()?;
        cancel.check()?;
        let mut outputs = self.run(&inputs, cancel)?;
        for output in &mut outputs {
            if output.dimensions.is_empty() {
                output.dimensions.push(1);
            }
        }
        self.outputs = Some(outputs);
        Ok(())
    }

    fn get_output(&mut self, id: &TensorId) -> Result<Tensor> {
        let side = &self.shared.signature().outputs;
        let position = side.position(id, "output")?;
        let outputs = self.outputs.as_ref().ok_or_else(|| {
            Error::runtime(format!("there is no output {id} before a computation"))
        })?;
        outputs.get(position).cloned().ok_or_else(|| {
            Error::invalid_argument(format!(
                "there is no output {id}; the model gave {}",
                outputs.len()
            ))
        })
    }

    fn compute_with_io(
        &mut self,
        inputs: Vec<NamedTensor>,
        cancel: &Cancel,
    ) -> Result<Vec<NamedTensor>> {
        self.inputs.clear();
        for NamedTensor { name, tensor } in inputs {
            self.set_input(&TensorId::Name(name), tensor)?;
        }
        self.compute(cancel)?;
        let side = &self.shared.signature().outputs;
        let outputs = self.outputs.clone().unwrap_or_default();
        Ok(outputs
            .into_iter()
            .enumerate()
            .map(|(position, tensor)| NamedTensor {
                name: side.name(position),
                tensor,
            })
            .collect())
    }
}
