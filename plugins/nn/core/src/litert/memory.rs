//! Memory as LiteRT wants it: at addresses that are multiples of 64, with room behind the end, since its kernels read a
//! few bytes further.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;

use crate::{Error, Result};

/// `LITERT_HOST_MEMORY_BUFFER_ALIGNMENT`.
const ALIGNMENT: usize = 64;

/// What a tensor may take, in bytes.
pub(super) const TENSOR: usize = 1 << 31;

/// Bytes that stay where they are, also while the library has their address.
pub(super) struct Memory {
    start: NonNull<u8>,
    layout: Layout,
    size: usize,
}

// SAFETY: nobody else has the bytes but the library, which uses them while it is called.
unsafe impl Send for Memory {}
// SAFETY: as above; nothing is written through a shared reference.
unsafe impl Sync for Memory {}

impl Memory {
    /// Zeros, 64 of them or more behind the end. Those that nobody writes to cost nothing.
    pub(super) fn new(size: usize) -> Result<Self> {
        let refused = || Error::too_large(format!("there is no memory for {size} bytes"));
        let layout = size
            .checked_next_multiple_of(ALIGNMENT)
            .and_then(|size| size.checked_add(ALIGNMENT))
            .and_then(|size| Layout::from_size_align(size, ALIGNMENT).ok())
            .ok_or_else(refused)?;
        // SAFETY: the layout has a size.
        let start = unsafe { std::alloc::alloc_zeroed(layout) };
        Ok(Self {
            start: NonNull::new(start).ok_or_else(refused)?,
            layout,
            size,
        })
    }

    pub(super) fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut memory = Self::new(bytes.len())?;
        memory.fill(bytes);
        Ok(memory)
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Copies as much as fits.
    pub(super) fn fill(&mut self, bytes: &[u8]) {
        let length = bytes.len().min(self.size);
        // SAFETY: both have as many bytes, and do not overlap: these are nobody else's.
        unsafe {
            self.as_ptr()
                .copy_from_nonoverlapping(bytes.as_ptr(), length);
        }
    }

    pub(super) fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: there are as many bytes, and nobody writes to them while the library is not called.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.size) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: they were allocated with this layout, and are freed once.
        unsafe { std::alloc::dealloc(self.as_ptr(), self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for size in [0, 1, 63, 64, 65, 1000] {
            let bytes: Vec<u8> = (0..size).map(|number| number as u8).collect();
            let memory = Memory::copy_of(&bytes).unwrap();
            assert_eq!(memory.bytes(), bytes);
            assert!(memory.as_ptr().addr().is_multiple_of(64));
        }
        let mut memory = Memory::new(2).unwrap();
        memory.fill(&[1, 2, 3]);
        assert_eq!(memory.bytes(), [1, 2]);
    }

    #[test]
    fn memory_that_is_not_there_is_an_error() {
        for size in [usize::MAX, usize::MAX - 100, isize::MAX as usize, 1 << 60] {
            assert_eq!(
                Memory::new(size).err().unwrap().code(),
                crate::Code::TooLarge
            );
        }
    }
}
