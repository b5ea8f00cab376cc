//! Calls of every function with generated values.

use std::path::Path;

use c12_plugin::harness::{Exercise, Harness, HarnessError, Outcome};

use super::steps::Steps;
use crate::report::Failure;

/// Calls of each function.
const ROUNDS: u64 = 8;

/// What became of the calls of one function.
#[derive(Default)]
struct Tally {
    returned: usize,
    trapped: usize,
    skipped: usize,
    /// The last message of a trap. That is a function's right.
    message: String,
    /// What broke the contract, and with which arguments.
    wrong: Option<String>,
}

pub(super) fn call(
    path: &Path,
    given: &[(String, String)],
    steps: &mut Steps,
) -> Result<(), Failure> {
    match tallies(path, given) {
        Ok(tallies) => {
            for (function, tally) in tallies {
                tell(&function, &tally, steps)?;
            }
            Ok(())
        }
        Err(error) => steps.wrong("calls", &error.to_string(), None),
    }
}

fn tallies(path: &Path, given: &[(String, String)]) -> Result<Vec<(String, Tally)>, HarnessError> {
    let given: Vec<(&str, &str)> = given
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let harness = Harness::load(path, &given)?;
    let mut instance = harness.instantiate()?;
    let mut tallies: Vec<(String, Tally)> = Vec::new();
    for exercise in instance.exercise(ROUNDS) {
        let known = tallies
            .iter()
            .position(|(function, _)| *function == exercise.function);
        let position = known.unwrap_or(tallies.len());
        if known.is_none() {
            tallies.push((exercise.function.clone(), Tally::default()));
        }
        if let Some((_, tally)) = tallies.get_mut(position) {
            tally.add(&exercise);
        }
    }
    Ok(tallies)
}

impl Tally {
    fn add(&mut self, exercise: &Exercise) {
        match &exercise.outcome {
            Outcome::Returned(_) => self.returned += 1,
            Outcome::Trapped(message) => {
                self.trapped += 1;
                self.message.clone_from(message);
            }
            Outcome::Wrong(error) => {
                self.wrong
                    .get_or_insert_with(|| format!("{error}; it got {:?}", exercise.arguments));
            }
            Outcome::Skipped => self.skipped += 1,
            _ => {}
        }
    }
}

fn tell(function: &str, tally: &Tally, steps: &mut Steps) -> Result<(), Failure> {
    if let Some(wrong) = &tally.wrong {
        return steps.wrong(function, wrong, None);
    }
    let calls = |count| match count {
        1 => "1 call".to_owned(),
        count => format!("{count} calls"),
    };
    match (tally.returned, tally.trapped) {
        (0, 0) => steps.skipped(
            function,
            "not called: no function makes the resource that it takes",
        ),
        (returned, 0) => steps.fine(function, &format!("{} returned", calls(returned))),
        (0, trapped) => steps.fine(
            function,
            &format!("{} trapped: {}", calls(trapped), tally.message),
        ),
        (returned, trapped) => steps.fine(
            function,
            &format!(
                "{} returned, {} trapped: {}",
                calls(returned),
                calls(trapped),
                tally.message
            ),
        ),
    }
}
