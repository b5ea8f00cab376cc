//! The official test scripts of WebAssembly and of the component model, run with C12's engine settings.
//!
//! Each script is a test, named by suite and file: `cargo test -p c12-spec-tests v3/memory_grow`. What
//! is known not to pass stands in `exceptions.toml` with its reason, and shows as ignored: it is run all
//! the same, the rest of the script must pass, and an exception that is needed no longer is a failure.

mod exceptions;
mod script;
mod suites;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::exceptions::{Exceptions, Expected};
use crate::script::{Script, Settings, Text};

/// More than these per script say nothing new.
const MOST_FAILURES: usize = 20;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match suites::scripts() {
        Ok(scripts) => trials(scripts),
        Err(error) => vec![missing(format!("{error:#}"))],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn missing(reason: String) -> Trial {
    Trial::ignorable_test("suites", move || {
        if std::env::var("CI").is_ok_and(|value| value == "true") {
            Err(reason.into())
        } else {
            Ok(Completion::ignored_with(reason))
        }
    })
}

fn trials(scripts: Vec<Script>) -> Vec<Trial> {
    let exceptions = match Exceptions::read() {
        Ok(exceptions) => Arc::new(exceptions),
        Err(error) => {
            return vec![Trial::test("exceptions.toml", move || {
                Err(format!("{error:#}").into())
            })];
        }
    };
    let unknown = exceptions
        .scripts()
        .filter(|name| !scripts.iter().any(|script| script.name == *name))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let mut trials = vec![Trial::test("exceptions.toml", move || {
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(format!("no such scripts: {}", unknown.join(", ")).into())
        }
    })];
    trials.extend(scripts.into_iter().map(|script| {
        let exceptions = exceptions.clone();
        Trial::ignorable_test(script.name.clone(), move || {
            run(&script, &exceptions.of(&script.name))
        })
    }));
    trials
}

/// Passes if exactly what is expected fails, with all settings.
fn run(script: &Script, expected: &[Expected<'_>]) -> Result<Completion, Failed> {
    for &settings in script.settings {
        run_with(script, settings, expected)?;
    }
    let mut reasons = Vec::new();
    for expected in expected {
        let reason = expected.exception.reason.as_str();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() {
        return Ok(Completion::Completed);
    }
    Ok(Completion::ignored_with(reasons.join("; ")))
}

fn run_with(script: &Script, settings: Settings, expected: &[Expected<'_>]) -> Result<(), Failed> {
    let mut text = Text::read(script)?;
    let mut waiting = expected.to_vec();
    let mut failures = Vec::new();
    while let Err(failure) = text.run(&script.name, settings) {
        if let Some(index) = waiting.iter().position(|expected| expected.is(&failure)) {
            if waiting.swap_remove(index).line.is_none() {
                // What follows hangs on what failed.
                break;
            }
        } else {
            failures.push(failure.message);
        }
        // Without the directive that failed, the rest is still to be run.
        if !failure.line.is_some_and(|line| text.blot_out(line)) {
            failures.push("nothing after this was run".into());
            break;
        }
        if failures.len() == MOST_FAILURES {
            break;
        }
    }
    failures.extend(waiting.iter().map(|expected| match expected.line {
        Some(line) => format!("line {line} passes: take it out of exceptions.toml"),
        None => "passes: take it out of exceptions.toml".into(),
    }));
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("with {settings:?} settings:\n{}", failures.join("\n\n")).into())
}
