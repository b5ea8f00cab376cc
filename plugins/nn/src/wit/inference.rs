//! `wasi:nn/graph` and `wasi:nn/inference`.

use bytes::Bytes;
use c12_nn_core::{Device, Encoding, Options};
use wasmtime::component::Resource;

use super::bindings::wasi::nn::{graph, inference};
use super::tensor::Tensor;
use super::{Outcome, View};
use crate::graph::Graph;
use crate::session::{CountedTensor, ExecutionContext};

impl graph::Host for View<'_> {
    async fn load(
        &mut self,
        builder: Vec<graph::GraphBuilder>,
        encoding: graph::GraphEncoding,
        target: graph::ExecutionTarget,
    ) -> Outcome<Resource<Graph>> {
        let parts = builder.into_iter().map(Bytes::from).collect();
        let session = self.session()?;
        let graph = session
            .load(parts, encoding.into(), target.into(), Options::new())
            .await;
        self.resource("`load`", graph)
    }

    async fn load_by_name(&mut self, name: String) -> Outcome<Resource<Graph>> {
        let session = self.session()?;
        let graph = session.load_by_name(&name, Options::new()).await;
        self.resource("`load-by-name`", graph)
    }
}

impl graph::HostGraph for View<'_> {
    async fn init_execution_context(
        &mut self,
        graph: Resource<Graph>,
    ) -> Outcome<Resource<ExecutionContext>> {
        let session = self.session()?;
        let graph = self.table.get(&graph)?.clone();
        let context = session.context(&graph).await;
        self.resource("`init-execution-context`", context)
    }

    fn drop(&mut self, graph: Resource<Graph>) -> wasmtime::Result<()> {
        self.table.delete(graph)?;
        Ok(())
    }
}

impl inference::Host for View<'_> {}

impl inference::HostGraphExecutionContext for View<'_> {
    async fn compute(
        &mut self,
        context: Resource<ExecutionContext>,
        inputs: Vec<inference::NamedTensor>,
    ) -> Outcome<Vec<inference::NamedTensor>> {
        let session = self.session()?;
        let context = self.table.get(&context)?.clone();
        let inputs = self.take_tensors(inputs)?;
        let outputs = session.compute_with_io(&context, inputs).await;
        match self.outcome("`compute`", outputs)? {
            Ok(outputs) => Ok(Ok(self.give_tensors(outputs)?)),
            Err(failure) => Ok(Err(failure)),
        }
    }

    fn drop(&mut self, context: Resource<ExecutionContext>) -> wasmtime::Result<()> {
        self.table.delete(context)?;
        Ok(())
    }
}

impl View<'_> {
    /// Tensors that the guest hands over; it has them no more.
    pub(super) fn take_tensors(
        &mut self,
        tensors: Vec<inference::NamedTensor>,
    ) -> wasmtime::Result<Vec<(String, CountedTensor)>> {
        let take = |(name, tensor): inference::NamedTensor| {
            let Tensor(tensor) = self.table.delete(tensor)?;
            Ok((name, tensor))
        };
        tensors.into_iter().map(take).collect()
    }

    pub(super) fn give_tensors(
        &mut self,
        tensors: Vec<(String, CountedTensor)>,
    ) -> wasmtime::Result<Vec<inference::NamedTensor>> {
        let give = |(name, tensor)| Ok((name, self.table.push(Tensor(tensor))?));
        tensors.into_iter().map(give).collect()
    }
}

impl From<graph::GraphEncoding> for Encoding {
    fn from(encoding: graph::GraphEncoding) -> Self {
        match encoding {
            graph::GraphEncoding::Openvino => Encoding::Openvino,
            graph::GraphEncoding::Onnx => Encoding::Onnx,
            graph::GraphEncoding::Tensorflow => Encoding::Tensorflow,
            graph::GraphEncoding::Pytorch => Encoding::Pytorch,
            graph::GraphEncoding::Tensorflowlite => Encoding::TensorflowLite,
            graph::GraphEncoding::Ggml => Encoding::Ggml,
            graph::GraphEncoding::Autodetect => Encoding::Autodetect,
        }
    }
}

impl From<graph::ExecutionTarget> for Device {
    fn from(target: graph::ExecutionTarget) -> Self {
        match target {
            graph::ExecutionTarget::Cpu => Device::Cpu,
            graph::ExecutionTarget::Gpu => Device::Gpu,
            graph::ExecutionTarget::Tpu => Device::Tpu,
        }
    }
}
