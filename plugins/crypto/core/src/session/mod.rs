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

use std::sync::Arc;

pub use self::faces::IDENTIFIER_BYTES;
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

fn seed() -> Result<[u64; 2]> {
    let mut seed = [0; 2];
    for word in &mut seed {
        *word = u64::from_le_bytes(random::array()?);
    }
    Ok(seed)
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
}
