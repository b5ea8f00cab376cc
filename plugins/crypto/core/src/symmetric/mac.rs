//! Message authentication codes (specification, "Message Authentication Codes").

use aws_lc_rs::{cmac, hmac};

use super::algorithm::Sha2;
use super::key::{Material, Prepared};
use super::tag::SymmetricTag;
use crate::{Errno, Result};

pub(super) fn hmac_key(hash: Sha2, raw: &[u8]) -> hmac::Key {
    let algorithm = match hash {
        Sha2::Sha256 => hmac::HMAC_SHA256,
        Sha2::Sha384 => hmac::HMAC_SHA384,
        Sha2::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::Key::new(algorithm, raw)
}

pub(super) fn cmac_key(raw: &[u8]) -> Result<cmac::Key> {
    let algorithm = if raw.len() == 16 {
        cmac::AES_128
    } else {
        cmac::AES_256
    };
    cmac::Key::new(algorithm, raw).map_err(|_| Errno::InvalidKey)
}

/// A code of what was absorbed so far.
#[derive(Clone)]
pub(super) enum MacState {
    Hmac(Box<hmac::Context>),
    Cmac(Box<cmac::Context>),
}

impl MacState {
    pub(super) fn open(material: &Material) -> Result<Self> {
        match &material.prepared {
            Prepared::Hmac(key) => Ok(Self::Hmac(Box::new(hmac::Context::with_key(key)))),
            Prepared::Cmac(key) => Ok(Self::Cmac(Box::new(cmac::Context::with_key(key)))),
            _ => Err(Errno::InternalError),
        }
    }

    pub(super) fn held() -> usize {
        size_of::<hmac::Context>()
    }

    pub(super) fn absorb(&mut self, data: &[u8]) -> Result<()> {
        match self {
            Self::Hmac(context) => context.update(data),
            Self::Cmac(context) => context.update(data).map_err(|_| Errno::AlgorithmFailure)?,
        }
        Ok(())
    }

    /// The code; more can be absorbed afterwards.
    pub(super) fn squeeze_tag(&self) -> Result<SymmetricTag> {
        match self {
            Self::Hmac(context) => Ok(SymmetricTag::new(context.as_ref().clone().sign().as_ref())),
            Self::Cmac(context) => {
                let tag = context
                    .as_ref()
                    .clone()
                    .sign()
                    .map_err(|_| Errno::AlgorithmFailure)?;
                Ok(SymmetricTag::new(tag.as_ref()))
            }
        }
    }
}
