//! With the algorithms of RustCrypto and dalek, compiled into this program.

use std::hint::black_box;

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::{AeadInPlace, KeyInit, Tag};
use c12_bench_crypto::{
    Algorithm, Call, Calls, ED25519, Failure, KEY, NONCE, Operation, P256, TAG_BYTES, Way, Work,
    bytes_of_hex, message,
};
use p256::ecdsa::signature::{Signer, Verifier};
use sha2::Digest;

pub(crate) struct Wasm;

impl Way for Wasm {
    fn prepare(&self, operation: Operation) -> Result<Call, Failure> {
        if operation.calls != Calls::One {
            return Err("there are no batches".into());
        }
        let (work, bytes) = (operation.work, operation.bytes);
        match operation.algorithm {
            Algorithm::Aes256Gcm => encryption(aes_gcm::Aes256Gcm::new(&KEY.into()), work, bytes),
            Algorithm::ChaCha20Poly1305 => {
                let cipher = chacha20poly1305::ChaCha20Poly1305::new(&KEY.into());
                encryption(cipher, work, bytes)
            }
            Algorithm::Sha256 => Ok(hashing(bytes, |message, output| {
                output.extend_from_slice(&sha2::Sha256::digest(message));
            })),
            Algorithm::Blake3 => Ok(hashing(bytes, |message, output| {
                output.extend_from_slice(blake3::hash(message).as_bytes());
            })),
            Algorithm::Ed25519 => ed25519(work),
            Algorithm::EcdsaP256 => p256(work),
        }
    }
}

fn encryption<C>(cipher: C, work: Work, bytes: usize) -> Result<Call, Failure>
where
    C: AeadInPlace<NonceSize = U12, TagSize = U16> + 'static,
{
    let message = message(bytes);
    if work == Work::Seal {
        return Ok(Box::new(move |output| {
            seal(&cipher, black_box(&message), output)
        }));
    }
    let mut sealed = Vec::new();
    seal(&cipher, &message, &mut sealed)?;
    Ok(Box::new(move |output| {
        let (ciphertext, tag) = black_box(&sealed).split_at(bytes);
        output.clear();
        output.extend_from_slice(ciphertext);
        cipher
            .decrypt_in_place_detached(&NONCE.into(), b"", output, Tag::from_slice(tag))
            .map_err(said)
    }))
}

/// These work in place only, so a copy is part of it.
fn seal<C>(cipher: &C, message: &[u8], output: &mut Vec<u8>) -> Result<(), Failure>
where
    C: AeadInPlace<NonceSize = U12, TagSize = U16>,
{
    output.clear();
    output.reserve(message.len() + TAG_BYTES);
    output.extend_from_slice(message);
    let tag = cipher
        .encrypt_in_place_detached(&NONCE.into(), b"", output)
        .map_err(said)?;
    output.extend_from_slice(&tag);
    Ok(())
}

fn said(error: impl std::fmt::Display) -> Failure {
    error.to_string().into()
}

fn hashing(bytes: usize, hash: fn(&[u8], &mut Vec<u8>)) -> Call {
    let message = message(bytes);
    Box::new(move |output| {
        output.clear();
        hash(black_box(&message), output);
        Ok(())
    })
}

fn ed25519(work: Work) -> Result<Call, Failure> {
    let seed = bytes_of_hex(ED25519.secret)?;
    let key = ed25519_dalek::SigningKey::from_bytes(seed.as_slice().try_into()?);
    let public = bytes_of_hex(ED25519.public)?;
    let verifying =
        ed25519_dalek::VerifyingKey::from_bytes(public.as_slice().try_into()?).map_err(said)?;
    let message = bytes_of_hex(ED25519.message)?;
    let signature = bytes_of_hex(ED25519.signature)?;
    if key.sign(&message).to_bytes() != *signature {
        return Err("the signature is not the published one".into());
    }
    if work == Work::Sign {
        return Ok(Box::new(move |output| {
            output.clear();
            output.extend_from_slice(&key.sign(black_box(&message)).to_bytes());
            Ok(())
        }));
    }
    Ok(Box::new(move |output| {
        let signature =
            ed25519_dalek::Signature::from_slice(black_box(&signature)).map_err(said)?;
        verifying
            .verify(black_box(&message), &signature)
            .map_err(said)?;
        *output = vec![1];
        Ok(())
    }))
}

fn p256(work: Work) -> Result<Call, Failure> {
    use p256::ecdsa::{Signature, SigningKey, VerifyingKey};

    let key = SigningKey::from_slice(&bytes_of_hex(P256.secret)?).map_err(said)?;
    let verifying = VerifyingKey::from_sec1_bytes(&bytes_of_hex(P256.public)?).map_err(said)?;
    let message = bytes_of_hex(P256.message)?;
    let signature = bytes_of_hex(P256.signature)?;
    let made: Signature = key.sign(&message);
    if *made.to_bytes() != *signature {
        return Err("the signature is not the published one".into());
    }
    if work == Work::Sign {
        return Ok(Box::new(move |output| {
            let signature: Signature = key.sign(black_box(&message));
            output.clear();
            output.extend_from_slice(&signature.to_bytes());
            Ok(())
        }));
    }
    Ok(Box::new(move |output| {
        let signature = Signature::from_slice(black_box(&signature)).map_err(said)?;
        verifying
            .verify(black_box(&message), &signature)
            .map_err(said)?;
        *output = vec![1];
        Ok(())
    }))
}
