//! Digests, and digests with a key.

use std::fs::File;
use std::io::Read as _;

use c12_wasm::cli::Failure;
use c12_wasm::crypto::{
    Blake2b512, Blake3, Error, Hash, Hasher, Hmac, Key, Sha3_256, Sha3_512, Sha256, Sha384, Sha512,
    Sha512_256, batch, hash,
};

use crate::checks::Checks;
use crate::files;
use crate::hex;

/// The hash functions that have a name on the command line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_512,
    Blake2b,
    Blake3,
}

impl Algorithm {
    pub(crate) fn parse(name: &str) -> Result<Self, Failure> {
        Ok(match name {
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            "sha3-256" => Self::Sha3_256,
            "sha3-512" => Self::Sha3_512,
            "blake2b" => Self::Blake2b,
            "blake3" => Self::Blake3,
            _ => return Err(Failure::usage(format!("`{name}` is no hash function"))),
        })
    }
}

pub(crate) fn of_file(algorithm: Algorithm, path: &str) -> Result<(), Failure> {
    let digest = match algorithm {
        Algorithm::Sha256 => digest_of::<Sha256>(path),
        Algorithm::Sha384 => digest_of::<Sha384>(path),
        Algorithm::Sha512 => digest_of::<Sha512>(path),
        Algorithm::Sha3_256 => digest_of::<Sha3_256>(path),
        Algorithm::Sha3_512 => digest_of::<Sha3_512>(path),
        Algorithm::Blake2b => digest_of::<Blake2b512>(path),
        Algorithm::Blake3 => digest_of::<Blake3>(path),
    }?;
    files::print(&format!("{}  {path}\n", hex::encode(&digest)))
}

/// Reads piece by piece, so that a file may be larger than the memory.
fn digest_of<H: Hash>(path: &str) -> Result<Vec<u8>, Failure> {
    let failed = |cause| Failure::path("cannot read", path, &cause);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = Hasher::<H>::new()?;
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = file.read(&mut piece).map_err(failed)?;
        let Some((read, _)) = piece.split_at_checked(length) else {
            return Err(Failure::failed(format!("cannot read {path}")));
        };
        if read.is_empty() {
            return Ok(hasher.digest()?);
        }
        hasher.update(read)?;
    }
}

pub(crate) fn demonstrate(checks: &mut Checks) -> Result<(), Failure> {
    checks.title("digests and authentication")?;
    published_digests(checks)?;

    let mut hasher = Hasher::<Sha256>::new()?;
    hasher.update(b"in two ")?;
    hasher.update(b"pieces")?;
    let whole = hash::<Sha256>(b"in two pieces")?;
    checks.equal("SHA-256 does not mind pieces", &hasher.digest()?, &whole)?;

    let digests = batch::hash::<Blake3>(&[b"one", b"two"])?;
    let each = [hash::<Blake3>(b"one"), hash::<Blake3>(b"two")];
    checks.equal("BLAKE3 hashes two at once", digests.as_slice(), &each)?;

    authentication(checks)
}

/// The digests of "abc" that the standards give.
fn published_digests(checks: &mut Checks) -> Result<(), Failure> {
    fn check<H: Hash>(checks: &mut Checks, expected: &str) -> Result<(), Failure> {
        let what = format!("{} gives the published digest", H::NAME);
        checks.equal(&what, &hash::<H>(b"abc")?, &hex::decode(expected)?)
    }
    check::<Sha256>(
        checks,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    )?;
    check::<Sha384>(
        checks,
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    )?;
    check::<Sha512>(
        checks,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    )?;
    check::<Sha512_256>(
        checks,
        "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    )?;
    check::<Sha3_256>(
        checks,
        "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
    )?;
    check::<Sha3_512>(
        checks,
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    )?;
    check::<Blake2b512>(
        checks,
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    )?;
    check::<Blake3>(
        checks,
        "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    )
}

/// The second test of RFC 4231, and what every tag has to do.
fn authentication(checks: &mut Checks) -> Result<(), Failure> {
    let key = Key::<Hmac<Sha256>>::import(b"Jefe")?;
    let message = b"what do ya want for nothing?";
    let tag = key.tag(message)?;
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    checks.equal(
        "HMAC/SHA-256 gives the published tag",
        &tag,
        &hex::decode(expected)?,
    )?;
    checks.succeeds("HMAC/SHA-256 verifies its tag", key.verify(message, &tag))?;
    let other = key.verify(b"what do you want for nothing?", &tag);
    checks.refused(
        "HMAC/SHA-256 refuses another message",
        other,
        Error::InvalidTag,
    )?;

    let key = Key::<Blake3>::generate()?;
    let tag = key.tag(message)?;
    checks.succeeds(
        "BLAKE3 with a key verifies its tag",
        key.verify(message, &tag),
    )?;
    let other = Key::<Blake3>::generate()?.verify(message, &tag);
    checks.refused("BLAKE3 refuses another key", other, Error::InvalidTag)
}
