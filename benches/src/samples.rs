//! Times, and measuring in turn.

use std::time::Duration;

/// What was measured of one contender.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// The shortest: what it takes when nothing disturbs.
    pub(crate) fn best(&self) -> Duration {
        self.0.iter().min().copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

/// How many times as long `a` took as `b`.
pub(crate) fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// The geometric mean; of nothing, none.
pub(crate) fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (logarithms / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_and_median_of_what_was_added() {
        let mut samples = Samples::default();
        for milliseconds in [5, 1, 100] {
            samples.add(Duration::from_millis(milliseconds));
        }
        assert_eq!(samples.best(), Duration::from_millis(1));
        assert_eq!(samples.median(), Duration::from_millis(5));
    }

    #[test]
    fn a_half_and_a_double_cancel_out() {
        let mean = geometric_mean(&[0.5, 2.0]).unwrap();
        assert!((mean - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[]), None);
    }
}
