//! Tells the tests whether the guests are built, so that those that need them are listed as ignored
//! with the reason where they are not. `cargo xtask test` builds them and sets the variable.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(guests)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=C12_GUESTS");
    lean_start();
    if std::env::var_os("C12_GUESTS").is_some() {
        println!("cargo::rustc-cfg=guests");
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
