use std::fmt::Write as _;

use crate::random::Random;

const LINES: u32 = 20_000;

pub(crate) fn prepare() -> crate::Round {
    let mut text = String::new();
    Box::new(move || {
        text.clear();
        let mut random = Random(17);
        for line in 0..LINES {
            let number = random.next();
            let fraction = (number >> 40) as f64 / 1024.0;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{line}: {number:>20} {number:016x} {fraction:.3} {:?}",
                line % 7 == 0
            );
        }
        text.bytes().fold(0, |sum: u64, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        })
    })
}
