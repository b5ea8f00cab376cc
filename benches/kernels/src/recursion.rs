use std::hint::black_box;

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| fibonacci(black_box(27)) << 32 | u64::from(ackermann(black_box(2), black_box(400))))
}

#[inline(never)]
pub(crate) fn fibonacci(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        fibonacci(n - 1) + fibonacci(n - 2)
    }
}

#[inline(never)]
pub(crate) fn ackermann(m: u32, n: u32) -> u32 {
    match (m, n) {
        (0, n) => n + 1,
        (m, 0) => ackermann(m - 1, 1),
        (m, n) => ackermann(m - 1, ackermann(m, n - 1)),
    }
}
