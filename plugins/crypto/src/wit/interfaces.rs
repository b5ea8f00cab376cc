//! The functions of each interface, in the order of the WIT.

pub(super) mod common {
    use wasmtime::component::{Resource, WasmList};

    use crate::wit::link::{function, functions};
    use crate::wit::types::{AlgorithmType, ArrayOutput, Options, SecretsManager, Version};

    type Bytes = WasmList<u8>;

    functions! {
        now options_open(algorithm_type: AlgorithmType) -> Resource<Options>;
        now options_close(options: Resource<Options>) -> ();
        now options_set(options: Resource<Options>, name: String, value: Bytes) -> ();
        now options_set_u64(options: Resource<Options>, name: String, value: u64) -> ();
        now options_set_guest_buffer as set_guest_buffer(options: Resource<Options>, name: String, buffer: Bytes) -> ();
        now array_output_len(array_output: Resource<ArrayOutput>) -> u32;
        now array_output_pull as pull(array_output: Resource<ArrayOutput>) -> bytes::Bytes;
        now secrets_manager_open(options: Option<Resource<Options>>) -> Resource<SecretsManager>;
        now secrets_manager_close(secrets_manager: Resource<SecretsManager>) -> ();
        later[_session => true]
            secrets_manager_invalidate(secrets_manager: Resource<SecretsManager>, key_id: Bytes, key_version: Version) -> ();
    }
}

pub(super) mod asymmetric_common {
    use wasmtime::component::{Resource, WasmList};

    use crate::instance::is_slow_to_generate;
    use crate::wit::link::{function, functions};
    use crate::wit::types::{
        AlgorithmType, ArrayOutput, Keypair, KeypairEncoding, Options, Publickey,
        PublickeyEncoding, Secretkey, SecretkeyEncoding, SecretsManager, Version,
    };

    type Bytes = WasmList<u8>;

    functions! {
        later[_session => is_slow_to_generate(algorithm)]
            keypair_generate(algorithm_type: AlgorithmType, algorithm: String, options: Option<Resource<Options>>) -> Resource<Keypair>;
        now keypair_import(algorithm_type: AlgorithmType, algorithm: String, encoded: Bytes, encoding: KeypairEncoding) -> Resource<Keypair>;
        later[_session => true]
            keypair_generate_managed(
                secrets_manager: Resource<SecretsManager>, algorithm_type: AlgorithmType, algorithm: String,
                options: Option<Resource<Options>>
            ) -> Resource<Keypair>;
        later[_session => true]
            keypair_store_managed as store_keypair(secrets_manager: Resource<SecretsManager>, kp: Resource<Keypair>) -> Vec<u8>;
        later[_session => true]
            keypair_replace_managed as replace_keypair(
                secrets_manager: Resource<SecretsManager>, kp_old: Resource<Keypair>, kp_new: Resource<Keypair>
            ) -> Version;
        now keypair_id as keypair_identifier(kp: Resource<Keypair>) -> (Vec<u8>, Version);
        later[_session => true]
            keypair_from_id(secrets_manager: Resource<SecretsManager>, kp_id: Bytes, kp_version: Version) -> Resource<Keypair>;
        now keypair_from_pk_and_sk(publickey: Resource<Publickey>, secretkey: Resource<Secretkey>) -> Resource<Keypair>;
        now keypair_export(kp: Resource<Keypair>, encoding: KeypairEncoding) -> Resource<ArrayOutput>;
        now keypair_publickey(kp: Resource<Keypair>) -> Resource<Publickey>;
        now keypair_secretkey(kp: Resource<Keypair>) -> Resource<Secretkey>;
        now keypair_close(kp: Resource<Keypair>) -> ();
        now publickey_import(algorithm_type: AlgorithmType, algorithm: String, encoded: Bytes, encoding: PublickeyEncoding) -> Resource<Publickey>;
        now publickey_export(pk: Resource<Publickey>, encoding: PublickeyEncoding) -> Resource<ArrayOutput>;
        now publickey_verify(pk: Resource<Publickey>) -> ();
        now publickey_from_secretkey(sk: Resource<Secretkey>) -> Resource<Publickey>;
        now publickey_close(pk: Resource<Publickey>) -> ();
        now secretkey_import(algorithm_type: AlgorithmType, algorithm: String, encoded: Bytes, encoding: SecretkeyEncoding) -> Resource<Secretkey>;
        now secretkey_export(sk: Resource<Secretkey>, encoding: SecretkeyEncoding) -> Resource<ArrayOutput>;
        now secretkey_close(sk: Resource<Secretkey>) -> ();
    }
}

