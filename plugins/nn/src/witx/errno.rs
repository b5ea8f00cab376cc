use c12_nn_core::{Code, Error};

/// What functions return: `nn_errno` of the specification, and from 100 on what WasmEdge adds for language models,
/// which the specification's interface for core modules does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Errno {
    Success = 0,
    InvalidArgument = 1,
    InvalidEncoding = 2,
    MissingMemory = 3,
    Busy = 4,
    RuntimeError = 5,
    UnsupportedOperation = 6,
    TooLarge = 7,
    NotFound = 8,
    EndOfSequence = 100,
    ContextFull = 101,
    PromptTooLong = 102,
    ModelNotFound = 103,
}

impl Errno {
    pub(super) fn raw(self) -> u32 {
        self as u32
    }
}

/// The number for the guest, and the words for it and the user; what is no failure has none.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) errno: Errno,
    pub(super) words: Option<Error>,
    /// It is the guest's way to ask for something, and nothing for the user.
    pub(super) is_answer: bool,
}

impl Refusal {
    /// A number that guests expect in the normal course of things.
    pub(super) fn silent(errno: Errno) -> Self {
        Refusal {
            errno,
            words: None,
            is_answer: false,
        }
    }

    /// What a guest asks for by passing a buffer that is too small: a size.
    pub(super) fn answer(words: Error) -> Self {
        Refusal {
            is_answer: true,
            ..words.into()
        }
    }

    /// The words with another number.
    pub(super) fn new(errno: Errno, words: Error) -> Self {
        Refusal {
            errno,
            words: Some(words),
            is_answer: false,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let errno = match error.code() {
            Code::InvalidArgument => Errno::InvalidArgument,
            Code::InvalidEncoding => Errno::InvalidEncoding,
            // The specification has no numbers for these; the words say which it is.
            Code::Timeout => Errno::Busy,
            Code::Security => Errno::UnsupportedOperation,
            Code::RuntimeError | Code::Unknown => Errno::RuntimeError,
            Code::UnsupportedOperation => Errno::UnsupportedOperation,
            Code::TooLarge => Errno::TooLarge,
            Code::NotFound => Errno::NotFound,
        };
        Refusal::new(errno, error)
    }
}
