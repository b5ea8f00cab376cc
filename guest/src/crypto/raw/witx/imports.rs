//! The imports of a core module: what the specification's witx 0.10 becomes in WebAssembly.
//!
//! Every function returns an error number, 0 for success. What it gives is written to the pointers at its end. Handles,
//! lengths and encodings are 32 bits wide, versions and times 64.

/// An `opt_options` or `opt_symmetric_key`: both have this shape.
#[repr(C)]
pub(super) struct Maybe {
    /// 0: there is one. 1: there is none.
    tag: u8,
    handle: u32,
}

impl Maybe {
    pub(super) fn new(handle: Option<u32>) -> Self {
        Self {
            tag: handle.is_none().into(),
            handle: handle.unwrap_or(0),
        }
    }
}

/// What a batch gives for each operation: a handle or a length, and an error number.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) value: u32,
    pub(super) error: u16,
}

/// A message to be verified, and its signature.
#[repr(C)]
pub(super) struct Verification {
    pub(super) state: u32,
    pub(super) signature: u32,
}

/// What a batch of squeezes takes.
#[repr(C)]
pub(super) struct Squeeze {
    pub(super) state: u32,
    pub(super) out: *mut u8,
    pub(super) out_len: usize,
}

/// What a batch of encryptions or decryptions takes.
#[repr(C)]
pub(super) struct Crypt {
    pub(super) state: u32,
    pub(super) out: *mut u8,
    pub(super) out_len: usize,
    pub(super) data: *const u8,
    pub(super) data_len: usize,
}

/// The same with a tag.
#[repr(C)]
pub(super) struct CryptDetached {
    pub(super) crypt: Crypt,
    pub(super) tag: *const u8,
    pub(super) tag_len: usize,
}

/// A function's parameters in short.
macro_rules! imports {
    ($module:literal: $($name:ident($($argument:ident: $type:ty),*);)*) => {
        #[link(wasm_import_module = $module)]
        unsafe extern "C" {
            $(pub(super) fn $name($($argument: $type),*) -> i32;)*
        }
    };
}

type Bytes = *const u8;
type Out = *mut u8;
type Handle = u32;
type HandleOut = *mut u32;
type SizeOut = *mut usize;
type VersionOut = *mut u64;

imports! { "wasi_snapshot_preview1":
    random_get(out: Out, len: usize);
}

imports! { "wasi_ephemeral_crypto_common":
    options_open(algorithm_type: u32, out: HandleOut);
    options_close(options: Handle);
    options_set(options: Handle, name: Bytes, name_len: usize, value: Bytes, value_len: usize);
    options_set_u64(options: Handle, name: Bytes, name_len: usize, value: u64);
    array_output_len(array: Handle, out: SizeOut);
    array_output_pull(array: Handle, buffer: Out, buffer_len: usize, out: SizeOut);
    secrets_manager_open(options: *const Maybe, out: HandleOut);
    secrets_manager_close(manager: Handle);
    secrets_manager_invalidate(manager: Handle, id: Bytes, id_len: usize, version: u64);
}

imports! { "wasi_ephemeral_crypto_asymmetric_common":
    keypair_generate(algorithm_type: u32, algorithm: Bytes, algorithm_len: usize, options: *const Maybe, out: HandleOut);
    keypair_import(algorithm_type: u32, algorithm: Bytes, algorithm_len: usize, encoded: Bytes, encoded_len: usize, encoding: u32, out: HandleOut);
    keypair_generate_managed(manager: Handle, algorithm_type: u32, algorithm: Bytes, algorithm_len: usize, options: *const Maybe, out: HandleOut);
    keypair_store_managed(manager: Handle, pair: Handle, id: Out, id_max_len: usize);
    keypair_replace_managed(manager: Handle, old: Handle, new: Handle, out: VersionOut);
    keypair_id(pair: Handle, id: Out, id_max_len: usize, len: SizeOut, version: VersionOut);
    keypair_from_id(manager: Handle, id: Bytes, id_len: usize, version: u64, out: HandleOut);
    keypair_from_pk_and_sk(public: Handle, secret: Handle, out: HandleOut);
    keypair_export(pair: Handle, encoding: u32, out: HandleOut);
    keypair_publickey(pair: Handle, out: HandleOut);
    keypair_secretkey(pair: Handle, out: HandleOut);
    keypair_close(pair: Handle);
    publickey_import(algorithm_type: u32, algorithm: Bytes, algorithm_len: usize, encoded: Bytes, encoded_len: usize, encoding: u32, out: HandleOut);
    publickey_export(public: Handle, encoding: u32, out: HandleOut);
    publickey_verify(public: Handle);
    publickey_from_secretkey(secret: Handle, out: HandleOut);
    publickey_close(public: Handle);
    secretkey_import(algorithm_type: u32, algorithm: Bytes, algorithm_len: usize, encoded: Bytes, encoded_len: usize, encoding: u32, out: HandleOut);
    secretkey_export(secret: Handle, encoding: u32, out: HandleOut);
    secretkey_close(secret: Handle);
}

imports! { "wasi_ephemeral_crypto_signatures":
    signature_export(signature: Handle, encoding: u32, out: HandleOut);
    signature_import(algorithm: Bytes, algorithm_len: usize, encoded: Bytes, encoded_len: usize, encoding: u32, out: HandleOut);
    signature_state_open(pair: Handle, out: HandleOut);
    signature_state_update(state: Handle, input: Bytes, input_len: usize);
    signature_state_sign(state: Handle, out: HandleOut);
    signature_state_close(state: Handle);
    signature_verification_state_open(public: Handle, out: HandleOut);
    signature_verification_state_update(state: Handle, input: Bytes, input_len: usize);
    signature_verification_state_verify(state: Handle, signature: Handle);
    signature_verification_state_close(state: Handle);
    signature_close(signature: Handle);
}

