//! Exceptions of plugins end here.
//!
//! A plugin in C++ may throw, and an exception must not unwind into code that knows nothing of it: WasmEdge ends the
//! process then, as does Rust. Between the two stands a function that is written in assembly because only there
//! can it be given a personality of its own, the function that the unwinder asks what to do with an exception. This one
//! says that every exception ends in it; the exception is destroyed, and the caller is told.
//!
//! The frames in between, from the plugin's to this one, are unwound as the language of each wants it.
#![allow(unsafe_code)]

use std::ffi::c_void;

/// Runs `body` with `data`. `false` if an exception left it.
///
/// # Safety
///
/// `body` can be called with `data`. Exceptions may leave it, panics must not.
pub(crate) unsafe fn contain(
    body: unsafe extern "C-unwind" fn(*mut c_void),
    data: *mut c_void,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe { machine::contain(body, data) }
}

/// Runs a closure that calls a plugin. `None` if an exception left it.
///
/// # Safety
///
/// The closure calls the plugin as it wants to be called, and does nothing else that could unwind.
pub(crate) unsafe fn call<R>(call: impl FnOnce() -> R) -> Option<R> {
    struct State<F, R> {
        call: Option<F>,
        result: Option<R>,
    }
    unsafe extern "C-unwind" fn body<F: FnOnce() -> R, R>(state: *mut c_void) {
        // SAFETY: `call` below hands over a state of this type, which nobody else uses.
        let state = unsafe { &mut *state.cast::<State<F, R>>() };
        if let Some(call) = state.call.take() {
            state.result = Some(call());
        }
    }
    let mut state = State {
        call: Some(call),
        result: None,
    };
    fn body_of<F: FnOnce() -> R, R>(_: &State<F, R>) -> unsafe extern "C-unwind" fn(*mut c_void) {
        body::<F, R>
    }
    // SAFETY: the body is the one for this state; the rest is the caller's promise.
    let returned = unsafe { contain(body_of(&state), (&raw mut state).cast()) };
    if returned { state.result } else { None }
}

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod machine {
    use std::ffi::{c_int, c_void};

    // The names are those of the ABI for exceptions, which the C++ runtime and Rust's share.
    unsafe extern "C" {
        fn _Unwind_SetGR(context: *mut c_void, register: c_int, value: usize);
        fn _Unwind_SetIP(context: *mut c_void, address: usize);
        fn _Unwind_DeleteException(exception: *mut c_void);
    }

    unsafe extern "C" {
        /// Calls the body, and returns 0, or 1 if an exception left it.
        fn c12_wasmedge_contain(
            body: unsafe extern "C-unwind" fn(*mut c_void),
            data: *mut c_void,
        ) -> u32;
        /// Where the function above goes on after an exception. It is not to be called.
        fn c12_wasmedge_contained();
    }

    pub(super) unsafe fn contain(
        body: unsafe extern "C-unwind" fn(*mut c_void),
        data: *mut c_void,
    ) -> bool {
        // SAFETY: the caller's promise; nothing unwinds out of the function, which is what it is for.
        unsafe { c12_wasmedge_contain(body, data) == 0 }
    }

    /// The unwinder searches a handler first, and unwinds to it then.
    const SEARCHING: c_int = 1;
    const TO_HANDLER: c_int = 4;
    /// The thread ends: nobody may keep it.
    const FORCED: c_int = 8;
    const HANDLER_FOUND: c_int = 6;
    const INSTALL_CONTEXT: c_int = 7;
    const CONTINUE: c_int = 8;
    /// The register in which the handler finds the exception, on both processors the first one in DWARF's order.
    const EXCEPTION: c_int = 0;

    /// Says what happens to an exception that reaches the function in assembly.
    unsafe extern "C" fn personality(
        _version: c_int,
        actions: c_int,
        _class: u64,
        exception: *mut c_void,
        context: *mut c_void,
    ) -> c_int {
        if actions & FORCED != 0 {
            return CONTINUE;
        }
        if actions & SEARCHING != 0 {
            return HANDLER_FOUND;
        }
        if actions & TO_HANDLER == 0 {
            return CONTINUE;
        }
        // SAFETY: the unwinder asks for the context of the frame that it calls this for, which goes on where it is told.
        unsafe {
            _Unwind_SetGR(context, EXCEPTION, exception as usize);
            _Unwind_SetIP(context, c12_wasmedge_contained as *const () as usize);
        }
        INSTALL_CONTEXT
    }

    // 0x1b: the personality's address is relative to where it stands, in 32 bits.
    #[cfg(target_arch = "x86_64")]
    std::arch::global_asm!(
        ".pushsection .text.c12_wasmedge_contain,\"ax\",@progbits",
        ".globl c12_wasmedge_contain",
        ".hidden c12_wasmedge_contain",
        ".type c12_wasmedge_contain,@function",
        ".globl c12_wasmedge_contained",
        ".hidden c12_wasmedge_contained",
        "c12_wasmedge_contain:",
        ".cfi_startproc",
        ".cfi_personality 0x1b, {personality}",
        "sub rsp, 8",
        ".cfi_def_cfa_offset 16",
        "mov rax, rdi",
        "mov rdi, rsi",
        "call rax",
        "xor eax, eax",
        "add rsp, 8",
        ".cfi_remember_state",
        ".cfi_def_cfa_offset 8",
        "ret",
        ".cfi_restore_state",
        "c12_wasmedge_contained:",
        "mov rdi, rax",
        "call {delete}@PLT",
        "mov eax, 1",
        "add rsp, 8",
        ".cfi_def_cfa_offset 8",
        "ret",
        ".cfi_endproc",
        ".size c12_wasmedge_contain, . - c12_wasmedge_contain",
        ".popsection",
        personality = sym personality,
        delete = sym _Unwind_DeleteException,
    );

    // Never run; assembled only.
    #[cfg(target_arch = "aarch64")]
    std::arch::global_asm!(
        ".pushsection .text.c12_wasmedge_contain,\"ax\",@progbits",
        ".globl c12_wasmedge_contain",
        ".hidden c12_wasmedge_contain",
        ".type c12_wasmedge_contain,@function",
        ".globl c12_wasmedge_contained",
        ".hidden c12_wasmedge_contained",
        ".p2align 2",
        "c12_wasmedge_contain:",
        ".cfi_startproc",
        ".cfi_personality 0x1b, {personality}",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset 29, -16",
        ".cfi_offset 30, -8",
        "mov x29, sp",
        "mov x2, x0",
        "mov x0, x1",
        "blr x2",
        "mov w0, #0",
        "ldp x29, x30, [sp], #16",
        ".cfi_remember_state",
        ".cfi_restore 29",
        ".cfi_restore 30",
        ".cfi_def_cfa_offset 0",
        "ret",
        ".cfi_restore_state",
        "c12_wasmedge_contained:",
        "bl {delete}",
        "mov w0, #1",
        "ldp x29, x30, [sp], #16",
        ".cfi_restore 29",
        ".cfi_restore 30",
        ".cfi_def_cfa_offset 0",
        "ret",
        ".cfi_endproc",
        ".size c12_wasmedge_contain, . - c12_wasmedge_contain",
        ".popsection",
        personality = sym personality,
        delete = sym _Unwind_DeleteException,
    );
}

