//! Tells the tests whether there are real models: `cargo xtask test` puts them into the folder that C12_NN_MODELS names.
//! Tests that need them are listed as ignored where there are none.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(nn_models)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=C12_NN_MODELS");
    if let Some(models) = std::env::var_os("C12_NN_MODELS") {
        let known = Path::new(&models).join("inputs");
        println!("cargo::rerun-if-changed={}", known.display());
        if known.is_dir() {
            println!("cargo::rustc-cfg=nn_models");
        }
    }
}
