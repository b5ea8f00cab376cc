//! The module `signatures`.

use super::functions;
use super::{
    Keypair, Publickey, Signature, SignatureEncoding, SignatureState, SignatureVerificationState,
};

functions! {
    /// Writes a signature.
    fn signature_export(signature: &Signature, encoding: SignatureEncoding) -> Vec<u8>;

    /// Reads a signature.
    fn signature_import(algorithm: &str, encoded: &[u8], encoding: SignatureEncoding) -> Signature;

    /// Begins a message that is to be signed.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let pair = keypair_generate(AlgorithmType::Signatures, "Ed25519", None)?;
    /// let state = signature_state_open(&pair)?;
    /// signature_state_update(&state, b"in two ")?;
    /// signature_state_update(&state, b"parts")?;
    /// let signature = signature_state_sign(&state)?;
    ///
    /// let state = signature_verification_state_open(&keypair_publickey(&pair)?)?;
    /// signature_verification_state_update(&state, b"in two parts")?;
    /// signature_verification_state_verify(&state, &signature)?;
    ///
    /// let bytes = signature_export(&signature, SignatureEncoding::Raw)?;
    /// signature_import("Ed25519", &bytes, SignatureEncoding::Raw)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn signature_state_open(pair: &Keypair) -> SignatureState;

    /// Adds to the message.
    fn signature_state_update(state: &SignatureState, input: &[u8]) -> ();

    /// Signs the message so far.
    fn signature_state_sign(state: &SignatureState) -> Signature;

    /// Begins a message whose signature is to be verified.
    fn signature_verification_state_open(public: &Publickey) -> SignatureVerificationState;

    /// Adds to the message.
    fn signature_verification_state_update(state: &SignatureVerificationState, input: &[u8]) -> ();

    /// Verifies a signature of the message so far.
    fn signature_verification_state_verify(state: &SignatureVerificationState, signature: &Signature) -> ();
}
