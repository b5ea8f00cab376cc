//! The functions of each module, in the order of witx.

pub(super) mod common {
    use crate::instance::Wait;
    use crate::witx::link::{function, functions};

    functions! {
        now options_open(algorithm_type: AlgorithmType) -> (options);
        now options_close(handle: Handle);
        now options_set(handle: Handle, name: Text, value: Bytes);
        now options_set_u64(handle: Handle, name: Text, value: u64);
        now options_set_guest_buffer(handle: Handle, name: Text, buffer: Length);
        now array_output_len(array_output: Handle) -> (len);
        now array_output_pull(array_output: Handle, buf: Out) -> (len);
        now secrets_manager_open(options: Optional) -> (secrets_manager);
        now secrets_manager_close(secrets_manager: Handle);
        later[_session => Wait::Store] secrets_manager_invalidate(secrets_manager: Handle, key_id: Bytes, key_version: u64);
    }
}

pub(super) mod asymmetric_common {
    use crate::instance::{Wait, is_slow_to_generate};
    use crate::witx::link::{function, functions};

    functions! {
        later[_session => Wait::if_long(is_slow_to_generate(&algorithm))]
            keypair_generate(algorithm_type: AlgorithmType, algorithm: Text, options: Optional) -> (keypair);
        now keypair_import(algorithm_type: AlgorithmType, algorithm: Text, encoded: Bytes, encoding: KeypairEncoding) -> (keypair);
        later[_session => Wait::to_generate(&algorithm)]
            keypair_generate_managed(secrets_manager: Handle, algorithm_type: AlgorithmType, algorithm: Text, options: Optional) -> (keypair);
        later[_session => Wait::Store] keypair_store_managed(secrets_manager: Handle, kp: Handle, kp_id: Out);
        later[_session => Wait::Store] keypair_replace_managed(secrets_manager: Handle, kp_old: Handle, kp_new: Handle) -> (version);
        now keypair_id(kp: Handle, kp_id: Out) -> (len, version);
        later[_session => Wait::Store] keypair_from_id(secrets_manager: Handle, kp_id: Bytes, kp_version: u64) -> (keypair);
        now keypair_from_pk_and_sk(publickey: Handle, secretkey: Handle) -> (keypair);
        now keypair_export(kp: Handle, encoding: KeypairEncoding) -> (array_output);
        now keypair_publickey(kp: Handle) -> (publickey);
        now keypair_secretkey(kp: Handle) -> (secretkey);
        now keypair_close(kp: Handle);
        now publickey_import(algorithm_type: AlgorithmType, algorithm: Text, encoded: Bytes, encoding: PublickeyEncoding) -> (publickey);
        now publickey_export(pk: Handle, encoding: PublickeyEncoding) -> (array_output);
        now publickey_verify(pk: Handle);
        now publickey_from_secretkey(sk: Handle) -> (publickey);
        now publickey_close(pk: Handle);
        now secretkey_import(algorithm_type: AlgorithmType, algorithm: Text, encoded: Bytes, encoding: SecretkeyEncoding) -> (secretkey);
        now secretkey_export(sk: Handle, encoding: SecretkeyEncoding) -> (array_output);
        now secretkey_close(sk: Handle);
    }
}

pub(super) mod signatures {
    use crate::instance::{Turn, Wait};
    use crate::witx::link::{function, functions};

    functions! {
        now signature_export(signature: Handle, encoding: SignatureEncoding) -> (array_output);
        now signature_import(algorithm: Text, encoded: Bytes, encoding: SignatureEncoding) -> (signature);
        now signature_state_open(kp: Handle) -> (state);
        absorb[signature_state_absorbs_pieces] signature_state_update();
        later[session => Wait::if_long(session.signature_state_len(state) > Turn::BYTES)]
            signature_state_sign(state: Handle) -> (signature);
        now signature_state_close(state: Handle);
        now signature_verification_state_open(kp: Handle) -> (state);
        absorb[signature_verification_state_absorbs_pieces] signature_verification_state_update();
        later[session => Wait::if_long(session.signature_verification_state_len(state) > Turn::BYTES)]
            signature_verification_state_verify(state: Handle, signature: Handle);
        now signature_verification_state_close(state: Handle);
        now signature_close(signature: Handle);
    }
}

pub(super) mod symmetric {
    use crate::instance::Wait;
    use crate::witx::link::{function, functions};
    use crate::witx::{cipher, options};

