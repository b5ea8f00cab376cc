//! How a command-line program ends: with success, or with one clear message and an exit code.
//!
//! A guest that panics ends in a trap, which looks like a bug of the program. A missing file is not a bug, so
//! programs return a [`Failure`] from the place where it happens and let [`finish`] report it.
//!
//! ```
//! use c12_wasm::cli::{Failure, finish};
//!
//! fn run(arguments: &[String]) -> Result<(), Failure> {
//!     let [path] = arguments else {
//!         return Err(Failure::usage("expected exactly one FILE"));
//!     };
//!     std::fs::metadata(path).map_err(|cause| Failure::path("cannot read", path, &cause))?;
//!     Ok(())
//! }
//!
//! let code = finish("demo", run(&["/no/such/file".to_owned()]));
//! assert_eq!(code, std::process::ExitCode::from(1));
//! ```

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Why a program ends without having done what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The command line itself is wrong. Exit code 2.
    Usage(String),
    /// The command line was fine, its work failed. Exit code 1.
    Failed(String),
    /// Whoever read the program's output went away, as `head` does. Nobody is left to tell: exit code 0, no message.
    OutputClosed,
}

impl Failure {
    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Work that could not be done.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// An operation on `path` that failed, with a hint where the sandbox is the likely reason.
    ///
    /// ```
    /// # use c12_wasm::cli::Failure;
    /// let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
    /// let failure = Failure::path("cannot open", "notes.txt", &cause);
    /// assert_eq!(failure.to_string(), "cannot open notes.txt: entity not found");
    /// ```
    pub fn path(action: &str, path: impl AsRef<Path>, cause: &io::Error) -> Self {
        let path = path.as_ref().display();
        // The standard library reports a path outside every granted directory in words only, not as an `ErrorKind`.
        let hint = if cause.to_string().contains("pre-opened") {
            "\n  no directory that holds this path was granted to the program; grant one with `--dir HOST::GUEST`"
        } else {
            ""
        };
        Self::Failed(format!("{action} {path}: {cause}{hint}"))
    }

    /// A failed write to standard output. A closed pipe is [`Failure::OutputClosed`], anything else an error.
    ///
    /// Not every host says that it was a pipe which closed. Where it only says "input/output error", so does this.
    pub fn output(cause: &io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe {
            Self::OutputClosed
        } else {
            Self::Failed(format!("cannot write to standard output: {cause}"))
        }
    }

    /// The exit code this failure asks for: 0, 1 or 2.
    ///
    /// Under WASI 0.2 a program can only say "success" or "failure", so there a host sees 2 as 1; the message
    /// still tells the two apart.
    pub fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
            Self::OutputClosed => f.write_str("standard output is closed"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<crate::crypto::Error> for Failure {
    fn from(error: crate::crypto::Error) -> Self {
        Self::Failed(format!("the host's cryptography failed: {error}"))
    }
}

impl From<crate::nn::Error> for Failure {
    fn from(error: crate::nn::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Reports a failure on standard error and turns the outcome into the program's exit code.
///
/// The message is `program: error: …`; a usage error also names `program --help`.
pub fn finish(program: &str, outcome: Result<(), Failure>) -> ExitCode {
    let Err(failure) = outcome else {
        return ExitCode::SUCCESS;
    };
    use io::Write as _;
    let mut stderr = io::stderr().lock();
    // A write that fails here has no other channel to be reported on; the exit code still says it.
    let _ = match &failure {
        Failure::OutputClosed => Ok(()),
        Failure::Failed(message) => writeln!(stderr, "{program}: error: {message}"),
        Failure::Usage(message) => {
            writeln!(
                stderr,
                "{program}: error: {message}\n  see `{program} --help`"
            )
        }
    };
    ExitCode::from(failure.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_error_for_the_caller() {
        let failure = Failure::output(&io::ErrorKind::BrokenPipe.into());
        assert_eq!(failure, Failure::OutputClosed);
        assert_eq!(failure.code(), 0);
    }

    #[test]
    fn a_full_disk_on_standard_output_is_an_error() {
        let failure = Failure::output(&io::ErrorKind::StorageFull.into());
        assert_eq!(failure.code(), 1);
        assert!(
            failure
                .to_string()
                .starts_with("cannot write to standard output: ")
        );
    }

    #[test]
    fn a_path_that_was_not_granted_gets_a_hint() {
        let cause = io::Error::other("failed to find a pre-opened file descriptor");
        let text = Failure::path("cannot open", "/docs", &cause).to_string();
        assert!(text.contains("--dir HOST::GUEST"), "{text}");
    }
}
