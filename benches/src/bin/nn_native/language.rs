//! A language model with llama.cpp, with a context as the plugin makes it.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Instant;

use c12_bench_nn::{
    ANSWER_TOKENS, BATCH_TOKENS, CONTEXT_TOKENS, Call, Failure, Outcome, QUESTION, TEXT_THREADS,
};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaChatMessage, LlamaModel};
use llama_cpp_2::sampling::LlamaSampler;

pub(crate) fn with_llama_cpp(model: &Path) -> Result<Call, Failure> {
    let mut backend = LlamaBackend::init()?;
    backend.void_logs();
    let model = LlamaModel::load_from_file(&backend, model, &LlamaModelParams::default())?;
    // They are there as long as the program; the context borrows from the model.
    let backend: &'static LlamaBackend = Box::leak(Box::new(backend));
    let model: &'static LlamaModel = Box::leak(Box::new(model));
    let threads = i32::try_from(TEXT_THREADS)?;
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(CONTEXT_TOKENS))
        .with_n_seq_max(1)
        .with_n_batch(BATCH_TOKENS)
        .with_n_ubatch(BATCH_TOKENS)
        .with_n_threads(threads)
        .with_n_threads_batch(threads)
        .with_no_perf(true);
    let mut context = model.new_context(backend, params)?;
    let mut batch = LlamaBatch::new(usize::try_from(BATCH_TOKENS)?, 1);
    Ok(Box::new(move |outcome| {
        answer(model, &mut context, &mut batch, outcome)
    }))
}

/// From the question in words to the answer in words.
fn answer(
    model: &LlamaModel,
    context: &mut LlamaContext<'_>,
    batch: &mut LlamaBatch<'_>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    outcome.first = None;
    outcome.tokens = 0;
    let template = model.chat_template(None)?;
    let question = LlamaChatMessage::new("user".to_owned(), QUESTION.to_owned())?;
    let prompt = model.apply_chat_template(&template, &[question], true)?;
    let vocabulary = model.vocab();
    let tokens = vocabulary.tokenize(prompt.as_bytes(), true, true);
    // Nothing that was read in the last round helps.
    context.clear_kv_cache_seq(Some(0), None, None)?;
    batch.clear();
    batch.add_sequence(&tokens, 0, false)?;
    let mut position = i32::try_from(tokens.len())?;
    let mut sampler = LlamaSampler::chain_simple([LlamaSampler::greedy()]);
    let mut text = Vec::new();
    loop {
        context.decode(batch)?;
        let token = sampler.sample(context, batch.n_tokens() - 1);
        if vocabulary.is_eog(token) {
            break;
        }
        text.extend(vocabulary.token_to_piece(token, false, None));
        outcome.tokens += 1;
        outcome.first.get_or_insert_with(Instant::now);
        if outcome.tokens == ANSWER_TOKENS {
            break;
        }
        batch.clear();
        batch.add(token, position, &[0], true)?;
        position += 1;
    }
    outcome.output = String::from_utf8_lossy(&text).into_owned().into_bytes();
    Ok(())
}
