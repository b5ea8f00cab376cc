//! Some sequences, from the same seeds in every run, and the list of known differences.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use c12_crypto_oracle::known::KNOWN;
use c12_crypto_oracle::{Report, run, sequence_of};

const SEQUENCES: u64 = 1500;

/// Compares all sequences, on all processors.
fn compare() -> Report {
    let next = AtomicU64::new(0);
    let compare_some = || {
        let mut report = Report::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEQUENCES {
                return report;
            }
            match run(&sequence_of(seed)) {
                Ok(part) => report.add(&part),
                Err(difference) => panic!("sequence {seed}: {difference}"),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(compare_some)).collect();
        let mut all = Report::default();
        for worker in workers {
            all.add(&worker.join().unwrap());
        }
        all
    })
}

#[test]
fn both_implementations_agree_but_for_what_is_known() {
    let report = compare();
    println!(
        "{SEQUENCES} sequences, {} calls, {} of them successful on both sides",
        report.calls, report.successes
    );
    assert!(report.calls > 20 * SEQUENCES, "{}", report.calls);
    assert!(report.successes > report.calls / 3, "{}", report.successes);
    let counts = (0..KNOWN.len()).map(|place| report.known.get(&place).copied().unwrap_or(0));
    let (rarest, known) = counts.zip(KNOWN).min_by_key(|(count, _)| *count).unwrap();
    println!(
        "{} known differences; met {rarest} times: {known}",
        KNOWN.len()
    );
    assert!(rarest > 0, "what is not met any more has to leave the list");
}

#[test]
fn a_known_difference_is_listed_once_and_has_a_reason() {
    let mut listed = HashSet::new();
    for known in KNOWN {
        assert!(!known.reason.is_empty(), "{known:?}");
        assert!(known.ours != known.theirs || known.ours.to_string() == "success");
        for function in known.functions {
            for algorithm in known.algorithms {
                let entry = (*function, *algorithm, known.ours, known.theirs);
                assert!(listed.insert(entry), "listed twice: {known:?}");
            }
        }
    }
}
