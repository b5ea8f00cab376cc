//! What a language model answers.

use std::fs;

use c12_wasm::cli::Failure;
use c12_wasm::nn::{Chat, Finish, Grammar, Sampling, Usage};

use crate::options::Options;
use crate::output::{load, print};

// ANCHOR: generate
pub(crate) fn answer(prompt: &str, options: &Options) -> Result<(), Failure> {
    let graph = load(options.model.as_deref().unwrap_or("llm"))?;
    let mut chat = Chat::new(&graph).sampling(sampling(options)?);
    if let Some(system) = &options.system {
        chat = chat.system(system);
    }
    let mut answer = chat.stream(prompt)?;
    for piece in &mut answer {
        print(&piece?)?;
    }
    print("\n")?;
    // ANCHOR_END: generate
    if answer.finish()? == Some(Finish::ContextFull) {
        return Err(Failure::failed(
            "the answer ends here because the model's context is full",
        ));
    }
    if options.usage {
        print(&told(&answer.usage()?))?;
    }
    Ok(())
}

/// As the command line says, with the grammar read from its file.
pub(crate) fn sampling(options: &Options) -> Result<Sampling, Failure> {
    let read = |path: &String| {
        fs::read_to_string(path).map_err(|cause| Failure::path("cannot read", path, &cause))
    };
    let sampling = options.sampling.clone();
    Ok(match (&options.grammar, &options.json_schema) {
        (Some(_), Some(_)) => {
            return Err(Failure::usage(
                "an answer follows either a grammar or a schema",
            ));
        }
        (Some(path), None) => sampling.grammar(Grammar::Gbnf(read(path)?)),
        (None, Some(path)) => sampling.grammar(Grammar::JsonSchema(read(path)?)),
        (None, None) => sampling,
    })
}

fn told(usage: &Usage) -> String {
    format!(
        "{} tokens in ({} of them known), {} out; the first after {:.0} ms, then {:.1} a second\n",
        usage.input_tokens,
        usage.cached_tokens,
        usage.output_tokens,
        usage.first_token_micros as f64 / 1e3,
        usage.tokens_per_second(),
    )
}
