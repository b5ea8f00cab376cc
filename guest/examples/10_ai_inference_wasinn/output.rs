//! Standard output, and what to say when a model is not there.

use std::io::{self, Write as _};

use c12_wasm::cli::Failure;
use c12_wasm::nn::{Error, Graph};

/// Prints at once, so that a text can be read while it is made.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|cause| Failure::output(&cause))
}

// ANCHOR: load
/// The model of that name.
pub(crate) fn load(name: &str) -> Result<Graph, Failure> {
    Graph::load_by_name(name).map_err(|error| {
        let hint = match error {
            Error::NotFound(_) => {
                format!("\n  name one with `--nn-model {name}=BACKEND:FILE`")
            }
            Error::UnsupportedOperation(_) => {
                "\n  `c12 plugin info nn` says which backends are ready, and what would make the others so".to_owned()
            }
            _ => String::new(),
        };
        Failure::failed(format!("cannot load the model `{name}`: {error}{hint}"))
    })
}
// ANCHOR_END: load