pub(super) mod external_secrets {
    use wasmtime::component::{Resource, WasmList};

    use crate::wit::link::{function, functions};
    use crate::wit::types::{ArrayOutput, SecretsManager, Version};

    type Bytes = WasmList<u8>;

    functions! {
        later[_session => true]
            external_secret_store as store_secret(secrets_manager: Resource<SecretsManager>, secret: Bytes, expiration: u64) -> Vec<u8>;
        now external_secret_replace as replace_secret(
            secrets_manager: Resource<SecretsManager>, secret: Bytes, expiration: u64
        ) -> (Vec<u8>, Version);
        later[_session => true]
            external_secret_from_id(secrets_manager: Resource<SecretsManager>, secret_id: Bytes, secret_version: Version) -> Resource<ArrayOutput>;
        later[_session => true]
            external_secret_invalidate(secrets_manager: Resource<SecretsManager>, secret_id: Bytes, secret_version: Version) -> ();
        now external_secret_encapsulate(secrets_manager: Resource<SecretsManager>, secret: Bytes, expiration: u64) -> Resource<ArrayOutput>;
        now external_secret_decapsulate(secrets_manager: Resource<SecretsManager>, encrypted_secret: Bytes) -> Resource<ArrayOutput>;
    }
}

pub(super) mod kx {
    use wasmtime::component::{Resource, WasmList};

    use crate::wit::link::{function, functions};
    use crate::wit::types::{ArrayOutput, Publickey, Secretkey};

    functions! {
        now kx_dh(pk: Resource<Publickey>, sk: Resource<Secretkey>) -> Resource<ArrayOutput>;
        now kx_encapsulate(pk: Resource<Publickey>) -> (Resource<ArrayOutput>, Resource<ArrayOutput>);
        now kx_decapsulate(sk: Resource<Secretkey>, encapsulated_secret: WasmList<u8>) -> Resource<ArrayOutput>;
    }
}

pub(super) mod signatures {
    use wasmtime::component::{Resource, WasmList};

    use crate::wit::link::{function, functions};
    use crate::wit::types::{
        ArrayOutput, Keypair, Publickey, Signature, SignatureEncoding, SignatureState,
        SignatureVerificationState,
    };

    functions! {
        now signature_export(signature: Resource<Signature>, encoding: SignatureEncoding) -> Resource<ArrayOutput>;
        now signature_import(algorithm: String, encoded: WasmList<u8>, encoding: SignatureEncoding) -> Resource<Signature>;
        now signature_state_open(kp: Resource<Keypair>) -> Resource<SignatureState>;
        now signature_state_update(state: Resource<SignatureState>, input: WasmList<u8>) -> ();
        now signature_state_sign(state: Resource<SignatureState>) -> Resource<Signature>;
        now signature_state_close(state: Resource<SignatureState>) -> ();
        now signature_verification_state_open(kp: Resource<Publickey>) -> Resource<SignatureVerificationState>;
        now signature_verification_state_update(state: Resource<SignatureVerificationState>, input: WasmList<u8>) -> ();
        now signature_verification_state_verify(state: Resource<SignatureVerificationState>, signature: Resource<Signature>) -> ();
        now signature_verification_state_close(state: Resource<SignatureVerificationState>) -> ();
        now signature_close(signature: Resource<Signature>) -> ();
    }
}

pub(super) mod symmetric {
    use wasmtime::component::{Resource, WasmList};

    use crate::wit::link::{function, functions};
    use crate::wit::output::Output;
    use crate::wit::types::{
        ArrayOutput, Options, SecretsManager, SymmetricKey, SymmetricState, SymmetricTag, Version,
    };

