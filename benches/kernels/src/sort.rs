use crate::random::Random;

const NUMBERS: usize = 200_000;

pub(crate) fn prepare() -> crate::Round {
    let mut random = Random(13);
    let unsorted: Vec<u64> = (0..NUMBERS).map(|_| random.next()).collect();
    let mut numbers = unsorted.clone();
    Box::new(move || {
        numbers.copy_from_slice(&unsorted);
        numbers.sort_unstable();
        numbers
            .iter()
            .fold(0, |sum: u64, number| sum.rotate_left(1) ^ number)
    })
}
