use crate::random::Random;

const SIZE: usize = 160;

pub(crate) fn prepare() -> crate::Round {
    let mut random = Random(7);
    let mut matrix = || -> Vec<f64> {
        (0..SIZE * SIZE)
            .map(|_| (random.next() >> 40) as f64 / 4096.0)
            .collect()
    };
    let (left, right) = (matrix(), matrix());
    let mut product = vec![0.0; SIZE * SIZE];
    Box::new(move || {
        multiply(&left, &right, &mut product);
        product
            .iter()
            .fold(0, |sum: u64, x| sum.rotate_left(5) ^ x.to_bits())
    })
}

fn multiply(left: &[f64], right: &[f64], product: &mut [f64]) {
    product.fill(0.0);
    for (left, product) in left.chunks_exact(SIZE).zip(product.chunks_exact_mut(SIZE)) {
        for (factor, right) in left.iter().zip(right.chunks_exact(SIZE)) {
            for (sum, value) in product.iter_mut().zip(right) {
                *sum += factor * value;
            }
        }
    }
}
