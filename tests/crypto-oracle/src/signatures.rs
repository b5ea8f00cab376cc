//! Random calls of signature algorithms.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use c12_crypto_core::{AlgorithmType, KeypairEncoding, PublickeyEncoding, SignatureEncoding};

use crate::asymmetric::{KEYPAIR_ENCODINGS, PUBLICKEY_ENCODINGS, Pair, exported, import_public};
use crate::damage::Source;
use crate::outcome::Answer;
use crate::sides::{Raw, Side};
use crate::world::{Call, Handles, Step, Which, World};

const TYPE: AlgorithmType = AlgorithmType::Signatures;

const CURVES: [&str; 4] = [
    "Ed25519",
    "ECDSA_P256_SHA256",
    "ECDSA_K256_SHA256",
    "ECDSA_P384_SHA384",
];

const RSA: [&str; 12] = [
    "RSA_PKCS1_2048_SHA256",
    "RSA_PKCS1_2048_SHA384",
    "RSA_PKCS1_2048_SHA512",
    "RSA_PSS_2048_SHA256",
    "RSA_PSS_2048_SHA384",
    "RSA_PSS_2048_SHA512",
    "RSA_PKCS1_3072_SHA384",
    "RSA_PKCS1_3072_SHA512",
    "RSA_PSS_3072_SHA384",
    "RSA_PSS_3072_SHA512",
    "RSA_PKCS1_4096_SHA512",
    "RSA_PSS_4096_SHA512",
];

/// More pairs are not kept open.
const MOST: usize = 6;

/// What is open.
#[derive(Default)]
pub(crate) struct Signatures {
    pairs: Vec<Pair>,
}

impl Signatures {
    /// Makes a random call.
    pub(crate) fn step(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let choice = source.number(0, 19);
        let Some(place) = source.place(&self.pairs) else {
            return self.new_pair(world, source);
        };
        let pair = self.pairs[place];
        match choice {
            0..=2 => self.new_pair(world, source),
            3 => pair.export(world, source),
            4 => pair.export_public(world, source),
            5 | 6 => import_damaged_pair(world, source, &pair),
            7 | 8 => import_damaged_public(world, source, &pair),
            9 => self.pairs.swap_remove(place).close(world),
            10 => unusual(world, &pair),
            11 => sign_in_parts(world, source, &pair),
            12 => low_order(world, source),
            _ => sign_and_verify(world, source, &pair),
        }
    }

    /// One side generates, both import.
    fn new_pair(&mut self, world: &mut World, source: &mut Source<'_>) -> Step<()> {
        let algorithm = match source.number(0, 15) {
            0..=10 => source.pick(&CURVES),
            11..=14 => source.pick(&RSA[..6]),
            _ => source.pick(&RSA[6..]),
        };
        let which = source.pick(&[Which::Ours, Which::Theirs]);
        let encoding = if algorithm.starts_with("RSA") {
            KeypairEncoding::Pem
        } else if algorithm.starts_with("ECDSA") && which == Which::Ours {
            source.pick(&KEYPAIR_ENCODINGS[..3])
        } else {
            KeypairEncoding::Raw
        };
        let encoded = generated(world, which, algorithm, encoding)?;
        let pair = Pair::import(world, TYPE, algorithm, &encoded, encoding)?;
        let Some(pair) = pair else {
            let call = Call {
                function: "keypair_import of a generated key",
                algorithm,
            };
            return Err(world.difference(call, format!("{which:?} {encoding:?} is refused")));
        };
        if self.pairs.len() == MOST {
            self.pairs.remove(0).close(world)?;
        }
        self.pairs.push(pair);
        Ok(())
    }
}

/// A generated pair, exported. RSA keys take long to make: one of a size and side must do for all.
fn generated(
    world: &mut World,
    which: Which,
    algorithm: &'static str,
    encoding: KeypairEncoding,
) -> Step<Vec<u8>> {
    /// By the length of a signature, and whether we made the key.
    type Keys = HashMap<(usize, bool), Vec<u8>>;
    static KEYS: Mutex<Option<Keys>> = Mutex::new(None);
    let call = Call {
        function: "keypair_generate",
        algorithm,
    };
    let generate = |side: &mut dyn Side| {
        let pair = side.keypair_generate(TYPE, algorithm, None)?;
        let output = side.keypair_export(pair, encoding)?;
        side.keypair_close(pair)?;
        side.read(output)
    };
    if !algorithm.starts_with("RSA") {
        return world.must(call, which, generate);
    }
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = keys.get_or_insert_default();
    let name = (signature_len(algorithm), which == Which::Ours);
    if let Some(key) = keys.get(&name) {
        return Ok(key.clone());
    }
    let key = world.must(call, which, generate)?;
    keys.insert(name, key.clone());
    Ok(key)
}

