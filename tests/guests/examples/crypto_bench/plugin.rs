//! With the host's plugin, through the SDK.

use std::hint::black_box;

use c12_bench_crypto::{
    Algorithm, Call, Calls, ED25519, Failure, KEY, Known, NONCE, Operation, P256, Way, Work,
    bytes_of_hex, message,
};
use c12_wasm::crypto::{
    Aead, Aes256Gcm, Blake3, ChaCha20Poly1305, EcdsaP256, Ed25519, Hash, Key, KeypairEncoding,
    Nonce, PublickeyEncoding, Sha256, Signature, SignatureAlgorithm, SigningKey, VerifyingKey,
    hash,
};

use crate::many;

pub(crate) struct Plugin;

impl Way for Plugin {
    fn prepare(&self, operation: Operation) -> Result<Call, Failure> {
        if operation.calls != Calls::One {
            return many::prepare(operation);
        }
        let bytes = operation.bytes;
        match (operation.algorithm, operation.work) {
            (Algorithm::Aes256Gcm, work) => encryption::<Aes256Gcm>(work, bytes),
            (Algorithm::ChaCha20Poly1305, work) => encryption::<ChaCha20Poly1305>(work, bytes),
            (Algorithm::Sha256, _) => Ok(hashing::<Sha256>(bytes)),
            (Algorithm::Blake3, _) => Ok(hashing::<Blake3>(bytes)),
            (Algorithm::Ed25519, work) => signature(ed25519()?, ED25519, work),
            (Algorithm::EcdsaP256, work) => signature(p256()?, P256, work),
        }
    }
}

fn encryption<A: Aead + 'static>(work: Work, bytes: usize) -> Result<Call, Failure> {
    let key = Key::<A>::import(&KEY)?;
    let message = message(bytes);
    let nonce = Nonce::<A>::from_bytes(&NONCE)?;
    if work == Work::Seal {
        return Ok(Box::new(move |output| {
            let nonce = Nonce::from_bytes(&NONCE)?;
            *output = key.seal_with(nonce, black_box(&message), b"")?;
            Ok(())
        }));
    }
    let sealed = key.seal_with(Nonce::from_bytes(&NONCE)?, &message, b"")?;
    Ok(Box::new(move |output| {
        *output = key.open_with(&nonce, black_box(&sealed), b"")?;
        Ok(())
    }))
}

fn hashing<H: Hash + 'static>(bytes: usize) -> Call {
    let message = message(bytes);
    Box::new(move |output| {
        *output = hash::<H>(black_box(&message))?;
        Ok(())
    })
}

/// The published key pair.
pub(crate) fn ed25519() -> Result<SigningKey<Ed25519>, Failure> {
    let pair = [ED25519.secret, ED25519.public].concat();
    let pair = bytes_of_hex(&pair)?;
    Ok(SigningKey::import(&pair, KeypairEncoding::Raw)?)
}

/// The published key pair.
pub(crate) fn p256() -> Result<SigningKey<EcdsaP256>, Failure> {
    let scalar = bytes_of_hex(P256.secret)?;
    Ok(SigningKey::import(&scalar, KeypairEncoding::Raw)?)
}

fn signature<A: SignatureAlgorithm + 'static>(
    key: SigningKey<A>,
    known: Known,
    work: Work,
) -> Result<Call, Failure> {
    let message = bytes_of_hex(known.message)?;
    let verifying = VerifyingKey::<A>::import(
        &bytes_of_hex(known.public)?,
        if known.public.len() == 64 {
            PublickeyEncoding::Raw
        } else {
            PublickeyEncoding::Sec
        },
    )?;
    let signature = bytes_of_hex(known.signature)?;
    // Whoever takes the published signature and refuses another's knows whether its own is right.
    verifying.verify(&message, &Signature::from_bytes(&signature)?)?;
    if verifying
        .verify(b"", &Signature::from_bytes(&signature)?)
        .is_ok()
    {
        return Err("a wrong signature is accepted".into());
    }
    verifying.verify(&message, &key.sign(&message)?)?;
    if work == Work::Sign {
        return Ok(Box::new(move |output| {
            *output = key.sign(black_box(&message))?.to_bytes()?;
            Ok(())
        }));
    }
    Ok(Box::new(move |output| {
        let signature = Signature::from_bytes(black_box(&signature))?;
        verifying.verify(black_box(&message), &signature)?;
        *output = vec![1];
        Ok(())
    }))
}
