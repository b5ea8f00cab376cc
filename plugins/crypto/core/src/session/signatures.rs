//! Signatures (`wasi_ephemeral_crypto_signatures`).

use zeroize::Zeroizing;

use super::Session;
use super::array_output::pull;
use crate::asymmetric::{Algorithm, Signature, SigningState, VerificationState};
use crate::{AlgorithmType, Handle, Result, SignatureEncoding};

/// A signature, and how much of its raw form was read: the witx file says that what a state makes is an output, and the
/// specification's text, the WIT file and the bindings that there are use it as a signature, so it serves as both.
pub(crate) struct HeldSignature {
    signature: Signature,
    read: usize,
}

impl HeldSignature {
    fn new(signature: Signature) -> Self {
        Self { signature, read: 0 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.signature.bytes()
    }

    pub(super) fn len(&self) -> usize {
        self.signature.raw().len()
    }

    pub(super) fn pull(&mut self, buf: &mut [u8]) -> usize {
        pull(self.signature.raw(), &mut self.read, buf)
    }

    pub(super) fn is_consumed(&self) -> bool {
        self.read >= self.len()
    }
}

impl Session {
    /// Exports a signature.
    ///
    /// # Errors
    /// `unsupported_encoding`.
    pub fn signature_export(
        &mut self,
        signature: Handle,
        encoding: SignatureEncoding,
    ) -> Result<Handle> {
        let encoded = self
            .table
            .get::<HeldSignature>(signature)?
            .signature
            .export(encoding)?;
        self.insert_output(Zeroizing::new(encoded))
    }

    /// Imports a signature.
    ///
    /// # Errors
    /// `invalid_signature`, `unsupported_algorithm`, `unsupported_encoding`.
    pub fn signature_import(
        &mut self,
        algorithm: &str,
        encoded: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<Handle> {
        let algorithm = Algorithm::parse(AlgorithmType::Signatures, algorithm)?;
        let signature = Signature::import(algorithm, encoded, encoding)?;
        self.table.insert(HeldSignature::new(signature))
    }

    /// Opens a state that collects what is to be signed.
    ///
    /// # Errors
    /// `invalid_handle`, `invalid_key`.
    pub fn signature_state_open(&mut self, kp: Handle) -> Result<Handle> {
        let state = SigningState::new(self.table.get(kp)?)?;
        self.table.insert(state)
    }

    /// Adds data to be signed.
    ///
    /// # Errors
    /// `overflow`.
    pub fn signature_state_update(&mut self, state: Handle, input: &[u8]) -> Result<()> {
        let (state, mut charge) = self.table.growing::<SigningState>(state)?;
        charge.grow(state.growth(input))?;
        state.update(input)
    }

    /// Signs all that was added so far. More can be added, and signed again, afterwards. The handle is that of a signature, which
    /// also can be read as an output.
    ///
    /// # Errors
    /// `invalid_handle`.
    pub fn signature_state_sign(&mut self, state: Handle) -> Result<Handle> {
        let state: &SigningState = self.table.get(state)?;
        self.table.check_room(1, 0)?;
        let signature = state.sign()?;
        self.table.insert(HeldSignature::new(signature))
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_state_close(&mut self, state: Handle) -> Result<()> {
        self.table.close::<SigningState>(state)
    }

    /// Opens a state that collects what was signed.
    ///
    /// # Errors
    /// `invalid_handle`, `invalid_key`.
    pub fn signature_verification_state_open(&mut self, kp: Handle) -> Result<Handle> {
        let state = VerificationState::new(self.table.get(kp)?)?;
        self.table.insert(state)
    }

    /// Adds data that was signed.
    ///
    /// # Errors
    /// `overflow`.
    pub fn signature_verification_state_update(
        &mut self,
        state: Handle,
        input: &[u8],
    ) -> Result<()> {
        let (state, mut charge) = self.table.growing::<VerificationState>(state)?;
        charge.grow(state.growth(input))?;
        state.update(input)
    }

    /// Verifies a signature of all that was added so far.
    ///
    /// # Errors
    /// `verification_failed` when it is not the key's signature of that; `invalid_signature` when it is one of another
    /// algorithm.
    pub fn signature_verification_state_verify(
        &mut self,
        state: Handle,
        signature: Handle,
    ) -> Result<()> {
        let state: &VerificationState = self.table.get(state)?;
        state.verify(&self.table.get::<HeldSignature>(signature)?.signature)
    }

    /// Closes a state.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_verification_state_close(&mut self, state: Handle) -> Result<()> {
        self.table.close::<VerificationState>(state)
    }

    /// Closes a signature.
    ///
    /// # Errors
    /// `closed`, `invalid_handle`.
    pub fn signature_close(&mut self, signature: Handle) -> Result<()> {
        self.table.close::<HeldSignature>(signature)
    }
}
