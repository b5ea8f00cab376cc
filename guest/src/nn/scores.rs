//! What to make of the numbers that come out.

/// Scores as probabilities, which sum to 1. The greatest score counts as 0, so that none is too large.
///
/// ```no_run
/// use c12_wasm::nn::softmax;
///
/// let probabilities = softmax(&[1000.0, 1000.0, -1000.0]);
/// assert_eq!(probabilities, [0.5, 0.5, 0.0]);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores
        .iter()
        .map(|score| (score - greatest).exp())
        .collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The positions of the greatest scores with these, greatest first. What is not a number comes last.
///
/// ```no_run
/// use c12_wasm::nn::top_k;
///
/// assert_eq!(top_k(&[0.1, 0.7, 0.2], 2), [(1, 0.7), (2, 0.2)]);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
pub fn top_k(scores: &[f32], k: usize) -> Vec<(usize, f32)> {
    let key = |score: f32| {
        if score.is_nan() {
            f32::NEG_INFINITY
        } else {
            score
        }
    };
    let mut found: Vec<(usize, f32)> = scores.iter().copied().enumerate().collect();
    found.sort_by(|(first, one), (second, other)| {
        let by_score = key(*other).total_cmp(&key(*one));
        by_score
            .then(one.is_nan().cmp(&other.is_nan()))
            .then(first.cmp(second))
    });
    found.truncate(k);
    found
}

/// How near two embeddings are: 1 for the same direction, 0 for nothing in common.
pub fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let lengths = (dot(one, one) * dot(other, other)).sqrt();
    if lengths > 0.0 {
        dot(one, other) / lengths
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_whatever_the_scores() {
        for scores in [&[1.0, 2.0, 3.0][..], &[-1e30, 1e30], &[7.0], &[0.0; 1000]] {
            let sum: f32 = softmax(scores).iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "{scores:?}: {sum}");
        }
        assert!(softmax(&[]).is_empty());
    }

    #[test]
    fn the_greatest_come_first_and_what_is_no_number_last() {
        let scores = [f32::NAN, 1.0, f32::INFINITY, 1.0, f32::NEG_INFINITY];
        let order: Vec<usize> = top_k(&scores, 9).iter().map(|(at, _)| *at).collect();
        assert_eq!(order, [2, 1, 3, 4, 0]);
        assert!(top_k(&scores, 0).is_empty());
    }

    #[test]
    fn the_same_direction_is_near_and_nothing_is_near_nothing() {
        assert!((cosine(&[1.0, 2.0], &[2.0, 4.0]) - 1.0).abs() < 1e-6);
        assert!(cosine(&[1.0, 0.0], &[0.0, 1.0]).abs() < 1e-6);
        assert!(cosine(&[0.0], &[0.0]).abs() < 1e-6);
    }
}