    type Bytes = WasmList<u8>;

    functions! {
        now symmetric_key_generate(algorithm: String, options: Option<Resource<Options>>) -> Resource<SymmetricKey>;
        now symmetric_key_import(algorithm: String, raw: Bytes) -> Resource<SymmetricKey>;
        now symmetric_key_export(symmetric_key: Resource<SymmetricKey>) -> Resource<ArrayOutput>;
        now symmetric_key_close(symmetric_key: Resource<SymmetricKey>) -> ();
        later[_session => true]
            symmetric_key_generate_managed(
                secrets_manager: Resource<SecretsManager>, algorithm: String, options: Option<Resource<Options>>
            ) -> Resource<SymmetricKey>;
        later[_session => true]
            symmetric_key_store_managed as store_key(secrets_manager: Resource<SecretsManager>, symmetric_key: Resource<SymmetricKey>) -> Vec<u8>;
        later[_session => true]
            symmetric_key_replace_managed as replace_key(
                secrets_manager: Resource<SecretsManager>, symmetric_key_old: Resource<SymmetricKey>, symmetric_key_new: Resource<SymmetricKey>
            ) -> Version;
        now symmetric_key_id as key_identifier(symmetric_key: Resource<SymmetricKey>) -> (Vec<u8>, Version);
        later[_session => true]
            symmetric_key_from_id(
                secrets_manager: Resource<SecretsManager>, symmetric_key_id: Bytes, symmetric_key_version: Version
            ) -> Resource<SymmetricKey>;
        now symmetric_state_open(
            algorithm: String, key: Option<Resource<SymmetricKey>>, options: Option<Resource<Options>>
        ) -> Resource<SymmetricState>;
        now symmetric_state_options_get as symmetric_state_option(state: Resource<SymmetricState>, name: String) -> Vec<u8>;
        now symmetric_state_options_get_u64(state: Resource<SymmetricState>, name: String) -> u64;
        now symmetric_state_clone(state: Resource<SymmetricState>) -> Resource<SymmetricState>;
        now symmetric_state_close(state: Resource<SymmetricState>) -> ();
        now symmetric_state_absorb(state: Resource<SymmetricState>, data: Bytes) -> ();
        later[session => session.symmetric_state_is_slow(state)]
            symmetric_state_squeeze as squeeze(state: Resource<SymmetricState>) -> bytes::Bytes;
        later[session => session.symmetric_state_is_slow(state)]
            symmetric_state_squeeze_tag(state: Resource<SymmetricState>) -> Resource<SymmetricTag>;
        later[session => session.symmetric_state_is_slow(state)]
            symmetric_state_squeeze_key(state: Resource<SymmetricState>, alg_str: String) -> Resource<SymmetricKey>;
        now symmetric_state_max_tag_len(state: Resource<SymmetricState>) -> u32;
        now symmetric_state_encrypt as encrypt(state: Resource<SymmetricState>, data: Bytes) -> Output;
        now symmetric_state_encrypt_detached as encrypt_detached(
            state: Resource<SymmetricState>, data: Bytes
        ) -> (Output, Resource<SymmetricTag>);
        now symmetric_state_decrypt as decrypt(state: Resource<SymmetricState>, data: Bytes, out_len: u32) -> Output;
        now symmetric_state_decrypt_detached as decrypt_detached(state: Resource<SymmetricState>, data: Bytes, raw_tag: Bytes) -> Output;
        now symmetric_state_ratchet(state: Resource<SymmetricState>) -> ();
        now symmetric_tag_len(symmetric_tag: Resource<SymmetricTag>) -> u32;
        now symmetric_tag_pull as pull_tag(symmetric_tag: Resource<SymmetricTag>) -> Vec<u8>;
        now symmetric_tag_verify(symmetric_tag: Resource<SymmetricTag>, expected_raw_tag: Bytes) -> ();
        now symmetric_tag_close(symmetric_tag: Resource<SymmetricTag>) -> ();
    }
}
