//! The Mandelbrot set, four points at a time with the vector instructions of the target.

mod lanes;

use lanes::{Vector, add, any, less_or_equal, mask, multiply, new, splat, subtract, to_array};

const WIDTH: u16 = 256;
const HEIGHT: u16 = 192;
const ITERATIONS: u32 = 64;

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| with_vectors(std::hint::black_box(WIDTH)))
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn with_vectors(width: u16) -> u64 {
    // SAFETY: every x86-64 processor has SSE2.
    unsafe { count(width, HEIGHT) }
}

#[cfg(not(target_arch = "x86_64"))]
fn with_vectors(width: u16) -> u64 {
    count(width, HEIGHT)
}

/// The sum of all points' iterations.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
fn count(width: u16, height: u16) -> u64 {
    let across = |column: u16| f32::from(column) * 3.0 / f32::from(width) - 2.25;
    let mut total = 0;
    for row in 0..height {
        let imaginary = splat(f32::from(row) * 2.5 / f32::from(height) - 1.25);
        for column in (0..width).step_by(4) {
            let real = new(
                across(column),
                across(column + 1),
                across(column + 2),
                across(column + 3),
            );
            let lanes = to_array(iterations(real, imaginary));
            total += lanes.iter().map(|lane| *lane as u64).sum::<u64>();
        }
    }
    total
}

/// How many iterations each of four points stays within the circle.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
#[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse2"))]
fn iterations(real: Vector, imaginary: Vector) -> Vector {
    let (one, four) = (splat(1.0), splat(4.0));
    let (mut x, mut y, mut count) = (splat(0.0), splat(0.0), splat(0.0));
    for _ in 0..ITERATIONS {
        let (xx, yy, xy) = (multiply(x, x), multiply(y, y), multiply(x, y));
        let inside = less_or_equal(add(xx, yy), four);
        if !any(inside) {
            break;
        }
        count = add(count, mask(inside, one));
        x = add(subtract(xx, yy), real);
        y = add(add(xy, xy), imaginary);
    }
    count
}
