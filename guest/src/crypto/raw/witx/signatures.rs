//! The module `signatures`.

use super::super::{
    Keypair, Publickey, Result, Signature, SignatureEncoding, SignatureState,
    SignatureVerificationState,
};
use super::{call, pull};

pub(in crate::crypto::raw) fn signature_export(
    signature: &Signature,
    encoding: SignatureEncoding,
) -> Result<Vec<u8>> {
    call!(signature_export(signature.handle(), encoding as u32) -> u32).and_then(pull)
}

pub(in crate::crypto::raw) fn signature_import(
    algorithm: &str,
    encoded: &[u8],
    encoding: SignatureEncoding,
) -> Result<Signature> {
    call!(signature_import(algorithm.as_ptr(), algorithm.len(), encoded.as_ptr(), encoded.len(), encoding as u32) -> u32)
        .map(Signature::owning)
}

pub(in crate::crypto::raw) fn signature_state_open(pair: &Keypair) -> Result<SignatureState> {
    call!(signature_state_open(pair.handle()) -> u32).map(SignatureState::owning)
}

pub(in crate::crypto::raw) fn signature_state_update(
    state: &SignatureState,
    input: &[u8],
) -> Result<()> {
    call!(signature_state_update(
        state.handle(),
        input.as_ptr(),
        input.len()
    ))
}

pub(in crate::crypto::raw) fn signature_state_sign(state: &SignatureState) -> Result<Signature> {
    call!(signature_state_sign(state.handle()) -> u32).map(Signature::owning)
}

pub(in crate::crypto::raw) fn signature_verification_state_open(
    public: &Publickey,
) -> Result<SignatureVerificationState> {
    call!(signature_verification_state_open(public.handle()) -> u32)
        .map(SignatureVerificationState::owning)
}

pub(in crate::crypto::raw) fn signature_verification_state_update(
    state: &SignatureVerificationState,
    input: &[u8],
) -> Result<()> {
    call!(signature_verification_state_update(
        state.handle(),
        input.as_ptr(),
        input.len()
    ))
}

pub(in crate::crypto::raw) fn signature_verification_state_verify(
    state: &SignatureVerificationState,
    signature: &Signature,
) -> Result<()> {
    call!(signature_verification_state_verify(
        state.handle(),
        signature.handle()
    ))
}
