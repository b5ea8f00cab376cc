//! Many operations of one kind in one call of the host.
//!
//! Each has a result of its own: one that fails does not stop the others.

use super::raw::{self, Result};
use super::{Aead, Hash, Key, Mac, Nonce, Signature, SignatureAlgorithm, SigningKey, VerifyingKey};

/// Encrypts messages, each with its additional data: [`Key::seal`] for each.
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Error, Key, batch};
///
/// let key = Key::<Aes256Gcm>::generate()?;
/// let mut sealed = Vec::new();
/// for result in batch::seal(&key, &[(b"one", b""), (b"two", b"more")])? {
///     sealed.push(result?);
/// }
/// let opened = batch::open(&key, &[(&sealed[0], b""), (&sealed[1], b"less")])?;
/// assert_eq!(opened, [Ok(b"one".to_vec()), Err(Error::InvalidTag)]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`RngError`](super::Error::RngError) if the host has no random numbers.
pub fn seal<A: Aead>(key: &Key<A>, messages: &[(&[u8], &[u8])]) -> Result<Vec<Result<Vec<u8>>>> {
    let mut nonces = Vec::new();
    let mut states = Vec::new();
    for (_, additional_data) in messages {
        let nonce = Nonce::<A>::random()?;
        states.push(key.absorbed(&nonce, additional_data)?);
        nonces.push(nonce);
    }
    let batch = states.iter().zip(messages);
    let batch: Vec<_> = batch
        .map(|(state, (message, _))| (state, *message))
        .collect();
    let results = raw::batch_symmetric_state_encrypt(&batch)?;
    let results = nonces.iter().zip(results);
    Ok(results
        .map(|(nonce, result)| result.map(|ciphertext| [nonce.as_bytes(), &ciphertext].concat()))
        .collect())
}

/// Decrypts messages, each with its additional data: [`Key::open`] for each.
///
/// # Errors
///
/// What the host says about the whole batch.
pub fn open<A: Aead>(key: &Key<A>, sealed: &[(&[u8], &[u8])]) -> Result<Vec<Result<Vec<u8>>>> {
    let mut states = Vec::new();
    let mut ciphertexts = Vec::new();
    for (sealed, additional_data) in sealed {
        // What is too short to be anything is decrypted like the rest, and refused.
        let (nonce, ciphertext) = sealed.split_at_checked(A::NONCE_BYTES).unwrap_or_default();
        let nonce = match Nonce::<A>::from_bytes(nonce) {
            Ok(nonce) => nonce,
            Err(_) => Nonce::random()?,
        };
        states.push(key.absorbed(&nonce, additional_data)?);
        ciphertexts.push(ciphertext);
    }
    let batch: Vec<_> = states.iter().zip(ciphertexts).collect();
    raw::batch_symmetric_state_decrypt(&batch)
}

/// Hashes many inputs: [`hash`](super::hash) for each.
///
/// ```no_run
/// use c12_wasm::crypto::{Sha256, batch, hash};
///
/// let digests = batch::hash::<Sha256>(&[b"one", b"two"])?;
/// assert_eq!(digests, [hash::<Sha256>(b"one"), hash::<Sha256>(b"two")]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// What the host says about the whole batch.
pub fn hash<H: Hash>(inputs: &[&[u8]]) -> Result<Vec<Result<Vec<u8>>>> {
    let mut states = Vec::new();
    for input in inputs {
        let state = raw::symmetric_state_open(H::NAME, None, None)?;
        raw::symmetric_state_absorb(&state, input)?;
        states.push(state);
    }
    let batch: Vec<_> = states
        .iter()
        .map(|state| (state, H::OUTPUT_BYTES))
        .collect();
    raw::batch_symmetric_state_squeeze(&batch)
}

/// Authenticates many inputs: [`Key::tag`] for each.
///
/// ```no_run
/// use c12_wasm::crypto::{Hmac, Key, Sha512, batch};
///
/// let key = Key::<Hmac<Sha512>>::generate()?;
/// let tags = batch::tag(&key, &[b"one", b"two"])?;
/// assert_eq!(tags, [key.tag(b"one"), key.tag(b"two")]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// What the host says about the whole batch.
pub fn tag<A: Mac>(key: &Key<A>, inputs: &[&[u8]]) -> Result<Vec<Result<Vec<u8>>>> {
    let mut states = Vec::new();
    for input in inputs {
        let state = key.state(None)?;
        raw::symmetric_state_absorb(&state, input)?;
        states.push(state);
    }
    let states: Vec<_> = states.iter().collect();
    let tags = raw::batch_symmetric_state_squeeze_tag(&states)?.into_iter();
    Ok(tags.map(|tag| raw::symmetric_tag_pull(tag?)).collect())
}

/// Signs many messages: [`SigningKey::sign`] for each.
///
/// ```no_run
/// use c12_wasm::crypto::{Ed25519, SigningKey, batch};
///
/// let key = SigningKey::<Ed25519>::generate()?;
/// let messages: [&[u8]; 2] = [b"one", b"two"];
/// let mut signatures = Vec::new();
/// for result in batch::sign(&key, &messages)? {
///     signatures.push(result?);
/// }
/// let signed = [(messages[0], &signatures[0]), (messages[0], &signatures[1])];
/// let results = batch::verify(&key.verifying_key()?, &signed)?;
/// assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// What the host says about the whole batch.
pub fn sign<A: SignatureAlgorithm>(
    key: &SigningKey<A>,
    messages: &[&[u8]],
) -> Result<Vec<Result<Signature<A>>>> {
    let mut signers = Vec::new();
    for message in messages {
        let mut signer = key.signer()?;
        signer.update(message)?;
        signers.push(signer);
    }
    let states: Vec<_> = signers.iter().map(|signer| &signer.raw).collect();
    let signatures = raw::batch_signature_state_sign(&states)?.into_iter();
    Ok(signatures
        .map(|bytes| Signature::from_bytes(&bytes?))
        .collect())
}

/// Verifies many signatures of one key, each of its message: [`VerifyingKey::verify`] for each.
///
/// # Errors
///
/// What the host says about the whole batch.
pub fn verify<A: SignatureAlgorithm>(
    key: &VerifyingKey<A>,
    signed: &[(&[u8], &Signature<A>)],
) -> Result<Vec<Result<()>>> {
    let mut verifiers = Vec::new();
    for (message, _) in signed {
        let mut verifier = key.verifier()?;
        verifier.update(message)?;
        verifiers.push(verifier);
    }
    let states = verifiers.iter().zip(signed);
    let states: Vec<_> = states
        .map(|(verifier, (_, signature))| (&verifier.raw, &signature.raw))
        .collect();
    raw::batch_signature_state_verify(&states)
}
