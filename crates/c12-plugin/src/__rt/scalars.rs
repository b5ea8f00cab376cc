//! Types without parts.

use std::cell::RefCell;

use super::spans::{lift_plain_list, lower_plain_list};
use super::{Error, Lift, Lower, Memory, Native, Own, Plain};

macro_rules! numbers {
    ($($number:ty)*) => { $(
        // SAFETY: numbers are the same in C.
        unsafe impl Native for $number {
            const SIZE: usize = size_of::<$number>();
            const ALIGN: usize = size_of::<$number>();
            const POINTS: bool = false;
        }
        // SAFETY: all bits are numbers.
        unsafe impl Plain for $number {}

        impl<'a> Lift<'a> for $number {
            #[inline]
            unsafe fn lift(from: *const u8) -> Result<Self, Error> {
                // SAFETY: the caller has a number there.
                Ok(unsafe { from.cast::<$number>().read_unaligned() })
            }

            unsafe fn lift_list(from: *const u8, len: usize) -> Result<Vec<Self>, Error> {
                // SAFETY: as the caller promises.
                unsafe { lift_plain_list(from, len) }
            }
        }

        impl Lower for $number {
            #[inline]
            unsafe fn lower(&self, to: *mut u8, _: &mut Memory) {
                // SAFETY: the caller has room for it.
                unsafe { to.cast::<$number>().write_unaligned(*self) }
            }

            unsafe fn lower_list(list: &[Self], _: &mut Memory) -> *const u8 {
                lower_plain_list(list)
            }
        }
    )* };
}

numbers!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);

// SAFETY: one byte.
unsafe impl Native for bool {
    const SIZE: usize = 1;
    const ALIGN: usize = 1;
    const POINTS: bool = false;
}

impl<'a> Lift<'a> for bool {
    #[inline]
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has a byte there.
        Ok(unsafe { from.read() } != 0)
    }
}

impl Lower for bool {
    #[inline]
    unsafe fn lower(&self, to: *mut u8, _: &mut Memory) {
        // SAFETY: the caller has room for a byte.
        unsafe { to.write(u8::from(*self)) }
    }

    unsafe fn lower_list(list: &[Self], _: &mut Memory) -> *const u8 {
        // A `bool` of Rust is a byte of 0 or 1.
        list.as_ptr().cast()
    }
}

// SAFETY: a `uint32_t`.
unsafe impl Native for char {
    const SIZE: usize = 4;
    const ALIGN: usize = 4;
    const POINTS: bool = false;
}

impl<'a> Lift<'a> for char {
    #[inline]
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has one there.
        let code = unsafe { from.cast::<u32>().read_unaligned() };
        char::from_u32(code).ok_or_else(|| {
            Error::new(format_args!(
                "the host gave U+{code:X}, which is no character"
            ))
        })
    }
}

impl Lower for char {
    #[inline]
    unsafe fn lower(&self, to: *mut u8, _: &mut Memory) {
        // SAFETY: the caller has room for it.
        unsafe { to.cast::<u32>().write_unaligned(u32::from(*self)) }
    }

    unsafe fn lower_list(list: &[Self], _: &mut Memory) -> *const u8 {
        // A `char` of Rust is its code in four bytes.
        list.as_ptr().cast()
    }
}

/// A payload that is not there.
// SAFETY: nothing has no size.
unsafe impl Native for () {
    const SIZE: usize = 0;
    const ALIGN: usize = 1;
    const POINTS: bool = false;
}

impl<'a> Lift<'a> for () {
    unsafe fn lift(_: *const u8) -> Result<Self, Error> {
        Ok(())
    }
}

impl Lower for () {
    unsafe fn lower(&self, _: *mut u8, _: &mut Memory) {}
}

// SAFETY: a `c12_resource`.
unsafe impl<T> Native for Own<T> {
    const SIZE: usize = 8;
    const ALIGN: usize = 8;
    const POINTS: bool = false;
}

impl<'a, T> Lift<'a> for Own<T> {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the host gives back what it got for this type, once.
        Ok(unsafe { Own::take(from.cast::<u64>().read_unaligned()) })
    }
}

impl<T> Lower for Own<T> {
    unsafe fn lower(&self, to: *mut u8, _: &mut Memory) {
        // SAFETY: the caller has room for it.
        unsafe { to.cast::<u64>().write_unaligned(self.give()) }
    }
}

// SAFETY: a `c12_resource`.
unsafe impl<T> Native for &RefCell<T> {
    const SIZE: usize = 8;
    const ALIGN: usize = 8;
    const POINTS: bool = false;
}

impl<'a, T> Lift<'a> for &'a RefCell<T> {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the host lends what it got for this type and still has, for the call.
        Ok(unsafe { &*(from.cast::<u64>().read_unaligned() as usize as *const RefCell<T>) })
    }
}
