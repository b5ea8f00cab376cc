//! Many computations at once, in core modules.

use crate::nn::{Error, Result};

/// Contexts that there are at once: the host has as many under way.
const AT_ONCE: usize = 64;

/// Computes for all of these sets, each in a context of its own: what a model remembers of one is not for another. There
/// are as many contexts at once as the host allows.
pub(super) fn in_contexts<Set, Context, Output>(
    sets: &[Set],
    mut context: impl FnMut() -> Result<Context>,
    mut compute: impl FnMut(&[Context], &[Set]) -> Result<Vec<Output>>,
) -> Result<Vec<Output>> {
    let mut outputs = Vec::with_capacity(sets.len());
    let mut left = sets;
    while !left.is_empty() {
        let mut contexts = Vec::new();
        while contexts.len() < left.len().min(AT_ONCE) {
            match context() {
                Ok(context) => contexts.push(context),
                Err(Error::TooLarge(_)) if !contexts.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        let (ready, rest) = left.split_at(contexts.len());
        outputs.extend(compute(&contexts, ready)?);
        left = rest;
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Computes with contexts that count themselves, of which there may be so many.
    fn run(sets: usize, most: usize) -> Result<Vec<(usize, usize)>> {
        let there = Cell::new(0);
        let made = Cell::new(0);
        struct Counted<'a>(usize, &'a Cell<usize>);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                self.1.set(self.1.get() - 1);
            }
        }
        let sets: Vec<usize> = (0..sets).collect();
        let context = || {
            if there.get() == most {
                return Err(Error::TooLarge("full".to_owned()));
            }
            there.set(there.get() + 1);
            made.set(made.get() + 1);
            Ok(Counted(made.get(), &there))
        };
        in_contexts(&sets, context, |contexts, sets| {
            let both = contexts.iter().zip(sets);
            Ok(both.map(|(context, set)| (context.0, *set)).collect())
        })
    }

    #[test]
    fn every_set_has_a_new_context_and_the_order_stays() {
        for (sets, most) in [(0, 0), (1, 1), (64, 1000), (65, 1000), (200, 1000), (10, 3)] {
            let expected: Vec<(usize, usize)> = (0..sets).map(|set| (set + 1, set)).collect();
            assert_eq!(run(sets, most).unwrap(), expected, "{sets} {most}");
        }
    }

    #[test]
    fn one_context_at_least_must_be_there() {
        assert_eq!(run(3, 0).unwrap_err().message(), "full");
    }
}
