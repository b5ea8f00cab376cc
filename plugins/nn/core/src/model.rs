use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Error, ExecutionContext, Graph, Options, Result};

/// What loaded models take together, in bytes.
pub(crate) struct Memory {
    budget: u64,
    used: Mutex<u64>,
}

impl Memory {
    pub(crate) fn new(budget: u64) -> Arc<Self> {
        Arc::new(Self {
            budget,
            used: Mutex::new(0),
        })
    }

    pub(crate) fn budget(&self) -> u64 {
        self.budget
    }

    pub(crate) fn used(&self) -> u64 {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes as much out of the budget, if it is there.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = used.checked_add(bytes)?;
        if sum > self.budget {
            return None;
        }
        *used = sum;
        Some(Reservation {
            memory: Arc::clone(self),
            bytes,
        })
    }

    /// Why so much could not be taken.
    pub(crate) fn exhausted(&self, bytes: u64) -> Error {
        Error::too_large(format!(
            "a model needs {bytes} bytes, but models may take {} together, and {} are in use",
            self.budget,
            self.used()
        ))
    }
}

/// A part of the budget, given back when dropped.
pub(crate) struct Reservation {
    memory: Arc<Memory>,
    bytes: u64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut used = self
            .memory
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(self.bytes);
    }
}

/// A graph in the care of a [`Registry`](crate::Registry): counted in its budget as long as anybody has it.
pub struct Model {
    pub(crate) graph: Arc<dyn Graph>,
    pub(crate) backend: &'static str,
    pub(crate) options: Options,
    /// Shared with the graph, if something of it outlives the model.
    pub(crate) reservations: Arc<Vec<Reservation>>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({}, {} bytes)", self.backend, self.memory())
    }
}

impl Model {
    /// The name of the backend that has loaded it.
    pub fn backend(&self) -> &'static str {
        self.backend
    }

    /// What it takes out of the budget, in bytes.
    pub fn memory(&self) -> u64 {
        self.reservations.iter().map(|part| part.bytes).sum()
    }

    /// Makes a context, with the model's options overridden by the guest's.
    ///
    /// # Errors
    ///
    /// An option is wrong, the framework refuses, or it is `too-large`: contexts of models that remember take memory out
    /// of the budget, since each has a copy.
    pub fn context(self: &Arc<Self>, options: &Options) -> Result<Context> {
        let options = self.options.overridden_by(options);
        let reservation = self.reserve_for_context()?;
        Ok(Context {
            context: self.graph.init_execution_context(&options)?,
            model: Arc::clone(self),
            _reservation: reservation,
        })
    }

    fn reserve_for_context(&self) -> Result<Option<Reservation>> {
        let bytes = self.graph.context_memory();
        let Some(part) = self.reservations.first().filter(|_| bytes > 0) else {
            return Ok(None);
        };
        let memory = &part.memory;
        memory.reserve(bytes).map(Some).ok_or_else(|| {
            Error::too_large(format!(
                "a context of the model needs {bytes} bytes, but models may take {} together, and {} are in use",
                memory.budget(),
                memory.used()
            ))
        })
    }

    /// The options that the user gave the model.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The model as one that continues text.
    ///
    /// # Errors
    ///
    /// `unsupported-operation` if it is none.
    pub fn language_model(&self) -> Result<&dyn crate::LanguageModel> {
        self.graph
            .language_model()
            .ok_or_else(|| Error::unsupported("the model is no language model"))
    }
}

impl Deref for Model {
    type Target = dyn Graph;

    fn deref(&self) -> &Self::Target {
        &*self.graph
    }
}

/// A context of a [`Model`], which it keeps in memory.
pub struct Context {
    context: Box<dyn ExecutionContext>,
    model: Arc<Model>,
    /// What it keeps besides the model.
    _reservation: Option<Reservation>,
}

impl Context {
    /// Whose context it is.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.model).finish()
    }
}

impl Deref for Context {
    type Target = dyn ExecutionContext;

    fn deref(&self) -> &Self::Target {
        &*self.context
    }
}

impl DerefMut for Context {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.context
    }
}
