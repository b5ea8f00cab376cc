use std::sync::Arc;

use c12_nn_core::{
    Backend, Device, Encoding, Error, Graph, Key, ModelSpec, Options, Result, Source, Status,
};

/// llama.cpp where this program was built without it, so that users learn what they lack.
pub(crate) struct NoLlamaCpp;

const REMEDY: &str = "this program was built without llama.cpp; the feature `nn-ggml` of `c12-cli`, or `ggml` of `c12-nn`, adds it";

/// Refuses options of language models: nothing here knows which there are.
pub(crate) fn check(models: &[ModelSpec]) -> Result<()> {
    let asks = |model: &&ModelSpec| {
        let named = model.backend == NoLlamaCpp.name();
        (named || model.backend.parse() == Ok(Encoding::Ggml)) && !model.options.is_empty()
    };
    match models.iter().find(asks) {
        None => Ok(()),
        Some(model) => Err(Error::unsupported(format!(
            "the model `{}` is to be run by llama.cpp, which is not there",
            model.name
        ))
        .with_help(REMEDY)),
    }
}

impl Backend for NoLlamaCpp {
    fn name(&self) -> &'static str {
        "llamacpp"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Ggml
    }

    fn status(&self) -> Status {
        Status::missing(REMEDY)
    }

    fn keys(&self) -> Vec<Key> {
        // The plugin gives it to all models.
        vec![Key {
            name: "threads",
            help: "threads for an inference",
        }]
    }

    fn load(&self, _: &[Source], _: Device, _: &Options) -> Result<Arc<dyn Graph>> {
        Err(Error::unsupported("llama.cpp is not there").with_help(REMEDY))
    }
}
