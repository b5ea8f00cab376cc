//! Core modules: the host's functions as the specification's witx 0.10 gives them, a file for each of its modules.
// These are foreign functions. Every pointer that they get is that of a value or slice which lives through the call, and
// goes along with the slice's length; what they write into is initialised before, or counts only when it is written.
#![allow(unsafe_code)]

mod asymmetric;
mod batch;
mod common;
mod external_secrets;
pub(super) mod handles;
mod imports;
mod kx;
mod signatures;
mod symmetric;

pub(super) use asymmetric::*;
pub(super) use batch::*;
pub(super) use common::*;
pub(super) use external_secrets::*;
pub(super) use kx::*;
pub(super) use signatures::*;
pub(super) use symmetric::*;

use super::{Error, Options, Result};

/// More than any identifier that a host makes.
const ID_BYTES: usize = 256;

/// What a function's error number means.
fn check(code: i32) -> Result<()> {
    match code {
        0 => Ok(()),
        code => Err(Error::from_code(u16::try_from(code).unwrap_or(u16::MAX))),
    }
}

/// Calls a function of the host with the arguments and, at their end, a pointer to what it gives.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: see the top of `witx.rs`.
        super::check(unsafe { super::imports::$function($($argument),*) })
    };
    ($function:ident($($argument:expr),* $(,)?) -> $type:ty) => {{
        let mut out = <$type>::default();
        // SAFETY: see the top of `witx.rs`.
        super::check(unsafe { super::imports::$function($($argument,)* &mut out) }).map(|()| out)
    }};
}
use call;

/// Reads an array that the host made. Reading all of it closes it.
fn pull(array: u32) -> Result<Vec<u8>> {
    let mut length = 0;
    // SAFETY: see the top of this file.
    check(unsafe { imports::array_output_len(array, &mut length) })?;
    let mut bytes = vec![0; length];
    let mut read = 0;
    // SAFETY: see the top of this file.
    check(unsafe { imports::array_output_pull(array, bytes.as_mut_ptr(), length, &mut read) })?;
    bytes.truncate(read);
    Ok(bytes)
}

fn maybe_options(options: Option<&Options>) -> imports::Maybe {
    imports::Maybe::new(options.map(Options::handle))
}

pub(super) fn random(bytes: usize) -> Result<Vec<u8>> {
    let mut random = vec![0; bytes];
    // SAFETY: see the top of this file.
    match unsafe { imports::random_get(random.as_mut_ptr(), bytes) } {
        0 => Ok(random),
        _ => Err(Error::RngError),
    }
}
