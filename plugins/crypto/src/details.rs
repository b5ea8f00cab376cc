//! What `c12 plugin info crypto` says beside what every plugin says.

use c12::plugin::{Details, Settings};
use c12_crypto_core::{AlgorithmType, algorithms};

use crate::witx;

/// The table of algorithms, that of functions, and where secrets are stored.
pub(crate) fn of(settings: &Settings) -> Vec<Details> {
    vec![algorithm_table(), function_table(), store(settings)]
}

fn algorithm_table() -> Details {
    let rows = algorithms().into_iter().map(|algorithm| {
        let key = match algorithm.key_bytes {
            0 => "-".to_owned(),
            bytes => bytes.to_string(),
        };
        vec![
            algorithm.name.to_owned(),
            category(algorithm.algorithm_type).to_owned(),
            algorithm.purpose.to_owned(),
            algorithm.operations.join(", "),
            key,
            algorithm.library.to_owned(),
            algorithm.aliases.join(", "),
        ]
    });
    Details::new(
        "Algorithms",
        [
            "name",
            "category",
            "purpose",
            "operations",
            "key bytes",
            "library",
            "other names",
        ],
        rows,
    )
}

fn category(of: AlgorithmType) -> &'static str {
    match of {
        AlgorithmType::Signatures => "signatures",
        AlgorithmType::Symmetric => "symmetric",
        AlgorithmType::KeyExchange => "key_exchange",
    }
}

fn function_table() -> Details {
    let rows = witx::MODULES.iter().flat_map(|module| {
        let function = |name: &&str| vec![module.name.to_owned(), (*name).to_owned()];
        module.functions.iter().map(function)
    });
    Details::new("Functions for core modules", ["module", "function"], rows)
}

fn store(settings: &Settings) -> Details {
    let state = match settings.get("store") {
        None => "none: guests have no secrets manager; `crypto.store` gives them one".to_owned(),
        Some(path) => path.to_owned(),
    };
    Details::new("Secrets store", ["file"], [vec![state]])
}
