//! Components: the host's functions as `wasi:crypto@0.11.0` gives them.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[allow(missing_docs, rust_2018_idioms, unreachable_pub, clippy::all)]
mod bindings {
    wit_bindgen::generate!({ path: "../wit/crypto", world: "imports", generate_all });
}

use bindings::wasi::crypto::wasi_ephemeral_crypto_asymmetric_common as asymmetric;
use bindings::wasi::crypto::wasi_ephemeral_crypto_common as common;
use bindings::wasi::crypto::wasi_ephemeral_crypto_external_secrets as secrets;
use bindings::wasi::crypto::wasi_ephemeral_crypto_kx as kx;
use bindings::wasi::crypto::wasi_ephemeral_crypto_signatures as signatures;
use bindings::wasi::crypto::wasi_ephemeral_crypto_signatures_batch as signatures_batch;
use bindings::wasi::crypto::wasi_ephemeral_crypto_symmetric as symmetric;
use bindings::wasi::crypto::wasi_ephemeral_crypto_symmetric_batch as symmetric_batch;
use common::CryptoErrno;

use super::{
    AlgorithmType, Error, Keypair, KeypairEncoding, Options, Publickey, PublickeyEncoding, Result,
    Secretkey, SecretkeyEncoding, SecretsManager, Signature, SignatureEncoding, SignatureState,
    SignatureVerificationState, SymmetricKey, SymmetricState, SymmetricTag, Version,
};

/// What stands for the host's resources.
pub(super) mod handles {
    pub(in crate::crypto::raw) use super::common::{
        Keypair, Options, Publickey, Secretkey, SecretsManager, Signature, SignatureState,
        SignatureVerificationState, SymmetricKey, SymmetricState, SymmetricTag,
    };
}

impl From<CryptoErrno> for Error {
    fn from(error: CryptoErrno) -> Self {
        match error {
            // An error that says it is none.
            CryptoErrno::Success => Self::InternalError,
            CryptoErrno::GuestError => Self::GuestError,
            CryptoErrno::NotImplemented => Self::NotImplemented,
            CryptoErrno::UnsupportedFeature => Self::UnsupportedFeature,
            CryptoErrno::ProhibitedOperation => Self::ProhibitedOperation,
            CryptoErrno::UnsupportedEncoding => Self::UnsupportedEncoding,
            CryptoErrno::UnsupportedAlgorithm => Self::UnsupportedAlgorithm,
            CryptoErrno::UnsupportedOption => Self::UnsupportedOption,
            CryptoErrno::InvalidKey => Self::InvalidKey,
            CryptoErrno::InvalidLength => Self::InvalidLength,
            CryptoErrno::VerificationFailed => Self::VerificationFailed,
            CryptoErrno::RngError => Self::RngError,
            CryptoErrno::AlgorithmFailure => Self::AlgorithmFailure,
            CryptoErrno::InvalidSignature => Self::InvalidSignature,
            CryptoErrno::Closed => Self::Closed,
            CryptoErrno::InvalidHandle => Self::InvalidHandle,
            CryptoErrno::Overflow => Self::Overflow,
            CryptoErrno::InternalError => Self::InternalError,
            CryptoErrno::TooManyHandles => Self::TooManyHandles,
            CryptoErrno::KeyNotSupported => Self::KeyNotSupported,
            CryptoErrno::KeyRequired => Self::KeyRequired,
            CryptoErrno::InvalidTag => Self::InvalidTag,
            CryptoErrno::InvalidOperation => Self::InvalidOperation,
            CryptoErrno::NonceRequired => Self::NonceRequired,
            CryptoErrno::InvalidNonce => Self::InvalidNonce,
            CryptoErrno::OptionNotSet => Self::OptionNotSet,
            CryptoErrno::NotFound => Self::NotFound,
            CryptoErrno::ParametersMissing => Self::ParametersMissing,
            CryptoErrno::InProgress => Self::InProgress,
            CryptoErrno::IncompatibleKeys => Self::IncompatibleKeys,
            CryptoErrno::Expired => Self::Expired,
        }
    }
}

/// The result of one operation of a batch, where success is one of the error codes.
fn check(error: CryptoErrno) -> Result<()> {
    match error {
        CryptoErrno::Success => Ok(()),
        error => Err(error.into()),
    }
}

