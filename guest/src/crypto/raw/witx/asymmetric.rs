//! The module `asymmetric_common`.

use super::super::{
    AlgorithmType, Keypair, KeypairEncoding, Options, Publickey, PublickeyEncoding, Result,
    Secretkey, SecretkeyEncoding, SecretsManager, Version,
};
use super::{ID_BYTES, call, maybe_options, pull};

pub(in crate::crypto::raw) fn keypair_generate(
    algorithm_type: AlgorithmType,
    algorithm: &str,
    options: Option<&Options>,
) -> Result<Keypair> {
    call!(keypair_generate(algorithm_type as u32, algorithm.as_ptr(), algorithm.len(), &maybe_options(options)) -> u32)
        .map(Keypair::owning)
}

pub(in crate::crypto::raw) fn keypair_import(
    algorithm_type: AlgorithmType,
    algorithm: &str,
    encoded: &[u8],
    encoding: KeypairEncoding,
) -> Result<Keypair> {
    call!(keypair_import(algorithm_type as u32, algorithm.as_ptr(), algorithm.len(), encoded.as_ptr(), encoded.len(), encoding as u32) -> u32)
        .map(Keypair::owning)
}

pub(in crate::crypto::raw) fn keypair_generate_managed(
    manager: &SecretsManager,
    algorithm_type: AlgorithmType,
    algorithm: &str,
    options: Option<&Options>,
) -> Result<Keypair> {
    call!(keypair_generate_managed(manager.handle(), algorithm_type as u32, algorithm.as_ptr(), algorithm.len(), &maybe_options(options)) -> u32)
        .map(Keypair::owning)
}

pub(in crate::crypto::raw) fn keypair_store_managed(
    manager: &SecretsManager,
    pair: &Keypair,
) -> Result<Vec<u8>> {
    // The function does not say how long the identifier is, but the key pair knows it from now on.
    let mut id = [0; ID_BYTES];
    call!(keypair_store_managed(
        manager.handle(),
        pair.handle(),
        id.as_mut_ptr(),
        id.len()
    ))?;
    keypair_id(pair).map(|(id, _)| id)
}

pub(in crate::crypto::raw) fn keypair_replace_managed(
    manager: &SecretsManager,
    old: Keypair,
    new: &Keypair,
) -> Result<Version> {
    let version =
        call!(keypair_replace_managed(manager.handle(), old.handle(), new.handle()) -> u64)?;
    // The host has closed it.
    old.into_handle();
    Ok(Version::from_u64(version))
}

pub(in crate::crypto::raw) fn keypair_id(pair: &Keypair) -> Result<(Vec<u8>, Version)> {
    let mut id = vec![0; ID_BYTES];
    let mut length = 0;
    let version = call!(keypair_id(pair.handle(), id.as_mut_ptr(), id.len(), &mut length) -> u64)?;
    id.truncate(length);
    Ok((id, Version::from_u64(version)))
}

pub(in crate::crypto::raw) fn keypair_from_id(
    manager: &SecretsManager,
    id: &[u8],
    version: Version,
) -> Result<Keypair> {
    call!(keypair_from_id(manager.handle(), id.as_ptr(), id.len(), version.to_u64()) -> u32)
        .map(Keypair::owning)
}

pub(in crate::crypto::raw) fn keypair_from_pk_and_sk(
    public: &Publickey,
    secret: &Secretkey,
) -> Result<Keypair> {
    call!(keypair_from_pk_and_sk(public.handle(), secret.handle()) -> u32).map(Keypair::owning)
}

pub(in crate::crypto::raw) fn keypair_export(
    pair: &Keypair,
    encoding: KeypairEncoding,
) -> Result<Vec<u8>> {
    call!(keypair_export(pair.handle(), encoding as u32) -> u32).and_then(pull)
}

pub(in crate::crypto::raw) fn keypair_publickey(pair: &Keypair) -> Result<Publickey> {
    call!(keypair_publickey(pair.handle()) -> u32).map(Publickey::owning)
}

pub(in crate::crypto::raw) fn keypair_secretkey(pair: &Keypair) -> Result<Secretkey> {
    call!(keypair_secretkey(pair.handle()) -> u32).map(Secretkey::owning)
}

pub(in crate::crypto::raw) fn publickey_import(
    algorithm_type: AlgorithmType,
    algorithm: &str,
    encoded: &[u8],
    encoding: PublickeyEncoding,
) -> Result<Publickey> {
    call!(publickey_import(algorithm_type as u32, algorithm.as_ptr(), algorithm.len(), encoded.as_ptr(), encoded.len(), encoding as u32) -> u32)
        .map(Publickey::owning)
}

pub(in crate::crypto::raw) fn publickey_export(
    public: &Publickey,
    encoding: PublickeyEncoding,
) -> Result<Vec<u8>> {
    call!(publickey_export(public.handle(), encoding as u32) -> u32).and_then(pull)
}

pub(in crate::crypto::raw) fn publickey_verify(public: &Publickey) -> Result<()> {
    call!(publickey_verify(public.handle()))
}

pub(in crate::crypto::raw) fn publickey_from_secretkey(secret: &Secretkey) -> Result<Publickey> {
    call!(publickey_from_secretkey(secret.handle()) -> u32).map(Publickey::owning)
}

pub(in crate::crypto::raw) fn secretkey_import(
    algorithm_type: AlgorithmType,
    algorithm: &str,
    encoded: &[u8],
    encoding: SecretkeyEncoding,
) -> Result<Secretkey> {
    call!(secretkey_import(algorithm_type as u32, algorithm.as_ptr(), algorithm.len(), encoded.as_ptr(), encoded.len(), encoding as u32) -> u32)
        .map(Secretkey::owning)
}

pub(in crate::crypto::raw) fn secretkey_export(
    secret: &Secretkey,
    encoding: SecretkeyEncoding,
) -> Result<Vec<u8>> {
    call!(secretkey_export(secret.handle(), encoding as u32) -> u32).and_then(pull)
}
