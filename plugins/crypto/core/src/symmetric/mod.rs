//! Algorithms with one key, or none: keys, states and tags, below handles.

pub(crate) mod aead;
pub(crate) mod algorithm;
mod hash;
mod hkdf;
mod key;
mod lease;
mod mac;
mod password;
mod state;
mod stream;
mod tag;
mod xof;
mod xoodyak;

pub(crate) use algorithm::Algorithm;
pub(crate) use key::SymmetricKey;
pub(crate) use state::SymmetricState;
pub(crate) use tag::SymmetricTag;
