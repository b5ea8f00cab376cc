//! Calls of everything, in any order, with arguments that make no sense.

use crate::strange::{Program, components, core_modules};
use crate::support::{Script, host, link, witx};

/// Bytes without a pattern, and the same for the same seed.
fn seeded(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn no_arguments_are_a_trap() {
    let mut numbers = (0..).map(|step: u32| {
        let mixed = step.wrapping_mul(2_654_435_761) ^ (step << 7);
        core_modules::HARD[(mixed >> 16) as usize % core_modules::HARD.len()]
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

#[tokio::test]
async fn strange_calls_of_core_modules_do_no_harm() {
    let guest = core_modules::guest();
    let linked = link(host(&[]), guest.as_bytes());
    for seed in 0..60 {
        let bytes = seeded(seed, 2000);
        let call = core_modules::call(Program(&bytes));
        assert_eq!(linked.invoke(&call).await.unwrap(), ["0"], "seed {seed}");
    }
}

#[tokio::test]
async fn strange_calls_of_components_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    let settings = [("store", file.to_str().unwrap()), ("handles", "500")];
    let guest = components::guest(500);
    let linked = link(host(&settings), &guest);
    for seed in 1..=60 {
        let bytes = seeded(seed, 4000);
        let call = components::call(Program(&bytes));
        assert_eq!(linked.invoke(&call).await.unwrap(), ["0"], "seed {seed}");
    }
}
