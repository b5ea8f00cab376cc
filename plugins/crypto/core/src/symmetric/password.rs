//! What stretches passwords: PBKDF2, Argon2id and scrypt (specification, "Password hashing functions").
//!
//! | option | PBKDF2 | Argon2id | scrypt |
//! |---|---|---|---|
//! | `salt` | needed | random if not given | random if not given |
//! | `ops_limit` (or `opslimit`) | iterations, needed | passes, needed | the cost N, a power of two, needed |
//! | `memory_limit` | | bytes of memory, needed if there is no `buffer` | the greatest number of bytes of memory |
//! | `buffer` (or `memory`) | | bytes of memory that the guest gives up for it: the greatest for both, the default for Argon2id | |
//! | `parallelism` | | lanes, 1 by default | p, 1 by default |
//! | `block_size` | | | r, 8 by default |
//! | `context` | | associated data, at most 32 bytes | |
//!
//! A key of Argon2id is its secret value ("pepper"). Passwords are absorbed.

mod argon2id;
mod encoded;
mod scrypted;

use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::pbkdf2;
use zeroize::Zeroizing;

use self::argon2id::Argon2id;
use self::scrypted::Scrypt;
use super::algorithm::{Password, Sha2};
use super::key::Material;
use super::tag::SymmetricTag;
use crate::handle::Charge;
use crate::{Errno, Limits, Options, Result, random, wiped};

/// Bytes of a salt that is made up.
const SALT_LEN: usize = 16;
/// Bytes of the hash in a string.
const HASH_LEN: usize = 32;

/// A password, and how it is stretched.
#[derive(Clone)]
pub(super) struct PasswordState {
    function: Function,
    password: Zeroizing<Vec<u8>>,
    salt: Vec<u8>,
    greatest_work: u64,
}

#[derive(Clone)]
enum Function {
    Pbkdf2 { hash: Sha2, iterations: NonZeroU32 },
    Argon2id(Argon2id),
    Scrypt(Scrypt),
}

impl PasswordState {
    pub(super) fn open(
        password: Password,
        key: Option<&Arc<Material>>,
        options: Option<&Options>,
        limits: &Limits,
    ) -> Result<Self> {
        let options = options.ok_or(Errno::ParametersMissing)?;
        let given = options.get("salt").ok().map(<[u8]>::to_vec);
        let (function, salt) = match password {
            Password::Pbkdf2(hash) => {
                let iterations = u32::try_from(cost(options)?).map_err(|_| Errno::Overflow)?;
                let iterations = NonZeroU32::new(iterations).ok_or(Errno::AlgorithmFailure)?;
                (
                    Function::Pbkdf2 { hash, iterations },
                    given.ok_or(Errno::ParametersMissing)?,
                )
            }
            Password::Argon2id => (
                Function::Argon2id(Argon2id::new(key, options, limits)?),
                salt_or_random(given)?,
            ),
            Password::Scrypt => (
                Function::Scrypt(Scrypt::new(options, limits)?),
                salt_or_random(given)?,
            ),
        };
        Ok(Self {
            function,
            password: Zeroizing::new(Vec::new()),
            salt,
            greatest_work: limits.password_work,
        })
    }

    pub(super) fn held(&self) -> usize {
        let function = match &self.function {
            Function::Argon2id(argon2id) => argon2id.held(),
            Function::Pbkdf2 { .. } | Function::Scrypt(_) => 0,
        };
        function + self.password.len() + self.salt.len()
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(super) fn absorb(&mut self, data: &[u8], charge: &mut Charge<'_>) -> Result<()> {
        charge.grow(data.len())?;
        wiped::append(&mut self.password, data);
        Ok(())
    }

    /// The derived key: the same at every call.
    ///
    /// # Errors
    /// `overflow` when it would be more work than the host allows.
    pub(super) fn squeeze(&self, out: &mut [u8]) -> Result<()> {
        // Long outputs are work as well, whatever the function.
        self.check_work(out.len().div_ceil(32) as u64)?;
        match &self.function {
            Function::Pbkdf2 { hash, iterations } => {
                let blocks = out.len().div_ceil(hash.digest_len()) as u64;
                self.check_work(u64::from(iterations.get()).saturating_mul(blocks))?;
                pbkdf2::derive(
                    pbkdf2_algorithm(*hash),
                    *iterations,
                    &self.salt,
                    &self.password,
                    out,
                );
                Ok(())
            }
            Function::Argon2id(argon2id) => argon2id.squeeze(&self.password, &self.salt, out),
            Function::Scrypt(scrypt) => scrypt.squeeze(&self.password, &self.salt, out),
        }
    }

    /// The string that is stored for a password, in the PHC format.
    pub(super) fn squeeze_tag(&self) -> Result<SymmetricTag> {
        let mut hash = Zeroizing::new([0; HASH_LEN]);
        let prefix = match &self.function {
            Function::Pbkdf2 { .. } => return Err(Errno::InvalidOperation),
            Function::Argon2id(argon2id) => argon2id.prefix(),
            Function::Scrypt(scrypt) => scrypt.prefix(),
        };
        self.squeeze(&mut *hash)?;
        Ok(SymmetricTag::new(
            encoded::string(&prefix, &self.salt, &*hash).as_bytes(),
        ))
    }

    fn check_work(&self, work: u64) -> Result<()> {
        if work <= self.greatest_work {
            Ok(())
        } else {
            Err(Errno::Overflow)
        }
    }
}

fn pbkdf2_algorithm(hash: Sha2) -> pbkdf2::Algorithm {
    match hash {
        Sha2::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Sha2::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Sha2::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    }
}

fn salt_or_random(given: Option<Vec<u8>>) -> Result<Vec<u8>> {
    given.map_or_else(|| random::array::<SALT_LEN>().map(Vec::from), Ok)
}

/// The option that says how much work is wanted.
fn cost(options: &Options) -> Result<u64> {
    let cost = options
        .get_u64("ops_limit")
        .or_else(|_| options.get_u64("opslimit"));
    cost.map_err(|_| Errno::ParametersMissing)
}

/// How much of its memory the guest gives up, in bytes.
fn buffer(options: &Options) -> Option<u64> {
    let buffer = options
        .guest_buffer_len("buffer")
        .or_else(|_| options.guest_buffer_len("memory"));
    buffer.ok().map(|len| len as u64)
}

/// # Errors
/// `overflow` when the computation needs more than the host allows.
fn check_limits(memory: u64, work: u64, limits: &Limits) -> Result<()> {
    if memory <= limits.password_memory && work <= limits.password_work {
        Ok(())
    } else {
        Err(Errno::Overflow)
    }
}
