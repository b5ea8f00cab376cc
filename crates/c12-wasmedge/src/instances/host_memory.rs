//! The bytes of a memory that a plugin made.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use crate::types::Sizes;

/// Bytes in a page of WebAssembly.
pub(super) const PAGE: usize = 1 << 16;
/// Pages that an index of 32 bits reaches.
const MOST: u32 = 1 << 16;

/// Address space for all that the memory may become, of which the first pages can be used. It does not move when it
/// grows: plugins keep pointers.
#[derive(Debug)]
pub(super) struct HostMemory {
    base: NonNull<c_void>,
    reserved: u32,
    pages: u32,
}

// SAFETY: it owns its mapping, which is reached through it or through pointers that plugins answer for.
unsafe impl Send for HostMemory {}

impl HostMemory {
    /// Zeroes. Without pages if the address space is not to be had, as in WasmEdge.
    pub(super) fn new(sizes: Sizes) -> Self {
        let none = HostMemory {
            base: NonNull::dangling(),
            reserved: 0,
            pages: 0,
        };
        let most = sizes.max.unwrap_or(MOST).min(MOST);
        if most == 0 || sizes.min > most {
            return none;
        }
        // SAFETY: a new mapping at an address of the kernel's choice.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                most as usize * PAGE,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )
        };
        let Some(base) = base.ok().and_then(NonNull::new) else {
            return none;
        };
        let mut memory = HostMemory {
            base,
            reserved: most,
            pages: 0,
        };
        memory.grow(sizes.min);
        memory
    }

    /// The bytes that can be used.
    pub(super) fn view(&self) -> (*mut u8, usize) {
        (self.base.as_ptr().cast(), self.pages as usize * PAGE)
    }

    /// Adds pages; `false` if that would be too many, or there is no memory.
    pub(super) fn grow(&mut self, pages: u32) -> bool {
        let Some(after) = self
            .pages
            .checked_add(pages)
            .filter(|after| *after <= self.reserved)
        else {
            return pages == 0;
        };
        if pages > 0 {
            // SAFETY: the range is within the reservation, and nothing was there before.
            let made = unsafe {
                let start = self.base.as_ptr().byte_add(self.pages as usize * PAGE);
                mprotect(
                    start,
                    pages as usize * PAGE,
                    MprotectFlags::READ | MprotectFlags::WRITE,
                )
            };
            if made.is_err() {
                return false;
            }
        }
        self.pages = after;
        true
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        if self.reserved > 0 {
            // SAFETY: the mapping is this memory's own. Failure would leave it, which is harmless.
            let _ = unsafe { munmap(self.base.as_ptr(), self.reserved as usize * PAGE) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(min: u32, max: Option<u32>) -> Sizes {
        Sizes {
            min,
            max,
            shared: false,
        }
    }

    #[test]
    fn grows_in_place_up_to_its_maximum() {
        let mut memory = HostMemory::new(sizes(1, Some(3)));
        let (base, size) = memory.view();
        assert_eq!(size, PAGE);
        // SAFETY: within the first page.
        unsafe { base.add(PAGE - 1).write(7) };
        assert!(memory.grow(2) && !memory.grow(1) && memory.grow(0));
        assert_eq!(memory.view(), (base, 3 * PAGE));
        // SAFETY: within the three pages.
        unsafe { assert_eq!((*base.add(PAGE - 1), *base.add(3 * PAGE - 1)), (7, 0)) };
    }

    #[test]
    fn nonsense_is_an_empty_memory() {
        for sizes in [sizes(3, Some(2)), sizes(70_000, None), sizes(0, Some(0))] {
            let mut memory = HostMemory::new(sizes);
            assert_eq!(memory.view().1, 0);
            assert!(!memory.grow(1) && memory.grow(0));
        }
        assert!(!HostMemory::new(sizes(0, None)).grow(u32::MAX));
    }
}
