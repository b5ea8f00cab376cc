use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of something a guest may have at once. Clones are one allowance.
#[derive(Debug, Clone)]
pub(crate) struct Allowance(Arc<State>);

#[derive(Debug)]
struct State {
    most: u64,
    taken: AtomicU64,
}

/// What was taken out of an [`Allowance`], given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    of: Arc<State>,
    amount: u64,
}

impl Allowance {
    pub(crate) fn new(most: u64) -> Self {
        Allowance(Arc::new(State {
            most,
            taken: AtomicU64::new(0),
        }))
    }

    pub(crate) fn most(&self) -> u64 {
        self.0.most
    }

    /// Takes so much, if it is there.
    pub(crate) fn take(&self, amount: u64) -> Option<Share> {
        let sum = |taken: u64| taken.checked_add(amount).filter(|sum| *sum <= self.0.most);
        self.0
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum)
            .ok()?;
        Some(Share {
            of: Arc::clone(&self.0),
            amount,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.of.taken.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_can_be_taken_again() {
        let allowance = Allowance::new(10);
        let share = allowance.take(7).unwrap();
        assert!(allowance.take(4).is_none());
        let rest = allowance.take(3).unwrap();
        drop(share);
        assert!(allowance.take(u64::MAX).is_none());
        assert!(allowance.take(7).is_some());
        drop(rest);
        assert!(allowance.take(10).is_some());
    }
}