/// Both sides have the same cases.
macro_rules! same {
    ($($type:ident: $($case:ident)*;)*) => {$(
        impl From<$type> for common::$type {
            fn from(value: $type) -> Self {
                match value {
                    $($type::$case => Self::$case,)*
                }
            }
        }
    )*};
}

same! {
    AlgorithmType: Signatures Symmetric KeyExchange;
    KeypairEncoding: Raw Pkcs8 Pem Local;
    PublickeyEncoding: Raw Pkcs8 Pem Sec Local;
    SecretkeyEncoding: Raw Pkcs8 Pem Sec Local;
    SignatureEncoding: Raw Der;
}

impl From<Version> for common::Version {
    fn from(version: Version) -> Self {
        match version {
            Version::Unspecified => Self::Unspecified,
            Version::Latest => Self::Latest,
            Version::All => Self::All,
            Version::Number(number) => Self::Specified(number),
        }
    }
}

impl From<common::Version> for Version {
    fn from(version: common::Version) -> Self {
        match version {
            common::Version::Unspecified => Self::Unspecified,
            common::Version::Latest => Self::Latest,
            common::Version::All => Self::All,
            common::Version::Specified(number) => Self::Number(number),
        }
    }
}

fn pull(array: common::ArrayOutput) -> Result<Vec<u8>> {
    Ok(common::array_output_pull(array)?)
}

fn inner(options: Option<&Options>) -> Option<&common::Options> {
    options.map(|options| &options.0)
}

pub(super) fn random(bytes: usize) -> Result<Vec<u8>> {
    Ok(wasip2::random::random::get_random_bytes(bytes as u64))
}

/// Functions that are the host's but for the types of arguments and results.
macro_rules! forward {
    ($($module:ident::$function:ident($($argument:ident: $type:ty = $given:expr),*) -> $result:ty = $wrap:expr;)*) => {$(
        pub(super) fn $function($($argument: $type),*) -> Result<$result> {
            let wrap: fn(_) -> Result<$result> = $wrap;
            wrap($module::$function($($given),*)?)
        }
    )*};
}

