use std::path::PathBuf;

/// What is wrong with a plugin, or with how it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HarnessError {
    /// The file cannot be loaded.
    #[error("cannot load {}: {message}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// The library does not have the symbol `c12_plugin`.
    #[error("{} is no plugin: it has no symbol `c12_plugin`", path.display())]
    NoSymbol {
        /// The file.
        path: PathBuf,
    },
    /// The plugin cannot work with this host.
    #[error("the plugin refuses this host")]
    Refused,
    /// The description breaks the contract.
    #[error("the plugin's description is wrong: {0}")]
    Description(String),
    /// The WIT in the description.
    #[error("the plugin's WIT is wrong")]
    Wit(#[from] c12_bindgen::Error),
    /// A setting was refused.
    #[error("{0}")]
    Setting(String),
    /// `open` failed.
    #[error("the plugin cannot be opened: {0}")]
    Open(String),
    /// `instantiate` failed.
    #[error("the plugin cannot be instantiated: {0}")]
    Instantiate(String),
    /// The world has no such function.
    #[error("there is no function `{name}`")]
    NoFunction {
        /// As it was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The arguments are not what the function takes.
    #[error("`{function}`: {message}")]
    Argument {
        /// The function.
        function: String,
        /// Which argument, and what about it.
        message: String,
    },
    /// The function said that the call is to trap.
    #[error("`{function}` trapped: {message}")]
    Trap {
        /// The function.
        function: String,
        /// Why.
        message: String,
    },
    /// What the function returned is no value of its type.
    #[error("`{function}` returned garbage: {message}")]
    Result {
        /// The function.
        function: String,
        /// Where, and what about it.
        message: String,
    },
}
