//! How long it takes.

use std::time::{Duration, Instant};

use c12_wasm::cli::Failure;
use c12_wasm::nn::Chat;

use crate::classify::{Classifier, read};
use crate::generate::sampling;
use crate::options::Options;
use crate::output::{load, print};

/// Rounds that are not counted: frameworks make plans when they first run.
const WARM_UP: usize = 3;

pub(crate) fn image(path: &str, options: &Options) -> Result<(), Failure> {
    let rounds = options.rounds.unwrap_or(50);
    let bytes = read(path)?;
    let classifier = Classifier::load(options)?;
    let mut preparing = Times::default();
    let mut image = classifier.prepare(&bytes)?;
    for _ in 0..rounds.min(10) {
        image = preparing.measure(|| classifier.prepare(&bytes))?;
    }
    // ANCHOR: measure
    let context = classifier.graph.context()?;
    let compute = || context.compute([(&classifier.input, &image)]);
    for _ in 0..WARM_UP {
        compute()?;
    }
    let mut alone = Times::default();
    for _ in 0..rounds {
        alone.measure(compute)?;
    }
    // ANCHOR_END: measure
    let batch = || {
        let inputs = (0..options.batch).map(|_| [(&classifier.input, &image)]);
        classifier.graph.compute_all(inputs)
    };
    batch()?;
    let mut together = Times::default();
    for _ in 0..rounds.div_ceil(options.batch) {
        together.measure(batch)?;
    }
    print(&format!(
        "{rounds} rounds\n\
         preparing an image   {}\n\
         one image            {}  {:.1} images/s\n\
         {:<3}images at once    {}  {:.1} images/s\n",
        preparing.percentiles(),
        alone.percentiles(),
        alone.per_second(),
        options.batch,
        together.percentiles(),
        together.per_second() * options.batch as f64,
    ))
}

pub(crate) fn text(prompt: &str, options: &Options) -> Result<(), Failure> {
    let rounds = options.rounds.unwrap_or(3);
    let graph = load(options.model.as_deref().unwrap_or("llm"))?;
    let mut first = Times::default();
    let mut tokens = 0;
    let mut speeds = Vec::new();
    for round in 0..rounds {
        // It begins otherwise each time, so that what the host remembers of one round does not help the next.
        let mut chat = Chat::new(&graph)
            .system(format!("This is round {round}."))
            .sampling(sampling(options)?);
        let mut answer = chat.stream(prompt)?;
        for piece in &mut answer {
            piece?;
        }
        let usage = answer.usage()?;
        first
            .0
            .push(Duration::from_micros(usage.first_token_micros));
        speeds.push(usage.tokens_per_second());
        tokens += usage.output_tokens;
    }
    speeds.sort_by(f64::total_cmp);
    let median = speeds.get(speeds.len() / 2).copied().unwrap_or_default();
    print(&format!(
        "{rounds} answers, {tokens} tokens\n\
         first token          {}\n\
         after it             {median:.1} tokens/s\n",
        first.percentiles(),
    ))
}

/// How long the same thing took each time.
#[derive(Debug, Default)]
struct Times(Vec<Duration>);

impl Times {
    fn measure<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let begin = Instant::now();
        let done = work()?;
        self.0.push(begin.elapsed());
        Ok(done)
    }

    /// The time that this part of all rounds took at most.
    fn percentile(&self, part: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort();
        let last = sorted.len().saturating_sub(1);
        let at = (part * last as f64).round() as usize;
        sorted.get(at).copied().unwrap_or_default()
    }

    fn percentiles(&self) -> String {
        let all = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].map(|(name, part)| {
            format!(
                "{name} {:8.2} ms",
                self.percentile(part).as_secs_f64() * 1e3
            )
        });
        all.join("  ")
    }

    fn per_second(&self) -> f64 {
        let sum: Duration = self.0.iter().sum();
        self.0.len() as f64 / sum.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = Times((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(times.percentile(0.5), Duration::from_millis(51));
        assert_eq!(times.percentile(0.99), Duration::from_millis(99));
        assert_eq!(times.percentile(1.0), Duration::from_millis(100));
        assert_eq!(Times::default().percentile(0.5), Duration::ZERO);
        assert!((times.per_second() - 100.0 / 5.05).abs() < 1e-9);
    }
}
