//! The module `symmetric`: everything with one key or none.

use super::functions;
use super::{Options, SecretsManager, SymmetricKey, SymmetricState, SymmetricTag, Version};

functions! {
    /// Makes a new key.
    fn symmetric_key_generate(algorithm: &str, options: Option<&Options>) -> SymmetricKey;

    /// Makes a key of its bytes.
    fn symmetric_key_import(algorithm: &str, raw: &[u8]) -> SymmetricKey;

    /// The bytes of a key.
    fn symmetric_key_export(key: &SymmetricKey) -> Vec<u8>;

    /// Makes a key that the secrets manager keeps.
    fn symmetric_key_generate_managed(manager: &SecretsManager, algorithm: &str, options: Option<&Options>) -> SymmetricKey;

    /// Gives a key into the secrets manager's care, and returns the identifier it got.
    fn symmetric_key_store_managed(manager: &SecretsManager, key: &SymmetricKey) -> Vec<u8>;

    /// Adds a version of a managed key.
    fn symmetric_key_replace_managed(manager: &SecretsManager, old: SymmetricKey, new: &SymmetricKey) -> Version;

    /// The identifier and version of a managed key.
    fn symmetric_key_id(key: &SymmetricKey) -> (Vec<u8>, Version);

    /// A managed key.
    fn symmetric_key_from_id(manager: &SecretsManager, id: &[u8], version: Version) -> SymmetricKey;

    /// Sets an algorithm to work.
    fn symmetric_state_open(algorithm: &str, key: Option<&SymmetricKey>, options: Option<&Options>) -> SymmetricState;

    /// An option that is bytes.
    fn symmetric_state_options_get(state: &SymmetricState, name: &str) -> Vec<u8>;

    /// An option that is a number.
    fn symmetric_state_options_get_u64(state: &SymmetricState, name: &str) -> u64;

    /// A copy that goes its own way.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let state = symmetric_state_open("SHA-256", None, None)?;
    /// symmetric_state_absorb(&state, b"the same beginning")?;
    /// let copy = symmetric_state_clone(&state)?;
    /// symmetric_state_absorb(&copy, b", another end")?;
    /// assert_ne!(symmetric_state_squeeze(&state, 32)?, symmetric_state_squeeze(&copy, 32)?);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_clone(state: &SymmetricState) -> SymmetricState;

    /// Feeds it: what is hashed, authenticated, derived from, or goes along with what is encrypted.
    fn symmetric_state_absorb(state: &SymmetricState, data: &[u8]) -> ();

    /// Takes so many bytes out.
    ///
    /// The interface of components has no length: there a state gives a hash in full, and of what has no end as many bytes as
    /// the option `output_len` said when it was opened, or 32. Fewer may be taken, more are `invalid_length`.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let options = options_open(AlgorithmType::Symmetric)?;
    /// // Other hosts than C12 may not know it, and core modules do not need it.
    /// options_set_u64(&options, "output_len", 100)?;
    /// let state = symmetric_state_open("BLAKE3", None, Some(&options))?;
    /// assert_eq!(symmetric_state_squeeze(&state, 100)?.len(), 100);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_squeeze(state: &SymmetricState, length: usize) -> Vec<u8>;

    /// A tag of what was absorbed.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let key = symmetric_key_import("HMAC/SHA-256", b"key")?;
    /// let state = symmetric_state_open("HMAC/SHA-256", Some(&key), None)?;
    /// symmetric_state_absorb(&state, b"data")?;
    /// let tag = symmetric_state_squeeze_tag(&state)?;
    /// assert_eq!(symmetric_tag_len(&tag)?, 32);
    /// symmetric_tag_verify(&tag, &[0; 32]).unwrap_err();
    /// let bytes = symmetric_tag_pull(tag)?;
    /// symmetric_tag_verify(&symmetric_state_squeeze_tag(&state)?, &bytes)?;
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_squeeze_tag(state: &SymmetricState) -> SymmetricTag;

    /// Takes a key for another algorithm out.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let input = symmetric_key_import("HKDF-EXTRACT/SHA-256", &[0x0b; 22])?;
    /// let extract = symmetric_state_open("HKDF-EXTRACT/SHA-256", Some(&input), None)?;
    /// symmetric_state_absorb(&extract, b"salt")?;
    /// let key = symmetric_state_squeeze_key(&extract, "HKDF-EXPAND/SHA-256")?;
    /// let expand = symmetric_state_open("HKDF-EXPAND/SHA-256", Some(&key), None)?;
    /// symmetric_state_absorb(&expand, b"what for")?;
    /// assert_eq!(symmetric_state_squeeze(&expand, 32)?.len(), 32);
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_squeeze_key(state: &SymmetricState, algorithm: &str) -> SymmetricKey;

    /// By how many bytes a ciphertext with its tag is longer than the plaintext.
    fn symmetric_state_max_tag_len(state: &SymmetricState) -> usize;

    /// Encrypts, with the tag at the end.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let key = symmetric_key_generate("XOODYAK-128", None)?;
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// let sealed = symmetric_state_encrypt(&state, b"hello")?;
    /// assert_eq!(sealed.len(), 5 + symmetric_state_max_tag_len(&state)?);
    ///
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// assert_eq!(symmetric_state_decrypt(&state, &sealed, 5)?, b"hello");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_encrypt(state: &SymmetricState, data: &[u8]) -> Vec<u8>;

    /// Encrypts, with the tag by itself.
    ///
    /// ```no_run
    /// use c12_wasm::crypto::raw::*;
    ///
    /// let key = symmetric_key_generate("XOODYAK-128", None)?;
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// let (ciphertext, tag) = symmetric_state_encrypt_detached(&state, b"hello")?;
    /// let tag = symmetric_tag_pull(tag)?;
    ///
    /// let state = symmetric_state_open("XOODYAK-128", Some(&key), None)?;
    /// assert_eq!(symmetric_state_decrypt_detached(&state, &ciphertext, &tag)?, b"hello");
    /// # Ok::<(), c12_wasm::crypto::Error>(())
    /// ```
    fn symmetric_state_encrypt_detached(state: &SymmetricState, data: &[u8]) -> (Vec<u8>, SymmetricTag);

    /// Decrypts what has its tag at the end, to a plaintext of this length.
    fn symmetric_state_decrypt(state: &SymmetricState, data: &[u8], length: usize) -> Vec<u8>;

    /// Decrypts what has its tag by itself.
    fn symmetric_state_decrypt_detached(state: &SymmetricState, data: &[u8], tag: &[u8]) -> Vec<u8>;

    /// Makes the state before this one impossible to recover.
    fn symmetric_state_ratchet(state: &SymmetricState) -> ();

    /// The length of a tag, in bytes.
    fn symmetric_tag_len(tag: &SymmetricTag) -> usize;

    /// The bytes of a tag. To compare it, [`symmetric_tag_verify`] is there.
    fn symmetric_tag_pull(tag: SymmetricTag) -> Vec<u8>;

    /// Compares a tag, in constant time.
    fn symmetric_tag_verify(tag: &SymmetricTag, expected: &[u8]) -> ();
}

/// Encrypts and adds the ciphertext with its tag to what is there, without a copy where the host allows it.
pub(in crate::crypto) fn symmetric_state_encrypt_onto(
    state: &SymmetricState,
    data: &[u8],
    out: &mut Vec<u8>,
) -> super::Result<()> {
    #[cfg(target_os = "wasi")]
    return super::host::symmetric_state_encrypt_onto(state, data, out);
    #[cfg(not(target_os = "wasi"))]
    {
        let _ = (state, data, out);
        Err(super::Error::NotImplemented)
    }
}
