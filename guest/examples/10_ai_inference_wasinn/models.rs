//! Which models there are.

use c12_wasm::cli::Failure;
use c12_wasm::nn::{Description, Error, Graph, models};

use crate::output::print;

pub(crate) fn list() -> Result<(), Failure> {
    let names = models()?;
    if names.is_empty() {
        return Err(Failure::failed(
            "there are no models\n  name one with `--nn-model NAME=BACKEND:FILE`",
        ));
    }
    for name in names {
        print(&format!("{name}\n"))?;
        // One that cannot be loaded does not hide the others.
        match Graph::load_by_name(&name).and_then(|graph| described(&graph)) {
            Ok(text) => print(&text)?,
            Err(error) => print(&format!("  cannot be loaded: {error}\n"))?,
        }
    }
    Ok(())
}

fn described(graph: &Graph) -> Result<String, Error> {
    match graph.info() {
        Ok(info) => Ok(format!(
            "  continues text, up to {} tokens; embeddings of {} numbers\n",
            info.context_tokens, info.embedding_size
        )),
        Err(Error::UnsupportedOperation(_)) => {
            let signature = graph.signature()?;
            Ok(format!(
                "  takes {}\n  gives {}\n",
                listed(&signature.inputs),
                listed(&signature.outputs)
            ))
        }
        Err(error) => Err(error),
    }
}

fn listed(tensors: &[Description]) -> String {
    let all: Vec<String> = tensors.iter().map(Description::to_string).collect();
    all.join(", ")
}
