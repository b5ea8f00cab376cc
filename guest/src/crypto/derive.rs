//! Keys out of secrets, and out of passwords.

use super::raw::{self, AlgorithmType, Result};
use super::{Algorithm, HkdfExpand, HkdfExtract, HmacHash, Key, Secret};

/// HKDF (RFC 5869): so many secret bytes out of a secret.
///
/// `secret` needs to be hard to guess, but not evenly distributed, as what a key agreement gives; a password is neither, so
/// it takes [`argon2id`]. `salt` may be public and may be empty. `info` says what the bytes are for: other words, other bytes.
///
/// ```no_run
/// use c12_wasm::crypto::{Sha256, hkdf};
///
/// let okm = hkdf::<Sha256>(&[0x0b; 22], b"", b"", 42)?;
/// assert_eq!(okm.expose()[..4], [0x8d, 0xa4, 0xe7, 0x75]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidLength`](super::Error::InvalidLength) for more than 255 digests of the hash function.
pub fn hkdf<H: HmacHash>(secret: &[u8], salt: &[u8], info: &[u8], bytes: usize) -> Result<Secret> {
    extract::<H>(secret, salt)?.expand(info, bytes)
}

/// HKDF's first step: a key, which the host holds, out of a secret. See [`Key::expand`] for the second.
///
/// ```no_run
/// use c12_wasm::crypto::{Aes256Gcm, Sha512, extract};
///
/// let secret = extract::<Sha512>(b"what a key agreement gave", b"salt")?;
/// let there = secret.expand_key::<Aes256Gcm>(b"to the server", 32)?;
/// let back = secret.expand_key::<Aes256Gcm>(b"to the client", 32)?;
/// assert!(back.open(&there.seal(b"", b"")?, b"").is_err());
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`UnsupportedAlgorithm`](super::Error::UnsupportedAlgorithm) if the host does not know HKDF with this hash function.
pub fn extract<H: HmacHash>(secret: &[u8], salt: &[u8]) -> Result<Key<HkdfExpand<H>>> {
    let state = Key::<HkdfExtract<H>>::import(secret)?.state(None)?;
    raw::symmetric_state_absorb(&state, salt)?;
    raw::symmetric_state_squeeze_key(&state, HkdfExpand::<H>::NAME).map(Key::from_raw)
}

impl<H: HmacHash> Key<HkdfExpand<H>> {
    /// HKDF's second step: so many secret bytes for this purpose.
    ///
    /// # Errors
    ///
    /// As [`hkdf`].
    pub fn expand(&self, info: &[u8], bytes: usize) -> Result<Secret> {
        let state = self.state_for(bytes)?;
        raw::symmetric_state_absorb(&state, info)?;
        raw::symmetric_state_squeeze(&state, bytes).map(Secret::from)
    }

    /// The same, as a key of an algorithm whose keys have so many bytes. Where the algorithm has no keys of other lengths, and
    /// the host can do it, they never leave the host.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`](super::Error::InvalidKey) if they have not.
    pub fn expand_key<A: Algorithm>(&self, info: &[u8], bytes: usize) -> Result<Key<A>> {
        if key_bytes(A::NAME) == Some(bytes) {
            let state = self.state(None)?;
            raw::symmetric_state_absorb(&state, info)?;
            match raw::symmetric_state_squeeze_key(&state, A::NAME) {
                Err(super::Error::InvalidOperation) => {}
                key => return key.map(Key::from_raw),
            }
        }
        Key::import(self.expand(info, bytes)?.expose())
    }
}

/// The length of an algorithm's keys, where there is only one.
fn key_bytes(algorithm: &str) -> Option<usize> {
    match algorithm {
        "AES-128-GCM" | "AES-128-GCM-SIV" | "AES-128-CTR" | "AES-128-CMAC" | "XOODYAK-128" => {
            Some(16)
        }
        "XOODYAK-160" => Some(20),
        "AES-256-GCM" | "AES-256-GCM-SIV" | "AES-256-CTR" | "AES-256-CMAC"
        | "CHACHA20-POLY1305" | "XCHACHA20-POLY1305" | "BLAKE3" => Some(32),
        _ => None,
    }
}

