//! Strings and lists: a pointer and a length.

use super::{Error, Lift, Lower, Memory, Native, Plain};

/// Reads a pointer and a length.
///
/// # Errors
///
/// The list is longer than memory can be, or not aligned.
///
/// # Safety
///
/// There are both at `from`.
unsafe fn span<T: Native>(from: *const u8) -> Result<(*const u8, usize), Error> {
    // SAFETY: as the caller promises.
    let (data, len) = unsafe {
        (
            from.cast::<*const u8>().read_unaligned(),
            from.add(8).cast::<usize>().read_unaligned(),
        )
    };
    if len == 0 {
        return Ok((std::ptr::without_provenance(T::ALIGN), 0));
    }
    let fits = len
        .checked_mul(T::SIZE)
        .is_some_and(|size| size <= isize::MAX as usize);
    if data.is_null() || !fits || !(data as usize).is_multiple_of(T::ALIGN) {
        return Err(Error::new(format_args!(
            "the host gave a list of {len} elements at {data:p}, which cannot be"
        )));
    }
    Ok((data, len))
}

/// Writes a pointer and a length.
///
/// # Safety
///
/// There is room for both at `to`.
unsafe fn put_span(to: *mut u8, data: *const u8, len: usize) {
    // SAFETY: as the caller promises.
    unsafe {
        to.cast::<*const u8>().write_unaligned(data);
        to.add(8).cast::<usize>().write_unaligned(len);
    }
}

/// Copies a list.
///
/// # Errors
///
/// None; as [`Lift::lift_list`].
///
/// # Safety
///
/// There are `len` elements at `from`.
pub unsafe fn lift_plain_list<T: Plain>(from: *const u8, len: usize) -> Result<Vec<T>, Error> {
    // SAFETY: as the caller promises; `span` has checked the alignment.
    Ok(unsafe { std::slice::from_raw_parts(from.cast::<T>(), len) }.to_vec())
}

/// A list as it lies in Rust.
pub fn lower_plain_list<T: Plain>(list: &[T]) -> *const u8 {
    list.as_ptr().cast()
}

macro_rules! span {
    ($([$($generics:tt)*] $ty:ty,)*) => { $(
        // SAFETY: a `c12_string` or `c12_list`.
        unsafe impl<$($generics)*> Native for $ty {
            const SIZE: usize = 16;
            const ALIGN: usize = 8;
            const POINTS: bool = true;
        }
    )* };
}

span! {
    [] &str,
    [] String,
    [T: Plain] &[T],
    [T: Native] Vec<T>,
}

impl<'a> Lift<'a> for &'a str {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has a string there, which the host has checked to be UTF-8.
        unsafe {
            let (data, len) = span::<u8>(from)?;
            let bytes = std::slice::from_raw_parts(data, len);
            debug_assert!(std::str::from_utf8(bytes).is_ok());
            Ok(std::str::from_utf8_unchecked(bytes))
        }
    }
}

impl<'a> Lift<'a> for String {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: as the caller promises.
        unsafe { <&str>::lift(from) }.map(str::to_owned)
    }
}

impl Lower for String {
    unsafe fn lower(&self, to: *mut u8, _: &mut Memory) {
        // SAFETY: the caller has room for it.
        unsafe { put_span(to, self.as_ptr(), self.len()) }
    }
}

impl<'a, T: Plain> Lift<'a> for &'a [T] {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has a list there; it is aligned, and all bits are values.
        unsafe {
            let (data, len) = span::<T>(from)?;
            Ok(std::slice::from_raw_parts(data.cast(), len))
        }
    }
}

impl<'a, T: Lift<'a>> Lift<'a> for Vec<T> {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has a list there.
        unsafe {
            let (data, len) = span::<T>(from)?;
            T::lift_list(data, len)
        }
    }
}

impl<T: Lower> Lower for Vec<T> {
    unsafe fn lower(&self, to: *mut u8, memory: &mut Memory) {
        // SAFETY: the caller has room for it, and keeps the list.
        unsafe {
            let data = T::lower_list(self, memory);
            put_span(to, data, self.len());
        }
    }
}

/// Implements [`Plain`] for a record of numbers.
#[doc(hidden)]
#[macro_export]
macro_rules! __plain {
    ($record:ident) => {
        const _: () = assert!(
            ::core::mem::size_of::<$record>() == <$record as $crate::__rt::Native>::SIZE
                && ::core::mem::align_of::<$record>() == <$record as $crate::__rt::Native>::ALIGN
        );
        // SAFETY: it is `repr(C)`, of the size of the WIT type, and has nothing but numbers in it.
        unsafe impl $crate::__rt::Plain for $record {}
    };
}

/// How lists of a [`Plain`] type are read and written.
#[doc(hidden)]
#[macro_export]
macro_rules! __plain_lists {
    (lift) => {
        unsafe fn lift_list(
            from: *const u8,
            len: usize,
        ) -> $crate::__rt::Result<::std::vec::Vec<Self>, $crate::__rt::Error> {
            // SAFETY: as the caller promises.
            unsafe { $crate::__rt::lift_plain_list(from, len) }
        }
    };
    (lower) => {
        unsafe fn lower_list(list: &[Self], _: &mut $crate::__rt::Memory) -> *const u8 {
            $crate::__rt::lower_plain_list(list)
        }
    };
}
