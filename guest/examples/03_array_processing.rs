//! The same loops one element at a time and 16 bytes at a time, and what the difference is worth here.
//!
//! ```text
//! c12 run 03_array_processing.wasm
//! ```
//!
//! Two features of WebAssembly 2.0 are at work: SIMD (`v128`, one instruction for several elements) and bulk memory
//! (`memory.copy` and `memory.fill`, one instruction for a whole region). Rust leaves both out of a module unless it is
//! told otherwise, because some engines lack them. `#[target_feature]` asks for them function by function; the loops
//! without the attribute stay scalar, so both forms live in one module and can be compared.
//!
//! The results must be equal; the program fails if they are not. The times are this machine's, and the best of
//! several rounds: everything that disturbs a measurement makes it longer, never shorter.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    use c12_wasm::cli::{Failure, finish};
    finish(
        "03_array_processing",
        Err(Failure::failed(
            "this example uses WebAssembly instructions; build it for wasm32-wasip1 or wasm32-wasip2",
        )),
    )
}

#[cfg(target_arch = "wasm32")]
fn main() -> std::process::ExitCode {
    c12_wasm::cli::finish("03_array_processing", report::run())
}

/// The loops, scalar.
#[cfg(target_arch = "wasm32")]
mod scalar {
    /// Makes an image brighter: adds `amount` to every byte, up to 255.
    #[inline(never)]
    pub(crate) fn brighten(pixels: &mut [u8], amount: u8) {
        for pixel in pixels {
            *pixel = pixel.saturating_add(amount);
        }
    }

    /// The sum of the products, modulo 2^32.
    #[inline(never)]
    pub(crate) fn dot_product(a: &[i32], b: &[i32]) -> i32 {
        a.iter()
            .zip(b)
            .fold(0, |sum, (a, b)| sum.wrapping_add(a.wrapping_mul(*b)))
    }

    /// How often `wanted` occurs.
    #[inline(never)]
    pub(crate) fn count(bytes: &[u8], wanted: u8) -> usize {
        let mut found = 0;
        for byte in bytes {
            found += usize::from(*byte == wanted);
        }
        found
    }

    /// Copies byte by byte.
    #[inline(never)]
    pub(crate) fn copy(from: &[u8], to: &mut [u8]) {
        // A zero that the compiler cannot know to be one, or it would see what this loop is and replace it.
        let zero = std::hint::black_box(0);
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from ^ zero;
        }
    }
}

/// The same functions, in wide steps.
#[cfg(target_arch = "wasm32")]
mod wide {
    use core::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, i32x4, i32x4_add, i32x4_extract_lane, i32x4_mul, i32x4_splat,
        u8x16_add_sat, u8x16_splat, u64x2, u64x2_extract_lane, v128,
    };

    /// 16 bytes as a vector. The compiler makes a single `v128.load` of it, without any unsafe code.
    #[inline]
    #[target_feature(enable = "simd128")]
    fn load([a, b, c, d, e, f, g, h, rest @ ..]: [u8; 16]) -> v128 {
        u64x2(
            u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            u64::from_le_bytes(rest),
        )
    }

    #[target_feature(enable = "simd128")]
    pub(crate) fn brighten(pixels: &mut [u8], amount: u8) {
        let amounts = u8x16_splat(amount);
        let mut chunks = pixels.chunks_exact_mut(16);
        for chunk in &mut chunks {
            // The length is always 16; saying it as a type lets the compiler drop every check.
            let Ok(chunk) = <&mut [u8; 16]>::try_from(chunk) else {
                continue;
            };
            let sum = u8x16_add_sat(load(*chunk), amounts);
            let (low, high) = chunk.split_at_mut(8);
            low.copy_from_slice(&u64x2_extract_lane::<0>(sum).to_le_bytes());
            high.copy_from_slice(&u64x2_extract_lane::<1>(sum).to_le_bytes());
        }
        // What is left when the length is no multiple of 16.
        super::scalar::brighten(chunks.into_remainder(), amount);
    }

    #[target_feature(enable = "simd128")]
    pub(crate) fn dot_product(a: &[i32], b: &[i32]) -> i32 {
        let length = a.len().min(b.len());
        let (a, b) = (a.split_at(length).0, b.split_at(length).0);
        let (chunks_a, chunks_b) = (a.chunks_exact(4), b.chunks_exact(4));
        let rest = super::scalar::dot_product(chunks_a.remainder(), chunks_b.remainder());
        let mut sums = i32x4_splat(0);
        for (a, b) in chunks_a.zip(chunks_b) {
            if let (&[a0, a1, a2, a3], &[b0, b1, b2, b3]) = (a, b) {
                sums = i32x4_add(
                    sums,
                    i32x4_mul(i32x4(a0, a1, a2, a3), i32x4(b0, b1, b2, b3)),
                );
            }
        }
        // Addition modulo 2^32 may be done in any order, so four sums side by side give the same result.
        [
            i32x4_extract_lane::<0>(sums),
            i32x4_extract_lane::<1>(sums),
            i32x4_extract_lane::<2>(sums),
            i32x4_extract_lane::<3>(sums),
        ]
        .into_iter()
        .fold(rest, i32::wrapping_add)
    }

    #[target_feature(enable = "simd128")]
    pub(crate) fn count(bytes: &[u8], wanted: u8) -> usize {
        let pattern = u8x16_splat(wanted);
        let chunks = bytes.chunks_exact(16);
        let rest = super::scalar::count(chunks.remainder(), wanted);
        let mut found = 0;
        for chunk in chunks {
            if let Ok(chunk) = <[u8; 16]>::try_from(chunk) {
                // One bit for each byte that is equal.
                found += i8x16_bitmask(i8x16_eq(load(chunk), pattern)).count_ones() as usize;
            }
        }
        found + rest
    }

    /// Copies with one `memory.copy`.
    #[inline(never)]
    #[target_feature(enable = "bulk-memory")]
    pub(crate) fn copy(from: &[u8], to: &mut [u8]) {
        let length = from.len().min(to.len());
        to.split_at_mut(length)
            .0
            .copy_from_slice(from.split_at(length).0);
    }
}

