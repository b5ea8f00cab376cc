//! Grows its memory until the host refuses, says how far it got, and ends well: `grow_forever [--touch]`.
//!
//! With `--touch` every page is written to, so that the host must really provide it.

#[cfg(target_arch = "wasm32")]
fn main() {
    use core::arch::wasm32::{memory_grow, memory_size};

    const PAGES_AT_ONCE: usize = 16;
    if std::env::args().any(|argument| argument == "--touch") {
        let mut blocks: Vec<Vec<u8>> = Vec::new();
        loop {
            let mut block = Vec::new();
            if block.try_reserve_exact(PAGES_AT_ONCE << 16).is_err() {
                break;
            }
            block.resize(PAGES_AT_ONCE << 16, 1);
            if blocks.try_reserve(1).is_err() {
                break;
            }
            blocks.push(block);
        }
        // Everything is given back before there is anything to print: printing allocates.
        drop(blocks);
    } else {
        while memory_grow::<0>(PAGES_AT_ONCE) != usize::MAX {}
    }
    println!("refused at {} MiB", memory_size::<0>() / 16);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
