//! Panics three calls deep: a message on standard error, then a trap.
// The panic is the point.
#![allow(clippy::panic)]

#[inline(never)]
fn give_up(reason: &str) {
    panic!("the guest gave up: {reason}");
}

#[inline(never)]
fn work() {
    give_up("no more work");
}

fn main() {
    println!("before");
    work();
    println!("after");
}
