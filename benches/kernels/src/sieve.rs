use std::hint::black_box;

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| count(black_box(1 << 20)) as u64)
}

/// How many primes there are below `end`.
pub(crate) fn count(end: usize) -> usize {
    let mut composite = vec![false; end];
    let mut primes = 0;
    for number in 2..end {
        if !composite[number] {
            primes += 1;
            let mut multiple = number.saturating_mul(number);
            while multiple < end {
                composite[multiple] = true;
                multiple += number;
            }
        }
    }
    primes
}
