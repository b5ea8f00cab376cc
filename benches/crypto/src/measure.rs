//! How operations are timed.

use std::time::{Duration, Instant};

use crate::{Operation, many, singles};

/// Why something could not be computed.
pub type Failure = Box<dyn std::error::Error>;

/// An operation whose keys and inputs are there. Each call does it once, and leaves what comes of it in the buffer, which it
/// finds as the last call left it.
pub type Call = Box<dyn FnMut(&mut Vec<u8>) -> Result<(), Failure>>;

/// A way of computing the operations.
pub trait Way {
    /// Prepares an operation.
    ///
    /// # Errors
    ///
    /// If it cannot be done in this way, or is done wrongly.
    fn prepare(&self, operation: Operation) -> Result<Call, Failure>;
}

/// What stands in the place of a checksum where there is none.
pub const NO_CHECKSUM: &str = "-";

/// Measures what the arguments ask for, `BATCHES MILLISECONDS OPERATION…`, and hands out each line as soon as it is known.
///
/// # Errors
///
/// If the arguments are wrong, or an operation fails.
pub fn run(
    way: &dyn Way,
    arguments: &[String],
    mut line: impl FnMut(String),
) -> Result<(), Failure> {
    let [batches, milliseconds, names @ ..] = arguments else {
        return Err("the arguments are BATCHES MILLISECONDS OPERATION…".into());
    };
    let batches: u32 = batches.parse()?;
    let least = Duration::from_millis(milliseconds.parse()?);
    let known: Vec<Operation> = singles()
        .into_iter()
        .chain(many().into_iter().flatten())
        .collect();
    for name in names {
        let operation = known.iter().find(|known| known.to_string() == *name);
        let operation = *operation.ok_or_else(|| format!("no operation is called {name}"))?;
        let failed = |error: Failure| -> Failure { format!("{name}: {error}").into() };
        let mut call = way.prepare(operation).map_err(failed)?;
        let mut output = Vec::new();
        let best = best(&mut call, &mut output, batches, least).map_err(failed)?;
        let checksum = if operation.has_one_result() {
            format!("{:016x}", checksum(&output))
        } else {
            NO_CHECKSUM.to_owned()
        };
        line(format!("{name} {best:.2} {checksum}"));
    }
    Ok(())
}

/// Nanoseconds of a call in the best batch.
fn best(
    call: &mut Call,
    output: &mut Vec<u8>,
    batches: u32,
    least: Duration,
) -> Result<f64, Failure> {
    let mut batch = |calls: u32| -> Result<Duration, Failure> {
        let start = Instant::now();
        for _ in 0..calls {
            call(output)?;
        }
        Ok(start.elapsed())
    };
    // Finding out how many calls take that long also warms up.
    let mut calls = 1;
    let mut best = batch(calls)?;
    while best < least && calls < 1 << 24 {
        calls *= 2;
        best = batch(calls)?;
    }
    for _ in 1..batches {
        best = best.min(batch(calls)?);
    }
    Ok(best.as_secs_f64() * 1e9 / f64::from(calls))
}

/// FNV-1a of 64 bits.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Copies.
    struct Copying;

    impl Way for Copying {
        fn prepare(&self, operation: Operation) -> Result<Call, Failure> {
            if operation.bytes > 64 {
                return Err("too long".into());
            }
            Ok(Box::new(|output| {
                *output = b"foobar".to_vec();
                Ok(())
            }))
        }
    }

    fn lines(arguments: &[&str]) -> Result<Vec<String>, String> {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let mut lines = Vec::new();
        run(&Copying, &arguments, |line| lines.push(line))
            .map(|()| lines)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_has_the_name_the_time_and_a_checksum() {
        let lines = lines(&["2", "0", "SHA-256.hash.64", "ECDSA-P-256.sign.6"]).unwrap();
        let words: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
        assert_eq!(words[0][0], "SHA-256.hash.64");
        assert!(words[0][1].parse::<f64>().unwrap() > 0.0);
        // The value that the description of FNV gives.
        assert_eq!(words[0][2], "85944171f73967e8");
        assert_eq!((words[1][0], words[1][2]), ("ECDSA-P-256.sign.6", "-"));
    }

    #[test]
    fn what_cannot_be_done_is_said_with_the_operation() {
        assert_eq!(
            lines(&["1", "0", "SHA-256.hash.1024"]).unwrap_err(),
            "SHA-256.hash.1024: too long"
        );
        assert!(lines(&["1", "0", "MD5.hash.64"]).is_err());
        assert!(lines(&["many", "0"]).is_err());
        assert!(lines(&["1"]).is_err());
    }
}
