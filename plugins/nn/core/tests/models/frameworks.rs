//! Frameworks set up from packages, in the way of `c12 plugin setup nn`, and what their tests have in common.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use c12_nn_core::setup::Framework;
use c12_nn_core::{
    Backend, Cancel, Device, ExecutionContext, Graph, NamedTensor, Options, Source, Tensor,
    TensorId,
};

use crate::packages::Models;

/// The folder of a framework, which is set up when it is asked for first.
pub(crate) fn set_up(models: &Models, framework: Framework) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let installed = framework
        .set_up(&models.path("frameworks"), &mut |line| println!("{line}"))
        .unwrap_or_else(|error| panic!("{error}: {}", error.help().unwrap_or_default()));
    installed.folder
}

pub(crate) fn file(path: PathBuf) -> Source {
    Source::File(path)
}

pub(crate) fn bytes(path: PathBuf) -> Source {
    Source::Bytes(std::fs::read(path).unwrap().into())
}

pub(crate) fn load(backend: &dyn Backend, sources: &[Source]) -> Arc<dyn Graph> {
    load_with(backend, sources, "")
}

pub(crate) fn load_with(
    backend: &dyn Backend,
    sources: &[Source],
    options: &str,
) -> Arc<dyn Graph> {
    backend
        .load(
            sources,
            Device::Auto,
            &Options::from_query(options).unwrap(),
        )
        .unwrap_or_else(|error| panic!("{error}: {}", error.help().unwrap_or_default()))
}

pub(crate) fn refusal(backend: &dyn Backend, sources: &[Source]) -> c12_nn_core::Error {
    backend
        .load(sources, Device::Auto, &Options::new())
        .err()
        .expect("the model should be refused")
}

pub(crate) fn context(graph: &Arc<dyn Graph>) -> Box<dyn ExecutionContext> {
    graph.init_execution_context(&Options::new()).unwrap()
}

/// Sets the inputs, computes, and gets as many outputs.
pub(crate) fn run(
    context: &mut dyn ExecutionContext,
    inputs: &[NamedTensor],
    outputs: usize,
) -> Vec<Tensor> {
    for NamedTensor { name, tensor } in inputs {
        context
            .set_input(&TensorId::Name(name.clone()), tensor.clone())
            .unwrap();
    }
    context.compute(&Cancel::new()).unwrap();
    (0..outputs)
        .map(|position| {
            let id = TensorId::Index(u32::try_from(position).unwrap());
            context.get_output(&id).unwrap()
        })
        .collect()
}
