//! Embeddings, in a context of their own that is made when the first is asked for.

use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::engine::{EngineOptions, Pooling};
use super::plan::EMBEDDED;
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
        let pooling = self.options.pooling;
        let context = self.context_for(tokens.len())?;
        context.clear_kv_cache();
        match pooling {
            Pooling::Whole => whole(context, tokens),
            Pooling::Mean | Pooling::Last => in_parts(context, tokens, pooling),
        }
    }

    /// A context with room for so many tokens. What is in between takes memory for each token that could come: so it is
    /// no larger than it must be.
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

/// Has the model read a text at once, and make the embedding.
fn whole(context: &mut LlamaContext<'_>, tokens: &[LlamaToken]) -> Result<Vec<f32>> {
    let mut batch = LlamaBatch::new(tokens.len().max(1), 1);
    batch
        .add_sequence(tokens, 0, true)
        .map_err(|error| Error::runtime(error.to_string()))?;
    decode(context, &mut batch)?;
    context
        .embeddings_seq_ith(0)
        .map(<[f32]>::to_vec)
        .map_err(|error| Error::unsupported(format!("the model has no embeddings: {error}")))
}

/// Has the model read a text in parts, and makes the embedding of what it has for the tokens.
fn in_parts(
    context: &mut LlamaContext<'_>,
    tokens: &[LlamaToken],
    pooling: Pooling,
) -> Result<Vec<f32>> {
    let mut batch = LlamaBatch::new(EMBEDDED as usize, 1);
    let mut sums: Vec<f64> = Vec::new();
    let mut position = 0;
    for part in tokens.chunks(EMBEDDED as usize) {
        batch.clear();
        for token in part {
            batch
                .add(*token, position, &[0], true)
                .map_err(|error| Error::runtime(error.to_string()))?;
            position += 1;
        }
        decode(context, &mut batch)?;
        for index in 0..batch.n_tokens() {
            let numbers = context.embeddings_ith(index).map_err(|error| {
                Error::unsupported(format!("the model has no embeddings: {error}"))
            })?;
            if pooling == Pooling::Last {
                sums.clear();
            }
            sums.resize(numbers.len(), 0.0);
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += f64::from(*number);
            }
        }
    }
    let count = match pooling {
        Pooling::Mean => f64::from(position.max(1)),
        Pooling::Last | Pooling::Whole => 1.0,
    };
    Ok(sums.into_iter().map(|sum| (sum / count) as f32).collect())
}

fn decode(context: &mut LlamaContext<'_>, batch: &mut LlamaBatch<'_>) -> Result<()> {
    context
        .decode(batch)
        .map_err(|error| Error::runtime(format!("the model failed: {error}")))
}

fn context<'a>(
    backend: &LlamaBackend,
    model: &'a LlamaModel,
    options: EngineOptions,
    tokens: u32,
) -> Result<LlamaContext<'a>> {
    let (pooling, batch) = match options.pooling {
        Pooling::Whole => (LlamaPoolingType::Unspecified, tokens),
        Pooling::Mean | Pooling::Last => (LlamaPoolingType::None, tokens.min(EMBEDDED)),
    };
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(tokens))
        .with_n_batch(batch)
        .with_n_ubatch(batch)
        .with_n_threads(options.threads)
        .with_n_threads_batch(options.threads)
        .with_embeddings(true)
        .with_pooling_type(pooling)
        .with_no_perf(true);
    model.new_context(backend, params).map_err(|error| {
        Error::too_large(format!("no context for embeddings can be made: {error}"))
    })
}