/// PBKDF2 with HMAC (RFC 8018): so many secret bytes out of a password. For formats that ask for it; [`argon2id`] is better.
///
/// ```no_run
/// use c12_wasm::crypto::{Sha256, pbkdf2};
///
/// let key = pbkdf2::<Sha256>(b"passwd", b"salt", 1, 64)?;
/// assert_eq!(key.expose()[..4], [0x55, 0xac, 0x04, 0x6e]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`Overflow`](super::Error::Overflow) if that is more work than the host does.
pub fn pbkdf2<H: HmacHash>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    bytes: usize,
) -> Result<Secret> {
    let numbers = [("ops_limit", iterations.into())];
    stretch(H::PBKDF2, password, salt, &numbers, bytes)
}

/// How much work Argon2id is. The default is RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often it goes over the memory.
    pub passes: u32,
    /// Into how many parts the memory is divided.
    pub lanes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self {
            memory_kib: 64 << 10,
            passes: 3,
            lanes: 4,
        }
    }
}

impl Argon2Cost {
    fn numbers(self) -> [(&'static str, u64); 3] {
        [
            ("memory_limit", u64::from(self.memory_kib) << 10),
            ("ops_limit", self.passes.into()),
            ("parallelism", self.lanes.into()),
        ]
    }
}

/// Argon2id (RFC 9106): so many secret bytes out of a password. The memory is the host's.
///
/// ```no_run
/// use c12_wasm::crypto::{Argon2Cost, argon2id};
///
/// let cost = Argon2Cost { memory_kib: 1024, passes: 2, lanes: 1 };
/// let key = argon2id(b"correct horse battery staple", b"salt of 16 bytes", cost, 32)?;
/// assert_eq!(key.expose().len(), 32);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`Overflow`](super::Error::Overflow) if that is more memory or work than the host gives.
pub fn argon2id(password: &[u8], salt: &[u8], cost: Argon2Cost, bytes: usize) -> Result<Secret> {
    stretch("ARGON2ID", password, salt, &cost.numbers(), bytes)
}

/// A line to store instead of a password, with a random salt and the cost in it (PHC's string format, Argon2id).
///
/// ```no_run
/// use c12_wasm::crypto::{Argon2Cost, Error, hash_password, verify_password};
///
/// let cost = Argon2Cost { memory_kib: 1024, passes: 2, lanes: 1 };
/// let stored = hash_password(b"correct horse battery staple", cost)?;
/// assert!(stored.starts_with("$argon2id$v=19$m=1024,t=2,p=1$"));
/// verify_password(b"correct horse battery staple", &stored)?;
/// assert_eq!(verify_password(b"hunter2", &stored).unwrap_err(), Error::InvalidTag);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// As [`argon2id`].
pub fn hash_password(password: &[u8], cost: Argon2Cost) -> Result<String> {
    let salt = raw::random(16)?;
    let state = stretched("ARGON2ID", password, &salt, &cost.numbers(), None)?;
    let line = raw::symmetric_tag_pull(raw::symmetric_state_squeeze_tag(&state)?)?;
    String::from_utf8(line).map_err(|_| super::Error::InternalError)
}

/// Checks a password against a line of [`hash_password`].
///
/// # Errors
///
/// [`InvalidTag`](super::Error::InvalidTag) if it is another password, or the line is no line of Argon2id.
pub fn verify_password(password: &[u8], stored: &str) -> Result<()> {
    let (cost, salt) = parameters(stored).ok_or(super::Error::InvalidTag)?;
    let state = stretched("ARGON2ID", password, &salt, &cost.numbers(), None)?;
    raw::symmetric_tag_verify(
        &raw::symmetric_state_squeeze_tag(&state)?,
        stored.as_bytes(),
    )
}

/// Cost and salt of a line in PHC's string format.
fn parameters(line: &str) -> Option<(Argon2Cost, Vec<u8>)> {
    let mut fields = line.strip_prefix("$argon2id$v=19$")?.split('$');
    let (cost, salt) = (fields.next()?, fields.next()?);
    let mut numbers = cost.split(',');
    let mut number = |name| numbers.next()?.strip_prefix(name)?.parse().ok();
    let cost = Argon2Cost {
        memory_kib: number("m=")?,
        passes: number("t=")?,
        lanes: number("p=")?,
    };
    Some((cost, base64(salt)?))
}

/// What base64 without padding stands for.
fn base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == letter)?;
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

