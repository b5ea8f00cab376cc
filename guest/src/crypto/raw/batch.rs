//! The modules `signatures_batch` and `symmetric_batch`: many operations in one call.
//!
//! All operations of a batch use the same algorithm. Each has a result of its own.

use super::functions;
use super::{
    Result, Signature, SignatureState, SignatureVerificationState, SymmetricState, SymmetricTag,
};

functions! {
    /// [`signature_state_sign`](super::signature_state_sign) for each; gives signatures in their raw encoding.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let pair = keypair_generate(AlgorithmType::Signatures, "Ed25519", None)?;
    /// let state = signature_state_open(&pair)?;
    /// signature_state_update(&state, b"message")?;
    /// let signed = batch_signature_state_sign(&[&state])?.remove(0)?;
    ///
    /// let signature = signature_import("Ed25519", &signed, SignatureEncoding::Raw)?;
    /// let state = signature_verification_state_open(&keypair_publickey(&pair)?)?;
    /// signature_verification_state_update(&state, b"message")?;
    /// batch_signature_state_verify(&[(&state, &signature)])?.remove(0)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn batch_signature_state_sign(states: &[&SignatureState]) -> Vec<Result<Vec<u8>>>;

    /// [`signature_verification_state_verify`](super::signature_verification_state_verify) for each.
    fn batch_signature_state_verify(states: &[(&SignatureVerificationState, &Signature)]) -> Vec<Result<()>>;

    /// [`symmetric_state_squeeze`](super::symmetric_state_squeeze) for each: a state and the number of bytes.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let state = symmetric_state_open("SHA-256", None, None)?;
    /// let digests = batch_symmetric_state_squeeze(&[(&state, 32)])?;
    /// assert_eq!(digests[0].as_ref().map(|digest| digest[..2] == [0xe3, 0xb0]), Ok(true));
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn batch_symmetric_state_squeeze(batch: &[(&SymmetricState, usize)]) -> Vec<Result<Vec<u8>>>;

    /// [`symmetric_state_squeeze_tag`](super::symmetric_state_squeeze_tag) for each.
    fn batch_symmetric_state_squeeze_tag(states: &[&SymmetricState]) -> Vec<Result<SymmetricTag>>;

    /// [`symmetric_state_encrypt`](super::symmetric_state_encrypt) for each: a state and a plaintext.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let key = symmetric_key_generate("XOODYAK-128", None)?;
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// let sealed = batch_symmetric_state_encrypt(&[(&state, b"hello")])?.remove(0)?;
    ///
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// assert_eq!(batch_symmetric_state_decrypt(&[(&state, &sealed)])?.remove(0)?, b"hello");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn batch_symmetric_state_encrypt(batch: &[(&SymmetricState, &[u8])]) -> Vec<Result<Vec<u8>>>;

    /// [`symmetric_state_encrypt_detached`](super::symmetric_state_encrypt_detached) for each.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let key = symmetric_key_generate("XOODYAK-128", None)?;
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// let (ciphertext, tag) = batch_symmetric_state_encrypt_detached(&[(&state, b"hello")])?.remove(0)?;
    /// let tag = symmetric_tag_pull(tag)?;
    ///
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// let opened = batch_symmetric_state_decrypt_detached(&[(&state, &ciphertext, &tag)])?.remove(0)?;
    /// assert_eq!(opened, b"hello");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn batch_symmetric_state_encrypt_detached(batch: &[(&SymmetricState, &[u8])]) -> Vec<Result<(Vec<u8>, SymmetricTag)>>;

    /// [`symmetric_state_decrypt`](super::symmetric_state_decrypt) for each: a state and a ciphertext with its tag.
    fn batch_symmetric_state_decrypt(batch: &[(&SymmetricState, &[u8])]) -> Vec<Result<Vec<u8>>>;

    /// [`symmetric_state_decrypt_detached`](super::symmetric_state_decrypt_detached) for each: a state, a ciphertext, and
    /// its tag.
    fn batch_symmetric_state_decrypt_detached(batch: &[(&SymmetricState, &[u8], &[u8])]) -> Vec<Result<Vec<u8>>>;
}
