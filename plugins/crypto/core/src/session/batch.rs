//! Many operations at once (`wasi_ephemeral_crypto_signatures_batch`, `wasi_ephemeral_crypto_symmetric_batch`).
//!
//! A face asks here whether its states make a batch, and then does the single operation for each: it alone knows when it is
//! others' turn, and has no slices of all inputs and outputs at a time.

use super::Session;
use super::object::Stored;
use crate::asymmetric::{SigningState, VerificationState};
use crate::symmetric::SymmetricState;
use crate::{Errno, Handle, Result};

impl Session {
    /// Checks what makes a batch of symmetric operations one: that it is within the limit and that all states have the same
    /// algorithm.
    ///
    /// # Errors
    /// `unsupported_feature`, `overflow`.
    pub fn batch_symmetric_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states, SymmetricState::algorithm)
    }

    /// The same for signatures.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_check`].
    pub fn batch_signature_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states, SigningState::algorithm)
    }

    /// The same for states of verification.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_check`].
    pub fn batch_signature_verification_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states, VerificationState::algorithm)
    }

    /// A handle that is none of such a state does not spoil a batch: its own operation fails.
    fn check_batch<T: Stored, A: PartialEq>(
        &self,
        states: &[Handle],
        algorithm: impl Fn(&T) -> A,
    ) -> Result<()> {
        if states.len() > self.limits.batch {
            return Err(Errno::Overflow);
        }
        let mut algorithms = states
            .iter()
            .filter_map(|state| self.table.get(*state).ok())
            .map(algorithm);
        let first = algorithms.next();
        if algorithms.all(|algorithm| Some(algorithm) == first) {
            Ok(())
        } else {
            Err(Errno::UnsupportedFeature)
        }
    }
}
