//! llama.cpp without C12: its binding, called in the plainest way. It keeps its state for the whole process, so it gets
//! one of its own.

use std::num::NonZeroU32;
use std::process::Command;

use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;

use crate::packages::Models;

const VARIABLE: &str = "C12_NN_NATIVE_PROMPT";
/// Asks for the embedding of the prompt.
const EMBEDDING: &str = "C12_NN_NATIVE_EMBEDDING";
const MODEL: &str = "C12_NN_NATIVE_MODEL";

/// What llama.cpp makes of a prompt, taking the likeliest token each time.
pub(crate) fn continued(models: &Models, prompt: &str) -> String {
    output(models, prompt, false)
}

/// The mean of what the model has for each token of a text.
pub(crate) fn embedded(models: &Models, text: &str) -> Vec<f32> {
    let numbers = output(models, text, true);
    numbers
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect()
}

fn output(models: &Models, prompt: &str, embedding: bool) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if embedding {
        command.env(EMBEDDING, "1");
    }
    let output = command
        .env(VARIABLE, prompt)
        .env(MODEL, models.path(super::language::MODEL))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// If this process is the one for llama.cpp alone, does its work.
pub(crate) fn run_if_asked() -> bool {
    let (Ok(prompt), Some(path)) = (std::env::var(VARIABLE), std::env::var_os(MODEL)) else {
        return false;
    };
    let mut backend = LlamaBackend::init().unwrap();
    backend.void_logs();
    let model = LlamaModel::load_from_file(&backend, path, &LlamaModelParams::default()).unwrap();
    if std::env::var_os(EMBEDDING).is_some() {
        print_embedding(&backend, &model, &prompt);
        return true;
    }
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(1024))
        .with_n_batch(512)
        .with_n_threads(threads())
        .with_n_threads_batch(threads());
    let mut context = model.new_context(&backend, params).unwrap();
    let vocab = model.vocab();
    let tokens = vocab.tokenize(prompt.as_bytes(), true, true);
    let mut batch = LlamaBatch::new(512, 1);
    batch.add_sequence(&tokens, 0, false).unwrap();
    let mut sampler = LlamaSampler::greedy();
    let end = i32::try_from(tokens.len()).unwrap();
    let mut text = Vec::new();
    for position in (end..).take(super::language::TOKENS as usize) {
        context.decode(&mut batch).unwrap();
        let token = sampler.sample(&context, batch.n_tokens() - 1);
        if vocab.is_eog(token) {
            break;
        }
        text.extend(vocab.token_to_piece(token, false, None));
        batch.clear();
        batch.add(token, position, &[0], true).unwrap();
    }
    print!("{}", String::from_utf8_lossy(&text));
    true
}

/// As the tests ask of C12.
fn threads() -> i32 {
    1
}

fn print_embedding(backend: &LlamaBackend, model: &LlamaModel, text: &str) {
    let tokens = model.vocab().tokenize(text.as_bytes(), true, true);
    let size = u32::try_from(tokens.len()).unwrap();
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(size))
        .with_n_batch(size)
        .with_n_ubatch(size)
        .with_n_threads(threads())
        .with_n_threads_batch(threads())
        .with_embeddings(true)
        .with_pooling_type(LlamaPoolingType::Mean);
    let mut context = model.new_context(backend, params).unwrap();
    let mut batch = LlamaBatch::new(tokens.len(), 1);
    batch.add_sequence(&tokens, 0, true).unwrap();
    context.decode(&mut batch).unwrap();
    let numbers = context.embeddings_seq_ith(0).unwrap();
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    print!("{}", numbers.join(" "));
}
