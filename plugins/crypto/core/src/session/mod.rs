//! The functions of WASI-Crypto, a file for each module of witx-0.10.
//!
//! Names and the order of parameters are the specification's. Where its functions take a buffer to be filled, the methods
//! take a slice; where its `nonce` or key is optional, an [`Option`]. What a function returns beside its error code, the
//! method returns.

mod array_output;
mod asymmetric;
mod external_secrets;
mod faces;
mod kx;
pub(crate) mod object;
mod options;
mod secrets;
mod signatures;
mod signatures_batch;
mod symmetric;
mod symmetric_batch;
mod symmetric_managed;

use std::sync::Arc;

pub use self::faces::IDENTIFIER_BYTES;
use self::object::Stored;
pub use self::signatures_batch::VerificationInput;
pub use self::symmetric_batch::{CryptItem, DecryptDetachedItem, SqueezeItem};
use crate::handle::Table;
use crate::{AlgorithmType, Errno, Handle, Options, Result, Shared};

/// What one guest instance has open.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    table: Table,
}

impl Session {
    /// A session with nothing open. Its handles mean nothing in another.
    #[must_use]
    pub fn new(shared: &Arc<Shared>) -> Self {
        let limits = &shared.config().limits;
        let table = Table::new(limits.handles, limits.bytes, shared.session_seed());
        Self {
            shared: Arc::clone(shared),
            table,
        }
    }

    /// How many handles are open.
    #[must_use]
    pub fn open_handles(&self) -> usize {
        self.table.open()
    }

    /// How many bytes the open objects hold, as counted against the limit.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.table.held()
    }

    /// The options of a handle, if there is one.
    ///
    /// # Errors
    /// [`Errno::InvalidHandle`] when the handle has no options of this category.
    fn options_of(
        &self,
        options: Option<Handle>,
        algorithm_type: AlgorithmType,
    ) -> Result<Option<&Options>> {
        let Some(handle) = options else {
            return Ok(None);
        };
        let options: &Options = self.table.get(handle)?;
        if options.algorithm_type() == algorithm_type {
            Ok(Some(options))
        } else {
            Err(Errno::InvalidHandle)
        }
    }

    /// What makes a batch one: it is within the limit, and all states have the same algorithm. A handle that is none of such a
    /// state does not spoil a batch: its own operation fails.
    fn check_batch<T: Stored, A: PartialEq>(
        &self,
        states: impl ExactSizeIterator<Item = Handle>,
        algorithm: impl Fn(&T) -> A,
    ) -> Result<()> {
        if states.len() > self.shared.config().limits.batch {
            return Err(Errno::Overflow);
        }
        let mut algorithms = states
            .filter_map(|state| self.table.get(state).ok())
            .map(algorithm);
        let first = algorithms.next();
        if algorithms.all(|algorithm| Some(algorithm) == first) {
            Ok(())
        } else {
            Err(Errno::UnsupportedFeature)
        }
    }
}
