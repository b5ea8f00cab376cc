//! The module `kx`.

use super::super::{Publickey, Result, Secretkey};
use super::{call, pull};

pub(in crate::crypto::raw) fn kx_dh(public: &Publickey, secret: &Secretkey) -> Result<Vec<u8>> {
    call!(kx_dh(public.handle(), secret.handle()) -> u32).and_then(pull)
}

pub(in crate::crypto::raw) fn kx_encapsulate(public: &Publickey) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut secret = 0;
    let encapsulated = call!(kx_encapsulate(public.handle(), &mut secret) -> u32)?;
    Ok((pull(secret)?, pull(encapsulated)?))
}

pub(in crate::crypto::raw) fn kx_decapsulate(
    secret: &Secretkey,
    encapsulated: &[u8],
) -> Result<Vec<u8>> {
    call!(kx_decapsulate(secret.handle(), encapsulated.as_ptr(), encapsulated.len()) -> u32)
        .and_then(pull)
}
