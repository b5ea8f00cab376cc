//! What faces need beside the specification's functions.

use std::sync::Arc;

use super::Session;
use super::array_output::ArrayOutput;
use crate::handle::Table;
use crate::{Errno, Handle, Result, Shared};

/// How long identifiers of stored keys and secrets are.
pub const IDENTIFIER_BYTES: usize = 16;

impl Session {
    /// As [`Session::new`], with at most so many handles and bytes where the configuration allows more.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn with_limits(shared: &Arc<Shared>, handles: usize, bytes: usize) -> Result<Self> {
        let limits = &shared.config().limits;
        let (handles, bytes) = (limits.handles.min(handles), limits.bytes.min(bytes));
        let mut session = Self::new(shared)?;
        session.table = Table::new(handles, bytes, super::seed()?);
        Ok(session)
    }

    /// Closes an output, read or not.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn array_output_close(&mut self, array_output: Handle) -> Result<()> {
        self.table.close::<ArrayOutput>(array_output)
    }

    /// How many bytes are squeezed for those who do not say how many.
    ///
    /// # Errors
    /// `invalid_operation`.
    pub fn symmetric_state_squeeze_len(&self, handle: Handle) -> Result<usize> {
        let _ = (handle,);
        Err(Errno::NotImplemented)
    }

    /// Whether squeezing takes long.
    #[must_use]
    pub fn symmetric_state_is_slow(&self, handle: Handle) -> bool {
        let _ = (handle,);
        false
    }
}
