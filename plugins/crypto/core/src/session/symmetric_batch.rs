//! Many operations at once (`wasi_ephemeral_crypto_symmetric_batch`).

use super::Session;
use crate::symmetric::SymmetricState;
use crate::{Handle, Result};

/// A state, and what is filled from it.
#[derive(Debug)]
pub struct SqueezeItem<'a> {
    /// The state.
    pub state: Handle,
    /// What is filled.
    pub out: &'a mut [u8],
}

/// A state, and what it encrypts or decrypts.
#[derive(Debug)]
pub struct CryptItem<'a> {
    /// The state.
    pub state: Handle,
    /// The output.
    pub out: &'a mut [u8],
    /// The input.
    pub data: &'a [u8],
}

/// A state, what it decrypts, and the tag.
#[derive(Debug)]
pub struct DecryptDetachedItem<'a> {
    /// The state.
    pub state: Handle,
    /// The output.
    pub out: &'a mut [u8],
    /// The input, without its tag.
    pub data: &'a [u8],
    /// The tag.
    pub raw_tag: &'a [u8],
}

impl Session {
    /// Checks what makes a batch one: that it is within the limit and that all states have the same algorithm. A face that has
    /// no slices of all inputs at a time calls this, and then the single operation for each.
    ///
    /// # Errors
    /// `unsupported_feature`, `overflow`.
    pub fn batch_symmetric_state_check(&mut self, states: &[Handle]) -> Result<()> {
        self.check_batch(states.iter().copied(), SymmetricState::algorithm)
    }

    /// Squeezes bytes from each state.
    ///
    /// # Errors
    /// `unsupported_feature` when the states are not of one algorithm; `overflow` when they are too many.
    pub fn batch_symmetric_state_squeeze(
        &mut self,
        batch: &mut [SqueezeItem<'_>],
    ) -> Result<Vec<Result<()>>> {
        self.check_batch(
            batch.iter().map(|item| item.state),
            SymmetricState::algorithm,
        )?;
        Ok(batch
            .iter_mut()
            .map(|item| self.symmetric_state_squeeze(item.state, item.out))
            .collect())
    }

    /// A tag from each state.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_squeeze`].
    pub fn batch_symmetric_state_squeeze_tag(
        &mut self,
        states: &[Handle],
    ) -> Result<Vec<Result<Handle>>> {
        self.check_batch(states.iter().copied(), SymmetricState::algorithm)?;
        Ok(states
            .iter()
            .map(|state| self.symmetric_state_squeeze_tag(*state))
            .collect())
    }

    /// Encrypts with each state.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_squeeze`].
    pub fn batch_symmetric_state_encrypt(
        &mut self,
        batch: &mut [CryptItem<'_>],
    ) -> Result<Vec<Result<usize>>> {
        self.check_batch(
            batch.iter().map(|item| item.state),
            SymmetricState::algorithm,
        )?;
        Ok(batch
            .iter_mut()
            .map(|item| self.symmetric_state_encrypt(item.state, item.out, item.data))
            .collect())
    }

    /// Encrypts with each state; the tags apart.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_squeeze`].
    pub fn batch_symmetric_state_encrypt_detached(
        &mut self,
        batch: &mut [CryptItem<'_>],
    ) -> Result<Vec<Result<Handle>>> {
        self.check_batch(
            batch.iter().map(|item| item.state),
            SymmetricState::algorithm,
        )?;
        Ok(batch
            .iter_mut()
            .map(|item| self.symmetric_state_encrypt_detached(item.state, item.out, item.data))
            .collect())
    }

    /// Decrypts with each state.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_squeeze`].
    pub fn batch_symmetric_state_decrypt(
        &mut self,
        batch: &mut [CryptItem<'_>],
    ) -> Result<Vec<Result<usize>>> {
        self.check_batch(
            batch.iter().map(|item| item.state),
            SymmetricState::algorithm,
        )?;
        Ok(batch
            .iter_mut()
            .map(|item| self.symmetric_state_decrypt(item.state, item.out, item.data))
            .collect())
    }

    /// Decrypts with each state; the tags apart.
    ///
    /// # Errors
    /// As [`Session::batch_symmetric_state_squeeze`].
    pub fn batch_symmetric_state_decrypt_detached(
        &mut self,
        batch: &mut [DecryptDetachedItem<'_>],
    ) -> Result<Vec<Result<usize>>> {
        self.check_batch(
            batch.iter().map(|item| item.state),
            SymmetricState::algorithm,
        )?;
        Ok(batch
            .iter_mut()
            .map(|item| {
                self.symmetric_state_decrypt_detached(item.state, item.out, item.data, item.raw_tag)
            })
            .collect())
    }
}
