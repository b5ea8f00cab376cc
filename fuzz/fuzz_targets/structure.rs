//! What stands between a component that anyone may have written and the engine: how deep it is nested, and how many
//! instances it makes.
#![no_main]

use std::fmt::Write as _;

use c12_toolchain::{check_instances, check_nesting, text};
use libfuzzer_sys::fuzz_target;

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const LIMITS: [usize; 5] = [0, 1, 30, 10_000, 1_000_000];

fuzz_target!(|bytes: &[u8]| {
    foreign(bytes);
    foreign(&[COMPONENT, bytes].concat());
    made(bytes);
});

/// Any bytes give an answer. What is within a limit is within every greater one.
fn foreign(bytes: &[u8]) {
    let in_file = |offset: Option<u64>| offset.is_none_or(|offset| offset <= bytes.len() as u64);
    if let Err(error) = check_nesting(bytes) {
        assert!(in_file(error.offset()), "{error}");
        return;
    }
    let mut accepted = false;
    for limit in LIMITS {
        match check_instances(bytes, limit) {
            Ok(()) => accepted = true,
            Err(error) => {
                assert!(!accepted, "{limit} is too few, and less was enough");
                assert!(in_file(error.offset()), "{error}");
            }
        }
    }
}

/// A chain of components, each of which instantiates the one before it as often as a byte says. The number follows
/// from that.
fn made(copies: &[u8]) {
    let mut chain = String::from(
        "(component (component $c0 (core module $m) (core instance (instantiate $m)))",
    );
    let (mut instances, mut most) = (1_u64, 1_u64);
    let mut last = 0;
    for copies in copies.iter().take(16).map(|copies| copies % 4) {
        let before = last;
        last += 1;
        write!(
            chain,
            "(component $c{last} (alias outer 1 $c{before} (component $c))"
        )
        .expect("a string takes everything");
        for _ in 0..copies {
            chain += "(instance (instantiate $c))";
        }
        chain += ")";
        instances = u64::from(copies) * (instances + 1);
        most = most.max(instances);
    }
    write!(chain, "(instance (instantiate $c{last})))").expect("a string takes everything");
    most = most.max(instances + 1);

    let binary = text::encode(chain.as_bytes()).expect("it is well formed");
    check_nesting(&binary).expect("it is not deep");
    for limit in LIMITS {
        assert_eq!(
            check_instances(&binary, limit).is_ok(),
            most <= limit as u64,
            "{most} instances, {limit} allowed"
        );
    }
}
