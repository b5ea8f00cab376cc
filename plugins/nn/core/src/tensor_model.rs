use crate::{Cancel, Result, Signature, Tensor};

/// A model that is a function from tensors to tensors, as most are. A backend that has one makes its graph with
/// [`TensorGraph::new`](crate::TensorGraph::new), which looks after names, checks, contexts and batches.
pub trait TensorModel: Send + Sync + 'static {
    /// What it takes and gives.
    fn signature(&self) -> &Signature;

    /// How much memory it keeps, in bytes, as far as that is known.
    fn memory(&self) -> u64;

    /// A session remembers something from one run to the next, so each context needs its own. Sessions of other
    /// models are shared by all contexts, one run at a time.
    fn is_stateful(&self) -> bool {
        false
    }

    /// How many sessions there may be at once, if they are shared; more runs than that wait for each other. Each keeps
    /// the memory of its largest run. By default as many as there are cores, at most 64.
    fn max_sessions(&self) -> usize {
        std::thread::available_parallelism().map_or(1, |cores| cores.get().min(64))
    }

    /// What a session of a model that remembers takes, in bytes. By default as much as the model.
    fn session_memory(&self) -> u64 {
        self.memory()
    }

    /// Makes a session.
    ///
    /// # Errors
    ///
    /// The framework refuses.
    fn session(&self) -> Result<Box<dyn Session>>;
}

/// What runs a model, one inference at a time.
pub trait Session: Send {
    /// Runs the model. The inputs are complete, checked against the signature, and in its order. A session is used
    /// again after a failure.
    ///
    /// # Errors
    ///
    /// It is cancelled, or the framework fails.
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>>;
}
