//! Runs the examples in the documentation of `c12_wasm::nn`, which `build.rs` collects. They need a classifier of images called
//! `classifier`, and a language model called `llm`.

#[cfg(target_os = "wasi")]
#[allow(dead_code)]
mod guest {
    include!(concat!(env!("OUT_DIR"), "/nn_examples.rs"));

    pub(crate) fn run() {
        for (place, example) in EXAMPLES {
            // An example that fails ends in a panic, which does not say where the example stands.
            eprint!("{place} ");
            if let Err(error) = example() {
                panic!("{error}");
            }
            eprintln!("ok");
        }
        println!("{} examples ran", EXAMPLES.len());
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    guest::run();
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