imports! { "wasi_ephemeral_crypto_kx":
    kx_dh(public: Handle, secret: Handle, out: HandleOut);
    kx_encapsulate(public: Handle, secret: HandleOut, encapsulated: HandleOut);
    kx_decapsulate(secret: Handle, encapsulated: Bytes, encapsulated_len: usize, out: HandleOut);
}

imports! { "wasi_ephemeral_crypto_symmetric":
    symmetric_key_generate(algorithm: Bytes, algorithm_len: usize, options: *const Maybe, out: HandleOut);
    symmetric_key_import(algorithm: Bytes, algorithm_len: usize, raw: Bytes, raw_len: usize, out: HandleOut);
    symmetric_key_export(key: Handle, out: HandleOut);
    symmetric_key_close(key: Handle);
    symmetric_key_generate_managed(manager: Handle, algorithm: Bytes, algorithm_len: usize, options: *const Maybe, out: HandleOut);
    symmetric_key_store_managed(manager: Handle, key: Handle, id: Out, id_max_len: usize);
    symmetric_key_replace_managed(manager: Handle, old: Handle, new: Handle, out: VersionOut);
    symmetric_key_id(key: Handle, id: Out, id_max_len: usize, len: SizeOut, version: VersionOut);
    symmetric_key_from_id(manager: Handle, id: Bytes, id_len: usize, version: u64, out: HandleOut);
    symmetric_state_open(algorithm: Bytes, algorithm_len: usize, key: *const Maybe, options: *const Maybe, out: HandleOut);
    symmetric_state_options_get(state: Handle, name: Bytes, name_len: usize, value: Out, value_max_len: usize, out: SizeOut);
    symmetric_state_options_get_u64(state: Handle, name: Bytes, name_len: usize, out: *mut u64);
    symmetric_state_clone(state: Handle, out: HandleOut);
    symmetric_state_close(state: Handle);
    symmetric_state_absorb(state: Handle, data: Bytes, data_len: usize);
    symmetric_state_squeeze(state: Handle, out: Out, out_len: usize);
    symmetric_state_squeeze_tag(state: Handle, out: HandleOut);
    symmetric_state_squeeze_key(state: Handle, algorithm: Bytes, algorithm_len: usize, out: HandleOut);
    symmetric_state_max_tag_len(state: Handle, out: SizeOut);
    symmetric_state_encrypt(state: Handle, out: Out, out_len: usize, data: Bytes, data_len: usize, size: SizeOut);
    symmetric_state_encrypt_detached(state: Handle, out: Out, out_len: usize, data: Bytes, data_len: usize, tag: HandleOut);
    symmetric_state_decrypt(state: Handle, out: Out, out_len: usize, data: Bytes, data_len: usize, size: SizeOut);
    symmetric_state_decrypt_detached(state: Handle, out: Out, out_len: usize, data: Bytes, data_len: usize, tag: Bytes, tag_len: usize, size: SizeOut);
    symmetric_state_ratchet(state: Handle);
    symmetric_tag_len(tag: Handle, out: SizeOut);
    symmetric_tag_pull(tag: Handle, buffer: Out, buffer_len: usize, out: SizeOut);
    symmetric_tag_verify(tag: Handle, expected: Bytes, expected_len: usize);
    symmetric_tag_close(tag: Handle);
}

imports! { "wasi_ephemeral_crypto_external_secrets":
    external_secret_store(manager: Handle, secret: Bytes, secret_len: usize, expiration: u64, id: Out, id_max_len: usize);
    external_secret_replace(manager: Handle, secret: Bytes, secret_len: usize, expiration: u64, id: Bytes, id_len: usize, out: VersionOut);
    external_secret_from_id(manager: Handle, id: Bytes, id_len: usize, version: u64, out: HandleOut);
    external_secret_invalidate(manager: Handle, id: Bytes, id_len: usize, version: u64);
    external_secret_encapsulate(manager: Handle, secret: Bytes, secret_len: usize, expiration: u64, out: HandleOut);
    external_secret_decapsulate(manager: Handle, encrypted: Bytes, encrypted_len: usize, out: HandleOut);
}

imports! { "wasi_ephemeral_crypto_signatures_batch":
    batch_signature_state_sign(states: *const Handle, len: usize, out: *mut Outcome);
    batch_signature_state_verify(states: *const Verification, len: usize, out: *mut u16);
}

imports! { "wasi_ephemeral_crypto_symmetric_batch":
    batch_symmetric_state_squeeze(batch: *const Squeeze, len: usize, out: *mut u16);
    batch_symmetric_state_squeeze_tag(states: *const Handle, len: usize, out: *mut Outcome);
    batch_symmetric_state_encrypt(batch: *const Crypt, len: usize, out: *mut Outcome);
    batch_symmetric_state_encrypt_detached(batch: *const Crypt, len: usize, out: *mut Outcome);
    batch_symmetric_state_decrypt(batch: *const Crypt, len: usize, out: *mut Outcome);
    batch_symmetric_state_decrypt_detached(batch: *const CryptDetached, len: usize, out: *mut Outcome);
}
