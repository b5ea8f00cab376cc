//! What one instance does with models: the ground on which both faces stand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use c12::Limits;
use c12_nn_core::{
    Cancel, Context, Encoding, Error, NamedTensor, Registry, Result, Tensor, TensorId,
};

use crate::allowance::{Allowance, Share};
use crate::computation;
use crate::graph::Graph;
use crate::policy::Policy;
use crate::prompt_cache;
use crate::trouble::Reporter;

/// More than any name has. Messages repeat names, and must stay short.
const LONGEST_NAME: usize = 1024;

/// More dimensions than any model has. Messages repeat them.
const HIGHEST_RANK: usize = 64;

/// Computations of one instance that may be under way, those among them that were given up and whose framework cannot
/// be interrupted.
const MOST_COMPUTATIONS: u64 = 128;

/// One for each instance; clones are one.
#[derive(Clone)]
pub(crate) struct Session(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// What its workload is called.
    pub(crate) guest: String,
    pub(crate) registry: Registry,
    pub(crate) policy: Arc<Policy>,
    reporter: Reporter,
    /// In bytes.
    tensors: Allowance,
    contexts: Allowance,
    /// In bytes, of those that the guest has handed over.
    pub(crate) models: Allowance,
    computations: Allowance,
    limits: Limits,
}

/// An execution context in a guest's hands. Clones are one.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct ExecutionContext {
    state: Arc<Mutex<ContextState>>,
    /// Whether its small functions take time as well: text is split into tokens.
    slow: bool,
    _share: Arc<Share>,
    _graph: Graph,
}

struct ContextState {
    /// Gone after an output that was too large: nothing else would let go of it.
    context: Option<Context>,
    /// What is taken out of the instance's allowance for the inputs that were set one by one.
    inputs: BTreeMap<u32, Share>,
    /// The same for what came with the last computation and out of it.
    last: Vec<Arc<Share>>,
}

/// A tensor with what it takes out of the instance's allowance.
#[derive(Clone)]
pub(crate) struct CountedTensor {
    pub(crate) tensor: Tensor,
    pub(crate) share: Arc<Share>,
}

impl Session {
    pub(crate) fn new(
        guest: &str,
        registry: Registry,
        policy: &Arc<Policy>,
        limits: &Limits,
        reporter: Reporter,
    ) -> Self {
        Session(Arc::new(Inner {
            guest: guest.to_owned(),
            registry,
            policy: Arc::clone(policy),
            reporter,
            tensors: Allowance::new(policy.tensors),
            contexts: Allowance::new(policy.contexts),
            models: Allowance::new(policy.guest_memory),
            computations: Allowance::new(MOST_COMPUTATIONS),
            limits: limits.clone(),
        }))
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn reporter(&self) -> &Reporter {
        &self.0.reporter
    }

    /// The names of the models that were named for guests.
    pub(crate) fn names(&self) -> Vec<String> {
        let models = self.0.registry.models();
        models.map(|spec| spec.name.clone()).collect()
    }

    /// Whether a model of that name was named as one of llama.cpp's.
    pub(crate) fn is_named_ggml(&self, name: &str) -> bool {
        self.0
            .registry
            .models()
            .any(|spec| spec.name == name && spec.backend.parse() == Ok(Encoding::Ggml))
    }

    /// Does work that takes time, away from the executor, and no longer than one computation may take.
    ///
    /// # Errors
    ///
    /// Those of the work, and `runtime-error` if too much work that was given up has not ended yet.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.work_for(self.0.policy.timeout, work).await
    }

