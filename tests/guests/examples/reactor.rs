//! A WASI 0.1 reactor: no `_start`, but `_initialize`, which must run once before anything else.
// Exported names and the constructors' call are what a reactor is made of.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p1"))]
mod exports {
    use std::sync::atomic::{AtomicI32, Ordering};

    static COUNT: AtomicI32 = AtomicI32::new(-1);

    unsafe extern "C" {
        fn __wasm_call_ctors();
    }

    #[unsafe(no_mangle)]
    extern "C" fn _initialize() {
        // SAFETY: the linker defines this function; a reactor calls it once, first of all, from here.
        unsafe { __wasm_call_ctors() };
        COUNT.store(100, Ordering::Relaxed);
        println!("initialized");
    }

    /// 101 at the first call, or 0 where `_initialize` was forgotten.
    #[unsafe(no_mangle)]
    extern "C" fn next() -> i32 {
        COUNT.fetch_add(1, Ordering::Relaxed) + 1
    }
}
