use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    Cancel, Error, ExecutionContext, Graph, Key, NamedTensor, Options, Result, Session, Side,
    Signature, Tensor, TensorId, TensorModel,
};

/// The graph of a model that is a function of tensors.
pub struct TensorGraph {
    shared: Arc<Shared>,
}

/// What contexts share.
struct Shared {
    model: Box<dyn TensorModel>,
    /// Sessions that no run has in use; empty for models whose sessions remember.
    idle: Mutex<Vec<Box<dyn Session>>>,
}

impl TensorGraph {
    /// The options that it takes; a backend adds them to its own.
    pub const KEYS: [Key; 0] = [];

    /// A graph of this model.
    ///
    /// # Errors
    ///
    /// An option is wrong.
    pub fn new(model: impl TensorModel, _options: &Options) -> Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared {
                model: Box::new(model),
                idle: Mutex::default(),
            }),
        })
    }
}

impl Graph for TensorGraph {
    fn signature(&self) -> &Signature {
        self.shared.model.signature()
    }

    fn memory(&self) -> u64 {
        self.shared.model.memory()
    }

    fn init_execution_context(&self, _options: &Options) -> Result<Box<dyn ExecutionContext>> {
        Ok(Box::new(TensorContext {
            shared: Arc::clone(&self.shared),
            inputs: Vec::new(),
            outputs: None,
            own: Mutex::default(),
        }))
    }
}

impl Shared {
    fn run(&self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        let idle = self.idle().pop();
        let mut session = match idle {
            Some(session) => session,
            None => self.model.session()?,
        };
        let outputs = session.run(inputs, cancel)?;
        // Not after a failure: who knows what state it is in.
        self.idle().push(session);
        Ok(outputs)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Session>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TensorContext {
    shared: Arc<Shared>,
    inputs: Vec<Option<Tensor>>,
    outputs: Option<Vec<Tensor>>,
    /// The context's own session, if the model's sessions remember.
    own: Mutex<Option<Box<dyn Session>>>,
}

impl TensorContext {
    fn complete_inputs(&self) -> Result<Vec<Tensor>> {
        let side = &self.shared.model.signature().inputs;
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
}

fn missing(side: &Side, position: usize) -> Error {
    let what = side
        .tensors
        .get(position)
        .map_or_else(|| position.to_string(), ToString::to_string);
    Error::invalid_argument(format!("the input {what} is missing"))
}

impl ExecutionContext for TensorContext {
    fn set_input(&mut self, id: &TensorId, tensor: Tensor) -> Result<()> {
        let side = &self.shared.model.signature().inputs;
        let position = side.position(id, "input")?;
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
        let outputs = if self.shared.model.is_stateful() {
            let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
            let session = match own {
                Some(session) => session,
                None => own.insert(self.shared.model.session()?),
            };
            session.run(&inputs, cancel)?
        } else {
            self.shared.run(&inputs, cancel)?
        };
        self.outputs = Some(outputs);
        Ok(())
    }

    fn get_output(&mut self, id: &TensorId) -> Result<Tensor> {
        let side = &self.shared.model.signature().outputs;
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
        let side = &self.shared.model.signature().outputs;
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