    /// As [`Session::work`], for as long as this, or as long as it takes.
    pub(crate) async fn work_for<T: Send + 'static>(
        &self,
        most: Option<Duration>,
        work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let under_way = self.0.computations.take(1).ok_or_else(|| {
            Error::runtime(format!(
                "{MOST_COMPUTATIONS} computations are under way, among them some that were given up"
            ))
        })?;
        computation::run(most, move |cancel| {
            let _until_it_ends = under_way;
            work(cancel)
        })
        .await
    }

    /// Makes a context.
    ///
    /// # Errors
    ///
    /// `too-large` if the instance has as many as it may, and those of the framework.
    pub(crate) async fn context(&self, graph: &Graph) -> Result<ExecutionContext> {
        let share = self.0.contexts.take(1).ok_or_else(|| {
            Error::too_large(format!(
                "{} execution contexts are there already",
                self.0.contexts.most()
            ))
            .with_help("`nn.contexts` is the limit")
        })?;
        let slow = graph.is_language_model();
        let make = {
            let graph = graph.clone();
            move || graph.context()
        };
        let context = if slow {
            self.work(move |_| make()).await?
        } else {
            make()?
        };
        Ok(ExecutionContext {
            state: Arc::new(Mutex::new(ContextState {
                context: Some(context),
                inputs: BTreeMap::new(),
                last: Vec::new(),
            })),
            slow,
            _share: Arc::new(share),
            _graph: graph.clone(),
        })
    }

    /// Counts bytes that the host is about to hold for tensors.
    ///
    /// # Errors
    ///
    /// `too-large` if the instance holds as much as it may.
    pub(crate) fn hold(&self, bytes: usize) -> Result<Share> {
        let allowance = &self.0.tensors;
        allowance.take(bytes as u64).ok_or_else(|| {
            Error::too_large(format!(
                "the tensors would take more than {} bytes together",
                allowance.most()
            ))
            .with_help("`nn.tensors` is the limit")
        })
    }

    /// A tensor that the host is going to hold.
    ///
    /// # Errors
    ///
    /// As [`Session::hold`].
    pub(crate) fn count(&self, tensor: Tensor) -> Result<CountedTensor> {
        let share = Arc::new(self.hold(size(&tensor))?);
        Ok(CountedTensor { tensor, share })
    }

    /// Does something with a context, away from the executor.
    ///
    /// # Errors
    ///
    /// Those of the work; `runtime-error` if the context has not ended an earlier computation.
    pub(crate) async fn compute_in<T: Send + 'static>(
        &self,
        context: &ExecutionContext,
        work: impl FnOnce(&mut Context, &Cancel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let state = Arc::clone(&context.state);
        self.work(move |cancel| work(lock(&state)?.context()?, cancel))
            .await
    }

    /// Does something with a context that takes no time, unless the context is of a language model.
    async fn touch<T: Send + 'static>(
        &self,
        context: &ExecutionContext,
        work: impl FnOnce(&mut ContextState) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if !context.slow {
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
    /// It does not fit the model, or the instance's allowance.
    pub(crate) async fn set_input(
        &self,
        context: &ExecutionContext,
        index: u32,
        tensor: Tensor,
    ) -> Result<()> {
        check_rank(tensor.dimensions.len())?;
        let share = self.hold(size(&tensor))?;
        let tensor = if context.slow && index > 0 {
            prompt_cache::without_key(tensor)
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
    /// Those of [`Session::compute_in`], and `too-large` if the outputs pass the instance's allowance.
    pub(crate) async fn compute(&self, context: &ExecutionContext) -> Result<()> {
        let state = Arc::clone(&context.state);
        let session = self.clone();
        self.work(move |cancel| {
            let mut state = lock(&state)?;
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
        let (state, slow) = (Arc::clone(&context.state), context.slow);
        let session = self.clone();
        self.work(move |cancel| {
            let (inputs, held) = inputs
                .into_iter()
                .map(|(name, CountedTensor { tensor, share })| {
                    let is_prompt = !slow || matches!(name.as_str(), "0" | "prompt");
                    let tensor = if is_prompt {
                        tensor
                    } else {
                        prompt_cache::without_key(tensor)
                    };
                    (NamedTensor { name, tensor }, share)
                })
                .unzip();
            let mut state = lock(&state)?;
            let outputs = state.context()?.compute_with_io(inputs, cancel);
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
    /// Whether it is of a language model.
    pub(crate) fn is_of_language_model(&self) -> bool {
        self.slow
    }
}

/// What a tensor takes, in bytes.
fn size(tensor: &Tensor) -> usize {
    let dimensions = tensor.dimensions.len().saturating_mul(size_of::<u32>());
    tensor.data.len().saturating_add(dimensions)
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

pub(crate) fn check_name(name: &str) -> Result<()> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "a name has {} bytes; {LONGEST_NAME} are allowed",
        name.len()
    )))
}

pub(crate) fn check_rank(rank: usize) -> Result<()> {
    if rank <= HIGHEST_RANK {
        return Ok(());
    }
    Err(Error::invalid_argument(format!(
        "a tensor has {rank} dimensions; {HIGHEST_RANK} are allowed"
    )))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::JoinSet;

    use super::*;
    use crate::witx::Numbering;

    fn session() -> Session {
        let policy = Policy {
            numbering: Numbering::default(),
            timeout: Some(Duration::from_millis(10)),
            guest_encodings: Vec::new(),
            contexts: 1,
            tensors: 1,
            guest_memory: 1,
            threads: None,
        };
        let registry = Registry::builder().build().unwrap();
        let limits = Limits::default();
        Session::new(
            "guest",
            registry,
            &Arc::new(policy),
            &limits,
            Reporter::new(None),
        )
    }

    /// What cannot be interrupted goes on when it is given up, and must not pile up.
    #[tokio::test]
    async fn what_was_given_up_counts_until_it_ends() {
        let session = session();
        let mut held = Vec::new();
        let mut given_up = JoinSet::new();
        for _ in 0..MOST_COMPUTATIONS {
            let (hold, until) = mpsc::channel::<()>();
            held.push(hold);
            let session = session.clone();
            given_up.spawn(async move {
                let deaf = session.work(move |_| {
                    let _ = until.recv();
                    Ok(())
                });
                deaf.await
            });
        }
        while let Some(ended) = given_up.join_next().await {
            let error = ended.unwrap().unwrap_err();
            assert_eq!(error.code().name(), "timeout");
        }
        let refused = session.work(|_| Ok(())).await.unwrap_err();
        let words = refused.message();
        assert!(words.contains("are under way"), "{words}");
        // When one ends, another may begin.
        held.pop();
        let mut tries = 0;
        while session.work(|_| Ok(())).await.is_err() {
            tries += 1;
            assert!(tries < 1000);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
