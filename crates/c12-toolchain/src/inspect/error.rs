//! Why a file could not be inspected.

use crate::detect::DetectError;
use crate::text::TextError;

/// Why [`inspect`](super::inspect()) gave no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The file is not WebAssembly.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The file is text, and not valid in the text format.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The binary does not follow the binary format: it is cut off, a size is wrong, or bytes are damaged.
    #[error("malformed WebAssembly at byte {offset:#x}: {message}")]
    Malformed {
        /// Where.
        offset: u64,
        /// What is wrong there.
        message: String,
    },
    /// The binary follows the format and breaks a rule of validation, for example by adding an i32 to an f64.
    #[error("invalid WebAssembly at byte {offset:#x}: {message}")]
    Invalid {
        /// Where.
        offset: u64,
        /// Which rule is broken.
        message: String,
    },
    /// Modules, components or types are nested deeper than any tool makes them.
    #[error("{what} are nested more than {limit} deep at byte {offset:#x}")]
    TooDeep {
        /// What is nested.
        what: &'static str,
        /// Where the limit was passed.
        offset: u64,
        /// The limit.
        limit: usize,
    },
    /// A precompiled artifact whose structure is damaged.
    #[error("damaged precompiled artifact: {message}")]
    Precompiled {
        /// What is wrong.
        message: String,
    },
}

impl InspectError {
    /// One line that says what to do.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Detect(error) => error.help(),
            Self::Text(_) => "correct the text at this position",
            Self::Malformed { message, .. } if message.starts_with("unexpected end") => {
                "the file seems to be cut off, or a size in it is wrong: build or download it again"
            }
            Self::Malformed { .. } => "the file is damaged: build or download it again",
            Self::Invalid { .. } => {
                "the compiler that wrote it made a mistake, or the file is damaged: build it again"
            }
            Self::TooDeep { .. } => "no compiler writes such a file; do not run it",
            Self::Precompiled { .. } => "make it again with `c12 compile`",
        }
    }

    /// The byte of the file, from 0, that the error is about.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Text(error) => Some(error.offset as u64),
            Self::Malformed { offset, .. }
            | Self::Invalid { offset, .. }
            | Self::TooDeep { offset, .. } => Some(*offset),
            Self::Detect(_) | Self::Precompiled { .. } => None,
        }
    }

    pub(crate) fn malformed(error: &wasmparser::Error) -> Self {
        Self::Malformed {
            offset: error.offset() as u64,
            message: crate::printable::shown(error.message()).into_owned(),
        }
    }

    pub(crate) fn invalid(error: &wasmparser::Error) -> Self {
        Self::Invalid {
            offset: error.offset() as u64,
            message: crate::printable::shown(error.message()).into_owned(),
        }
    }
}