#[cfg(target_arch = "wasm32")]
mod report {
    use std::fmt::Write as _;
    use std::hint::black_box;
    use std::io::Write as _;
    use std::time::{Duration, Instant};

    use c12_wasm::cli::Failure;

    use super::{scalar, wide};

    const HELP: &str = "\
Compares loops over arrays, one element at a time and many at a time.

Usage: 03_array_processing [ELEMENTS]

ELEMENTS is the length of the arrays [default: 1048576].
";

    const ROUNDS: u32 = 7;
    const DEFAULT_SIZE: usize = 1 << 20;
    /// More would only show how fast the memory is.
    const MAX_SIZE: usize = 64 << 20;

    pub(super) fn run() -> Result<(), Failure> {
        let mut arguments = std::env::args().skip(1);
        let size = match arguments.next().as_deref() {
            None => DEFAULT_SIZE,
            Some("--help" | "-h") => return print(HELP),
            Some(text) => text
                .parse()
                .ok()
                .filter(|size| (1..=MAX_SIZE).contains(size))
                .ok_or_else(|| {
                    Failure::usage(format!(
                        "expected the number of elements, 1 to {MAX_SIZE}, not `{text}`"
                    ))
                })?,
        };
        if arguments.next().is_some() {
            return Err(Failure::usage("expected at most one argument"));
        }

        let bytes: Vec<u8> = numbers(size).map(|number| (number >> 24) as u8).collect();
        let a: Vec<i32> = numbers(size).map(|number| number as i32).collect();
        let b: Vec<i32> = a.iter().rev().copied().collect();

        let mut text = format!("{size} elements, best of {ROUNDS} rounds\n");
        let _ = writeln!(
            text,
            "{:<12} {:>12} {:>12} {:>9}  results",
            "loop", "scalar", "wide", "ratio"
        );
        let mut all_equal = true;
        let mut row = |name: &str, narrow: Timed<u64>, wide: Timed<u64>| {
            let equal = narrow.result == wide.result;
            all_equal &= equal;
            let ratio = narrow.time.as_secs_f64() / wide.time.as_secs_f64().max(1e-9);
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                text,
                "{name:<12} {:>9.1} us {:>9.1} us {ratio:>8.2}x  {}",
                narrow.time.as_secs_f64() * 1e6,
                wide.time.as_secs_f64() * 1e6,
                if equal { "equal" } else { "DIFFERENT" },
            );
        };

        // Each loop's output is reduced to a checksum outside the measured time.
        let brighten = |f: fn(&mut [u8], u8)| {
            let mut pixels = Vec::new();
            measure(
                &mut pixels,
                |pixels| pixels.clone_from(&bytes),
                |pixels| f(black_box(pixels), black_box(40)),
                |pixels, ()| checksum(pixels),
            )
        };
        row(
            "brighten",
            brighten(scalar::brighten),
            brighten(|pixels, amount| wide::brighten(pixels, amount)),
        );

        let dot = |f: fn(&[i32], &[i32]) -> i32| {
            measure(
                &mut (),
                |()| (),
                |()| f(black_box(&a), black_box(&b)),
                |(), sum| u64::from(sum as u32),
            )
        };
        row(
            "dot product",
            dot(scalar::dot_product),
            dot(|a, b| wide::dot_product(a, b)),
        );

        let count = |f: fn(&[u8], u8) -> usize| {
            measure(
                &mut (),
                |()| (),
                |()| f(black_box(&bytes), black_box(b'\n')),
                |(), found| found as u64,
            )
        };
        row(
            "count",
            count(scalar::count),
            count(|bytes, wanted| wide::count(bytes, wanted)),
        );

        let copy = |f: fn(&[u8], &mut [u8])| {
            let mut target = Vec::new();
            measure(
                &mut target,
                |target| *target = vec![0; bytes.len()],
                |target| f(black_box(&bytes), black_box(target)),
                |target, ()| checksum(target),
            )
        };
        row(
            "memory copy",
            copy(scalar::copy),
            copy(|from, to| wide::copy(from, to)),
        );

        print(&text)?;
        if all_equal {
            Ok(())
        } else {
            Err(Failure::failed("the wide loops compute something else"))
        }
    }

    fn print(text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|cause| Failure::output(&cause))
    }

    struct Timed<T> {
        time: Duration,
        result: T,
    }

    /// Runs `work` several times, each time on what `prepare` has set up, and keeps the shortest time.
    fn measure<S: ?Sized, R>(
        state: &mut S,
        prepare: impl Fn(&mut S),
        work: impl Fn(&mut S) -> R,
        digest: impl Fn(&mut S, R) -> u64,
    ) -> Timed<u64> {
        let mut best = Timed {
            time: Duration::MAX,
            result: 0,
        };
        for _ in 0..ROUNDS {
            prepare(state);
            let start = Instant::now();
            let result = black_box(work(state));
            let time = start.elapsed();
            best.time = best.time.min(time);
            best.result = digest(state, result);
        }
        best
    }

    /// FNV-1a: enough to tell whether two arrays differ by accident.
    fn checksum(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    /// Numbers without a pattern, the same in every run (a linear congruential generator).
    fn numbers(count: usize) -> impl Iterator<Item = u32> {
        let mut state = 12345_u32;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state
        })
        .take(count)
    }
}
