use super::{Error, Memory};

/// A type with a native layout.
///
/// # Safety
///
/// The constants are those of the WIT type.
pub unsafe trait Native {
    /// Its size in bytes, with the padding behind it.
    const SIZE: usize;
    /// The alignment of its address.
    const ALIGN: usize;
    /// Whether it leads to other memory, which must live until the host has taken it.
    const POINTS: bool;
}

/// A type that can be read from what the host gives.
pub trait Lift<'a>: Native + Sized {
    /// Reads a value.
    ///
    /// # Errors
    ///
    /// What is there is no value of the type.
    ///
    /// # Safety
    ///
    /// There are `SIZE` bytes at `from`, laid out as the WIT type, valid for the lifetime.
    unsafe fn lift(from: *const u8) -> Result<Self, Error>;

    /// Reads values that lie one after another.
    ///
    /// # Errors
    ///
    /// As for [`lift`](Self::lift).
    ///
    /// # Safety
    ///
    /// There are `len` such values at `from`.
    unsafe fn lift_list(from: *const u8, len: usize) -> Result<Vec<Self>, Error> {
        let mut list = Vec::with_capacity(len);
        for place in 0..len {
            // SAFETY: the caller promises so many.
            list.push(unsafe { Self::lift(from.add(place * Self::SIZE)) }?);
        }
        Ok(list)
    }
}

/// A type that can be handed to the host.
pub trait Lower: Native {
    /// Writes the value. What it points to stays where it is, in `self` or in `memory`; resources are the host's
    /// from now on.
    ///
    /// # Safety
    ///
    /// There is room for `SIZE` bytes at `to`.
    unsafe fn lower(&self, to: *mut u8, memory: &mut Memory);

    /// Where the host can read values one after another.
    ///
    /// # Safety
    ///
    /// As for [`lower`](Self::lower): the list must live until the host has taken it.
    unsafe fn lower_list(list: &[Self], memory: &mut Memory) -> *const u8
    where
        Self: Sized,
    {
        let to = memory.allocate(list.len() * Self::SIZE);
        for (place, value) in list.iter().enumerate() {
            // SAFETY: there is room for all of them.
            unsafe { value.lower(to.add(place * Self::SIZE), memory) };
        }
        to
    }
}

/// A type of which every pattern of bits is a value, and that Rust lays out as the host does.
///
/// # Safety
///
/// That.
pub unsafe trait Plain: Native + Copy + 'static {}

/// [`Lift::lift`], for where the type is known from the context.
///
/// # Errors
///
/// As there.
///
/// # Safety
///
/// As there.
pub unsafe fn lift<'a, T: Lift<'a>>(from: *const u8) -> Result<T, Error> {
    // SAFETY: as the caller promises.
    unsafe { T::lift(from) }
}

/// [`Lower::lower`].
///
/// # Safety
///
/// As there.
pub unsafe fn lower<T: Lower>(value: &T, to: *mut u8, memory: &mut Memory) {
    // SAFETY: as the caller promises.
    unsafe { value.lower(to, memory) }
}

/// The position of a case, which has `size` bytes.
///
/// # Safety
///
/// There are so many at `from`.
#[inline(always)]
pub unsafe fn tag(from: *const u8, size: usize) -> u32 {
    // SAFETY: as the caller promises.
    unsafe {
        match size {
            1 => u32::from(from.read()),
            2 => u32::from(from.cast::<u16>().read_unaligned()),
            _ => from.cast::<u32>().read_unaligned(),
        }
    }
}

/// Writes the position of a case.
///
/// # Safety
///
/// There is room for `size` bytes at `to`.
#[inline(always)]
pub unsafe fn put_tag(to: *mut u8, size: usize, case: u32) {
    // SAFETY: as the caller promises. The generator chose a size that holds all positions.
    unsafe {
        match size {
            1 => to.write(case as u8),
            2 => to.cast::<u16>().write_unaligned(case as u16),
            _ => to.cast::<u32>().write_unaligned(case),
        }
    }
}

/// The error for a case that a type does not have.
#[cold]
pub fn no_case(name: &str, case: u32) -> Error {
    Error::new(format_args!(
        "the host gave case {case} of `{name}`, which it does not have"
    ))
}
