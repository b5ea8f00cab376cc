//! How many random nonces stored keys have had, whoever has opened them, while this host runs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Managed, SecretId};

/// A count, shared by all that the same key was opened as.
pub(crate) type Count = Arc<AtomicU64>;

/// A version of a secret.
pub(super) type Version = (SecretId, u64);

/// The counts of all stored keys that were opened and need one.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Version, Count>>);

impl Counts {
    /// The count of a stored key; `own` if nobody has opened it yet. Where there are more than `most`, those of keys that are not
    /// `stored` any more are forgotten.
    pub(super) fn of(
        &self,
        managed: &Managed,
        own: &Count,
        most: usize,
        stored: impl FnOnce() -> HashSet<Version>,
    ) -> Count {
        let version = (managed.id, managed.version);
        // A map of numbers is never left half changed.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= most && !counts.contains_key(&version) {
            let stored = stored();
            counts.retain(|version, _| stored.contains(version));
        }
        Arc::clone(counts.entry(version).or_insert_with(|| Arc::clone(own)))
    }
}
