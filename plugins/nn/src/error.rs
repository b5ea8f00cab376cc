/// Why the plugin cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the plugin makes no sense.
    #[error("`nn.{key}` {message}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },

    /// A model cannot be what it was named as.
    #[error("{}", words(.0))]
    Model(#[from] c12_nn_core::Error),
}

/// Whoever shows this error shows its text alone.
fn words(error: &c12_nn_core::Error) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

impl Error {
    pub(crate) fn setting(key: &'static str, message: impl Into<String>) -> Self {
        Error::Setting {
            key,
            message: message.into(),
        }
    }
}
