use std::fmt;

/// What kind of failure it is: `error-code` of `wasi:nn/errors@0.2.0-rc-2024-10-28`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The caller passed something that does not fit.
    InvalidArgument,
    /// The bytes are not a model of the named encoding.
    InvalidEncoding,
    /// It took longer than it may.
    Timeout,
    /// The framework failed.
    RuntimeError,
    /// Nothing here does this.
    UnsupportedOperation,
    /// A limit or the memory budget is passed.
    TooLarge,
    /// There is nothing of this name.
    NotFound,
    /// It is not permitted.
    Security,
    /// None of the others.
    Unknown,
}

impl Code {
    /// As the specification spells it.
    pub fn name(self) -> &'static str {
        match self {
            Code::InvalidArgument => "invalid-argument",
            Code::InvalidEncoding => "invalid-encoding",
            Code::Timeout => "timeout",
            Code::RuntimeError => "runtime-error",
            Code::UnsupportedOperation => "unsupported-operation",
            Code::TooLarge => "too-large",
            Code::NotFound => "not-found",
            Code::Security => "security",
            Code::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why an operation failed.
///
/// The message is for the guest; the help, one line that would mend it, is for the user, since it may name
/// paths of the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    code: Code,
    message: String,
    help: Option<String>,
}

/// Of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// The same error with a line that would mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error, saying of what it is.
    #[must_use]
    pub(crate) fn of(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// An error of the kind [`Code::InvalidArgument`].
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// An error of the kind [`Code::InvalidEncoding`].
    pub fn invalid_encoding(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidEncoding, message)
    }

    /// An error of the kind [`Code::RuntimeError`].
    pub fn runtime(message: impl Into<String>) -> Self {
        Self::new(Code::RuntimeError, message)
    }

    /// An error of the kind [`Code::UnsupportedOperation`].
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Code::UnsupportedOperation, message)
    }

    /// An error of the kind [`Code::TooLarge`].
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(Code::TooLarge, message)
    }

    /// An error of the kind [`Code::NotFound`].
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What happened, for the guest.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// One line that would mend it, for the user.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}
