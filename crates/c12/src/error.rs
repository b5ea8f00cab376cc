use std::path::PathBuf;
use std::time::Duration;

use crate::limits::LimitExceeded;
use crate::plugin::MissingImport;
use crate::trap::Trap;

/// Everything that can go wrong between bytes and a result.
///
/// [`Display`](std::fmt::Display) says what happened, [`std::error::Error::source`] why, and
/// [`Error::help`] what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file that was to be read.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The bytes are not WebAssembly.
    #[error("{name} is not something that c12 can run")]
    NotWasm {
        /// What the workload is called in messages.
        name: String,
        /// What the bytes are instead.
        source: c12_toolchain::detect::DetectError,
    },

    /// The bytes claim to be WebAssembly and are not valid.
    #[error("{name} is not valid WebAssembly")]
    Invalid {
        /// What the workload is called in messages.
        name: String,
        /// What the validator or the text parser said, with the place.
        source: Reason,
    },

    /// A compiled artifact was refused.
    #[error("cannot load the compiled artifact {name}")]
    Artifact {
        /// What the workload is called in messages.
        name: String,
        /// Why it was refused.
        source: crate::artifact::ArtifactError,
    },

    /// The guest imports what no provider offers.
    #[error("{name} imports what nothing here provides")]
    MissingImports {
        /// What the workload is called in messages.
        name: String,
        /// Each import that stays open, and who could fill it.
        missing: Vec<MissingImport>,
    },

    /// A setting of a plugin was refused.
    #[error("{0}")]
    Setting(#[from] crate::plugin::SettingError),

    /// A provider could not link or prepare what it offers.
    #[error("plugin `{plugin}` failed while preparing `{import}`")]
    Plugin {
        /// The plugin's name.
        plugin: String,
        /// The import that it was to fill.
        import: String,
        /// What the plugin said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The guest trapped.
    #[error("{0}")]
    Trap(Box<Trap>),

    /// The guest reached a limit that ends the run.
    #[error("{0}")]
    Limit(LimitExceeded),

    /// The guest ran longer than it may.
    #[error("the time limit of {} was reached", crate::limits::show_duration(*limit))]
    Timeout {
        /// The limit that was set.
        limit: Duration,
    },

    /// There is nothing to start.
    #[error("{name} has nothing to run: {what}")]
    NoEntryPoint {
        /// What the workload is called in messages.
        name: String,
        /// What it is instead of a command.
        what: String,
        /// Functions that could be called by name.
        callable: Vec<String>,
    },

    /// An export was asked for that is not there.
    #[error("{name} exports no function `{function}`")]
    NoSuchFunction {
        /// What the workload is called in messages.
        name: String,
        /// The function that was asked for.
        function: String,
        /// Functions that are there.
        callable: Vec<String>,
    },

    /// The text of an invocation, or its arguments, do not fit.
    #[error("cannot call `{function}`: {message}")]
    Invocation {
        /// The function, or the whole text if it could not be parsed.
        function: String,
        /// What does not fit.
        message: String,
        /// The signature, in WIT or WebAssembly types, where it is known.
        signature: Option<String>,
    },

    /// A grant (directory, network rule, environment) cannot be given.
    #[error("cannot grant {what}")]
    Grant {
        /// The grant as it was written.
        what: String,
        /// Why not.
        source: std::io::Error,
    },

    /// The settings contradict each other or the workload.
    #[error("{message}")]
    Configuration {
        /// What does not go together.
        message: String,
        /// What to do instead.
        help: String,
    },

    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The guest's standard output was closed by whoever read it.
    #[error("standard output was closed")]
    StdoutClosed,

    /// The engine refused for a reason of its own.
    #[error("{context}")]
    Engine {
        /// What was being done.
        context: &'static str,
        /// The engine's words, one cause after the other.
        source: Reason,
    },
}

/// Somebody else's words: the engine's, or a parser's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(pub(crate) String);

impl Error {
    /// What the user can do about it, as one or more lines.
    pub fn help(&self) -> Option<String> {
        match self {
            Error::NotWasm { source, .. } => Some(source.help().to_string()),
            Error::Artifact { source, .. } => source.help().map(str::to_owned),
            Error::MissingImports { missing, .. } => {
                let lines: Vec<String> = missing.iter().map(MissingImport::help).collect();
                let mut unique: Vec<String> = Vec::new();
                for line in lines {
                    if !unique.contains(&line) {
                        unique.push(line);
                    }
                }
                Some(unique.join("\n"))
            }
            Error::Setting(error) => error.help(),
            Error::Plugin { source, .. } => source
                .downcast_ref::<crate::plugin::SettingError>()
                .and_then(crate::plugin::SettingError::help),
            Error::Limit(limit) => Some(limit.help()),
            Error::Trap(trap) => trap.help.clone(),
            Error::Timeout { .. } => Some("give it more time with `--timeout`, or none by leaving the option out".into()),
            Error::NoEntryPoint { callable, .. } | Error::NoSuchFunction { callable, .. } => Some(callable_help(callable)),
            Error::Invocation { signature, .. } => signature.as_ref().map(|s| format!("the signature is {s}")),
            Error::Configuration { help, .. } => Some(help.clone()),
            Error::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Some("check the path; it is relative to the current directory".into())
            }
            Error::Invalid { .. } => Some("build it again; if it uses a proposal beyond WebAssembly 3.0, turn that off in its compiler".into()),
            _ => None,
        }
    }

    /// Wraps an engine error with what was being done.
    pub(crate) fn engine(context: &'static str, error: &wasmtime::Error) -> Self {
        Error::Engine {
            context,
            source: Reason(chain(error)),
        }
    }
}

/// The causes of an engine error in one line.
pub(crate) fn chain(error: &wasmtime::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| *last != text) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

fn callable_help(callable: &[String]) -> String {
    if callable.is_empty() {
        return "it exports no functions that could be called".into();
    }
    let shown: Vec<_> = callable
        .iter()
        .take(8)
        .map(|name| c12_toolchain::escape(name))
        .collect();
    let more = callable.len().saturating_sub(shown.len());
    let tail = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    format!(
        "call one of its functions with `--invoke`: {}{tail}",
        shown.join(", ")
    )
}

/// As [`chain`], without the engine's own rendering of the backtrace, which is shown frame by frame instead.
pub(crate) fn chain_without_backtrace(error: &wasmtime::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !text.starts_with("error while executing at wasm backtrace")
            && parts.last().is_none_or(|last| *last != text)
        {
            parts.push(text);
        }
    }
    parts.join(": ")
}