forward! {
    common::options_open(kind: AlgorithmType = kind.into()) -> Options = |options| Ok(Options(options));
    common::options_set(options: &Options = &options.0, name: &str = name, value: &[u8] = value) -> () = Ok;
    common::options_set_u64(options: &Options = &options.0, name: &str = name, value: u64 = value) -> () = Ok;
    common::secrets_manager_open(options: Option<&Options> = inner(options)) -> SecretsManager = |manager| Ok(SecretsManager(manager));
    common::secrets_manager_invalidate(manager: &SecretsManager = &manager.0, id: &[u8] = id, version: Version = version.into()) -> () = Ok;

    asymmetric::keypair_generate(kind: AlgorithmType = kind.into(), algorithm: &str = algorithm, options: Option<&Options> = inner(options)) -> Keypair = |pair| Ok(Keypair(pair));
    asymmetric::keypair_import(kind: AlgorithmType = kind.into(), algorithm: &str = algorithm, encoded: &[u8] = encoded, encoding: KeypairEncoding = encoding.into()) -> Keypair = |pair| Ok(Keypair(pair));
    asymmetric::keypair_generate_managed(manager: &SecretsManager = &manager.0, kind: AlgorithmType = kind.into(), algorithm: &str = algorithm, options: Option<&Options> = inner(options)) -> Keypair = |pair| Ok(Keypair(pair));
    asymmetric::keypair_store_managed(manager: &SecretsManager = &manager.0, pair: &Keypair = &pair.0) -> Vec<u8> = Ok;
    asymmetric::keypair_replace_managed(manager: &SecretsManager = &manager.0, old: Keypair = old.0, new: &Keypair = &new.0) -> Version = |version: common::Version| Ok(version.into());
    asymmetric::keypair_id(pair: &Keypair = &pair.0) -> (Vec<u8>, Version) = |(id, version): (_, common::Version)| Ok((id, version.into()));
    asymmetric::keypair_from_id(manager: &SecretsManager = &manager.0, id: &[u8] = id, version: Version = version.into()) -> Keypair = |pair| Ok(Keypair(pair));
    asymmetric::keypair_from_pk_and_sk(public: &Publickey = &public.0, secret: &Secretkey = &secret.0) -> Keypair = |pair| Ok(Keypair(pair));
    asymmetric::keypair_export(pair: &Keypair = &pair.0, encoding: KeypairEncoding = encoding.into()) -> Vec<u8> = pull;
    asymmetric::keypair_publickey(pair: &Keypair = &pair.0) -> Publickey = |public| Ok(Publickey(public));
    asymmetric::keypair_secretkey(pair: &Keypair = &pair.0) -> Secretkey = |secret| Ok(Secretkey(secret));
    asymmetric::publickey_import(kind: AlgorithmType = kind.into(), algorithm: &str = algorithm, encoded: &[u8] = encoded, encoding: PublickeyEncoding = encoding.into()) -> Publickey = |public| Ok(Publickey(public));
    asymmetric::publickey_export(public: &Publickey = &public.0, encoding: PublickeyEncoding = encoding.into()) -> Vec<u8> = pull;
    asymmetric::publickey_verify(public: &Publickey = &public.0) -> () = Ok;
    asymmetric::publickey_from_secretkey(secret: &Secretkey = &secret.0) -> Publickey = |public| Ok(Publickey(public));
    asymmetric::secretkey_import(kind: AlgorithmType = kind.into(), algorithm: &str = algorithm, encoded: &[u8] = encoded, encoding: SecretkeyEncoding = encoding.into()) -> Secretkey = |secret| Ok(Secretkey(secret));
    asymmetric::secretkey_export(secret: &Secretkey = &secret.0, encoding: SecretkeyEncoding = encoding.into()) -> Vec<u8> = pull;

    signatures::signature_export(signature: &Signature = &signature.0, encoding: SignatureEncoding = encoding.into()) -> Vec<u8> = pull;
    signatures::signature_import(algorithm: &str = algorithm, encoded: &[u8] = encoded, encoding: SignatureEncoding = encoding.into()) -> Signature = |signature| Ok(Signature(signature));
    signatures::signature_state_open(pair: &Keypair = &pair.0) -> SignatureState = |state| Ok(SignatureState(state));
    signatures::signature_state_update(state: &SignatureState = &state.0, input: &[u8] = input) -> () = Ok;
    signatures::signature_state_sign(state: &SignatureState = &state.0) -> Signature = |signature| Ok(Signature(signature));
    signatures::signature_verification_state_open(public: &Publickey = &public.0) -> SignatureVerificationState = |state| Ok(SignatureVerificationState(state));
    signatures::signature_verification_state_update(state: &SignatureVerificationState = &state.0, input: &[u8] = input) -> () = Ok;
    signatures::signature_verification_state_verify(state: &SignatureVerificationState = &state.0, signature: &Signature = &signature.0) -> () = Ok;

    kx::kx_dh(public: &Publickey = &public.0, secret: &Secretkey = &secret.0) -> Vec<u8> = pull;
    kx::kx_encapsulate(public: &Publickey = &public.0) -> (Vec<u8>, Vec<u8>) = |(secret, encapsulated)| Ok((pull(secret)?, pull(encapsulated)?));
    kx::kx_decapsulate(secret: &Secretkey = &secret.0, encapsulated: &[u8] = encapsulated) -> Vec<u8> = pull;

    symmetric::symmetric_key_generate(algorithm: &str = algorithm, options: Option<&Options> = inner(options)) -> SymmetricKey = |key| Ok(SymmetricKey(key));
    symmetric::symmetric_key_import(algorithm: &str = algorithm, raw: &[u8] = raw) -> SymmetricKey = |key| Ok(SymmetricKey(key));
    symmetric::symmetric_key_export(key: &SymmetricKey = &key.0) -> Vec<u8> = pull;
    symmetric::symmetric_key_generate_managed(manager: &SecretsManager = &manager.0, algorithm: &str = algorithm, options: Option<&Options> = inner(options)) -> SymmetricKey = |key| Ok(SymmetricKey(key));
    symmetric::symmetric_key_store_managed(manager: &SecretsManager = &manager.0, key: &SymmetricKey = &key.0) -> Vec<u8> = Ok;
    symmetric::symmetric_key_replace_managed(manager: &SecretsManager = &manager.0, old: SymmetricKey = old.0, new: &SymmetricKey = &new.0) -> Version = |version: common::Version| Ok(version.into());
    symmetric::symmetric_key_id(key: &SymmetricKey = &key.0) -> (Vec<u8>, Version) = |(id, version): (_, common::Version)| Ok((id, version.into()));
    symmetric::symmetric_key_from_id(manager: &SecretsManager = &manager.0, id: &[u8] = id, version: Version = version.into()) -> SymmetricKey = |key| Ok(SymmetricKey(key));
    symmetric::symmetric_state_open(algorithm: &str = algorithm, key: Option<&SymmetricKey> = key.map(|key| &key.0), options: Option<&Options> = inner(options)) -> SymmetricState = |state| Ok(SymmetricState(state));
    symmetric::symmetric_state_options_get(state: &SymmetricState = &state.0, name: &str = name) -> Vec<u8> = Ok;
    symmetric::symmetric_state_options_get_u64(state: &SymmetricState = &state.0, name: &str = name) -> u64 = Ok;
    symmetric::symmetric_state_clone(state: &SymmetricState = &state.0) -> SymmetricState = |state| Ok(SymmetricState(state));
    symmetric::symmetric_state_absorb(state: &SymmetricState = &state.0, data: &[u8] = data) -> () = Ok;
    symmetric::symmetric_state_squeeze_tag(state: &SymmetricState = &state.0) -> SymmetricTag = |tag| Ok(SymmetricTag(tag));
    symmetric::symmetric_state_squeeze_key(state: &SymmetricState = &state.0, algorithm: &str = algorithm) -> SymmetricKey = |key| Ok(SymmetricKey(key));
    symmetric::symmetric_state_max_tag_len(state: &SymmetricState = &state.0) -> usize = |length| Ok(length as usize);
    symmetric::symmetric_state_encrypt(state: &SymmetricState = &state.0, data: &[u8] = data) -> Vec<u8> = Ok;
    symmetric::symmetric_state_encrypt_detached(state: &SymmetricState = &state.0, data: &[u8] = data) -> (Vec<u8>, SymmetricTag) = |(ciphertext, tag)| Ok((ciphertext, SymmetricTag(tag)));
    symmetric::symmetric_state_decrypt(state: &SymmetricState = &state.0, data: &[u8] = data, length: usize = length as u32) -> Vec<u8> = Ok;
    symmetric::symmetric_state_decrypt_detached(state: &SymmetricState = &state.0, data: &[u8] = data, tag: &[u8] = tag) -> Vec<u8> = Ok;
    symmetric::symmetric_state_ratchet(state: &SymmetricState = &state.0) -> () = Ok;
    symmetric::symmetric_tag_len(tag: &SymmetricTag = &tag.0) -> usize = |length| Ok(length as usize);
    symmetric::symmetric_tag_pull(tag: SymmetricTag = tag.0) -> Vec<u8> = Ok;
    symmetric::symmetric_tag_verify(tag: &SymmetricTag = &tag.0, expected: &[u8] = expected) -> () = Ok;

    secrets::external_secret_store(manager: &SecretsManager = &manager.0, secret: &[u8] = secret, expiration: u64 = expiration) -> Vec<u8> = Ok;
    secrets::external_secret_from_id(manager: &SecretsManager = &manager.0, id: &[u8] = id, version: Version = version.into()) -> Vec<u8> = pull;
    secrets::external_secret_invalidate(manager: &SecretsManager = &manager.0, id: &[u8] = id, version: Version = version.into()) -> () = Ok;
    secrets::external_secret_encapsulate(manager: &SecretsManager = &manager.0, secret: &[u8] = secret, expiration: u64 = expiration) -> Vec<u8> = pull;
    secrets::external_secret_decapsulate(manager: &SecretsManager = &manager.0, encrypted: &[u8] = encrypted) -> Vec<u8> = pull;
}

