//! `crypto_native BATCHES MILLISECONDS OPERATION…`: computes the operations of `c12-bench-crypto` with the libraries that the
//! plugin `crypto` calls, called directly: from buffers that are there into buffers that are there.

use std::hint::black_box;
use std::process::ExitCode;

use aws_lc_rs::aead::{AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519 as ED25519_VERIFYING,
    EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, VerificationAlgorithm,
};
use c12_bench_crypto::{
    Algorithm, Call, Calls, ED25519, Failure, KEY, Known, NONCE, Operation, P256, TAG_BYTES, Way,
    Work, bytes_of_hex, message,
};

struct Native;

impl Way for Native {
    fn prepare(&self, operation: Operation) -> Result<Call, Failure> {
        if operation.calls != Calls::One {
            return Err("there are no batches".into());
        }
        let (work, bytes) = (operation.work, operation.bytes);
        match operation.algorithm {
            Algorithm::Aes256Gcm => encryption(&AES_256_GCM, work, bytes),
            Algorithm::ChaCha20Poly1305 => encryption(&CHACHA20_POLY1305, work, bytes),
            Algorithm::Sha256 => Ok(hashing(bytes, |message, output| {
                output.extend_from_slice(digest(&SHA256, message).as_ref());
            })),
            Algorithm::Blake3 => Ok(hashing(bytes, |message, output| {
                output.extend_from_slice(blake3::hash(message).as_bytes());
            })),
            Algorithm::Ed25519 if work == Work::Sign => {
                let seed = bytes_of_hex(ED25519.secret)?;
                let public = bytes_of_hex(ED25519.public)?;
                let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public)?;
                signing(ED25519, &ED25519_VERIFYING, move |message, output| {
                    output.extend_from_slice(pair.try_sign(message)?.as_ref());
                    Ok(())
                })
            }
            Algorithm::EcdsaP256 if work == Work::Sign => {
                let secret = bytes_of_hex(P256.secret)?;
                let public = bytes_of_hex(P256.public)?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    &ECDSA_P256_SHA256_FIXED_SIGNING,
                    &secret,
                    &public,
                )?;
                let random = SystemRandom::new();
                signing(P256, &ECDSA_P256_SHA256_FIXED, move |message, output| {
                    output.extend_from_slice(pair.sign(&random, message)?.as_ref());
                    Ok(())
                })
            }
            Algorithm::Ed25519 => verifying(ED25519, &ED25519_VERIFYING),
            Algorithm::EcdsaP256 => verifying(P256, &ECDSA_P256_SHA256_FIXED),
        }
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key(NONCE)
}

fn encryption(
    algorithm: &'static aws_lc_rs::aead::Algorithm,
    work: Work,
    bytes: usize,
) -> Result<Call, Failure> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &KEY)?);
    let message = message(bytes);
    if work == Work::Seal {
        return Ok(Box::new(move |output| {
            seal(&key, black_box(&message), output)
        }));
    }
    let mut sealed = Vec::new();
    seal(&key, &message, &mut sealed)?;
    Ok(Box::new(move |output| {
        let (ciphertext, tag) = black_box(&sealed).split_at(bytes);
        output.resize(bytes, 0);
        key.open_separate_gather(nonce(), Aad::empty(), ciphertext, tag, output)?;
        Ok(())
    }))
}

fn seal(key: &LessSafeKey, message: &[u8], output: &mut Vec<u8>) -> Result<(), Failure> {
    output.resize(message.len() + TAG_BYTES, 0);
    let (ciphertext, tag) = output.split_at_mut(message.len());
    key.seal_out_of_place_scatter(nonce(), Aad::empty(), message, ciphertext, &[], tag)?;
    Ok(())
}

fn hashing(bytes: usize, hash: fn(&[u8], &mut Vec<u8>)) -> Call {
    let message = message(bytes);
    Box::new(move |output| {
        output.clear();
        hash(black_box(&message), output);
        Ok(())
    })
}

fn signing(
    known: Known,
    algorithm: &'static dyn VerificationAlgorithm,
    mut sign: impl FnMut(&[u8], &mut Vec<u8>) -> Result<(), Failure> + 'static,
) -> Result<Call, Failure> {
    let message = bytes_of_hex(known.message)?;
    let mut signature = Vec::new();
    sign(&message, &mut signature)?;
    check(known, algorithm, &message, &signature)?;
    Ok(Box::new(move |output| {
        output.clear();
        sign(black_box(&message), output)
    }))
}

/// Whether a signature is right: whoever takes the published one and refuses it for another message knows that.
fn check(
    known: Known,
    algorithm: &'static dyn VerificationAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Failure> {
    let key = ParsedPublicKey::new(algorithm, bytes_of_hex(known.public)?)?;
    let published = bytes_of_hex(known.signature)?;
    key.verify_sig(message, &published)?;
    if key.verify_sig(b"", &published).is_ok() {
        return Err("a wrong signature is accepted".into());
    }
    Ok(key.verify_sig(message, signature)?)
}

fn verifying(known: Known, algorithm: &'static dyn VerificationAlgorithm) -> Result<Call, Failure> {
    let key = ParsedPublicKey::new(algorithm, bytes_of_hex(known.public)?)?;
    let message = bytes_of_hex(known.message)?;
    let signature = bytes_of_hex(known.signature)?;
    check(known, algorithm, &message, &signature)?;
    Ok(Box::new(move |output| {
        key.verify_sig(black_box(&message), black_box(&signature))?;
        output.clear();
        output.push(1);
        Ok(())
    }))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match c12_bench_crypto::run(&Native, &arguments, |line| println!("{line}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
