//! What goes wrong.

use std::fmt;

/// Declares the errors, each with the name that `wasi:nn` has for it.
macro_rules! errors {
    ($($(#[$doc:meta])* $case:ident = $name:literal;)*) => {
        /// Why something was not done, with the host's words for it: `error-code` of `wasi:nn`.
        ///
        /// Core modules get numbers that have no case of their own for [`Error::Security`]; there it is
        /// [`Error::UnsupportedOperation`], with the same words.
        ///
        /// ```no_run
        /// use c12_wasm::nn::{Error, Graph};
        ///
        /// let error = Graph::load_by_name("none").unwrap_err();
        /// assert!(matches!(error, Error::NotFound(_)), "{error}");
        /// assert_eq!(error.name(), "not-found");
        /// assert_eq!(error.message(), "there is no model `none`");
        /// # Ok::<(), Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$doc])* $case(String),)*
        }

        impl Error {
            /// What happened, in words.
            pub fn message(&self) -> &str {
                match self {
                    $(Self::$case(message) => message,)*
                }
            }

            /// The name of its kind, as `wasi:nn` has it.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$case(_) => $name,)*
                }
            }
        }
    };
}

errors! {
    /// What was passed does not fit the model.
    InvalidArgument = "invalid-argument";
    /// The bytes are no model of that encoding.
    InvalidEncoding = "invalid-encoding";
    /// It took longer than it may.
    Timeout = "timeout";
    /// The framework failed.
    RuntimeError = "runtime-error";
    /// Nothing here does that: the framework is missing, or the model is of another kind. Outside of a sandbox there is
    /// no host, and everything ends so.
    UnsupportedOperation = "unsupported-operation";
    /// More than a limit lets through, or a prompt that is longer than the model's context.
    TooLarge = "too-large";
    /// There is nothing of that name.
    NotFound = "not-found";
    /// Whoever runs the host does not permit it.
    Security = "security";
    /// None of the others.
    Unknown = "unknown";
}

/// What an operation gives.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            // Not every host has words.
            "" => f.write_str(self.name()),
            message => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_its_words_or_else_its_name() {
        let told = Error::NotFound("there is no model `x`".to_owned());
        assert_eq!(told.to_string(), "there is no model `x`");
        assert_eq!(Error::TooLarge(String::new()).to_string(), "too-large");
    }
}
