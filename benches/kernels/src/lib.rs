//! Compute kernels, each of another kind, that give the same checksum wherever they run.
//!
//! A kernel builds its data once and then does the same amount of work in each round.

// Bounds checks are part of what is measured, and a kernel's own mistake may end it.
#![allow(clippy::indexing_slicing)]

mod collatz;
mod dispatch;
mod format;
mod hash_map;
mod mandelbrot;
mod matrix;
mod n_body;
mod pointer_chase;
mod random;
mod recursion;
mod sieve;
mod sort;
mod triad;

/// A kernel whose data is built: each call is a round of work, and returns a checksum of it.
pub type Round = Box<dyn FnMut() -> u64>;

/// A kernel.
#[derive(Debug, Clone, Copy)]
pub struct Kernel {
    /// How it is asked for.
    pub name: &'static str,
    /// What a round does.
    pub work: &'static str,
    prepare: fn() -> Round,
}

impl Kernel {
    /// Builds its data.
    pub fn prepare(&self) -> Round {
        (self.prepare)()
    }

    /// The kernel of this name.
    pub fn find(name: &str) -> Option<&'static Kernel> {
        KERNELS.iter().find(|kernel| kernel.name == name)
    }
}

/// All kernels.
pub static KERNELS: &[Kernel] = &[
    Kernel {
        name: "sieve",
        work: "integers: primes below 2^20, a byte for each number",
        prepare: sieve::prepare,
    },
    Kernel {
        name: "collatz",
        work: "integers: 64-bit Collatz sequences of 50 000 numbers, in registers",
        prepare: collatz::prepare,
    },
    Kernel {
        name: "n_body",
        work: "float: 20 000 steps of five bodies in f64, with square roots",
        prepare: n_body::prepare,
    },
    Kernel {
        name: "matrix",
        work: "float: product of two 160 x 160 matrices of f64",
        prepare: matrix::prepare,
    },
    Kernel {
        name: "mandelbrot",
        work: "SIMD: explicit four-lane f32 (simd128, SSE2), 256 x 192 points",
        prepare: mandelbrot::prepare,
    },
    Kernel {
        name: "hash_map",
        work: "hash map: insert, look up and remove 50 000 numbers, SipHash",
        prepare: hash_map::prepare,
    },
    Kernel {
        name: "sort",
        work: "sort: 200 000 random 64-bit numbers",
        prepare: sort::prepare,
    },
    Kernel {
        name: "format",
        work: "string formatting: 20 000 lines of decimal, hexadecimal and float",
        prepare: format::prepare,
    },
    Kernel {
        name: "recursion",
        work: "recursion: Fibonacci of 27 and Ackermann of (2, 400)",
        prepare: recursion::prepare,
    },
    Kernel {
        name: "dispatch",
        work: "indirect calls: a million calls through trait objects of four types",
        prepare: dispatch::prepare,
    },
    Kernel {
        name: "triad",
        work: "memory bandwidth: a = b + s * c over three arrays of 16 MiB",
        prepare: triad::prepare,
    },
    Kernel {
        name: "pointer_chase",
        work: "memory latency: 200 000 dependent loads from 32 MiB",
        prepare: pointer_chase::prepare,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_rounds_are_reproducible() {
        for kernel in KERNELS {
            assert!(std::ptr::eq(Kernel::find(kernel.name).unwrap(), kernel));
            assert_eq!(kernel.prepare()(), kernel.prepare()(), "{}", kernel.name);
        }
    }

    #[test]
    fn known_results_are_right() {
        assert_eq!(sieve::count(1 << 20), 82_025, "primes below 2^20");
        assert_eq!(collatz::longest(50_000), (35_655, 323));
        assert_eq!(
            (recursion::fibonacci(20), recursion::ackermann(2, 3)),
            (6765, 9)
        );
    }
}
