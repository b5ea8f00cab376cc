//! Compares random sequences for a given time: `--seconds 600`, and `--seed 1` to begin with another seed. A difference is
//! printed with its seed, which repeats it alone with `--only SEED`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use c12_crypto_oracle::{Difference, Report, known, run, sequence_of};

fn main() -> ExitCode {
    let option = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|value| value.parse::<u64>().ok())
    };
    let (first, until) = match option("--only") {
        Some(seed) => (seed, Until::Seeds(1)),
        None => {
            let seconds = Duration::from_secs(option("--seconds").unwrap_or(60));
            (option("--seed").unwrap_or(0), Until::Time(seconds))
        }
    };
    match compare(first, until, option("--keep-going").is_some()) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

#[derive(Clone, Copy)]
enum Until {
    Seeds(u64),
    Time(Duration),
}

/// Runs sequence after sequence; returns how many had a difference.
fn compare(first: u64, until: Until, keep_going: bool) -> u64 {
    let (start, mut seed, mut report, mut bad) = (Instant::now(), first, Report::default(), 0);
    let is_over = |seed: u64| match until {
        Until::Seeds(count) => seed - first >= count,
        Until::Time(time) => start.elapsed() >= time,
    };
    while !is_over(seed) && (bad == 0 || keep_going) {
        match run(&sequence_of(seed)) {
            Ok(part) => report.add(&part),
            Err(difference) => {
                bad += 1;
                print(seed, &difference, keep_going);
            }
        }
        seed += 1;
    }
    println!(
        "{} sequences, {} calls, {} of them successful on both sides, {bad} differences",
        seed - first,
        report.calls,
        report.successes
    );
    for (place, known) in known::KNOWN.iter().enumerate() {
        let count = report.known.get(&place).unwrap_or(&0);
        println!("{count:>9} known: {known}");
    }
    bad
}

fn print(seed: u64, difference: &Difference, short: bool) {
    if short {
        println!(
            "seed {seed}: {} ({}): {}",
            difference.function, difference.algorithm, difference.answers
        );
    } else {
        print!("seed {seed}: {difference}");
    }
}