/// The length of a signature in bytes.
fn signature_len(algorithm: &str) -> usize {
    match algorithm {
        "ECDSA_P384_SHA384" => 96,
        _ if algorithm.contains("_2048_") => 256,
        _ if algorithm.contains("_3072_") => 384,
        _ if algorithm.contains("_4096_") => 512,
        _ => 64,
    }
}

/// The algorithm that bytes are imported for: mostly the one that they are of.
fn target(source: &mut Source<'_>, of: &'static str) -> &'static str {
    match source.number(0, 9) {
        8 => source.pick(&CURVES),
        9 => source.pick(&RSA),
        _ => of,
    }
}

/// What was written, mostly damaged, and as what it is read: mostly as what it was written.
fn spoilt<E: Copy>(
    source: &mut Source<'_>,
    mut encoded: Vec<u8>,
    written: E,
    encodings: &[E],
) -> (Vec<u8>, E) {
    if !source.one_in(3) {
        encoded = source.damaged(&encoded);
    }
    let read = if source.one_in(8) {
        source.pick(encodings)
    } else {
        written
    };
    (encoded, read)
}

fn import_damaged_pair(world: &mut World, source: &mut Source<'_>, pair: &Pair) -> Step<()> {
    let which = source.pick(&[Which::Ours, Which::Theirs]);
    let written = source.pick(&KEYPAIR_ENCODINGS[..3]);
    let export = |side: &mut dyn Side| side.keypair_export(pair.pair.of(which), written);
    let Some(encoded) = exported(world, which, export) else {
        return Ok(());
    };
    let (encoded, read) = spoilt(source, encoded, written, &KEYPAIR_ENCODINGS);
    let algorithm = target(source, pair.algorithm);
    match Pair::import(world, TYPE, algorithm, &encoded, read)? {
        Some(pair) => pair.close(world),
        None => Ok(()),
    }
}

fn import_damaged_public(world: &mut World, source: &mut Source<'_>, pair: &Pair) -> Step<()> {
    let which = source.pick(&[Which::Ours, Which::Theirs]);
    let written = source.pick(&PUBLICKEY_ENCODINGS[..4]);
    let export = |side: &mut dyn Side| side.publickey_export(pair.public.of(which), written);
    let Some(encoded) = exported(world, which, export) else {
        return Ok(());
    };
    let (encoded, read) = spoilt(source, encoded, written, &PUBLICKEY_ENCODINGS);
    let algorithm = target(source, pair.algorithm);
    let Some(public) = import_public(world, TYPE, algorithm, &encoded, read)? else {
        return Ok(());
    };
    // A key that both take, and whose secret half nobody has.
    let signature = source.bytes(signature_len(algorithm));
    verify(world, algorithm, public, b"message", &signature)?;
    world.both(
        Call {
            function: "publickey_close",
            algorithm,
        },
        |side, which| side.publickey_close(public.of(which)),
    )?;
    Ok(())
}

/// What is there for key exchange more than for signatures.
fn unusual(world: &mut World, pair: &Pair) -> Step<()> {
    let call = |function| Call {
        function,
        algorithm: pair.algorithm,
    };
    world.same(call("publickey_verify"), |side, which| {
        side.publickey_verify(pair.public.of(which))
    })?;
    world.both(call("keypair_secretkey"), |side, which| {
        let secret = side.keypair_secretkey(pair.pair.of(which))?;
        side.secretkey_close(secret)
    })?;
    world.same(call("kx_encapsulate"), |side, which| {
        side.kx_encapsulate(pair.public.of(which)).map(drop)
    })?;
    world.same(
        call("signature_state_open with a public key"),
        |side, which| side.signature_state_open(pair.public.of(which)).map(drop),
    )?;
    Ok(())
}

