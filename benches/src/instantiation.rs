//! Instantiation through the library. A program of its own measures it, so that this one need not hold an engine.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::Effort;
use crate::contender::succeed;
use crate::samples::Samples;
use crate::tools::Tools;

/// The time of one instantiation, its end included.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) guest: String,
    pub(crate) way: String,
    pub(crate) each: Samples,
}

pub(crate) fn measure(tools: &Tools, effort: Effort) -> Result<Vec<Row>> {
    eprintln!("instantiation");
    let output = succeed(
        Command::new(&tools.instantiation)
            .arg(&tools.guests)
            .arg(effort.batches.to_string()),
    )?;
    output
        .lines()
        .map(|line| row(line).with_context(|| format!("instantiation printed {line:?}")))
        .collect()
}

fn row(line: &str) -> Option<Row> {
    let mut words = line.split_whitespace().map(str::to_owned);
    let (guest, way) = (words.next()?, words.next()?);
    let mut each = Samples::default();
    for word in words {
        each.add(Duration::from_nanos(word.parse().ok()?));
    }
    Some(Row { guest, way, each })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_guest_a_way_and_times() {
        let row = row("module pooled 9000 7000 8000").unwrap();
        assert_eq!((row.guest.as_str(), row.way.as_str()), ("module", "pooled"));
        assert_eq!(row.each.best(), Duration::from_micros(7));
        assert!(super::row("module pooled many").is_none());
    }
}
