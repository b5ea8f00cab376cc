//! How near texts are in meaning.

use c12_wasm::cli::Failure;
use c12_wasm::nn::cosine;

use crate::options::Options;
use crate::output::{load, print};

// ANCHOR: embed
pub(crate) fn compare(texts: &[String], options: &Options) -> Result<(), Failure> {
    let graph = load(options.model.as_deref().unwrap_or("llm"))?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = graph.embed(&texts)?;
    let Some((first, rest)) = vectors.split_first() else {
        return Ok(());
    };
    for (vector, text) in rest.iter().zip(texts.iter().skip(1)) {
        print(&format!("{:.3}  {text}\n", cosine(first, vector)))?;
    }
    Ok(())
}
// ANCHOR_END: embed
