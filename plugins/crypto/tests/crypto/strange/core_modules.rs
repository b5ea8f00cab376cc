//! Core modules that call anything.

use super::{Choices, TEXTS};
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

/// A guest that makes the calls that are chosen, and returns 0 if each answers a code of the specification.
pub(crate) fn guest(choices: &mut Choices<'_>) -> Script {
    let mut script = Script::new();
    let handles = one_of_each(&mut script);
    let texts = TEXTS.map(|text| script.text(text));
    let functions = witx::functions();
    let mut calls = String::new();
    for _ in 0..2000 {
        if choices.is_empty() {
            break;
        }
        let function = &functions[choices.below(functions.len())];
        // Handles would soon be gone.
        if function.name.ends_with("_close") && choices.below(8) != 0 {
            continue;
        }
        // The length of a text follows its address.
        let mut length: Option<&Value> = None;
        let mut arguments = String::new();
        for ty in &function.parameters {
            let argument = match (*ty, choices.below(4), length.take()) {
                ("i32", 0..3, Some(length)) => length.clone(),
                ("i32", 0, None) => at(choices.one_of(&handles)),
                // Behind all that the script needs.
                ("i32", 1, None) => n((512 << 10) + choices.below(1024) as u32),
                ("i32", 2, None) => {
                    let [address, of] = &texts[choices.below(texts.len())];
                    length = Some(of);
                    address.clone()
                }
                _ => Value(format!("({ty}.const {})", choices.one_of(&HARD))),
            };
            arguments += &argument.0;
        }
        calls += &format!(
            "(if (i32.gt_u (call ${} {arguments}) (i32.const 30)) (then (return (i32.const -1))))\n",
            function.name
        );
    }
    script.then(&calls);
    script
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
