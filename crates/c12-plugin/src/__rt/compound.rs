//! Options, results and tuples.

use super::native::{put_tag, tag};
use super::{Error, Lift, Lower, Memory, Native, no_case};

const fn max(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

/// The size and the payload's offset of a union whose tag is a byte.
const fn union(size: usize, align: usize) -> (usize, usize) {
    let payload = 1_usize.next_multiple_of(align);
    ((payload + size).next_multiple_of(align), payload)
}

// SAFETY: a variant of `none` and `some`.
unsafe impl<T: Native> Native for Option<T> {
    const SIZE: usize = union(T::SIZE, T::ALIGN).0;
    const ALIGN: usize = T::ALIGN;
    const POINTS: bool = T::POINTS;
}

impl<'a, T: Lift<'a>> Lift<'a> for Option<T> {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        // SAFETY: the caller has one there; the payload is where the union has it.
        unsafe {
            match tag(from, 1) {
                0 => Ok(None),
                1 => T::lift(from.add(union(T::SIZE, T::ALIGN).1)).map(Some),
                other => Err(no_case("option", other)),
            }
        }
    }
}

impl<T: Lower> Lower for Option<T> {
    unsafe fn lower(&self, to: *mut u8, memory: &mut Memory) {
        // SAFETY: the caller has room for it.
        unsafe {
            put_tag(to, 1, u32::from(self.is_some()));
            if let Some(value) = self {
                value.lower(to.add(union(T::SIZE, T::ALIGN).1), memory);
            }
        }
    }
}

// SAFETY: a variant of `ok` and `err`.
unsafe impl<T: Native, E: Native> Native for Result<T, E> {
    const SIZE: usize = union(max(T::SIZE, E::SIZE), Self::ALIGN).0;
    const ALIGN: usize = max(T::ALIGN, E::ALIGN);
    const POINTS: bool = T::POINTS || E::POINTS;
}

impl<'a, T: Lift<'a>, E: Lift<'a>> Lift<'a> for Result<T, E> {
    unsafe fn lift(from: *const u8) -> Result<Self, Error> {
        let payload = const { union(0, <Self as Native>::ALIGN).1 };
        // SAFETY: the caller has one there.
        unsafe {
            match tag(from, 1) {
                0 => T::lift(from.add(payload)).map(Ok),
                1 => E::lift(from.add(payload)).map(Err),
                other => Err(no_case("result", other)),
            }
        }
    }
}

impl<T: Lower, E: Lower> Lower for Result<T, E> {
    unsafe fn lower(&self, to: *mut u8, memory: &mut Memory) {
        let payload = const { union(0, <Self as Native>::ALIGN).1 };
        // SAFETY: the caller has room for it.
        unsafe {
            put_tag(to, 1, u32::from(self.is_err()));
            match self {
                Ok(value) => value.lower(to.add(payload), memory),
                Err(value) => value.lower(to.add(payload), memory),
            }
        }
    }
}

macro_rules! tuple {
    ($($ty:ident $field:tt $value:ident)+) => {
        // SAFETY: a record of the fields.
        unsafe impl<$($ty: Native),+> Native for ($($ty,)+) {
            const SIZE: usize = {
                let size = 0_usize;
                $(let size = size.next_multiple_of($ty::ALIGN) + $ty::SIZE;)+
                size.next_multiple_of(Self::ALIGN)
            };
            const ALIGN: usize = {
                let align = 1;
                $(let align = max(align, $ty::ALIGN);)+
                align
            };
            const POINTS: bool = false $(|| $ty::POINTS)+;
        }

        impl<'a, $($ty: Lift<'a>),+> Lift<'a> for ($($ty,)+) {
            unsafe fn lift(from: *const u8) -> Result<Self, Error> {
                let at = 0_usize;
                $(
                    let at = at.next_multiple_of($ty::ALIGN);
                    // SAFETY: the caller has a tuple there, and the field is at this offset of it.
                    let $value = unsafe { $ty::lift(from.add(at)) }?;
                    let at = at + $ty::SIZE;
                )+
                let _ = at;
                Ok(($($value,)+))
            }
        }

        impl<$($ty: Lower),+> Lower for ($($ty,)+) {
            unsafe fn lower(&self, to: *mut u8, memory: &mut Memory) {
                let at = 0_usize;
                $(
                    let at = at.next_multiple_of($ty::ALIGN);
                    // SAFETY: the caller has room for a tuple there, and the field is at this offset of it.
                    unsafe { self.$field.lower(to.add(at), memory) };
                    let at = at + $ty::SIZE;
                )+
                let _ = at;
            }
        }
    };
}

tuple!(A 0 a);
tuple!(A 0 a B 1 b);
tuple!(A 0 a B 1 b C 2 c);
tuple!(A 0 a B 1 b C 2 c D 3 d);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k L 11 l);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k L 11 l M 12 m);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k L 11 l M 12 m N 13 n);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k L 11 l M 12 m N 13 n O 14 o);
tuple!(A 0 a B 1 b C 2 c D 3 d E 4 e F 5 f G 6 g H 7 h I 8 i J 9 j K 10 k L 11 l M 12 m N 13 n O 14 o P 15 p);
