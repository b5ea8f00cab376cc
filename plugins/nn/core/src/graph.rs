use std::any::Any;
use std::sync::Arc;

use crate::{
    Cancel, Error, LanguageModel, NamedTensor, Options, Result, Signature, Tensor, TensorId,
};

/// A model that a backend has loaded. All of its contexts share it.
pub trait Graph: Send + Sync {
    /// What it takes and gives.
    fn signature(&self) -> &Signature;

    /// How much memory it keeps, in bytes, as far as that is known.
    fn memory(&self) -> u64;

    /// How much memory each context keeps besides, in bytes, as far as that is known.
    fn context_memory(&self) -> u64 {
        0
    }

    /// Makes a context. The options are those of the model, overridden by the guest's.
    ///
    /// # Errors
    ///
    /// An option is wrong, or the framework refuses.
    fn init_execution_context(&self, options: &Options) -> Result<Box<dyn ExecutionContext>>;

    /// Keeps this as long as anything that the graph has taken is not given back, which may be longer than there is a
    /// graph. Most give all of it back when they are dropped, and need keep nothing.
    fn keep(&self, _lease: Arc<dyn Any + Send + Sync>) {}

    /// Whether something of it is in use that does not keep the graph itself, as a text that is being made.
    fn is_in_use(&self) -> bool {
        false
    }

    /// The model as one that continues text, if it is one.
    fn language_model(&self) -> Option<&dyn LanguageModel> {
        None
    }
}

/// What a step of [`ExecutionContext::compute_single`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is a piece to be taken with [`ExecutionContext::get_output_single`].
    Piece,
    /// The text is complete.
    EndOfSequence,
    /// The context has no room for another token.
    ContextFull,
    /// As many tokens as were asked for are there.
    LimitReached,
}

/// One inference after the other, on a graph.
///
/// The calls block.
pub trait ExecutionContext: Send + Sync {
    /// Sets an input for the next `compute`. It stays set until it is set anew.
    ///
    /// # Errors
    ///
    /// `invalid-argument`: there is no such input, or the tensor is not fit for it.
    fn set_input(&mut self, id: &TensorId, tensor: Tensor) -> Result<()>;

    /// Runs the model on its inputs.
    ///
    /// # Errors
    ///
    /// `invalid-argument` if an input is missing; `timeout` or `runtime-error` if it is cancelled or the framework
    /// fails.
    fn compute(&mut self, cancel: &Cancel) -> Result<()>;

    /// An output of the last `compute`.
    ///
    /// # Errors
    ///
    /// `invalid-argument` if there is no such output; `runtime-error` if nothing has been computed.
    fn get_output(&mut self, id: &TensorId) -> Result<Tensor>;

    /// Inputs in, outputs out: the component interface's `compute`. Inputs of before are forgotten.
    ///
    /// # Errors
    ///
    /// Those of the three functions above.
    fn compute_with_io(
        &mut self,
        inputs: Vec<NamedTensor>,
        cancel: &Cancel,
    ) -> Result<Vec<NamedTensor>>;

    /// One step of a computation that gives its output in pieces. The first call starts it from the inputs.
    ///
    /// # Errors
    ///
    /// `unsupported-operation` if the model has no such steps, else as `compute`.
    fn compute_single(&mut self, _cancel: &Cancel) -> Result<Step> {
        Err(no_steps())
    }

    /// The piece of output that the last step gave.
    ///
    /// # Errors
    ///
    /// As `get_output`.
    fn get_output_single(&mut self, _id: &TensorId) -> Result<Tensor> {
        Err(no_steps())
    }

    /// Ends a computation in steps, so that the next step starts another.
    ///
    /// # Errors
    ///
    /// `unsupported-operation` if the model has no such steps.
    fn fini_single(&mut self) -> Result<()> {
        Err(no_steps())
    }
}

fn no_steps() -> Error {
    Error::unsupported("the model gives its output at once, not in steps")
}
