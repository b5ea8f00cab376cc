use std::io;
use std::time::Duration;

/// Why a program did not run, or did not run to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the plugin makes no sense.
    #[error("`process.{key}` {message}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },

    /// The program is not in the allow-list.
    #[error(
        "the program `{program}` is not allowed; `--plugin-config process.allow={program}` would allow it"
    )]
    ProgramNotAllowed {
        /// As the guest spells it, with control characters escaped.
        program: String,
    },

    /// The variable decides which code a program runs.
    #[error(
        "the environment variable `{name}` is not allowed, because it can make a program run other code; `--plugin-config process.environment={name}` would allow it"
    )]
    VariableNotAllowed {
        /// As the guest spells it, with control characters escaped.
        name: String,
    },

    /// The program is allowed, but not there.
    #[error("there is no program `{program}`")]
    NotFound {
        /// As the guest spells it, with control characters escaped.
        program: String,
    },

    /// As many processes as one guest may have are there.
    #[error("{limit} processes are there already; `process.processes` is the limit")]
    TooManyProcesses {
        /// The limit.
        limit: usize,
    },

    /// The program wrote too much and was killed.
    #[error(
        "the program was killed because its {stream} passed {limit} bytes; `process.output` is the limit"
    )]
    TooMuchOutput {
        /// `standard output` or `standard error`.
        stream: &'static str,
        /// The limit.
        limit: u64,
    },

    /// The program took too long and was killed.
    #[error("the program was killed after {} ms", limit.as_millis())]
    Timeout {
        /// The limit.
        limit: Duration,
    },

    /// The program cannot be run with this.
    #[error("{what} cannot be passed on: {message}")]
    Unfit {
        /// The name, an argument, a variable.
        what: &'static str,
        /// Why not.
        message: &'static str,
    },

    /// The operating system did not start it.
    #[error("`{program}` could not be started: {reason}")]
    Start {
        /// As the guest spells it, with control characters escaped.
        program: String,
        /// What the operating system said.
        reason: io::Error,
    },

    /// The program ended, but the host process does not keep how its children end.
    #[error("how the program ended was lost, because this process ignores the end of its children")]
    Lost,
}

impl Error {
    pub(crate) fn setting(key: &'static str, message: impl Into<String>) -> Self {
        Error::Setting {
            key,
            message: message.into(),
        }
    }
}
