/// Why a value could not be moved. Whose fault it is depends on the direction.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("a pointer leads outside of memory")]
    OutOfBounds,
    #[error("a pointer is not aligned")]
    Misaligned,
    #[error("a list of {0} elements is longer than memory")]
    TooLong(usize),
    #[error("a string is not UTF-8")]
    Utf8,
    #[error("a string is not UTF-16")]
    Utf16,
    #[error("{0:#x} is no character")]
    Char(u32),
    #[error("{0} is no truth value")]
    Bool(u8),
    #[error("{tag} is not a case of {of}")]
    Case { tag: u32, of: String },
    #[error("{0:#x} has bits that no flag stands for")]
    Flags(u32),
    #[error("a null pointer for {0} elements")]
    Null(usize),
    #[error("a handle that the plugin did not hand out")]
    Handle,
    #[error("a resource is given away and used in the same call")]
    GivenTwice,
    #[error("more resources of one plugin than the limit of {0} handles")]
    TooManyHandles(usize),
    #[error("too much data in one call; the limit is {0} bytes")]
    TooMuch(usize),
    #[error("there are fewer values than the type has")]
    Short,
    #[error("{0}")]
    Engine(wasmtime::Error),
}

impl From<wasmtime::Error> for Fault {
    fn from(error: wasmtime::Error) -> Self {
        Fault::Engine(error)
    }
}

/// An engine error stays what it is, so that exits and limits are seen as such.
impl Fault {
    pub(crate) fn into_error(self, context: &str) -> wasmtime::Error {
        match self {
            Fault::Engine(error) => error,
            other => wasmtime::Error::msg(format!("{context}: {other}")),
        }
    }
}