/// How much work scrypt is. The default takes 128 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScryptCost {
    /// The logarithm of the number of rounds to the base 2: `N` is `1 << log_n`.
    pub log_n: u8,
    /// The size of a block, in units of 128 bytes: `r`.
    pub block_size: u32,
    /// How often the whole is done: `p`.
    pub parallelism: u32,
}

impl Default for ScryptCost {
    fn default() -> Self {
        Self {
            log_n: 17,
            block_size: 8,
            parallelism: 1,
        }
    }
}

/// scrypt (RFC 7914): so many secret bytes out of a password. The memory is the host's.
///
/// ```no_run
/// use c12_wasm::crypto::{ScryptCost, scrypt};
///
/// let cost = ScryptCost { log_n: 10, block_size: 8, parallelism: 16 };
/// let key = scrypt(b"password", b"NaCl", cost, 64)?;
/// assert_eq!(key.expose()[..4], [0xfd, 0xba, 0xbe, 0x1c]);
/// # Ok::<(), c12_wasm::crypto::Error>(())
/// ```
///
/// # Errors
///
/// [`Overflow`](super::Error::Overflow) if that is more memory or work than the host gives.
pub fn scrypt(password: &[u8], salt: &[u8], cost: ScryptCost, bytes: usize) -> Result<Secret> {
    let rounds = 1_u64
        .checked_shl(cost.log_n.into())
        .ok_or(super::Error::Overflow)?;
    let numbers = [
        ("ops_limit", rounds),
        ("block_size", cost.block_size.into()),
        ("parallelism", cost.parallelism.into()),
    ];
    stretch("SCRYPT", password, salt, &numbers, bytes)
}

/// A password at work. `bytes` is how much will be squeezed; a tag has a length of its own.
fn stretched(
    algorithm: &str,
    password: &[u8],
    salt: &[u8],
    numbers: &[(&str, u64)],
    bytes: Option<usize>,
) -> Result<raw::SymmetricState> {
    let options = raw::options_open(AlgorithmType::Symmetric)?;
    raw::options_set(&options, "salt", salt)?;
    for (name, number) in numbers {
        raw::options_set_u64(&options, name, *number)?;
    }
    if let Some(bytes) = bytes {
        raw::announce(&options, bytes)?;
    }
    let state = raw::symmetric_state_open(algorithm, None, Some(&options))?;
    raw::symmetric_state_absorb(&state, password)?;
    Ok(state)
}

fn stretch(
    algorithm: &str,
    password: &[u8],
    salt: &[u8],
    numbers: &[(&str, u64)],
    bytes: usize,
) -> Result<Secret> {
    let state = stretched(algorithm, password, salt, numbers, Some(bytes))?;
    raw::symmetric_state_squeeze(&state, bytes).map(Secret::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_and_salt_are_read_from_a_stored_line() {
        let line = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b";
        let cost = Argon2Cost {
            memory_kib: 65536,
            passes: 3,
            lanes: 4,
        };
        assert_eq!(parameters(line), Some((cost, b"somesalt".to_vec())));
        for line in [
            "",
            "$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b",
            "$argon2id$v=19$m=65536,t=3$c29tZXNhbHQ$RdescudvJCsgt3ub+b",
            "$argon2id$v=19$m=65536,t=3,p=-4$c29tZXNhbHQ$RdescudvJCsgt3ub+b",
            "$argon2id$v=19$m=65536,t=3,p=4$c29t.XNhbHQ$RdescudvJCsgt3ub+b",
        ] {
            assert_eq!(parameters(line), None, "{line}");
        }
    }
}
