//! The modules `signatures_batch` and `symmetric_batch`.

use super::super::{
    Result, Signature, SignatureEncoding, SignatureState, SignatureVerificationState,
    SymmetricState, SymmetricTag, signature_export,
};
use super::imports::{self, Crypt, CryptDetached, Outcome, Squeeze, Verification};
use super::{check, symmetric_state_max_tag_len};

/// Calls a batch function, which writes a result for each operation.
macro_rules! batch {
    ($function:ident($batch:expr) -> $type:ty) => {{
        let batch = $batch;
        let mut results = vec![<$type>::default(); batch.len()];
        // SAFETY: see the top of `witx.rs`; there are as many results as operations, and the buffers that the operations name
        // are alive.
        let done =
            unsafe { imports::$function(batch.as_ptr(), batch.len(), results.as_mut_ptr()) };
        check(done).map(|()| results)
    }};
}

pub(in crate::crypto::raw) fn batch_signature_state_sign(
    states: &[&SignatureState],
) -> Result<Vec<Result<Vec<u8>>>> {
    let states: Vec<u32> = states.iter().map(|state| state.handle()).collect();
    let outcomes = batch!(batch_signature_state_sign(&states) -> Outcome)?;
    let signature = |outcome: Outcome| {
        check(outcome.error.into())?;
        signature_export(&Signature::owning(outcome.value), SignatureEncoding::Raw)
    };
    Ok(outcomes.into_iter().map(signature).collect())
}

pub(in crate::crypto::raw) fn batch_signature_state_verify(
    states: &[(&SignatureVerificationState, &Signature)],
) -> Result<Vec<Result<()>>> {
    let inputs = states.iter().map(|(state, signature)| Verification {
        state: state.handle(),
        signature: signature.handle(),
    });
    let inputs: Vec<Verification> = inputs.collect();
    let errors = batch!(batch_signature_state_verify(&inputs) -> u16)?;
    Ok(errors
        .into_iter()
        .map(|error| check(error.into()))
        .collect())
}

pub(in crate::crypto::raw) fn batch_symmetric_state_squeeze(
    batch: &[(&SymmetricState, usize)],
) -> Result<Vec<Result<Vec<u8>>>> {
    let mut outs: Vec<Vec<u8>> = batch.iter().map(|(_, length)| vec![0; *length]).collect();
    let inputs = batch
        .iter()
        .zip(&mut outs)
        .map(|((state, _), out)| Squeeze {
            state: state.handle(),
            out: out.as_mut_ptr(),
            out_len: out.len(),
        });
    let inputs: Vec<Squeeze> = inputs.collect();
    let errors = batch!(batch_symmetric_state_squeeze(&inputs) -> u16)?;
    let results = errors.into_iter().zip(outs);
    Ok(results
        .map(|(error, out)| check(error.into()).map(|()| out))
        .collect())
}

pub(in crate::crypto::raw) fn batch_symmetric_state_squeeze_tag(
    states: &[&SymmetricState],
) -> Result<Vec<Result<SymmetricTag>>> {
    let states: Vec<u32> = states.iter().map(|state| state.handle()).collect();
    let outcomes = batch!(batch_symmetric_state_squeeze_tag(&states) -> Outcome)?;
    let tag = |outcome: Outcome| {
        check(outcome.error.into()).map(|()| SymmetricTag::owning(outcome.value))
    };
    Ok(outcomes.into_iter().map(tag).collect())
}

/// What encrypts or decrypts from one buffer into another.
fn crypt((state, data): &(&SymmetricState, &[u8]), out: &mut Vec<u8>) -> Crypt {
    Crypt {
        state: state.handle(),
        out: out.as_mut_ptr(),
        out_len: out.len(),
        data: data.as_ptr(),
        data_len: data.len(),
    }
}

/// The lengths that the operations of a batch gave, with the buffers that they filled.
fn filled(outcomes: Vec<Outcome>, outs: Vec<Vec<u8>>) -> Vec<Result<Vec<u8>>> {
    let results = outcomes.into_iter().zip(outs);
    results
        .map(|(outcome, mut out)| {
            check(outcome.error.into())?;
            out.truncate(outcome.value as usize);
            Ok(out)
        })
        .collect()
}

/// By how much ciphertexts of these states are longer than plaintexts. They are of one algorithm.
fn overhead(first: Option<&SymmetricState>) -> Result<usize> {
    first.map_or(Ok(0), symmetric_state_max_tag_len)
}

pub(in crate::crypto::raw) fn batch_symmetric_state_encrypt(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let overhead = overhead(batch.first().map(|(state, _)| *state))?;
    let outs = batch.iter().map(|(_, data)| vec![0; data.len() + overhead]);
    let mut outs: Vec<Vec<u8>> = outs.collect();
    let inputs = batch.iter().zip(&mut outs);
    let inputs: Vec<Crypt> = inputs.map(|(input, out)| crypt(input, out)).collect();
    let outcomes = batch!(batch_symmetric_state_encrypt(&inputs) -> Outcome)?;
    Ok(filled(outcomes, outs))
}

pub(in crate::crypto::raw) fn batch_symmetric_state_encrypt_detached(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<(Vec<u8>, SymmetricTag)>>> {
    let mut outs: Vec<Vec<u8>> = batch.iter().map(|(_, data)| vec![0; data.len()]).collect();
    let inputs = batch.iter().zip(&mut outs);
    let inputs: Vec<Crypt> = inputs.map(|(input, out)| crypt(input, out)).collect();
    let outcomes = batch!(batch_symmetric_state_encrypt_detached(&inputs) -> Outcome)?;
    let results = outcomes.into_iter().zip(outs);
    Ok(results
        .map(|(outcome, out)| {
            check(outcome.error.into()).map(|()| (out, SymmetricTag::owning(outcome.value)))
        })
        .collect())
}

pub(in crate::crypto::raw) fn batch_symmetric_state_decrypt(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let overhead = overhead(batch.first().map(|(state, _)| *state))?;
    // What is too short to have a tag, the host refuses.
    let outs = batch
        .iter()
        .map(|(_, data)| vec![0; data.len().saturating_sub(overhead)]);
    let mut outs: Vec<Vec<u8>> = outs.collect();
    let inputs = batch.iter().zip(&mut outs);
    let inputs: Vec<Crypt> = inputs.map(|(input, out)| crypt(input, out)).collect();
    let outcomes = batch!(batch_symmetric_state_decrypt(&inputs) -> Outcome)?;
    Ok(filled(outcomes, outs))
}

pub(in crate::crypto::raw) fn batch_symmetric_state_decrypt_detached(
    batch: &[(&SymmetricState, &[u8], &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let outs = batch.iter().map(|(_, data, _)| vec![0; data.len()]);
    let mut outs: Vec<Vec<u8>> = outs.collect();
    let inputs = batch.iter().zip(&mut outs);
    let inputs = inputs.map(|((state, data, tag), out)| CryptDetached {
        crypt: crypt(&(*state, *data), out),
        tag: tag.as_ptr(),
        tag_len: tag.len(),
    });
    let inputs: Vec<CryptDetached> = inputs.collect();
    let outcomes = batch!(batch_symmetric_state_decrypt_detached(&inputs) -> Outcome)?;
    Ok(filled(outcomes, outs))
}
