//! Many signatures at once (`wasi_ephemeral_crypto_signatures_batch`).

use super::Session;
use crate::asymmetric::{SigningState, VerificationState};
use crate::{Handle, Result};

/// A state of verification, and the signature to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerificationInput {
    /// The state (`signature_verification_state`).
    pub state: Handle,
    /// The signature.
    pub signature: Handle,
}

impl Session {
    /// Checks what makes a batch of signatures one: that it is within the limit and that all states have the same algorithm.
    /// A face that has no slices of all inputs at a time calls this, and then the single operation for each.
    ///
    /// # Errors
    /// `unsupported_feature`, `overflow`.
    pub fn batch_signature_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states.iter().copied(), SigningState::algorithm)
    }

    /// The same for states of verification.
    ///
    /// # Errors
    /// As [`Session::batch_signature_state_check`].
    pub fn batch_signature_verification_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states.iter().copied(), VerificationState::algorithm)
    }

    /// Signs with each state.
    ///
    /// # Errors
    /// `unsupported_feature` when the states are not of one algorithm; `overflow` when they are too many.
    pub fn batch_signature_state_sign(&mut self, states: &[Handle]) -> Result<Vec<Result<Handle>>> {
        self.batch_signature_state_check(states)?;
        Ok(states
            .iter()
            .map(|state| self.signature_state_sign(*state))
            .collect())
    }

    /// Verifies each signature with its state.
    ///
    /// # Errors
    /// As [`Session::batch_signature_state_sign`].
    pub fn batch_signature_state_verify(
        &mut self,
        states: &[VerificationInput],
    ) -> Result<Vec<Result<()>>> {
        self.check_batch(
            states.iter().map(|input| input.state),
            VerificationState::algorithm,
        )?;
        Ok(states
            .iter()
            .map(|input| self.signature_verification_state_verify(input.state, input.signature))
            .collect())
    }
}
