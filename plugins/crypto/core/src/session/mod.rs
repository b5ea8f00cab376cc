//! The functions of WASI-Crypto, a file for each module of witx-0.10.
//!
//! Names and the order of parameters are the specification's. Where its functions take a buffer to be filled, the methods
//! take a slice; where its `nonce` or key is optional, an [`Option`]. What a function returns beside its error code, the
//! method returns.

mod array_output;
mod asymmetric;
mod batch;
mod external_secrets;
mod faces;
mod kx;
pub(crate) mod object;
mod options;
mod secrets;
mod signatures;
mod symmetric;
mod symmetric_managed;

use std::sync::Arc;

pub use self::faces::{IDENTIFIER_BYTES, LONG};
use crate::handle::Table;
use crate::{AlgorithmType, Errno, Handle, Limits, Options, Result, Shared};

/// What one guest instance has open.
#[derive(Debug)]
pub struct Session {
    shared: Arc<Shared>,
    /// The configuration's, or less.
    limits: Limits,
    table: Table,
}

impl Session {
    /// A session with nothing open. Its handles mean nothing in another.
    #[must_use]
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self::of(shared, shared.config().limits.clone())
    }

    fn of(shared: &Arc<Shared>, limits: Limits) -> Self {
        let table = Table::new(limits.handles, limits.bytes, shared.session_seed());
        Self {
            shared: Arc::clone(shared),
            limits,
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
}
