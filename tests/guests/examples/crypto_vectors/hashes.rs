//! Digests and authentication.

use c12_wasm::crypto::{Error, Result, raw};

use crate::fields::{Expected, Fields};
use crate::tally::{Outcome, Tallies, Verdict, failed, gives, refused};

pub(crate) fn hash(algorithm: &str, tests: &[Fields<'_>], tallies: &mut Tallies) {
    for test in tests {
        let (message, digest) = (test.bytes("msg"), test.bytes("digest"));
        let outcome = gives(
            "the hash",
            digest_of(algorithm, &message, digest.len()),
            &digest,
        )
        .and_then(|()| in_pieces(algorithm, &message, &digest));
        tallies.add(algorithm, &test.name(), outcome.map(|()| Verdict::Verified));
    }
    let name = format!("batch of {}", tests.len());
    tallies.check(algorithm, &name, batch(algorithm, tests));
}

fn digest_of(algorithm: &str, message: &[u8], length: usize) -> Result<Vec<u8>> {
    let state = raw::symmetric_state_open(algorithm, None, None)?;
    raw::symmetric_state_absorb(&state, message)?;
    raw::symmetric_state_squeeze(&state, length)
}

/// Xoodyak takes pieces for different things; everybody else must not notice.
fn in_pieces(algorithm: &str, message: &[u8], digest: &[u8]) -> std::result::Result<(), String> {
    if algorithm.starts_with("XOODYAK") {
        return Ok(());
    }
    let state = raw::symmetric_state_open(algorithm, None, None).map_err(failed)?;
    let (first, second) = message.split_at(message.len() / 3);
    raw::symmetric_state_absorb(&state, first).map_err(failed)?;
    raw::symmetric_state_absorb(&state, second).map_err(failed)?;
    let in_pieces = raw::symmetric_state_squeeze(&state, digest.len());
    gives("the hash of pieces", in_pieces, digest)
}

fn batch(algorithm: &str, tests: &[Fields<'_>]) -> std::result::Result<(), String> {
    let mut states = Vec::new();
    for test in tests {
        let state = raw::symmetric_state_open(algorithm, None, None).map_err(failed)?;
        raw::symmetric_state_absorb(&state, &test.bytes("msg")).map_err(failed)?;
        states.push((state, test.bytes("digest")));
    }
    let batch: Vec<_> = states
        .iter()
        .map(|(state, digest)| (state, digest.len()))
        .collect();
    let results = raw::batch_symmetric_state_squeeze(&batch).map_err(failed)?;
    for (result, (_, digest)) in results.into_iter().zip(&states) {
        gives("the hash", result, digest)?;
    }
    Ok(())
}

/// NIST's Monte Carlo tests: a thousand hashes, each of the `links` before it.
pub(crate) fn chain(
    algorithm: &str,
    group: Fields<'_>,
    tests: &[Fields<'_>],
    tallies: &mut Tallies,
) {
    let links = group.number("links") as usize;
    for test in tests {
        let outcome = (|| {
            let mut last = vec![test.bytes("seed"); links];
            for _ in 0..1000 {
                let digest = digest_of(algorithm, &last.concat(), last[0].len()).map_err(failed)?;
                last.remove(0);
                last.push(digest);
            }
            gives(
                "the chain",
                Ok(last[links - 1].clone()),
                &test.bytes("digest"),
            )?;
            Ok(Verdict::Verified)
        })();
        tallies.add(algorithm, &test.name(), outcome);
    }
}

/// BLAKE3's three modes, of an input that counts to 250 again and again.
pub(crate) fn extendable(
    algorithm: &str,
    group: Fields<'_>,
    tests: &[Fields<'_>],
    tallies: &mut Tallies,
) {
    for test in tests {
        let input: Vec<u8> = (0..test.number("inputLen"))
            .map(|index| (index % 251) as u8)
            .collect();
        for mode in ["hash", "keyed_hash", "derive_key"] {
            let outcome = extended(algorithm, group, mode, &input, &test.bytes(mode));
            tallies.add(algorithm, &format!("{} {mode}", test.name()), outcome);
        }
    }
}

fn extended(
    algorithm: &str,
    group: Fields<'_>,
    mode: &str,
    input: &[u8],
    expected: &[u8],
) -> Outcome {
    let (key, context) = (group.text("key"), group.text("context"));
    let key = match mode {
        "keyed_hash" => Some(raw::symmetric_key_import(algorithm, key.as_bytes())),
        _ => None,
    };
    let key = key.transpose().map_err(failed)?;
    let options = raw::options_open(raw::AlgorithmType::Symmetric).map_err(failed)?;
    raw::options_set_u64(&options, "output_len", expected.len() as u64).map_err(failed)?;
    if mode == "derive_key" {
        raw::options_set(&options, "context", context.as_bytes()).map_err(failed)?;
    }
    let state =
        raw::symmetric_state_open(algorithm, key.as_ref(), Some(&options)).map_err(failed)?;
    raw::symmetric_state_absorb(&state, input).map_err(failed)?;
    if mode == "keyed_hash" {
        let tag = raw::symmetric_state_squeeze_tag(&state).map_err(failed)?;
        gives("the tag", raw::symmetric_tag_pull(tag), &expected[..32])?;
    }
    gives(
        mode,
        raw::symmetric_state_squeeze(&state, expected.len()),
        expected,
    )?;
    Ok(Verdict::Verified)
}

pub(crate) fn mac(set: &str, group: Fields<'_>, tests: &[Fields<'_>], tallies: &mut Tallies) {
    let algorithm = match (set, group.number("keySize")) {
        ("HMACSHA256", _) => "HMAC/SHA-256",
        ("HMACSHA384", _) => "HMAC/SHA-384",
        ("HMACSHA512", _) => "HMAC/SHA-512",
        ("AES-CMAC", 128) => "AES-128-CMAC",
        ("AES-CMAC", _) => "AES-256-CMAC",
        (other, _) => other,
    };
    for test in tests {
        tallies.add(algorithm, &test.name(), mac_vector(algorithm, *test));
    }
}

fn mac_vector(algorithm: &str, test: Fields<'_>) -> Outcome {
    let key = test.bytes("key");
    let imported = raw::symmetric_key_import(algorithm, &key);
    if algorithm.ends_with("CMAC")
        && !matches!(
            (algorithm, key.len()),
            ("AES-128-CMAC", 16) | ("AES-256-CMAC", 32)
        )
    {
        refused(imported, &[Error::InvalidKey])?;
        return Ok(match test.expected() {
            Expected::Invalid => Verdict::Refused,
            _ => Verdict::Outside("keys of 192 bits"),
        });
    }
    let key = imported.map_err(failed)?;
    let state = raw::symmetric_state_open(algorithm, Some(&key), None).map_err(failed)?;
    raw::symmetric_state_absorb(&state, &test.bytes("msg")).map_err(failed)?;
    let squeeze = || raw::symmetric_state_squeeze_tag(&state).map_err(failed);
    let expected = test.bytes("tag");
    let whole = raw::symmetric_tag_len(&squeeze()?).map_err(failed)?;
    let verified = raw::symmetric_tag_verify(&squeeze()?, &expected);
    let computed = raw::symmetric_tag_pull(squeeze()?).map_err(failed)?;
    let agrees = computed.get(..expected.len()) == Some(&expected);
    match test.expected() {
        Expected::Valid if !agrees => Err(format!("the tag is {computed:02x?}")),
        Expected::Valid if expected.len() < whole => {
            // A tag that is cut off is the guest's own business: the host compares whole ones.
            refused(verified, &[Error::InvalidTag])?;
            Ok(Verdict::Verified)
        }
        Expected::Valid => verified.map(|()| Verdict::Verified).map_err(failed),
        _ if agrees => Err("the tag is right".to_owned()),
        _ => {
            refused(verified, &[Error::InvalidTag])?;
            Ok(Verdict::Refused)
        }
    }
}