fn sign(side: &mut dyn Side, pair: Raw, message: &[u8], cut: usize) -> Answer<Vec<u8>> {
    let state = side.signature_state_open(pair)?;
    side.signature_state_update(state, &message[..cut])?;
    side.signature_state_update(state, &message[cut..])?;
    let signature = side.signature_state_sign(state)?;
    let output = side.signature_export(signature, SignatureEncoding::Raw)?;
    side.signature_close(signature)?;
    side.signature_state_close(state)?;
    side.read(output)
}

/// Whether both accept a signature.
fn verify(
    world: &mut World,
    algorithm: &'static str,
    public: Handles,
    message: &[u8],
    signature: &[u8],
) -> Step<bool> {
    let call = |function| Call {
        function,
        algorithm,
    };
    let imported = world.both(call("signature_import raw"), |side, _| {
        side.signature_import(algorithm, signature, SignatureEncoding::Raw)
    })?;
    let Some(imported) = imported else {
        return Ok(false);
    };
    let state = world.both(call("signature_verification_state_open"), |side, which| {
        side.signature_verification_state_open(public.of(which))
    })?;
    let Some(state) = state else {
        return Ok(false);
    };
    let verdict = world.same(
        call("signature_verification_state_verify"),
        |side, which| {
            let (half, rest) = message.split_at(message.len() / 2);
            side.signature_verification_state_update(state.of(which), half)?;
            side.signature_verification_state_update(state.of(which), rest)?;
            side.signature_verification_state_verify(state.of(which), imported.of(which))
        },
    )?;
    world.both(call("signature_close"), |side, which| {
        side.signature_close(imported.of(which))?;
        side.signature_verification_state_close(state.of(which))
    })?;
    Ok(verdict.is_some())
}

/// One side signs, both verify: what is whole, and what is not.
fn sign_and_verify(world: &mut World, source: &mut Source<'_>, pair: &Pair) -> Step<()> {
    let algorithm = pair.algorithm;
    let call = Call {
        function: "signature_state_sign",
        algorithm,
    };
    let message = source.message();
    let cut = source.number(0, message.len());
    let signature = if algorithm.starts_with("RSA_PKCS1") {
        // These have no randomness. Nor has Ed25519 as RFC 8032 has it, but the oracle signs in one pass, with a random nonce.
        let signed = world.same(call, |side, which| {
            sign(side, pair.pair.of(which), &message, cut)
        })?;
        match signed {
            Some(signed) => signed.ours,
            None => return Err(world.difference(call, "nobody signs".to_owned())),
        }
    } else {
        let which = source.pick(&[Which::Ours, Which::Theirs]);
        world.must(call, which, |side| {
            sign(side, pair.pair.of(which), &message, cut)
        })?
    };
    let (mut claimed, mut shown) = (message.clone(), signature.clone());
    match source.number(0, 5) {
        0 => claimed = source.damaged(&claimed),
        1 | 2 => shown = source.damaged(&shown),
        3 => {
            if let Some(mirrored) = mirrored(algorithm, &signature) {
                verify(world, algorithm, pair.public, &message, &mirrored)?;
            }
        }
        _ => {}
    }
    let is_whole = claimed == message && shown == signature;
    if verify(world, algorithm, pair.public, &claimed, &shown)? != is_whole {
        let verdict = format!("whole: {is_whole}, and both say the opposite");
        return Err(world.difference(call, verdict));
    }
    another_form(world, source, pair, &signature)
}

/// A signature of another algorithm, and in another encoding.
fn another_form(
    world: &mut World,
    source: &mut Source<'_>,
    pair: &Pair,
    signature: &[u8],
) -> Step<()> {
    let algorithm = pair.algorithm;
    let call = |function| Call {
        function,
        algorithm,
    };
    world.both(call("signature_import der"), |side, _| {
        let imported = side.signature_import(algorithm, signature, SignatureEncoding::Der)?;
        side.signature_close(imported)
    })?;
    let other = target(source, algorithm);
    let foreign = source.bytes(signature_len(other));
    let function = if other == algorithm {
        "signature_verification_state_verify"
    } else {
        "signature_verification_state_verify of another algorithm"
    };
    world.same(call(function), |side, which| {
        let imported = side.signature_import(other, &foreign, SignatureEncoding::Raw)?;
        let state = side.signature_verification_state_open(pair.public.of(which))?;
        let verified = side.signature_verification_state_verify(state, imported);
        side.signature_verification_state_close(state)?;
        side.signature_close(imported)?;
        verified
    })?;
    Ok(())
}

