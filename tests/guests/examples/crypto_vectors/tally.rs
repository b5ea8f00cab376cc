//! What came of the vectors.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use c12_wasm::crypto::Error;

/// A vector did what it has to.
pub(crate) enum Verdict {
    /// It gave what it says.
    Verified,
    /// It has to fail, and failed with the right error.
    Refused,
    /// It may do either, and did one of both right.
    Either,
    /// It needs something that the interface has no way to express, and was refused for that. Says what.
    Outside(&'static str),
}

/// The verdict, or what went wrong.
pub(crate) type Outcome = Result<Verdict, String>;

#[derive(Default)]
struct Tally {
    verified: usize,
    refused: usize,
    either: usize,
    outside: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

/// The verdicts of each algorithm.
#[derive(Default)]
pub(crate) struct Tallies(BTreeMap<String, Tally>);

impl Tallies {
    pub(crate) fn add(&mut self, algorithm: &str, name: &str, outcome: Outcome) {
        let tally = self.0.entry(algorithm.to_owned()).or_default();
        match outcome {
            Ok(Verdict::Verified) => tally.verified += 1,
            Ok(Verdict::Refused) => tally.refused += 1,
            Ok(Verdict::Either) => tally.either += 1,
            Ok(Verdict::Outside(reason)) => *tally.outside.entry(reason).or_default() += 1,
            Err(reason) => tally.wrong.push(format!("{name}: {reason}")),
        }
    }

    /// Something that is no vector of its own went wrong.
    pub(crate) fn check(&mut self, algorithm: &str, name: &str, outcome: Result<(), String>) {
        if let Err(reason) = outcome {
            self.add(algorithm, name, Err(reason));
        }
    }

    pub(crate) fn nothing_wrong(&self) -> bool {
        self.0.values().all(|tally| tally.wrong.is_empty())
    }

    pub(crate) fn lines(&self, file: &str) -> String {
        let mut lines = String::new();
        for (algorithm, tally) in &self.0 {
            let outside = tally.outside.values().sum::<usize>();
            let wrong = tally.wrong.len();
            let all = tally.verified + tally.refused + tally.either + outside + wrong;
            let _ = writeln!(
                lines,
                "set\t{file}\t{algorithm}\t{all}\t{}\t{}\t{}\t{outside}\t{wrong}",
                tally.verified, tally.refused, tally.either,
            );
            for (reason, count) in &tally.outside {
                let _ = writeln!(lines, "outside\t{file}\t{algorithm}\t{count}\t{reason}");
            }
            for reason in tally.wrong.iter().take(10) {
                let _ = writeln!(lines, "wrong\t{file}\t{algorithm}\t{reason}");
            }
        }
        lines
    }
}

/// Whether an operation failed as it has to.
pub(crate) fn refused<T>(result: Result<T, Error>, allowed: &[Error]) -> Result<(), String> {
    match result {
        Err(error) if allowed.contains(&error) => Ok(()),
        Err(error) => Err(format!("refused with {error}")),
        Ok(_) => Err("accepted".to_owned()),
    }
}

/// Whether an operation gave what it has to.
pub(crate) fn gives(
    what: &str,
    result: Result<Vec<u8>, Error>,
    expected: &[u8],
) -> Result<(), String> {
    match result {
        Ok(bytes) if bytes == expected => Ok(()),
        Ok(bytes) => Err(format!("{what} gives {bytes:02x?}, not {expected:02x?}")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

/// What an error means where none is expected.
pub(crate) fn failed(error: Error) -> String {
    error.to_string()
}
