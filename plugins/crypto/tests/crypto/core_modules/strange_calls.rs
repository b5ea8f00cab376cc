//! Calls of everything with arguments that make no sense.

use super::{aead, cipher, open};
use crate::support::{MEMORY, OK, Script, Value, at, n, witx};

/// Numbers that break things.
const HARD: [u32; 14] = [
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

#[tokio::test]
async fn no_arguments_are_a_trap() {
    let mut numbers = (0..).map(|step: u32| {
        let mixed = step.wrapping_mul(2_654_435_761) ^ (step << 7);
        HARD[(mixed >> 16) as usize % HARD.len()]
    });
    let mut calls = String::new();
    for function in witx::functions() {
        for _ in 0..60 {
            let arguments: String = function
                .parameters
                .iter()
                .map(|ty| format!("({ty}.const {})", numbers.next().unwrap()))
                .collect();
            calls += &format!(
                "(if (i32.gt_u (call ${} {arguments}) (i32.const 30)) (then (return (i32.const 1))))\n",
                function.name
            );
        }
    }
    let mut script = Script::new();
    script.then(&calls);
    script.succeed().await;
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

#[tokio::test]
async fn strange_calls_with_real_handles_do_no_harm() {
    for seed in 0..8_u32 {
        let mut script = Script::new();
        let handles = one_of_each(&mut script);
        let mut mixed = seed;
        let mut next = || {
            mixed = mixed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            mixed >> 8
        };
        let functions = witx::functions();
        let mut calls = String::new();
        for _ in 0..2000 {
            let function = &functions[next() as usize % functions.len()];
            // Handles would soon be gone.
            if function.name.ends_with("_close") && next() % 8 != 0 {
                continue;
            }
            let arguments: String = function
                .parameters
                .iter()
                .map(|ty| match (*ty, next() % 3) {
                    ("i32", 0) => at(handles[next() as usize % handles.len()]).0,
                    // Behind all that the script needs.
                    ("i32", 1) => n((512 << 10) + next() % 1024).0,
                    _ => format!("({ty}.const {})", HARD[next() as usize % HARD.len()]),
                })
                .collect();
            calls += &format!(
                "(if (i32.gt_u (call ${} {arguments}) (i32.const 30)) (then (return (i32.const 1))))\n",
                function.name
            );
        }
        script.then(&calls);
        script.succeed().await;
    }
}
