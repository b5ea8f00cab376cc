//! How much may be there, and under way, at once: of one guest, whatever the number of its instances, and of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::allowance::Allowance;
use crate::policy::Policy;

/// Computations that may be under way, those among them that were given up and whose framework cannot be interrupted.
/// Each has a thread, of which the executor has 512; files need some, too.
const HOST_COMPUTATIONS: usize = 256;
pub(crate) const GUEST_COMPUTATIONS: usize = 64;

/// Models of guests' own that may be loading: it takes every core and much memory, and cannot be interrupted.
const HOST_LOADS: usize = 4;
const GUEST_LOADS: usize = 1;

/// The part of `nn.memory` that models of guests' own may take, so that those that the user named have room.
pub(crate) const GUESTS_PART: u64 = 2;

/// Of all guests of a host.
pub(crate) struct HostQuota {
    computations: Arc<Semaphore>,
    loads: Arc<Semaphore>,
    models: Allowance,
    guests: Mutex<BTreeMap<String, Weak<GuestQuota>>>,
}

/// Of all instances of one guest.
pub(crate) struct GuestQuota {
    /// In bytes.
    pub(crate) tensors: Allowance,
    pub(crate) contexts: Allowance,
    /// Texts that language models continue, or embed.
    pub(crate) texts: Allowance,
    /// In bytes, of the models that the guest has handed over.
    pub(crate) models: Allowance,
    /// The same of all guests together.
    pub(crate) all_models: Allowance,
    pub(crate) computations: Places,
    pub(crate) loads: Places,
}

impl HostQuota {
    pub(crate) fn new(policy: &Policy) -> Self {
        HostQuota {
            computations: Arc::new(Semaphore::new(HOST_COMPUTATIONS)),
            loads: Arc::new(Semaphore::new(HOST_LOADS)),
            models: Allowance::new(policy.memory / GUESTS_PART),
            guests: Mutex::default(),
        }
    }

    /// What the guest of that name has, with all of its instances.
    pub(crate) fn of(&self, guest: &str, policy: &Policy) -> Arc<GuestQuota> {
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = guests.get(guest).and_then(Weak::upgrade) {
            return known;
        }
        guests.retain(|_, quota| quota.strong_count() > 0);
        let quota = Arc::new(GuestQuota {
            tensors: Allowance::new(policy.tensors),
            contexts: Allowance::new(policy.contexts),
            texts: Allowance::new(policy.generations),
            models: Allowance::new(policy.guest_memory),
            all_models: self.models.clone(),
            computations: Places::new(GUEST_COMPUTATIONS, &self.computations),
            loads: Places::new(GUEST_LOADS, &self.loads),
        });
        guests.insert(guest.to_owned(), Arc::downgrade(&quota));
        quota
    }
}

/// Places for what is under way at once: so many of the guest's, out of those of the host.
pub(crate) struct Places {
    guest: Arc<Semaphore>,
    host: Arc<Semaphore>,
}

/// Given back when dropped.
pub(crate) struct Place {
    _guest: OwnedSemaphorePermit,
    _host: OwnedSemaphorePermit,
}

impl Places {
    fn new(guest: usize, host: &Arc<Semaphore>) -> Self {
        Places {
            guest: Arc::new(Semaphore::new(guest)),
            host: Arc::clone(host),
        }
    }

    /// Waits for a place, for so long at most; who came first is first.
    pub(crate) async fn take(&self, most: Option<Duration>) -> Option<Place> {
        let both = async {
            // A guest waits for its own first: it has no more of the host's queue than it may have under way.
            let guest = Arc::clone(&self.guest).acquire_owned().await.ok()?;
            let host = Arc::clone(&self.host).acquire_owned().await.ok()?;
            Some(Place {
                _guest: guest,
                _host: host,
            })
        };
        match most {
            None => both.await,
            Some(most) => tokio::time::timeout(most, both).await.ok().flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn instances_of_a_guest_share_and_guests_do_not() {
        let policy = Policy::for_tests();
        let host = HostQuota::new(&policy);
        let one = host.of("a", &policy);
        let same = host.of("a", &policy);
        let other = host.of("b", &policy);
        let share = one.contexts.take(policy.contexts);
        assert!(share.is_some());
        assert!(same.contexts.take(1).is_none());
        assert!(other.contexts.take(1).is_some());
        drop((one, same, share));
        // When the last instance is gone, so is what it had.
        assert!(host.of("a", &policy).contexts.take(1).is_some());
        assert_eq!(host.guests.lock().unwrap().len(), 2);
    }

    /// Models of guests leave room for those that the user named.
    #[test]
    fn guests_together_do_not_fill_the_memory_with_models() {
        let policy = Policy::for_tests();
        let host = HostQuota::new(&policy);
        let (one, other) = (host.of("a", &policy), host.of("b", &policy));
        let half = policy.memory / 2;
        let share = one.all_models.take(half);
        assert!(share.is_some());
        assert!(other.all_models.take(1).is_none());
        drop(share);
        assert!(other.all_models.take(half).is_some());
    }

    /// One guest's computations do not take all places of the host.
    #[tokio::test]
    async fn a_guest_waits_for_its_own() {
        let policy = Policy::for_tests();
        let host = HostQuota::new(&policy);
        let one = host.of("a", &policy);
        let mut places = Vec::new();
        for _ in 0..GUEST_COMPUTATIONS {
            places.extend(one.computations.take(None).await);
        }
        let moment = Some(Duration::from_millis(10));
        assert!(one.computations.take(moment).await.is_none());
        let other = host.of("b", &policy);
        assert!(other.computations.take(moment).await.is_some());
        // Who waits gets the next that is free.
        let (waited, ()) = tokio::join!(one.computations.take(None), async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            places.pop();
        });
        assert!(waited.is_some());
    }
}
