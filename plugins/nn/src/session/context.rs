//! Execution contexts: inputs, computations and outputs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use c12_nn_core::{Context, Error, NamedTensor, Result, Step, Tensor, TensorId};

use super::{CountedTensor, Session, check_name, check_rank, size};
use crate::allowance::Share;
use crate::graph::Graph;
use crate::prompt_cache;

/// An execution context in a guest's hands. Clones are one.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct ExecutionContext {
    state: Arc<Mutex<ContextState>>,
    /// Whether it is of a language model. Then its small functions take time as well: text is split into tokens.
    of_language_model: bool,
    _share: Arc<Share>,
    _graph: Graph,
}

struct ContextState {
    /// Gone after an output that was too large: nothing else would let go of it.
    context: Option<Context>,
    /// What is taken out of the guest's allowance for the inputs that were set one by one.
    inputs: BTreeMap<u32, Share>,
    /// The same for what came with the last computation and out of it.
    last: Vec<Arc<Share>>,
    /// A text that is continued in steps.
    text: Option<Share>,
}

impl Session {
    /// Counts a context that is about to be made.
    ///
    /// # Errors
    ///
    /// `too-large` if the guest has as many as it may.
    pub(crate) fn room_for_context(&self) -> Result<Share> {
        let allowance = &self.0.quota.contexts;
        allowance.take(1).ok_or_else(|| {
            Error::too_large(format!(
                "{} execution contexts are there already",
                allowance.most()
            ))
            .with_help("`nn.contexts` is the limit")
        })
    }

    /// Makes a context.
    ///
    /// # Errors
    ///
    /// Those of [`Session::room_for_context`] and of the framework.
    pub(crate) async fn context(&self, graph: &Graph) -> Result<ExecutionContext> {
        self.context_in(graph, self.room_for_context()?).await
    }

    /// Makes a context that is counted already.
    ///
    /// # Errors
    ///
    /// Those of the framework.
    pub(crate) async fn context_in(&self, graph: &Graph, room: Share) -> Result<ExecutionContext> {
        let of_language_model = graph.is_language_model();
        let make = {
            let graph = graph.clone();
            move || graph.context()
        };
        let context = if of_language_model {
            self.work(move |_| make()).await?
        } else {
            make()?
        };
        Ok(ExecutionContext {
            state: Arc::new(Mutex::new(ContextState {
                context: Some(context),
                inputs: BTreeMap::new(),
                last: Vec::new(),
                text: None,
            })),
            of_language_model,
            _share: Arc::new(room),
            _graph: graph.clone(),
        })
    }

