//! `c12:nn/graphs`.

use c12_nn_core::{Dimension, Options, Side, TensorDescription};
use wasmtime::component::Resource;

use super::bindings::c12::nn::graphs as wit;
use super::bindings::wasi::nn::inference::NamedTensor;
use super::{Outcome, View};
use crate::graph::Graph;
use crate::options;
use crate::session::{CountedTensor, Session, check_name};

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
        let graph = match check_name(&name).and_then(|()| options(given)) {
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

/// Runs all of them, each in a context of its own; several at once, as many as the guest's contexts leave room for.
async fn compute_all(
    session: &Session,
    graph: &Graph,
    inputs: Vec<Tensors>,
) -> c12_nn_core::Result<Vec<Tensors>> {
    let begin = |inputs, room| {
        let (session, graph) = (session.clone(), graph.clone());
        async move {
            let context = session.context_in(&graph, room).await?;
            session.compute_with_io(&context, inputs).await
        }
    };
    Session::side_by_side(inputs, || session.room_for_context(), begin).await
}

/// Options as the core has them.
pub(super) fn options(given: wit::Options) -> c12_nn_core::Result<Options> {
    let length = |(name, value): &(String, String)| name.len().saturating_add(value.len());
    let length = given.iter().map(length).fold(0, usize::saturating_add);
    options::check_length(length)?;
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
