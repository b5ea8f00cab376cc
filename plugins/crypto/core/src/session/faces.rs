//! What faces need beside the specification's functions.

use std::sync::Arc;

use super::Session;
use super::array_output::ArrayOutput;
use crate::asymmetric::{SigningState, VerificationState};
use crate::options::OUTPUT_LEN;
use crate::secrets::SecretId;
use crate::symmetric::SymmetricState;
use crate::symmetric::algorithm::Scheme;
use crate::{Errno, Handle, Result, Shared};

/// About as many bytes as a cipher gets through in some milliseconds. One operation on more takes long.
pub const LONG: usize = 4 << 20;

/// How long identifiers of stored keys and secrets are.
pub const IDENTIFIER_BYTES: usize = SecretId::LEN;

impl Session {
    /// As [`Session::new`], with at most so many handles and bytes where the configuration allows more. No password function
    /// takes more bytes either.
    #[must_use]
    pub fn with_limits(shared: &Arc<Shared>, handles: usize, bytes: usize) -> Self {
        let mut limits = shared.config().limits.clone();
        limits.handles = limits.handles.min(handles);
        limits.password_memory = limits.password_memory.min(bytes as u64);
        limits.bytes = limits.bytes.min(bytes);
        Self::of(shared, limits)
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
            return if len <= self.limits.bytes {
                Ok(len)
            } else {
                Err(Errno::Overflow)
            };
        }
        match state.algorithm().scheme() {
            Scheme::Hash(hash) => Ok(hash.digest_len()),
            Scheme::HkdfExpand(hash) => Ok(hash.digest_len()),
            Scheme::Blake3 | Scheme::Ctr | Scheme::Password(_) | Scheme::Xoodyak => Ok(32),
            Scheme::Aead(_) | Scheme::Hmac(_) | Scheme::Cmac | Scheme::HkdfExtract(_) => {
                Err(Errno::InvalidOperation)
            }
        }
    }

    /// Whether what is made of a state takes long: of what stretches passwords, and of states that keep much of what they
    /// absorbed, all of which is read then.
    #[must_use]
    pub fn symmetric_state_is_slow(&self, handle: Handle) -> bool {
        let state = self.table.get::<SymmetricState>(handle);
        state.is_ok_and(|state| match state.algorithm().scheme() {
            Scheme::Password(_) => true,
            // Every one of up to 255 blocks begins with it.
            Scheme::HkdfExpand(_) => state.bytes() > LONG / 256,
            _ => state.bytes() > LONG,
        })
    }

    /// Whether it is the same for a state to absorb data at once or piece by piece.
    #[must_use]
    pub fn symmetric_state_absorbs_pieces(&self, handle: Handle) -> bool {
        let state = self.table.get::<SymmetricState>(handle);
        state.is_ok_and(|state| {
            matches!(
                state.algorithm().scheme(),
                Scheme::Hash(_) | Scheme::Blake3 | Scheme::Hmac(_) | Scheme::Cmac
            )
        })
    }

    /// The same for what is to be signed.
    #[must_use]
    pub fn signature_state_absorbs_pieces(&self, handle: Handle) -> bool {
        let state = self.table.get::<SigningState>(handle);
        state.is_ok_and(|state| state.growth(&[0]) == 0)
    }

    /// The same for what was signed.
    #[must_use]
    pub fn signature_verification_state_absorbs_pieces(&self, handle: Handle) -> bool {
        let state = self.table.get::<VerificationState>(handle);
        state.is_ok_and(|state| state.growth(&[0]) == 0)
    }

    /// How many bytes of a message are read when it is signed; not those that were hashed before.
    #[must_use]
    pub fn signature_state_len(&self, handle: Handle) -> usize {
        let state = self.table.get::<SigningState>(handle);
        state.map_or(0, SigningState::message_len)
    }

    /// The same for a signature that is verified.
    #[must_use]
    pub fn signature_verification_state_len(&self, handle: Handle) -> usize {
        let state = self.table.get::<VerificationState>(handle);
        state.map_or(0, VerificationState::message_len)
    }
}
