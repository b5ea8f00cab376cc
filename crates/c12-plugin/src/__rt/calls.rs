//! What happens around a call of the author's code.

use std::cell::{RefCell, RefMut};
use std::ffi::c_void;

use super::{Error, Lower, Memory, Own, abi, host, panics};

/// Runs a function and hands its result to the host. An error or a panic becomes a trap.
///
/// # Safety
///
/// The host called with `call` and `results`, and `results` has room for an `R`.
#[inline]
pub unsafe fn answer<R: Lower>(
    call: *mut abi::Call,
    results: *mut c_void,
    body: impl FnOnce() -> Result<R, Error>,
) -> abi::Status {
    let outcome = panics::catch(move || {
        let value = body()?;
        // SAFETY: as the caller promises.
        unsafe { hand_over(call, results.cast(), value) };
        Ok(())
    });
    match outcome {
        Ok(()) => abi::OK,
        Err(error) => {
            // SAFETY: the host called with `call`.
            unsafe { host::fail(call, &error.to_string()) };
            abi::TRAP
        }
    }
}

/// A result with what it points to.
struct Kept<R> {
    value: R,
    memory: Memory,
}

/// Writes a result, and has what it points to freed once the host has taken it.
///
/// # Safety
///
/// As for [`answer`].
#[inline]
unsafe fn hand_over<R: Lower>(call: *mut abi::Call, results: *mut u8, value: R) {
    let memory = Memory::default();
    if R::POINTS {
        let mut kept = Box::new(Kept { value, memory });
        // SAFETY: there is room for an `R`, and it stays in its box until the host calls `release`.
        unsafe {
            let Kept { value, memory } = &mut *kept;
            value.lower(results, memory);
            host::defer(call, release::<R>, Box::into_raw(kept).cast());
        }
    } else {
        let mut memory = memory;
        // SAFETY: there is room for an `R`, which points nowhere.
        unsafe { value.lower(results, &mut memory) };
    }
}

/// Frees a result.
///
/// # Safety
///
/// `data` is a `Kept<R>` from a box, and this is the only call with it.
unsafe extern "C" fn release<R>(data: *mut c_void) {
    // SAFETY: as the caller promises.
    let kept = unsafe { Box::from_raw(data.cast::<Kept<R>>()) };
    // A destructor is the author's code.
    panics::catch_and_log("freeing a result", move || drop(kept));
}

/// The instance that a function is called for.
///
/// # Safety
///
/// `instance` is what `instantiate` made, and nobody else uses it during the call.
#[inline]
pub unsafe fn instance<'a, I>(instance: *mut c_void) -> &'a mut I {
    // SAFETY: as the caller promises.
    unsafe { &mut *instance.cast::<I>() }
}

/// A resource that the host lends.
///
/// # Safety
///
/// The host has a resource of type `T` at `from`, for the lifetime.
#[inline]
pub unsafe fn borrowed<'a, T>(from: *const u8) -> &'a RefCell<T> {
    // SAFETY: as the caller promises.
    unsafe { &*(from.cast::<u64>().read_unaligned() as usize as *const RefCell<T>) }
}

/// A resource that the host gives away.
///
/// # Safety
///
/// The host has a resource of type `T` at `from`, and will not use it again.
#[inline]
pub unsafe fn owned<T>(from: *const u8) -> Own<T> {
    // SAFETY: as the caller promises.
    unsafe { Own::take(from.cast::<u64>().read_unaligned()) }
}

/// A resource for the method that is called on it.
///
/// # Errors
///
/// It is in use.
#[inline]
pub fn exclusive<T>(cell: &RefCell<T>) -> Result<RefMut<'_, T>, Error> {
    cell.try_borrow_mut()
        .map_err(|_| Error::new("a method was called on a resource that is in use"))
}
