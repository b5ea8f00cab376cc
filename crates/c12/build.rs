//! Tells the tests whether the guests are built, so that those that need them are listed as ignored
//! with the reason where they are not. `cargo xtask test` builds them and sets the variable.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(guests)");
    // What cargo-fuzz sets.
    println!("cargo::rustc-check-cfg=cfg(fuzzing)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=C12_GUESTS");
    if std::env::var_os("C12_GUESTS").is_some() {
        println!("cargo::rustc-cfg=guests");
    }
}
