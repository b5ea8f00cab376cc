//! Four lanes of f32 under the same names on every target.

#[cfg(target_arch = "wasm32")]
pub(super) use wasm::*;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::*;

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(super) use portable::*;

#[cfg(target_arch = "wasm32")]
mod wasm {
    pub(in super::super) use core::arch::wasm32::{
        f32x4 as new, f32x4_add as add, f32x4_le as less_or_equal, f32x4_mul as multiply,
        f32x4_splat as splat, f32x4_sub as subtract, v128 as Vector, v128_and as mask,
        v128_any_true as any,
    };

    use core::arch::wasm32::f32x4_extract_lane as lane;

    #[target_feature(enable = "simd128")]
    pub(in super::super) fn to_array(v: Vector) -> [f32; 4] {
        [lane::<0>(v), lane::<1>(v), lane::<2>(v), lane::<3>(v)]
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    pub(in super::super) use core::arch::x86_64::{
        __m128 as Vector, _mm_add_ps as add, _mm_and_ps as mask, _mm_cmple_ps as less_or_equal,
        _mm_mul_ps as multiply, _mm_set1_ps as splat, _mm_setr_ps as new, _mm_sub_ps as subtract,
    };

    use core::arch::x86_64::{_mm_cvtss_f32, _mm_movemask_ps, _mm_shuffle_ps};

    #[target_feature(enable = "sse2")]
    pub(in super::super) fn any(v: Vector) -> bool {
        _mm_movemask_ps(v) != 0
    }

    #[target_feature(enable = "sse2")]
    pub(in super::super) fn to_array(v: Vector) -> [f32; 4] {
        [
            _mm_cvtss_f32(v),
            _mm_cvtss_f32(_mm_shuffle_ps::<1>(v, v)),
            _mm_cvtss_f32(_mm_shuffle_ps::<2>(v, v)),
            _mm_cvtss_f32(_mm_shuffle_ps::<3>(v, v)),
        ]
    }
}

/// For processors whose vector instructions are not named here; the compiler finds its own.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
mod portable {
    pub(in super::super) type Vector = [f32; 4];

    fn lanes(a: Vector, b: Vector, operation: impl Fn(f32, f32) -> f32) -> Vector {
        std::array::from_fn(|lane| operation(a[lane], b[lane]))
    }

    pub(in super::super) fn new(a: f32, b: f32, c: f32, d: f32) -> Vector {
        [a, b, c, d]
    }

    pub(in super::super) fn splat(x: f32) -> Vector {
        [x; 4]
    }

    pub(in super::super) fn add(a: Vector, b: Vector) -> Vector {
        lanes(a, b, |a, b| a + b)
    }

    pub(in super::super) fn subtract(a: Vector, b: Vector) -> Vector {
        lanes(a, b, |a, b| a - b)
    }

    pub(in super::super) fn multiply(a: Vector, b: Vector) -> Vector {
        lanes(a, b, |a, b| a * b)
    }

    pub(in super::super) fn less_or_equal(a: Vector, b: Vector) -> Vector {
        lanes(a, b, |a, b| {
            f32::from_bits(if a <= b { u32::MAX } else { 0 })
        })
    }

    pub(in super::super) fn mask(a: Vector, b: Vector) -> Vector {
        lanes(a, b, |a, b| f32::from_bits(a.to_bits() & b.to_bits()))
    }

    pub(in super::super) fn any(v: Vector) -> bool {
        v.iter().any(|lane| lane.to_bits() != 0)
    }

    pub(in super::super) fn to_array(v: Vector) -> [f32; 4] {
        v
    }
}
