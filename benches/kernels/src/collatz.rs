use std::hint::black_box;

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| {
        let (start, steps) = longest(black_box(50_000));
        start << 32 | u64::from(steps)
    })
}

/// The start below `end` with the longest sequence down to 1, and how many steps that takes.
pub(crate) fn longest(end: u64) -> (u64, u32) {
    let mut best = (1, 0);
    for start in 1..end {
        let (mut number, mut steps) = (start, 0);
        while number != 1 {
            number = if number % 2 == 0 {
                number / 2
            } else {
                3 * number + 1
            };
            steps += 1;
        }
        if steps > best.1 {
            best = (start, steps);
        }
    }
    best
}
