//! Embeddings, in a context of their own that is made when the first is asked for.

use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::engine::EngineOptions;
use crate::{Error, Result};

pub(super) struct Embedder<'a> {
    backend: &'a LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
    context: Option<LlamaContext<'a>>,
}

impl<'a> Embedder<'a> {
    pub(super) fn new(
        backend: &'a LlamaBackend,
        model: &'a LlamaModel,
        options: EngineOptions,
    ) -> Self {
        Self {
            backend,
            model,
            options,
            context: None,
        }
    }

    pub(super) fn embed(&mut self, tokens: &[LlamaToken]) -> Result<Vec<f32>> {
        let (backend, model, options) = (self.backend, self.model, self.options);
        let context = match &mut self.context {
            Some(context) => context,
            empty => empty.insert(context(backend, model, options)?),
        };
        context.clear_kv_cache();
        let mut batch = LlamaBatch::new(tokens.len().max(1), 1);
        batch
            .add_sequence(tokens, 0, true)
            .map_err(|error| Error::runtime(error.to_string()))?;
        context
            .decode(&mut batch)
            .map_err(|error| Error::runtime(format!("the model failed: {error}")))?;
        context
            .embeddings_seq_ith(0)
            .map(<[f32]>::to_vec)
            .map_err(|error| Error::unsupported(format!("the model has no embeddings: {error}")))
    }
}

fn context<'a>(
    backend: &LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
) -> Result<LlamaContext<'a>> {
    // A text is read at once: some models look at what comes after a token.
    let tokens = options.context_tokens;
    let pooling = if options.has_pooling {
        LlamaPoolingType::Unspecified
    } else {
        LlamaPoolingType::Mean
    };
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(tokens))
        .with_n_batch(tokens)
        .with_n_ubatch(tokens)
        .with_n_threads(options.threads)
        .with_n_threads_batch(options.threads)
        .with_embeddings(true)
        .with_pooling_type(pooling)
        .with_no_perf(true);
    model.new_context(backend, params).map_err(|error| {
        Error::too_large(format!("no context for embeddings can be made: {error}"))
    })
}
