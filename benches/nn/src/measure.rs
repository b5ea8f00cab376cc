//! How operations are timed.

use std::time::{Duration, Instant};

use crate::check::checksum;
use crate::{BYTES, FIRST_TOKEN, NEXT_TOKEN, Operation};

/// Why something could not be computed.
pub type Failure = Box<dyn std::error::Error>;

/// What a call leaves behind. The next one finds it so.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What came out: a tensor's bytes, or a text.
    pub output: Vec<u8>,
    /// Of a text: when its first token was there.
    pub first: Option<Instant>,
    /// Of a text: its tokens.
    pub tokens: u32,
}

/// An operation whose model and input are there. Each call does it once.
pub type Call = Box<dyn FnMut(&mut Outcome) -> Result<(), Failure>>;

/// A way of computing the operations.
pub trait Way {
    /// Prepares an operation: loads its model. The photograph is the tensor's bytes, little-endian.
    ///
    /// # Errors
    ///
    /// If it cannot be done in this way, or is done wrongly.
    fn prepare(&self, operation: Operation, photograph: Vec<u8>) -> Result<Call, Failure>;
}

/// The time of one in each batch.
type Times = Vec<Duration>;

/// Measures what the arguments ask for, `PHOTOGRAPH BATCHES MILLISECONDS OPERATION`, and hands out the lines.
///
/// # Errors
///
/// If the arguments are wrong, or the operation fails.
pub fn run(way: &dyn Way, arguments: &[String], line: impl FnMut(String)) -> Result<(), Failure> {
    let [photograph, batches, milliseconds, name] = arguments else {
        return Err("the arguments are PHOTOGRAPH BATCHES MILLISECONDS OPERATION".into());
    };
    let operation = Operation::named(name);
    let operation = operation.ok_or_else(|| format!("no operation is called {name}"))?;
    let cannot_read = |error: std::io::Error| format!("cannot read {photograph}: {error}");
    let photograph = std::fs::read(photograph).map_err(cannot_read)?;
    if photograph.len() != BYTES {
        return Err(format!("the photograph has {} bytes, not {BYTES}", photograph.len()).into());
    }
    let effort = Effort {
        batches: batches.parse()?,
        least: Duration::from_millis(milliseconds.parse()?),
    };
    let call = way.prepare(operation, photograph.clone())?;
    measured(operation, call, &photograph, effort)?
        .into_iter()
        .for_each(line);
    Ok(())
}

/// How often an operation is measured, and how long a batch takes at least.
#[derive(Debug, Clone, Copy)]
struct Effort {
    batches: usize,
    least: Duration,
}

fn measured(
    operation: Operation,
    mut call: Call,
    photograph: &[u8],
    effort: Effort,
) -> Result<Vec<String>, Failure> {
    let mut outcome = Outcome::default();
    let figures = match operation {
        Operation::Text => texts(&mut call, &mut outcome, effort.batches)?,
        other => vec![(other.name(), batches(&mut call, &mut outcome, effort)?)],
    };
    operation.check(photograph, &outcome)?;
    let checksum = checksum(&outcome.output);
    let lines = figures.into_iter().map(|(name, times)| {
        let times: Vec<String> = times
            .iter()
            .map(|time| time.as_nanos().to_string())
            .collect();
        format!("{name} {checksum:016x} {}", times.join(" "))
    });
    Ok(lines.collect())
}

fn batches(call: &mut Call, outcome: &mut Outcome, effort: Effort) -> Result<Times, Failure> {
    let mut batch = |calls: u32| -> Result<Duration, Failure> {
        let start = Instant::now();
        for _ in 0..calls {
            call(outcome)?;
        }
        Ok(start.elapsed())
    };
    // Finding out how many calls take that long also warms up.
    let mut calls = 1;
    while batch(calls)? < effort.least && calls < 1 << 24 {
        calls *= 2;
    }
    (0..effort.batches)
        .map(|_| Ok(batch(calls)? / calls))
        .collect()
}

/// A text is a batch. The first one warms up.
fn texts(
    call: &mut Call,
    outcome: &mut Outcome,
    batches: usize,
) -> Result<Vec<(&'static str, Times)>, Failure> {
    call(outcome)?;
    let (mut until_first, mut each_after) = (Times::new(), Times::new());
    for _ in 0..batches {
        let start = Instant::now();
        call(outcome)?;
        let end = Instant::now();
        let first = outcome.first.ok_or("the text has no token")?;
        let after = outcome.tokens.saturating_sub(1);
        if after == 0 {
            return Err("the text has a single token".into());
        }
        until_first.push(first.duration_since(start));
        each_after.push(end.duration_since(first) / after);
    }
    Ok(vec![(FIRST_TOKEN, until_first), (NEXT_TOKEN, each_after)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ANSWER_TOKENS;

    const EFFORT: Effort = Effort {
        batches: 3,
        least: Duration::ZERO,
    };

    fn words(line: &str) -> Vec<&str> {
        line.split(' ').collect()
    }

    #[test]
    fn a_line_has_the_name_a_checksum_and_the_time_of_one_in_each_batch() {
        let call: Call = Box::new(|outcome| {
            std::thread::sleep(Duration::from_millis(1));
            outcome.output = b"foobar".to_vec();
            Ok(())
        });
        let lines = measured(Operation::TensorThrough, call, b"foobar", EFFORT).unwrap();
        assert_eq!(lines.len(), 1);
        let words = words(&lines[0]);
        assert_eq!(words[..2], ["tensor.through", "85944171f73967e8"]);
        assert_eq!(words.len(), 2 + EFFORT.batches);
        for time in &words[2..] {
            assert!(time.parse::<u64>().unwrap() >= 1_000_000, "{time}");
        }
    }

    #[test]
    fn of_a_text_the_first_token_is_told_apart_from_the_others() {
        let call: Call = Box::new(|outcome| {
            std::thread::sleep(Duration::from_millis(20));
            outcome.first = Some(Instant::now());
            outcome.tokens = ANSWER_TOKENS;
            Ok(())
        });
        let lines = measured(Operation::Text, call, b"", EFFORT).unwrap();
        let [first, next] = [0, 1].map(|line: usize| words(&lines[line]));
        assert_eq!((first[0], next[0]), (FIRST_TOKEN, NEXT_TOKEN));
        assert_eq!((first.len(), next.len()), (5, 5));
        assert!(first[2].parse::<u64>().unwrap() >= 20_000_000);
        assert!(next[2].parse::<u64>().unwrap() < 20_000_000);
    }

    #[test]
    fn what_is_wrong_is_an_error() {
        let call: Call = Box::new(|_| Ok(()));
        assert!(measured(Operation::TensorThrough, call, b"foobar", EFFORT).is_err());
        let call: Call = Box::new(|_| Err("no model".into()));
        let error = measured(Operation::TensorThrough, call, b"", EFFORT).unwrap_err();
        assert_eq!(error.to_string(), "no model");
    }

    /// Never asked.
    struct Nobody;

    impl Way for Nobody {
        fn prepare(&self, _: Operation, _: Vec<u8>) -> Result<Call, Failure> {
            Err("there is nobody".into())
        }
    }

    #[test]
    fn wrong_arguments_are_told() {
        let failed = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            run(&Nobody, &arguments, |line| panic!("{line}"))
                .unwrap_err()
                .to_string()
        };
        assert!(failed(&["1", "2", "text"]).starts_with("the arguments are PHOTOGRAPH"));
        assert_eq!(
            failed(&["photograph", "1", "2", "video"]),
            "no operation is called video"
        );
        assert!(failed(&["/no/photograph", "1", "2", "text"]).starts_with("cannot read"));
    }
}
