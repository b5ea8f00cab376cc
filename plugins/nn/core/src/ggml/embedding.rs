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

/// The smallest context that is made, in tokens.
const SMALLEST: u32 = 256;

pub(super) struct Embedder<'a> {
    backend: &'a LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
    /// A context and the tokens that it has room for.
    context: Option<(u32, LlamaContext<'a>)>,
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
        let context = self.context_for(tokens.len())?;
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

    /// A context with room for so many tokens. A text is read at once, as some models look at what comes after a token,
    /// and that takes memory for each token that could come: so it is no larger than it must be.
    fn context_for(&mut self, tokens: usize) -> Result<&mut LlamaContext<'a>> {
        let most = self.options.context_tokens;
        let needed = u32::try_from(tokens.next_power_of_two())
            .unwrap_or(most)
            .clamp(SMALLEST.min(most), most);
        if self.context.as_ref().is_none_or(|(room, _)| *room < needed) {
            // The old one goes first.
            self.context = None;
            let context = context(self.backend, self.model, self.options, needed)?;
            self.context = Some((needed, context));
        }
        let (_, context) = self
            .context
            .as_mut()
            .ok_or_else(|| Error::runtime("no context for embeddings could be made"))?;
        Ok(context)
    }
}

fn context<'a>(
    backend: &LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
    tokens: u32,
) -> Result<LlamaContext<'a>> {
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