/// Signs, adds more, and signs again.
fn sign_in_parts(world: &mut World, source: &mut Source<'_>, pair: &Pair) -> Step<()> {
    let algorithm = pair.algorithm;
    let call = Call {
        function: "signature_state_sign again",
        algorithm,
    };
    let which = source.pick(&[Which::Ours, Which::Theirs]);
    let (first, second) = (source.message(), source.message());
    let signatures = world.must(call, which, |side| {
        let state = side.signature_state_open(pair.pair.of(which))?;
        let mut signatures = Vec::new();
        for part in [&first, &second] {
            side.signature_state_update(state, part)?;
            let signature = side.signature_state_sign(state)?;
            let output = side.signature_export(signature, SignatureEncoding::Raw)?;
            side.signature_close(signature)?;
            signatures.push(side.read(output)?);
        }
        side.signature_state_close(state)?;
        Ok(signatures)
    })?;
    let whole = [first.clone(), second].concat();
    for (message, signature) in [first, whole].iter().zip(&signatures) {
        if !verify(world, algorithm, pair.public, message, signature)? {
            return Err(world.difference(call, format!("{which:?} signs wrongly")));
        }
    }
    Ok(())
}

/// The other signature of the same message that anybody can make: with `n - s` for ECDSA, `s + l` for Ed25519. Schemes
/// differ in whether it is valid.
fn mirrored(algorithm: &str, signature: &[u8]) -> Option<Vec<u8>> {
    let order = match algorithm {
        "ECDSA_P256_SHA256" => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "ECDSA_K256_SHA256" => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "ECDSA_P384_SHA384" => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        "Ed25519" => "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed",
        _ => return None,
    };
    let order = hex(order);
    let (r, s) = signature.split_at(signature.len() / 2);
    let mirrored = if algorithm == "Ed25519" {
        let mut carry = 0;
        let digits = s.iter().zip(order.iter().rev()).map(|(s, l)| {
            carry += u16::from(*s) + u16::from(*l);
            let digit = carry as u8;
            carry >>= 8;
            digit
        });
        digits.collect::<Vec<_>>()
    } else {
        let mut borrow = 0;
        let digits = order.iter().zip(s).rev().map(|(n, s)| {
            let difference = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(difference < 0);
            difference as u8
        });
        let mut digits: Vec<_> = digits.collect();
        digits.reverse();
        digits
    };
    Some([r, &mirrored].concat())
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
            digit(pair[0]) << 4 | digit(pair[1])
        })
        .collect()
}

/// Points of small order as Ed25519 keys: with them, one signature is right for many messages.
fn low_order(world: &mut World, source: &mut Source<'_>) -> Step<()> {
    let algorithm = "Ed25519";
    let key = hex(source.pick(&[
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        // Not reduced: 2^255 - 19 and 2^255 - 18, which are 0 and 1.
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]));
    let imported = import_public(world, TYPE, algorithm, &key, PublickeyEncoding::Raw)?;
    let Some(public) = imported else {
        return Ok(());
    };
    let call = Call {
        function: "publickey_verify of a key of small order",
        algorithm,
    };
    world.same(call, |side, which| side.publickey_verify(public.of(which)))?;
    let mut signature = vec![0; 64];
    signature[0] = 1;
    let message = source.message();
    let call = Call {
        function: "signature_verification_state_verify with a key of small order",
        algorithm,
    };
    world.same(call, |side, which| {
        let imported = side.signature_import(algorithm, &signature, SignatureEncoding::Raw)?;
        let state = side.signature_verification_state_open(public.of(which))?;
        side.signature_verification_state_update(state, &message)?;
        let verified = side.signature_verification_state_verify(state, imported);
        side.signature_verification_state_close(state)?;
        side.signature_close(imported)?;
        verified
    })?;
    world.both(
        Call {
            function: "publickey_close",
            algorithm,
        },
        |side, which| side.publickey_close(public.of(which)),
    )?;
    Ok(())
}
