//! Which states of symmetric algorithms are opened, and what is done with them.

use crate::damage::Source;
use crate::symmetric_state::{Key, Operation, Recipe, Setting, TAG_LEN};

/// An algorithm that both sides have.
pub(crate) struct Algorithm {
    pub(crate) name: &'static str,
    /// The length of its keys; 0 where it has none.
    pub(crate) key: usize,
    /// The length of its nonces; 0 where it has none.
    pub(crate) nonce: usize,
    key_is_optional: bool,
}

const fn algorithm(name: &'static str, key: usize, nonce: usize) -> Algorithm {
    Algorithm {
        name,
        key,
        nonce,
        key_is_optional: false,
    }
}

const fn session(name: &'static str, key: usize) -> Algorithm {
    Algorithm {
        name,
        key,
        nonce: 16,
        key_is_optional: true,
    }
}

pub(crate) const ALGORITHMS: [Algorithm; 16] = [
    algorithm("AES-128-GCM", 16, 12),
    algorithm("AES-256-GCM", 32, 12),
    algorithm("CHACHA20-POLY1305", 32, 12),
    algorithm("XCHACHA20-POLY1305", 32, 24),
    algorithm("HMAC/SHA-256", 32, 0),
    algorithm("HMAC/SHA-512", 64, 0),
    algorithm("HKDF-EXTRACT/SHA-256", 32, 0),
    algorithm("HKDF-EXTRACT/SHA-512", 64, 0),
    algorithm("HKDF-EXPAND/SHA-256", 32, 0),
    algorithm("HKDF-EXPAND/SHA-512", 64, 0),
    algorithm("SHA-256", 0, 0),
    algorithm("SHA-384", 0, 0),
    algorithm("SHA-512", 0, 0),
    algorithm("SHA-512/256", 0, 0),
    session("XOODYAK-128", 16),
    session("XOODYAK-160", 20),
];

/// Spelled otherwise, or no algorithm at all.
pub(crate) const ODD_NAMES: [&str; 4] = ["sha-256", "Hmac/Sha-256", "AES-512-GCM", ""];

pub(crate) const OPTIONS: [&str; 8] = [
    "nonce",
    "Nonce",
    "salt",
    "context",
    "memory_limit",
    "ops_limit",
    "parallelism",
    "flavour",
];

/// How a state is opened: mostly as its algorithm wants it.
pub(crate) fn recipe(source: &mut Source<'_>) -> Recipe {
    let algorithm = &ALGORITHMS[source.number(0, ALGORITHMS.len() - 1)];
    // Some have more than one thing wrong.
    let odds = if source.one_in(10) { 2 } else { 20 };
    let wants_key = algorithm.key > 0 && !(algorithm.key_is_optional && source.one_in(3));
    let key = (wants_key != source.one_in(odds)).then(|| key(source, algorithm));
    let wants_nonce = if algorithm.key_is_optional {
        key.is_some() && source.one_in(2)
    } else {
        algorithm.nonce > 0
    };
    let mut options = Vec::new();
    if wants_nonce != source.one_in(odds) {
        let len = if source.one_in(odds) {
            source.number(0, 64)
        } else {
            algorithm.nonce
        };
        options.push(("nonce", Setting::Bytes(source.bytes(len))));
    }
    if source.one_in(odds) {
        let setting = if source.one_in(2) {
            let value = source.message();
            (source.pick(&["salt", "context"]), Setting::Bytes(value))
        } else {
            let name = source.pick(&["ops_limit", "parallelism", "memory_limit"]);
            (name, Setting::Number(1))
        };
        options.push(setting);
    }
    let name = if source.one_in(40) {
        source.pick(&ODD_NAMES)
    } else {
        algorithm.name
    };
    // A nonce that each side makes for itself is compared elsewhere.
    if algorithm.name == "XCHACHA20-POLY1305" && !options.iter().any(|(name, _)| *name == "nonce") {
        options.clear();
    }
    Recipe {
        algorithm: name,
        key,
        options: (!options.is_empty() || algorithm.nonce == 0 && source.one_in(4))
            .then_some(options),
    }
}

/// A key, mostly for that algorithm.
fn key(source: &mut Source<'_>, algorithm: &Algorithm) -> Key {
    let keyed: Vec<_> = ALGORITHMS.iter().filter(|other| other.key > 0).collect();
    let of = if algorithm.key == 0 || source.one_in(25) {
        keyed[source.number(0, keyed.len() - 1)]
    } else {
        algorithm
    };
    let takes_any = of.name.starts_with("HMAC") || of.name.starts_with("HKDF-EXTRACT");
    let len = if takes_any && source.one_in(2) {
        source.number(0, 200)
    } else {
        of.key
    };
    (of.name, source.bytes(len))
}

pub(crate) fn operation(source: &mut Source<'_>, algorithm: &str) -> Operation {
    match source.number(0, 24) {
        0..=5 => Operation::Absorb(source.message()),
        6 | 7 => {
            let len = match source.number(0, 9) {
                0 => source.number(0, 17_000),
                1..=4 => source.pick(&[20, 32, 48, 64, 255 * 32, 255 * 64]),
                _ => source.number(0, 70),
            };
            Operation::Squeeze(len)
        }
        8 | 9 => Operation::SqueezeTag,
        // Of a session, the tag is gone when it could not be pulled.
        10 if algorithm.starts_with("HMAC") => Operation::PullTag(source.pick(&[0, -1, 1])),
        10 | 11 => {
            let flip = source.one_in(2).then(|| source.number(0, 511));
            Operation::VerifyTag(flip)
        }
        12 | 13 => {
            let place = source.number(0, ALGORITHMS.len() - 1);
            Operation::SqueezeKey(ALGORITHMS[place].name)
        }
        14 => Operation::MaxTagLen,
        15 | 16 => Operation::Encrypt(source.message(), source.misfit()),
        17 | 18 => Operation::EncryptDetached(source.message(), source.misfit()),
        19 => Operation::Decrypt(source.message(), source.misfit()),
        20 => {
            let len = if source.one_in(4) {
                source.number(0, 40)
            } else {
                TAG_LEN
            };
            Operation::DecryptDetached(source.message(), source.bytes(len), source.misfit())
        }
        21 | 22 => Operation::Ratchet,
        23 => Operation::Option(source.pick(&OPTIONS), source.number(0, 40)),
        _ => Operation::OptionNumber(source.pick(&OPTIONS)),
    }
}
