//! Computes for ever, without a call to the host.

fn main() {
    println!("looping");
    let mut state = 1_u64;
    loop {
        state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005));
    }
}