    /// Does something with a context that takes no time, unless the context is of a language model.
    async fn touch<T: Send + 'static>(
        &self,
        context: &ExecutionContext,
        work: impl FnOnce(&mut ContextState) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if !context.of_language_model {
            let mut state = lock(&context.state)?;
            return work(&mut state);
        }
        let state = Arc::clone(&context.state);
        self.work(move |_| {
            let mut state = lock(&state)?;
            work(&mut state)
        })
        .await
    }

    /// Sets one input.
    ///
    /// # Errors
    ///
    /// It does not fit the model, or the guest's allowance.
    pub(crate) async fn set_input(
        &self,
        context: &ExecutionContext,
        index: u32,
        tensor: Tensor,
    ) -> Result<()> {
        check_rank(tensor.dimensions.len())?;
        let share = self.hold(size(&tensor))?;
        let tensor = if context.of_language_model && index > 0 {
            prompt_cache::option_input(tensor)?
        } else {
            tensor
        };
        self.touch(context, move |state| {
            let id = TensorId::Index(index);
            state.context()?.set_input(&id, tensor)?;
            state.inputs.insert(index, share);
            Ok(())
        })
        .await
    }

    /// Runs the model on the inputs that were set.
    ///
    /// # Errors
    ///
    /// Those of the framework; `runtime-error` if the context has not ended an earlier computation, or of
    /// [`Session::begin_text`]; `too-large` if the outputs pass the guest's allowance.
    pub(crate) async fn compute(&self, context: &ExecutionContext) -> Result<()> {
        let (state, of_language_model) = (Arc::clone(&context.state), context.of_language_model);
        let session = self.clone();
        self.work(move |cancel| {
            let mut state = lock(&state)?;
            let _until_it_ends = state.begin_text(&session, of_language_model)?;
            state.last.clear();
            let context = state.context()?;
            context.compute(cancel)?;
            let outputs = size_of_outputs(context);
            let share = state.or_let_go(session.hold(outputs))?;
            state.last.push(Arc::new(share));
            Ok(())
        })
        .await
    }

    /// Runs the model for one step.
    ///
    /// # Errors
    ///
    /// As [`Session::compute`].
    pub(crate) async fn compute_single(&self, context: &ExecutionContext) -> Result<Step> {
        let (state, of_language_model) = (Arc::clone(&context.state), context.of_language_model);
        let session = self.clone();
        self.work(move |cancel| {
            let mut state = lock(&state)?;
            if state.text.is_none() {
                state.text = state.begin_text(&session, of_language_model)?;
            }
            let step = state
                .context()
                .and_then(|context| context.compute_single(cancel));
            if !matches!(step, Ok(Step::Piece)) {
                state.text = None;
            }
            step
        })
        .await
    }

    /// Ends a computation in steps.
    ///
    /// # Errors
    ///
    /// The model has no steps.
    pub(crate) async fn fini_single(&self, context: &ExecutionContext) -> Result<()> {
        let state = Arc::clone(&context.state);
        self.work(move |_| {
            let mut state = lock(&state)?;
            state.context()?.fini_single()?;
            state.text = None;
            Ok(())
        })
        .await
    }

    /// An output of the last computation.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) async fn get_output(
        &self,
        context: &ExecutionContext,
        index: u32,
        single: bool,
    ) -> Result<Tensor> {
        self.touch(context, move |state| {
            let id = TensorId::Index(index);
            let context = state.context()?;
            if single {
                context.get_output_single(&id)
            } else {
                context.get_output(&id)
            }
        })
        .await
    }

    /// All outputs of the last computation, with their names.
    ///
    /// # Errors
    ///
    /// There was none.
    pub(crate) async fn outputs(&self, context: &ExecutionContext) -> Result<Vec<NamedTensor>> {
        self.touch(context, |state| {
            let context = state.context()?;
            // There is a first one if there was a computation at all.
            context.get_output(&TensorId::Index(0))?;
            let model = Arc::clone(context.model());
            let outputs = &model.signature().outputs;
            let all = (0..most_outputs(outputs)).map_while(|index| {
                let tensor = context.get_output(&TensorId::Index(index)).ok()?;
                let name = outputs.name(index as usize);
                Some(NamedTensor { name, tensor })
            });
            Ok(all.collect())
        })
        .await
    }

    /// Inputs in, outputs out.
    ///
    /// # Errors
    ///
    /// As [`Session::compute`].
    pub(crate) async fn compute_with_io(
        &self,
        context: &ExecutionContext,
        inputs: Vec<(String, CountedTensor)>,
    ) -> Result<Vec<(String, CountedTensor)>> {
        for (name, input) in &inputs {
            check_name(name)?;
            check_rank(input.tensor.dimensions.len())?;
        }
        let (state, of_language_model) = (Arc::clone(&context.state), context.of_language_model);
        let session = self.clone();
        self.work(move |cancel| {
            let mut given = Vec::with_capacity(inputs.len());
            let mut held = Vec::with_capacity(inputs.len());
            for (name, CountedTensor { tensor, share }) in inputs {
                let is_prompt = matches!(name.as_str(), "0" | "prompt");
                let tensor = if of_language_model && !is_prompt {
                    prompt_cache::option_input(tensor)?
                } else {
                    tensor
                };
                given.push(NamedTensor { name, tensor });
                held.push(share);
            }
            let mut state = lock(&state)?;
            let _until_it_ends = state.begin_text(&session, of_language_model)?;
            let outputs = state.context()?.compute_with_io(given, cancel);
            // The context holds these inputs from now on, and those of before no more.
            state.last = held;
            let outputs = outputs?.into_iter();
            let counted = outputs
                .map(|NamedTensor { name, tensor }| Ok((name, session.count(tensor)?)))
                .collect();
            let counted: Vec<(String, CountedTensor)> = state.or_let_go(counted)?;
            let shares = counted.iter().map(|(_, output)| Arc::clone(&output.share));
            state.last.extend(shares);
            Ok(counted)
        })
        .await
    }
}

impl ContextState {
    fn context(&mut self) -> Result<&mut Context> {
        self.context
            .as_mut()
            .ok_or_else(|| Error::runtime("the context ended with an output that was too large"))
    }

    /// Counts the text that is about to be continued, which takes the place of one in steps.
    fn begin_text(&mut self, session: &Session, of_language_model: bool) -> Result<Option<Share>> {
        self.text = None;
        of_language_model.then(|| session.begin_text()).transpose()
    }

    /// Lets go of the context, and so of its outputs, if they are too large.
    fn or_let_go<T>(&mut self, counted: Result<T>) -> Result<T> {
        if counted.is_err() {
            self.context = None;
            self.inputs.clear();
            self.last.clear();
        }
        counted
    }
}

impl ExecutionContext {
    pub(crate) fn is_of_language_model(&self) -> bool {
        self.of_language_model
    }
}

/// What the outputs of a context take, in bytes. To look at them copies nothing.
fn size_of_outputs(context: &mut Context) -> usize {
    let most = most_outputs(&context.model().signature().outputs);
    (0..most)
        .map_while(|index| context.get_output(&TensorId::Index(index)).ok())
        .fold(0, |sum, output| sum.saturating_add(size(&output)))
}

/// How many outputs there can be.
fn most_outputs(outputs: &c12_nn_core::Side) -> u32 {
    if outputs.open {
        return u32::MAX;
    }
    u32::try_from(outputs.tensors.len()).unwrap_or(u32::MAX)
}

/// A context is used by one call at a time; only one that was given up is still at it when the next comes.
fn lock(state: &Mutex<ContextState>) -> Result<MutexGuard<'_, ContextState>> {
    state.try_lock().map_err(|error| {
        Error::runtime(match error {
            TryLockError::WouldBlock => "the context has not ended a computation that was given up",
            TryLockError::Poisoned(_) => "the context failed unexpectedly before",
        })
    })
}
