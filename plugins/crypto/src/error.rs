use c12_crypto_core::ConfigError;

/// Why the plugin cannot be used. What goes wrong later is an error code of the specification, for the guest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the plugin makes no sense.
    #[error("`crypto.{key}` {message}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },

    /// The core refuses the settings, or cannot open the secrets store.
    #[error(transparent)]
    Config(#[from] ConfigError),
}
