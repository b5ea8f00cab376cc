//! How failures are shown: what happened, one cause a line, what to do.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use c12::Error;

/// The exit code of wrong usage.
pub(crate) const USAGE: u8 = 2;
/// The exit code of what failed without being the guest's own end.
pub(crate) const FAILED: u8 = 1;
const TIMED_OUT: u8 = 124;
const TRAPPED: u8 = 134;
/// As a program ended by SIGPIPE.
pub(crate) const BROKEN_PIPE: u8 = 141;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The runtime says why.
    Runtime(Error),
    /// The program's own words: what, why, and what to do.
    Own {
        message: String,
        causes: Vec<String>,
        help: Option<String>,
        exit_code: u8,
    },
}

impl Failure {
    pub(crate) fn own(message: impl Into<String>) -> Self {
        Failure::Own {
            message: message.into(),
            causes: Vec::new(),
            help: None,
            exit_code: FAILED,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::Own {
            message: message.into(),
            causes: Vec::new(),
            help: None,
            exit_code: USAGE,
        }
    }

    pub(crate) fn because(mut self, cause: impl ToString) -> Self {
        if let Failure::Own { causes, .. } = &mut self {
            causes.push(cause.to_string());
        }
        self
    }

    pub(crate) fn with_help(mut self, text: impl Into<String>) -> Self {
        if let Failure::Own { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Own { exit_code, .. } => *exit_code,
            Failure::Runtime(error) => match error {
                Error::Timeout { .. } => TIMED_OUT,
                Error::Trap(_) | Error::Limit(_) => TRAPPED,
                Error::StdoutClosed => BROKEN_PIPE,
                Error::NoSuchFunction { .. }
                | Error::Invocation { .. }
                | Error::Setting(_)
                | Error::Configuration { .. } => USAGE,
                _ => FAILED,
            },
        }
    }

    fn message(&self) -> String {
        match self {
            Failure::Runtime(error) => error.to_string(),
            Failure::Own { message, .. } => message.clone(),
        }
    }

    fn causes(&self) -> Vec<String> {
        match self {
            Failure::Own { causes, .. } => causes.clone(),
            Failure::Runtime(Error::MissingImports { missing, .. }) => {
                missing.iter().map(ToString::to_string).collect()
            }
            Failure::Runtime(error) => {
                let mut told = vec![error.to_string()];
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    // An error may be nothing but its cause.
                    let words = cause.to_string();
                    if told.last() != Some(&words) {
                        told.push(words);
                    }
                    source = cause.source();
                }
                told.split_off(1)
            }
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Failure::Runtime(error) => error.help(),
            Failure::Own { help, .. } => help.clone(),
        }
    }

    fn backtrace(&self) -> Vec<String> {
        match self {
            Failure::Runtime(Error::Trap(trap)) => {
                trap.frames.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Runtime(error)
    }
}

/// Something that went wrong and does not end the run.
#[derive(Debug)]
pub(crate) struct Warning {
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) help: Option<String>,
}

impl Warning {
    /// Goes to the log if there is one, and otherwise to standard error: nobody has to ask for it.
    pub(crate) fn print(&self, json: bool) {
        if tracing::dispatcher::has_been_set() {
            let help = self.help.as_deref();
            tracing::warn!(target: "c12::plugin", cause = self.cause, help, "{}", self.message);
            return;
        }
        let stderr = std::io::stderr();
        let text = if json {
            let object = serde_json::json!({
                "warning": { "message": self.message, "causes": [self.cause], "help": self.help }
            });
            format!("{object}\n")
        } else {
            let color = in_color();
            let mut text = format!(
                "{} {}\n  {}\n",
                paint("warning:", 33, color),
                c12_toolchain::escape(&self.message),
                c12_toolchain::escape(&self.cause)
            );
            for line in self.help.iter().flat_map(|help| help.lines()) {
                let _ = writeln!(
                    text,
                    "{} {}",
                    paint("help:", 36, color),
                    c12_toolchain::escape(line)
                );
            }
            text
        };
        let _ = stderr.lock().write_all(text.as_bytes());
    }
}

/// Something that people who watch should know.
#[derive(Debug)]
pub(crate) struct Note(pub(crate) String);

impl Note {
    /// To standard error.
    pub(crate) fn print(&self, json: bool) {
        let stderr = std::io::stderr();
        let text = if json {
            format!("{}\n", serde_json::json!({ "note": { "message": self.0 } }))
        } else {
            let color = in_color();
            let message = c12_toolchain::escape(&self.0);
            format!("{} {message}\n", paint("note:", 36, color))
        };
        let _ = stderr.lock().write_all(text.as_bytes());
    }
}

/// Whether standard error shows colours, and may.
fn in_color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn paint(label: &str, code: u8, color: bool) -> String {
    if color {
        format!("\x1b[1;{code}m{label}\x1b[0m")
    } else {
        label.to_owned()
    }
}

/// Text of the runtime may quote a hostile file; the program's own may have lines.
fn lines(failure: &Failure, text: &str) -> Vec<String> {
    match failure {
        Failure::Runtime(_) => vec![c12_toolchain::escape(text).into_owned()],
        Failure::Own { .. } => text
            .lines()
            .map(|line| c12_toolchain::escape(line).into_owned())
            .collect(),
    }
}

/// Frames beyond this are counted, not shown: endless recursion has tens of thousands.
const MOST_FRAMES: usize = 20;

/// Prints a failure to standard error; a closed standard error is nobody's fault.
pub(crate) fn print(failure: &Failure, json: bool) {
    if matches!(failure, Failure::Runtime(Error::StdoutClosed)) {
        return;
    }
    let stderr = std::io::stderr();
    let text = if json {
        as_json(failure)
    } else {
        as_text(failure, in_color())
    };
    let _ = stderr.lock().write_all(text.as_bytes());
}

fn as_text(failure: &Failure, color: bool) -> String {
    let message = lines(failure, &failure.message()).join("\n");
    let mut text = format!("{} {message}\n", paint("error:", 31, color));
    for cause in failure
        .causes()
        .iter()
        .flat_map(|cause| lines(failure, cause))
    {
        let _ = writeln!(text, "  {cause}");
    }
    let frames = failure.backtrace();
    for frame in frames.iter().take(MOST_FRAMES) {
        let _ = writeln!(text, "    in {}", c12_toolchain::escape(frame));
    }
    if frames.len() > MOST_FRAMES {
        let _ = writeln!(text, "    … and {} more frames", frames.len() - MOST_FRAMES);
    }
    for line in failure.help().iter().flat_map(|help| help.lines()) {
        let _ = writeln!(
            text,
            "{} {}",
            paint("help:", 36, color),
            c12_toolchain::escape(line)
        );
    }
    text
}

fn as_json(failure: &Failure) -> String {
    let object = serde_json::json!({
        "error": {
            "message": failure.message(),
            "causes": failure.causes(),
            "backtrace": failure.backtrace(),
            "help": failure.help(),
            "exit_code": failure.exit_code(),
        }
    });
    format!("{object}\n")
}

/// Prints a result to standard output. A closed one ends the program quietly, as it would any other.
pub(crate) fn output(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Err(Error::StdoutClosed.into())
        }
        Err(error) => Err(Failure::own("cannot write to standard output").because(error)),
    }
}
