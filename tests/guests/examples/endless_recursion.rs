//! Recurses for ever. The frames need no memory of the guest, so it is the host's stack that ends.

#[inline(never)]
#[allow(unconditional_recursion)]
fn descend(depth: u64) -> u64 {
    // The work after the call keeps it from being turned into a loop.
    descend(depth.wrapping_add(1)).rotate_left(3) ^ depth
}

fn main() {
    println!("descending");
    println!("{}", descend(std::env::args().count() as u64));
}
