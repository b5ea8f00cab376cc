use crate::random::Random;

const CELLS: usize = 8 << 20;
const LOADS: usize = 200_000;

/// Cells that each name the next, all of them in one cycle in random order.
pub(crate) fn prepare() -> crate::Round {
    let mut random = Random(23);
    let mut next: Vec<u32> = (0..CELLS as u32).collect();
    // Sattolo's shuffle: the permutation is a single cycle.
    for last in (1..CELLS).rev() {
        let other = (random.next() % last as u64) as usize;
        next.swap(last, other);
    }
    let mut here = 0;
    Box::new(move || {
        for _ in 0..LOADS {
            here = next[here as usize];
        }
        here.into()
    })
}
