//! A core module that calls anything with anything.

use std::fmt::Write as _;

use super::{OPEN, Program, SCRATCH, SLOTS, next};
use crate::support::objects::{aead, cipher, open};
use crate::support::{MEMORY, OK, Script, Value, at, n, witx};

/// Numbers that break things.
pub(crate) const HARD: [u32; 14] = [
    0,
    1,
    2,
    3,
    8,
    64,
    65_535,
    65_536,
    MEMORY - 8,
    MEMORY - 1,
    MEMORY,
    0x7fff_ffff,
    0xffff_fff0,
    u32::MAX,
];

/// Words of a program: each is passed as a number.
const WORDS: usize = 250;

/// The guest, as text. Its `go` takes a [`program`], and returns 0 if each call answers a code of the specification.
pub(crate) fn guest() -> String {
    let mut script = Script::new();
    let objects = one_of_each(&mut script);
    for (slot, object) in objects.iter().enumerate() {
        let slot = SLOTS + 4 * slot as u32;
        script.then(&format!("(i32.store (i32.const {slot}) {})", at(*object).0));
    }
    let texts = super::texts(&mut script);
    let hard = script.bytes(&HARD.map(u32::to_le_bytes).concat());
    let mut start = String::new();
    for word in 0..WORDS {
        let _ = write!(
            start,
            "(i64.store (i32.const {}) (local.get {word}))",
            super::PROGRAM as usize + 8 * word
        );
    }
    script.then(&start);
    let functions = witx::functions();
    let mut more = next(super::PROGRAM + 8 * WORDS as u32);
    let _ = writeln!(
        more,
        "(global $length (mut i32) (i32.const 0))
        ;; What a word of the program stands for: a handle, where handles are, a place, a number, a text.
        (func $argument (result i32) (local $kind i32) (local $value i32)
          (local.set $value (call $next))
          (local.set $kind (i32.and (local.get $value) (i32.const 7)))
          (local.set $value (i32.shr_u (local.get $value) (i32.const 3)))
          (if (i32.and (i32.ne (global.get $length) (i32.const 0)) (i32.lt_u (local.get $kind) (i32.const 6)))
            (then (global.get $length) (global.set $length (i32.const 0)) return))
          (block $hard (block $small (block $text (block $place (block $slot (block $handle
            (br_table $handle $slot $place $text $small $handle $slot $hard (local.get $kind)))
            (return (i32.load (i32.add (i32.const {SLOTS}) (i32.and (i32.shl (local.get $value) (i32.const 2)) (i32.const 252))))))
            (return (i32.add (i32.const {SLOTS}) (i32.and (i32.shl (local.get $value) (i32.const 2)) (i32.const 252)))))
            (return (i32.add (i32.const {SCRATCH}) (local.get $value))))
            (local.set $value (i32.add (i32.const {texts}) (i32.shl (i32.rem_u (local.get $value) (i32.const {})) (i32.const 3))))
            (global.set $length (i32.load offset=4 (local.get $value)))
            (return (i32.load (local.get $value))))
            (return (i32.and (local.get $value) (i32.const 63))))
          (i32.load (i32.add (i32.const {hard}) (i32.shl (i32.rem_u (local.get $value) (i32.const {})) (i32.const 2)))))",
        super::TEXTS.len(),
        HARD.len()
    );
    for function in &functions {
        let arguments: String = function
            .parameters
            .iter()
            .map(|ty| match *ty {
                "i64" => "(i64.extend_i32_s (call $argument))",
                _ => "(call $argument)",
            })
            .collect();
        let name = &function.name;
        let _ = writeln!(
            more,
            "(func $step-{name} (result i32) (i32.gt_u (call ${name} {arguments}) (i32.const 30)))"
        );
    }
    let names = functions.iter().map(|function| function.name.as_str());
    more += &super::steps(names);
    script.then(OPEN);

    script.module_with(&"i64 ".repeat(WORDS), &more)
}

/// A program as the arguments of a call.
pub(crate) fn call(program: Program<'_>) -> String {
    let words = (0..WORDS).map(|word| {
        let mut bytes = [0; 8];
        let rest = program.0.get(8 * word..).unwrap_or_default();
        for (byte, of) in bytes.iter_mut().zip(rest) {
            *byte = *of;
        }
        i64::from_le_bytes(bytes).to_string()
    });
    format!("go({})", words.collect::<Vec<_>>().join(", "))
}

/// One object of nearly every kind; returns where their handles are.
fn one_of_each(script: &mut Script) -> Vec<u32> {
    let (key, options) = aead(script);
    let mut handles = vec![key, options, cipher(script, (key, options))];
    for algorithm in ["SHA-512", "BLAKE3", "XOODYAK-128"] {
        handles.push(open(script, algorithm));
    }
    let mut make = |script: &mut Script, function: &str, arguments: &[Value]| {
        let place = script.room(4);
        script.call(function, &[arguments, &[n(place)]].concat(), OK);
        handles.push(place);
        at(place)
    };
    let none = script.none();
    let [name, length] = script.text("Ed25519");
    let pair = make(
        script,
        "keypair_generate",
        &[n(0), name, length, none.clone()],
    );
    let public = make(script, "keypair_publickey", std::slice::from_ref(&pair));
    make(script, "keypair_secretkey", std::slice::from_ref(&pair));
    make(script, "keypair_export", &[pair.clone(), n(0)]);
    let state = make(script, "signature_state_open", &[pair]);
    make(script, "signature_state_sign", &[state]);
    make(script, "signature_verification_state_open", &[public]);
    let [name, length] = script.text("X25519");
    let pair = make(script, "keypair_generate", &[n(2), name, length, none]);
    make(script, "keypair_publickey", std::slice::from_ref(&pair));
    make(script, "keypair_secretkey", &[pair]);
    handles
}
