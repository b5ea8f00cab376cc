//! Why a file is not a plugin.

use std::path::PathBuf;

use super::WorldError;

/// Why a file is not a plugin that can be loaded.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the plugin {}: {reason}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub reason: LoadReason,
}

/// What is wrong with a file that should be a plugin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadReason {
    /// It could not be read.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// It is not what was pinned.
    #[error("its SHA-256 is {found}, not {expected} as pinned")]
    Pin {
        /// The pin, in hexadecimal digits.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// It can only be loaded from its own file, which may be another by then.
    #[error(
        "it is pinned, and would have to be loaded from the file itself, which may have changed since"
    )]
    PinnedInPlace,
    /// The loader refused it.
    #[error("it is no shared library for this machine: {0}")]
    NotALibrary(String),
    /// It has no entry point.
    #[error("it has no function `c12_plugin`")]
    NoEntry,
    /// It said that it cannot work here.
    #[error("it refused to work with this version of c12")]
    Refused,
    /// It was made for another version of the contract.
    #[error("it speaks version {found} of the plugin ABI; this c12 speaks version {known}")]
    Abi {
        /// The version that the plugin was built for.
        found: u32,
        /// The version that this program knows.
        known: u32,
    },
    /// Its description of itself does not hold together.
    #[error("its description is wrong: {0}")]
    Description(String),
    /// Its WIT cannot be used.
    #[error("{0}")]
    World(#[from] WorldError),
    /// A component could not be compiled.
    #[error("{0}")]
    Component(String),
}

impl LoadReason {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            LoadReason::Unreadable(_) => return None,
            LoadReason::Pin { .. } => {
                "if the new file is the one that you want, change the pin; `sha256sum` shows it"
            }
            LoadReason::PinnedInPlace => {
                "do without the pin, without `$ORIGIN` in what it needs, and without C12_PLUGIN_IN_PLACE"
            }
            LoadReason::NotALibrary(_) => {
                "a plugin is a shared library for this machine (crate-type `cdylib`, `gcc -shared -fPIC`), or a component"
            }
            LoadReason::NoEntry => {
                "in Rust end the crate with `c12_plugin::export!(…)`; in C and C++ use `c12 plugin bindgen`"
            }
            LoadReason::Refused | LoadReason::Abi { .. } => {
                "build it against the `c12_plugin.h` of this c12"
            }
            LoadReason::Description(_) | LoadReason::World(_) => {
                "generate the description from the WIT again, with `c12 plugin bindgen` or `c12_plugin::generate!`"
            }
            LoadReason::Component(_) => "check it with `c12 inspect`",
        })
    }
}