    functions! {
        now symmetric_key_generate(algorithm: Text, options: Optional) -> (key);
        now symmetric_key_import(algorithm: Text, raw: Bytes) -> (key);
        now symmetric_key_export(symmetric_key: Handle) -> (array_output);
        now symmetric_key_close(symmetric_key: Handle);
        later[_session => Wait::Store]
            symmetric_key_generate_managed(secrets_manager: Handle, algorithm: Text, options: Optional) -> (key);
        later[_session => Wait::Store]
            symmetric_key_store_managed(secrets_manager: Handle, symmetric_key: Handle, symmetric_key_id: Out);
        later[_session => Wait::Store]
            symmetric_key_replace_managed(secrets_manager: Handle, symmetric_key_old: Handle, symmetric_key_new: Handle) -> (version);
        now symmetric_key_id(symmetric_key: Handle, symmetric_key_id: Out) -> (len, version);
        later[_session => Wait::Store]
            symmetric_key_from_id(secrets_manager: Handle, symmetric_key_id: Bytes, symmetric_key_version: u64) -> (key);
        now symmetric_state_open(algorithm: Text, key: Optional, options: Optional) -> (state);
        by[options::get] symmetric_state_options_get();
        now symmetric_state_options_get_u64(handle: Handle, name: Text) -> (value);
        now symmetric_state_clone(handle: Handle) -> (state);
        now symmetric_state_close(handle: Handle);
        absorb[symmetric_state_absorbs_pieces] symmetric_state_absorb();
        by[cipher::squeeze] symmetric_state_squeeze();
        later[session => Wait::if_long(session.symmetric_state_is_slow(handle))] symmetric_state_squeeze_tag(handle: Handle) -> (tag);
        later[session => Wait::if_long(session.symmetric_state_is_slow(handle))]
            symmetric_state_squeeze_key(handle: Handle, alg_str: Text) -> (key);
        now symmetric_state_max_tag_len(handle: Handle) -> (len);
        by[cipher::encrypt] symmetric_state_encrypt();
        by[cipher::encrypt_detached] symmetric_state_encrypt_detached();
        by[cipher::decrypt] symmetric_state_decrypt();
        by[cipher::decrypt_detached] symmetric_state_decrypt_detached();
        now symmetric_state_ratchet(handle: Handle);
        now symmetric_tag_len(symmetric_tag: Handle) -> (len);
        now symmetric_tag_pull(symmetric_tag: Handle, buf: Out) -> (len);
        now symmetric_tag_verify(symmetric_tag: Handle, expected_raw_tag: Bytes);
        now symmetric_tag_close(symmetric_tag: Handle);
    }
}

pub(super) mod kx {
    use crate::witx::link::{function, functions};

    functions! {
        now kx_dh(pk: Handle, sk: Handle) -> (shared_secret);
        now kx_encapsulate(pk: Handle) -> (secret, encapsulated_secret);
        now kx_decapsulate(sk: Handle, encapsulated_secret: Bytes) -> (secret);
    }
}

pub(super) mod external_secrets {
    use crate::instance::Wait;
    use crate::witx::link::{function, functions};

    functions! {
        later[_session => Wait::Store]
            external_secret_store(secrets_manager: Handle, secret: Bytes, expiration: u64, secret_id: Out);
        later[_session => Wait::Store]
            external_secret_replace(secrets_manager: Handle, secret: Bytes, expiration: u64, secret_id: Bytes) -> (version);
        later[_session => Wait::Store]
            external_secret_from_id(secrets_manager: Handle, secret_id: Bytes, secret_version: u64) -> (array_output);
        later[_session => Wait::Store]
            external_secret_invalidate(secrets_manager: Handle, secret_id: Bytes, secret_version: u64);
        now external_secret_encapsulate(secrets_manager: Handle, secret: Bytes, expiration: u64) -> (array_output);
        now external_secret_decapsulate(secrets_manager: Handle, encrypted_secret: Bytes) -> (array_output);
    }
}

pub(super) mod signatures_batch {
    use crate::witx::batch;
    use crate::witx::link::{function, functions};

    functions! {
        by[batch::sign] batch_signature_state_sign();
        by[batch::verify] batch_signature_state_verify();
    }
}

pub(super) mod symmetric_batch {
    use crate::witx::batch;
    use crate::witx::link::{function, functions};

    functions! {
        by[batch::squeeze] batch_symmetric_state_squeeze();
        by[batch::squeeze_tag] batch_symmetric_state_squeeze_tag();
        by[batch::encrypt] batch_symmetric_state_encrypt();
        by[batch::encrypt_detached] batch_symmetric_state_encrypt_detached();
        by[batch::decrypt] batch_symmetric_state_decrypt();
        by[batch::decrypt_detached] batch_symmetric_state_decrypt_detached();
    }
}
