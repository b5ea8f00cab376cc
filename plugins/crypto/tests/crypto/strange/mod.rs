//! Guests that call anything, in any order, with whatever can be passed. A program decides what: its words, of 16 bits each, say
//! which function comes next and what it is given. The guests read it as they run, so each is compiled once. The fuzz
//! target runs them as well.

pub(crate) mod components;
pub(crate) mod core_modules;

use std::fmt::Write as _;

use crate::support::Script;

/// What guests are told to do.
#[derive(Clone, Copy)]
pub(crate) struct Program<'a>(pub(crate) &'a [u8]);

/// Algorithms that take no time, and what may be an option.
const TEXTS: [&str; 18] = [
    "SHA-256",
    "SHA-512/256",
    "BLAKE3",
    "HMAC/SHA-256",
    "HKDF-EXTRACT/SHA-256",
    "HKDF-EXPAND/SHA-256",
    "AES-256-GCM",
    "AES-128-CTR",
    "XCHACHA20-POLY1305",
    "XOODYAK-128",
    "Ed25519",
    "X25519",
    "ECDSA_P256_SHA256",
    "ML-KEM-768",
    "nonce",
    "context",
    "salt",
    "no such thing",
];

/// Where the guests have their handles, each in four bytes.
const SLOTS: u32 = 516 << 10;
/// Where data is read and written that nothing depends on.
const SCRATCH: u32 = 520 << 10;
/// Where the program is.
const PROGRAM: u32 = 560 << 10;

/// Addresses and lengths of the texts, one after another.
fn texts(script: &mut Script) -> u32 {
    let mut table = Vec::new();
    for text in TEXTS {
        let address = script.bytes(text.as_bytes());
        table.extend(address.to_le_bytes());
        table.extend((text.len() as u32).to_le_bytes());
    }
    script.bytes(&table)
}

/// `$next` takes a word of the program; behind its end all are 0, and `$over` is set.
fn next(end: u32) -> String {
    format!(
        "(global $at (mut i32) (i32.const {PROGRAM}))
        (global $end (mut i32) (i32.const {end}))
        (global $over (mut i32) (i32.const 0))
        (func $next (result i32)
          (if (i32.ge_u (global.get $at) (global.get $end))
            (then (global.set $over (i32.const 1)) (return (i32.const 0))))
          (i32.load16_u (global.get $at))
          (global.set $at (i32.add (global.get $at) (i32.const 2))))\n"
    )
}

/// `$step` takes the step that comes next: the function `$step-NAME` of one of the names.
fn steps<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let (mut elements, mut count) = (String::new(), 0);
    for name in names {
        let _ = write!(elements, "$step-{name} ");
        count += 1;
    }
    format!(
        "(table funcref (elem {elements}))
        (func $step (result i32)
          (call_indirect (result i32) (i32.rem_u (call $next) (i32.const {count}))))\n"
    )
}

/// Takes steps until the program is over, or one answers what it must not.
const OPEN: &str = "(block $done (loop $again
    (if (call $step) (then (return (i32.const -1))))
    (br_if $again (i32.eqz (global.get $over)))))";
