//! Which of several clones of a state may encrypt.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Errno, Result};

/// Two clones of a state that encrypt would use a nonce, or a key stream, twice. The first that encrypts keeps the right to,
/// and the others lose it for good; all can go on to decrypt.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// There once the state was cloned.
    family: Option<Family>,
}

#[derive(Debug)]
struct Family {
    shared: Arc<Shared>,
    member: u64,
}

#[derive(Debug)]
struct Shared {
    /// The member that encrypts; 0 as long as nobody has.
    owner: AtomicU64,
    members: AtomicU64,
}

impl Lease {
    /// # Errors
    /// `nonce_required` when another clone has encrypted.
    pub(super) fn claim(&self) -> Result<()> {
        let Some(Family { shared, member }) = &self.family else {
            return Ok(());
        };
        match shared
            .owner
            .compare_exchange(0, *member, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Ok(()),
            Err(owner) if owner == *member => Ok(()),
            Err(_) => Err(Errno::NonceRequired),
        }
    }

    /// The lease of a clone.
    pub(super) fn split(&mut self) -> Self {
        let family = self.family.get_or_insert_with(|| Family {
            shared: Arc::new(Shared {
                owner: AtomicU64::new(0),
                members: AtomicU64::new(1),
            }),
            member: 1,
        });
        let member = family.shared.members.fetch_add(1, Ordering::Relaxed) + 1;
        Self {
            family: Some(Family {
                shared: Arc::clone(&family.shared),
                member,
            }),
        }
    }
}
