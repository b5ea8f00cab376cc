//! Who is served next: one after the other, however much each of them asks for.

use std::collections::VecDeque;
use std::sync::Arc;

/// What owners wait for, each in the order in which it was asked for.
#[derive(Debug)]
pub(crate) struct Turns<T> {
    /// None of them is empty. Whoever was served last comes last.
    queues: VecDeque<(Arc<str>, VecDeque<T>)>,
}

impl<T> Turns<T> {
    pub(crate) fn new() -> Self {
        Self {
            queues: VecDeque::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// Adds what this owner asks for.
    pub(crate) fn push(&mut self, owner: &Arc<str>, wanted: T) {
        match self.queues.iter_mut().find(|(known, _)| known == owner) {
            Some((_, queue)) => queue.push_back(wanted),
            None => self
                .queues
                .push_back((Arc::clone(owner), VecDeque::from([wanted]))),
        }
    }

    /// Takes what is to be done next: for the owner for whom least is being done, and of several such owners for the one
    /// that has waited longest.
    pub(crate) fn next(&mut self, being_done: impl Fn(&str) -> usize) -> Option<T> {
        let (index, _) = self
            .queues
            .iter()
            .enumerate()
            .min_by_key(|(_, (owner, _))| being_done(owner))?;
        let (owner, mut queue) = self.queues.remove(index)?;
        let wanted = queue.pop_front();
        if !queue.is_empty() {
            self.queues.push_back((owner, queue));
        }
        wanted
    }

    /// Takes out what this refuses.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        for (_, queue) in &mut self.queues {
            queue.retain(&mut keep);
        }
        self.queues.retain(|(_, queue)| !queue.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(by: &[(&str, u32)]) -> Turns<u32> {
        let mut turns = Turns::new();
        for (owner, wanted) in by {
            turns.push(&Arc::from(*owner), *wanted);
        }
        turns
    }

    fn all(mut turns: Turns<u32>, being_done: impl Fn(&str) -> usize) -> Vec<u32> {
        std::iter::from_fn(|| turns.next(&being_done)).collect()
    }

    #[test]
    fn owners_take_turns() {
        let by = [
            ("a", 1),
            ("a", 2),
            ("a", 3),
            ("b", 10),
            ("c", 20),
            ("b", 11),
        ];
        assert_eq!(all(asked(&by), |_| 0), [1, 10, 20, 2, 11, 3]);
    }

    #[test]
    fn who_has_least_comes_first() {
        let by = [("a", 1), ("a", 2), ("b", 10), ("b", 11)];
        let being_done = |owner: &str| usize::from(owner == "a");
        assert_eq!(all(asked(&by), being_done), [10, 11, 1, 2]);
    }

    #[test]
    fn who_asks_again_waits_for_the_others() {
        let mut turns = asked(&[("a", 1), ("b", 10), ("b", 11)]);
        assert_eq!(turns.next(|_| 0), Some(1));
        turns.push(&Arc::from("a"), 2);
        assert_eq!(all(turns, |_| 0), [10, 2, 11]);
    }

    #[test]
    fn what_is_not_wanted_any_more_is_gone() {
        let mut turns = asked(&[("a", 1), ("b", 10), ("b", 11)]);
        turns.retain(|wanted| *wanted == 11);
        assert!(!turns.is_empty());
        assert_eq!(all(turns, |_| 0), [11]);
    }
}