/// The interface has no length: a state gives as much as it likes, so that more can only be had of another.
pub(super) fn symmetric_state_squeeze(state: &SymmetricState, length: usize) -> Result<Vec<u8>> {
    shortened(symmetric::symmetric_state_squeeze(&state.0)?, length)
}

fn shortened(mut bytes: Vec<u8>, length: usize) -> Result<Vec<u8>> {
    if bytes.len() < length {
        return Err(Error::InvalidLength);
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// The interface lacks the parameter that would say which secret is meant.
pub(super) fn external_secret_replace(
    _: &SecretsManager,
    _: &[u8],
    _: u64,
    _: &[u8],
) -> Result<Version> {
    Err(Error::UnsupportedFeature)
}

pub(super) fn batch_symmetric_state_squeeze(
    batch: &[(&SymmetricState, usize)],
) -> Result<Vec<Result<Vec<u8>>>> {
    let states: Vec<_> = batch.iter().map(|(state, _)| &state.0).collect();
    let results = symmetric_batch::batch_symmetric_state_squeeze(&states)?;
    let results = buffers(results).into_iter().zip(batch);
    Ok(results
        .map(|(bytes, (_, length))| bytes.and_then(|bytes| shortened(bytes, *length)))
        .collect())
}

pub(super) fn symmetric_state_encrypt_onto(
    state: &SymmetricState,
    data: &[u8],
    out: &mut Vec<u8>,
) -> Result<()> {
    out.append(&mut symmetric::symmetric_state_encrypt(&state.0, data)?);
    Ok(())
}

pub(super) fn batch_signature_state_sign(
    states: &[&SignatureState],
) -> Result<Vec<Result<Vec<u8>>>> {
    let states: Vec<_> = states.iter().map(|state| &state.0).collect();
    let results = signatures_batch::batch_signature_state_sign(&states)?;
    let results = results.into_iter();
    Ok(results
        .map(|(signature, error)| check(error).and_then(|()| pull(signature)))
        .collect())
}

pub(super) fn batch_signature_state_verify(
    states: &[(&SignatureVerificationState, &Signature)],
) -> Result<Vec<Result<()>>> {
    let states = states
        .iter()
        .map(|(state, signature)| (&state.0, &signature.0));
    let states: Vec<_> = states.collect();
    let errors = signatures_batch::batch_signature_state_verify(&states)?;
    Ok(errors.into_iter().map(check).collect())
}

pub(super) fn batch_symmetric_state_squeeze_tag(
    states: &[&SymmetricState],
) -> Result<Vec<Result<SymmetricTag>>> {
    let states: Vec<_> = states.iter().map(|state| &state.0).collect();
    let results = symmetric_batch::batch_symmetric_state_squeeze_tag(&states)?;
    let results = results.into_iter();
    Ok(results
        .map(|(tag, error)| check(error).map(|()| SymmetricTag(tag)))
        .collect())
}

/// Buffers that came back, each unless its operation failed.
fn buffers(results: Vec<(Vec<u8>, CryptoErrno)>) -> Vec<Result<Vec<u8>>> {
    let results = results.into_iter();
    results
        .map(|(buffer, error)| check(error).map(|()| buffer))
        .collect()
}

pub(super) fn batch_symmetric_state_encrypt(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let batch: Vec<_> = batch
        .iter()
        .map(|(state, data)| (&state.0, data.to_vec()))
        .collect();
    Ok(buffers(symmetric_batch::batch_symmetric_state_encrypt(
        &batch,
    )?))
}

pub(super) fn batch_symmetric_state_encrypt_detached(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<(Vec<u8>, SymmetricTag)>>> {
    let batch: Vec<_> = batch
        .iter()
        .map(|(state, data)| (&state.0, data.to_vec()))
        .collect();
    let results = symmetric_batch::batch_symmetric_state_encrypt_detached(&batch)?;
    let results = results.into_iter();
    Ok(results
        .map(|(ciphertext, tag, error)| check(error).map(|()| (ciphertext, SymmetricTag(tag))))
        .collect())
}

pub(super) fn batch_symmetric_state_decrypt(
    batch: &[(&SymmetricState, &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let batch: Vec<_> = batch
        .iter()
        .map(|(state, data)| (&state.0, data.to_vec()))
        .collect();
    Ok(buffers(symmetric_batch::batch_symmetric_state_decrypt(
        &batch,
    )?))
}

pub(super) fn batch_symmetric_state_decrypt_detached(
    batch: &[(&SymmetricState, &[u8], &[u8])],
) -> Result<Vec<Result<Vec<u8>>>> {
    let batch = batch
        .iter()
        .map(|(state, data, tag)| (&state.0, data.to_vec(), tag.to_vec()));
    let batch: Vec<_> = batch.collect();
    Ok(buffers(
        symmetric_batch::batch_symmetric_state_decrypt_detached(&batch)?,
    ))
}
