//! The table of algorithms, for people.

use crate::symmetric::algorithm::{self as symmetric, Entry, KeyRule};
use crate::{AlgorithmType, asymmetric};

/// One algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgorithmInfo {
    /// The name that guests give; all names are compared without regard to case.
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// The category.
    pub algorithm_type: AlgorithmType,
    /// What it is for, with commas between: `hash`, `xof`, `mac`, `aead`, `cipher`, `kdf`, `password`, `session`, `signature`,
    /// `agreement`, `kem`.
    pub purpose: &'static str,
    /// The functions that work with it, as the specification names them, without their prefix.
    pub operations: &'static [&'static str],
    /// The size of a key in bytes: of one that is generated, where others can be imported as well; 0 where there is none.
    pub key_bytes: usize,
    /// The library that has it.
    pub library: &'static str,
}

/// Every algorithm.
#[must_use]
pub fn algorithms() -> Vec<AlgorithmInfo> {
    symmetric::TABLE
        .iter()
        .map(symmetric)
        .chain(asymmetric::infos())
        .collect()
}

fn symmetric(entry: &Entry) -> AlgorithmInfo {
    AlgorithmInfo {
        name: entry.name,
        aliases: entry.aliases,
        algorithm_type: AlgorithmType::Symmetric,
        purpose: entry.purpose,
        operations: entry.operations,
        key_bytes: match entry.key {
            KeyRule::None => 0,
            KeyRule::Needed { generated, .. } | KeyRule::Optional { generated, .. } => generated,
        },
        library: entry.library,
    }
}
