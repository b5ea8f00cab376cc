//! `c12:nn/graphs`.

use c12_nn_core::{Dimension, Options, Side, TensorDescription};
use tokio::task::JoinSet;
use wasmtime::component::Resource;

use super::bindings::c12::nn::graphs as wit;
use super::bindings::wasi::nn::inference::NamedTensor;
use super::{Outcome, View};
use crate::graph::Graph;
use crate::session::{CountedTensor, Session, check_name};

/// Inferences that [`wit::Host::compute_all`] has under way at once: enough to fill a batch and to keep every
/// processor busy, and too few to fill the pool of threads.
const AT_ONCE: usize = 64;

type Tensors = Vec<(String, CountedTensor)>;

impl wit::Host for View<'_> {
    fn names(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.session()?.names())
    }

    async fn load_by_name_with_options(
        &mut self,
        name: String,
        given: wit::Options,
    ) -> Outcome<Resource<Graph>> {
        let session = self.session()?;
        let graph = match options(given) {
            Ok(options) => session.load_by_name(&name, options).await,
            Err(error) => Err(error),
        };
        self.resource("`load-by-name-with-options`", graph)
    }

    fn describe(&mut self, graph: Resource<Graph>) -> wasmtime::Result<wit::Signature> {
        let graph = self.table.get(&graph)?;
        let signature = graph.model().signature();
        let side = |side: &Side| side.tensors.iter().map(Into::into).collect();
        Ok(wit::Signature {
            inputs: side(&signature.inputs),
            open_inputs: signature.inputs.open,
            outputs: side(&signature.outputs),
            open_outputs: signature.outputs.open,
        })
    }

    async fn compute_all(
        &mut self,
        graph: Resource<Graph>,
        inputs: Vec<Vec<NamedTensor>>,
    ) -> Outcome<Vec<Vec<NamedTensor>>> {
        let session = self.session()?;
        let graph = self.table.get(&graph)?.clone();
        let take = |inputs| self.take_tensors(inputs);
        let inputs = inputs
            .into_iter()
            .map(take)
            .collect::<wasmtime::Result<Vec<Tensors>>>()?;
        let outputs = compute_all(&session, &graph, inputs).await;
        match self.outcome("`compute-all`", outputs)? {
            Err(failure) => Ok(Err(failure)),
            Ok(outputs) => {
                let give = |outputs| self.give_tensors(outputs);
                Ok(Ok(outputs
                    .into_iter()
                    .map(give)
                    .collect::<wasmtime::Result<_>>()?))
            }
        }
    }
}

/// Runs all of them, several at once. What is still under way when one fails, or when nobody waits any more, is
/// cancelled: tasks that are dropped drop what cancels their computations.
async fn compute_all(
    session: &Session,
    graph: &Graph,
    inputs: Vec<Tensors>,
) -> c12_nn_core::Result<Vec<Tensors>> {
    let mut outputs: Vec<Tensors> = inputs.iter().map(|_| Tensors::new()).collect();
    let at_once =
        usize::try_from(session.policy().contexts).map_or(AT_ONCE, |most| most.min(AT_ONCE));
    let mut waiting = inputs.into_iter().enumerate();
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once
            && let Some((position, inputs)) = waiting.next()
        {
            let (session, graph) = (session.clone(), graph.clone());
            running.spawn(async move {
                let context = session.context(&graph).await?;
                let outputs = session.compute_with_io(&context, inputs).await?;
                Ok::<_, c12_nn_core::Error>((position, outputs))
            });
        }
        let Some(ended) = running.join_next().await else {
            return Ok(outputs);
        };
        let (position, computed) =
            ended.unwrap_or_else(|error| Err(c12_nn_core::Error::runtime(error.to_string())))?;
        if let Some(place) = outputs.get_mut(position) {
            *place = computed;
        }
    }
}

/// Options as the core has them.
pub(super) fn options(given: wit::Options) -> c12_nn_core::Result<Options> {
    let mut options = Options::new();
    for (name, value) in given {
        check_name(&name)?;
        options.set(name, value);
    }
    Ok(options)
}

impl From<&TensorDescription> for wit::Description {
    fn from(tensor: &TensorDescription) -> Self {
        let dimensions = tensor.dimensions.as_ref();
        wit::Description {
            name: tensor.name.clone(),
            ty: tensor.ty.map(Into::into),
            dimensions: dimensions.map(|all| all.iter().map(Into::into).collect()),
        }
    }
}

impl From<&Dimension> for wit::Dimension {
    fn from(dimension: &Dimension) -> Self {
        match dimension {
            Dimension::Fixed(size) => wit::Dimension::Fixed(*size),
            Dimension::Free(name) => wit::Dimension::Free(name.clone()),
        }
    }
}
