const NUMBERS: usize = 2 << 20;

pub(crate) fn prepare() -> crate::Round {
    let mut a = vec![1.0f64; NUMBERS];
    let b: Vec<f64> = (0..NUMBERS).map(|index| index as f64).collect();
    let c = vec![0.5f64; NUMBERS];
    Box::new(move || {
        let scale = std::hint::black_box(3.0);
        for ((a, b), c) in a.iter_mut().zip(&b).zip(&c) {
            *a = b + scale * c;
        }
        std::hint::black_box(&mut a)
            .iter()
            .step_by(4096)
            .fold(0, |sum: u64, x| sum.rotate_left(5) ^ x.to_bits())
    })
}
