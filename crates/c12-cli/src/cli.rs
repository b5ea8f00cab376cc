use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{compile, completions, doctor, inspect, new, plugin, run};
use crate::report::{self, Failure};
use crate::signals;

/// Runs WebAssembly modules and components.
///
/// A guest is granted nothing by default: no directory, no network, no environment.
#[derive(Debug, Parser)]
#[command(
    name = "c12",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "`c12 APP.wasm` is short for `c12 run APP.wasm`.\n\nExample:\n  c12 run --dir docs::/docs:ro app.wasm -- stats /docs"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Run>),
    Compile(compile::Compile),
    Inspect(inspect::Inspect),
    Plugin(plugin::Plugin),
    New(new::New),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
}

impl Command {
    fn execute(self) -> Result<u8, Failure> {
        match self {
            Command::Run(command) => command.execute(),
            Command::Compile(command) => command.execute(),
            Command::Inspect(command) => command.execute(),
            Command::Plugin(command) => command.execute(),
            Command::New(command) => command.execute(),
            Command::Doctor(command) => command.execute(),
            Command::Completions(command) => command.execute(),
        }
    }

    fn json(&self) -> bool {
        match self {
            Command::Run(command) => command.json(),
            Command::Compile(command) => command.json(),
            Command::Inspect(command) => command.json(),
            Command::Plugin(command) => command.json(),
            Command::New(command) => command.json(),
            Command::Doctor(command) => command.json(),
            Command::Completions(_) => false,
        }
    }
}

/// The same as [`Cli`] with `run` alone: to define all the others' options takes a tenth of the time that
/// a short program runs.
#[derive(Debug, Parser)]
#[command(name = "c12", version, disable_help_subcommand = true)]
struct OnlyRun {
    #[command(subcommand)]
    command: RunCommand,
}

#[derive(Debug, Subcommand)]
enum RunCommand {
    Run(Box<run::Run>),
}

fn parse(arguments: Vec<OsString>) -> Result<Command, clap::Error> {
    if arguments.get(1).is_some_and(|first| first == "run") {
        let RunCommand::Run(run) = OnlyRun::try_parse_from(arguments)?.command;
        return Ok(Command::Run(run));
    }
    Cli::try_parse_from(arguments).map(|cli| cli.command)
}

pub(crate) fn main() -> ExitCode {
    signals::install();
    let arguments = with_run(std::env::args_os().collect());
    let for_machines = asks_for_json(&arguments);
    let command = match parse(arguments) {
        Ok(command) => command,
        Err(error) if for_machines && error.use_stderr() => {
            report::print(&wrong_usage(&error), true);
            return ExitCode::from(report::USAGE);
        }
        Err(error) => {
            // Help that nobody reads any more is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { report::USAGE } else { 0 });
        }
    };
    let json = command.json();
    match command.execute() {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            report::print(&failure, json);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Whether errors should be JSON even if the command line cannot be parsed.
fn asks_for_json(arguments: &[OsString]) -> bool {
    arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == "--json")
}

/// What the parser says, in the form that every other failure has.
fn wrong_usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines.next().unwrap_or("wrong usage");
    let message = message.strip_prefix("error: ").unwrap_or(message);
    lines.fold(Failure::usage(message), Failure::because)
}

/// The subcommand that a word resembles, for those who mistyped one.
pub(crate) fn similar_subcommand(word: &str) -> Option<String> {
    const RESEMBLES: f64 = 0.8;
    Cli::command()
        .get_subcommands()
        .map(|command| {
            (
                strsim::jaro_winkler(word, command.get_name()),
                command.get_name(),
            )
        })
        .filter(|(similarity, _)| *similarity > RESEMBLES)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name.to_owned())
}

/// All subcommands; a test compares them with the definition.
const SUBCOMMANDS: [&str; 7] = [
    "run",
    "compile",
    "inspect",
    "plugin",
    "new",
    "doctor",
    "completions",
];

/// Puts `run` in front of what is no subcommand.
fn with_run(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let explicit = match arguments.get(1).and_then(|first| first.to_str()) {
        None => arguments.len() < 2,
        Some("-h" | "--help" | "-V" | "--version") => true,
        Some(first) => SUBCOMMANDS.contains(&first),
    };
    if arguments.get(1).is_some_and(|first| first == "help") {
        if let Some(first) = arguments.get_mut(1) {
            *first = "--help".into();
        }
    } else if !explicit {
        arguments.insert(1, "run".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(arguments: &[&str]) -> Vec<OsString> {
        with_run(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
        OnlyRun::command().debug_assert();
        let definition = Cli::command();
        let names: Vec<&str> = definition
            .get_subcommands()
            .map(|known| known.get_name())
            .collect();
        assert_eq!(names, SUBCOMMANDS);
    }

    #[test]
    fn mistyped_subcommands_resemble_one() {
        assert_eq!(similar_subcommand("isnpect").as_deref(), Some("inspect"));
        assert_eq!(similar_subcommand("complie").as_deref(), Some("compile"));
        assert_eq!(similar_subcommand("app.wasm"), None);
    }

    #[test]
    fn run_may_be_left_out() {
        assert_eq!(
            seen(&["c12", "app.wasm", "x"]),
            ["c12", "run", "app.wasm", "x"]
        );
        assert_eq!(
            seen(&["c12", "--dir", ".", "app.wasm"]),
            ["c12", "run", "--dir", ".", "app.wasm"]
        );
        assert_eq!(
            seen(&["c12", "inspect", "app.wasm"]),
            ["c12", "inspect", "app.wasm"]
        );
        assert_eq!(seen(&["c12", "--help"]), ["c12", "--help"]);
        assert_eq!(seen(&["c12"]), ["c12"]);
    }
}