#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod machine {
    use std::ffi::c_void;

    pub(super) unsafe fn contain(
        body: unsafe extern "C-unwind" fn(*mut c_void),
        data: *mut c_void,
    ) -> bool {
        // SAFETY: the caller's promise. An exception ends the process here.
        unsafe { body(data) };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_returns_returns_its_result() {
        // SAFETY: nothing unwinds.
        assert_eq!(unsafe { call(|| 7) }, Some(7));
    }

    /// Throws as a C++ runtime does, with an exception that counts its destruction.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn an_exception_ends_within_and_is_destroyed() {
        #[repr(C, align(16))]
        struct Exception {
            class: u64,
            cleanup: unsafe extern "C" fn(i32, *mut Exception),
            private: [usize; 2],
            destroyed: u32,
        }
        unsafe extern "C-unwind" {
            fn _Unwind_RaiseException(exception: *mut Exception) -> i32;
        }
        unsafe extern "C" fn destroy(_: i32, exception: *mut Exception) {
            // SAFETY: the unwinder gives back what was raised.
            unsafe { (*exception).destroyed += 1 };
        }
        for _ in 0..3 {
            let mut exception = Exception {
                class: u64::from_be_bytes(*b"C12 test"),
                cleanup: destroy,
                private: [0; 2],
                destroyed: 0,
            };
            let raised = &raw mut exception;
            // SAFETY: the exception is one, and lives until it is destroyed.
            let code = unsafe { call(|| _Unwind_RaiseException(raised)) };
            assert_eq!((code, exception.destroyed), (None, 1));
            assert_eq!(exception.class.to_be_bytes(), *b"C12 test");
        }
    }
}
