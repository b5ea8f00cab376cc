//! The smallest useful guest: functions on numbers, once as a core module and once as a component.
//!
//! ```text
//! c12 run --invoke 'add(1, 2)' 01_basic_add.wasm
//! ```
//!
//! | built for | kind | what a function can say |
//! |---|---|---|
//! | `wasm32-wasip1` | core module | numbers; failure is a trap or a special value |
//! | `wasm32-wasip2` | component | anything WIT has: `option`, `result`, tuples, lists |
//!
//! A core function may return several values (multi-value), but Rust has no way to write one; `01_basic_add.wat`
//! beside this file does.

// Exporting a core function needs `no_mangle`, an unsafe attribute: two functions of one name would collide. The names
// below are unique. On the component side the same is generated.
#![allow(unsafe_code)]

#[cfg(all(target_os = "wasi", target_env = "p1"))]
mod core_module {
    /// The sum modulo 2^32, as the instruction `i32.add` gives it.
    #[unsafe(no_mangle)]
    extern "C" fn add(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    /// The same for 64 bits.
    #[unsafe(no_mangle)]
    extern "C" fn add_i64(a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    /// The same for floating-point numbers.
    #[unsafe(no_mangle)]
    extern "C" fn add_f64(a: f64, b: f64) -> f64 {
        a + b
    }

    /// The sum, or the nearest number that fits.
    #[unsafe(no_mangle)]
    extern "C" fn saturating_add(a: i32, b: i32) -> i32 {
        a.saturating_add(b)
    }

    /// The sum. A core function has no other way to refuse than to trap, so that is what an overflow does.
    #[unsafe(no_mangle)]
    extern "C" fn checked_add(a: i32, b: i32) -> i32 {
        match a.checked_add(b) {
            Some(sum) => sum,
            None => core::arch::wasm32::unreachable(),
        }
    }
}

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component {
    wit_bindgen::generate!({ path: "wit", world: "basic-add" });

    struct BasicAdd;

    impl Guest for BasicAdd {
        fn add(a: i32, b: i32) -> i32 {
            a.wrapping_add(b)
        }

        fn checked_add(a: i32, b: i32) -> Option<i32> {
            a.checked_add(b)
        }

        fn saturating_add(a: i32, b: i32) -> i32 {
            a.saturating_add(b)
        }

        fn sum(numbers: Vec<i32>) -> Result<i32, ArithmeticError> {
            numbers
                .into_iter()
                .try_fold(0_i32, i32::checked_add)
                .ok_or(ArithmeticError::Overflow)
        }

        fn div_mod(dividend: i32, divisor: i32) -> Result<(i32, i32), ArithmeticError> {
            if divisor == 0 {
                return Err(ArithmeticError::DivisionByZero);
            }
            // One pair of 32-bit numbers is left that cannot be divided: the smallest one by -1.
            let quotient = dividend
                .checked_div(divisor)
                .ok_or(ArithmeticError::Overflow)?;
            let remainder = dividend
                .checked_rem(divisor)
                .ok_or(ArithmeticError::Overflow)?;
            Ok((quotient, remainder))
        }
    }

    export!(BasicAdd);
}
