//! What faces need beside the specification's functions.

use std::sync::Arc;

use super::Session;
use super::array_output::ArrayOutput;
use crate::handle::Table;
use crate::options::OUTPUT_LEN;
use crate::secrets::SecretId;
use crate::symmetric::SymmetricState;
use crate::symmetric::algorithm::{Hash, Scheme};
use crate::{Errno, Handle, Result, Shared};

/// How long identifiers of stored keys and secrets are.
pub const IDENTIFIER_BYTES: usize = SecretId::LEN;

impl Session {
    /// As [`Session::new`], with at most so many handles and bytes where the configuration allows more.
    #[must_use]
    pub fn with_limits(shared: &Arc<Shared>, handles: usize, bytes: usize) -> Self {
        let limits = &shared.config().limits;
        let (handles, bytes) = (limits.handles.min(handles), limits.bytes.min(bytes));
        let table = Table::new(handles, bytes, shared.session_seed());
        Self {
            shared: Arc::clone(shared),
            table,
        }
    }

    /// Closes an output, read or not.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn array_output_close(&mut self, array_output: Handle) -> Result<()> {
        self.table.close::<ArrayOutput>(array_output)
    }

    /// How many bytes are squeezed by a function that has no parameter for it: as many as the option `output_len` says, or else
    /// all of a hash, and 32 of what has no end.
    ///
    /// # Errors
    /// `overflow` for more than a session may hold; `invalid_operation` for what is not squeezed; `invalid_handle`.
    pub fn symmetric_state_squeeze_len(&self, handle: Handle) -> Result<usize> {
        let state = self.table.get::<SymmetricState>(handle)?;
        if let Ok(len) = state.option_u64(OUTPUT_LEN) {
            let len = usize::try_from(len).map_err(|_| Errno::Overflow)?;
            let most = self.shared.config().limits.bytes;
            return if len <= most {
                Ok(len)
            } else {
                Err(Errno::Overflow)
            };
        }
        match state.algorithm().scheme() {
            Scheme::Hash(hash) => Ok(match hash {
                Hash::Sha256 | Hash::Sha512Of256 | Hash::Sha3Of256 | Hash::Blake2b256 => 32,
                Hash::Sha384 | Hash::Sha3Of384 => 48,
                Hash::Sha512 | Hash::Sha3Of512 | Hash::Blake2b512 => 64,
            }),
            Scheme::HkdfExpand(hash) => Ok(hash.digest_len()),
            Scheme::Blake3 | Scheme::Ctr | Scheme::Password(_) | Scheme::Xoodyak => Ok(32),
            Scheme::Aead(_) | Scheme::Hmac(_) | Scheme::Cmac | Scheme::HkdfExtract(_) => {
                Err(Errno::InvalidOperation)
            }
        }
    }

    /// Whether squeezing takes long: from what stretches passwords.
    #[must_use]
    pub fn symmetric_state_is_slow(&self, handle: Handle) -> bool {
        let state = self.table.get::<SymmetricState>(handle);
        state.is_ok_and(|state| matches!(state.algorithm().scheme(), Scheme::Password(_)))
    }
}
