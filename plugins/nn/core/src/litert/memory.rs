//! Memory as LiteRT wants it: at addresses that are multiples of 64, with room behind the end, since its kernels read a
//! few bytes further.
#![allow(unsafe_code)]

use std::ptr::NonNull;

/// `LITERT_HOST_MEMORY_BUFFER_ALIGNMENT`.
const ALIGNMENT: usize = 64;

/// As much as there is.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

const _: () = assert!(align_of::<Line>() == ALIGNMENT);

/// Bytes that stay where they are, also while the library has their address.
pub(super) struct Memory {
    lines: NonNull<Line>,
    count: usize,
    size: usize,
}

// SAFETY: nobody else has the bytes but the library, which uses them while it is called.
unsafe impl Send for Memory {}
// SAFETY: as above; nothing is written through a shared reference.
unsafe impl Sync for Memory {}

impl Memory {
    /// Zeros, a line of them behind the end.
    pub(super) fn new(size: usize) -> Self {
        let count = size.div_ceil(ALIGNMENT) + 1;
        let lines = vec![Line([0; ALIGNMENT]); count].into_boxed_slice();
        Self {
            lines: NonNull::from(Box::leak(lines)).cast(),
            count,
            size,
        }
    }

    pub(super) fn copy_of(bytes: &[u8]) -> Self {
        let mut memory = Self::new(bytes.len());
        memory.fill(bytes);
        memory
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
        self.lines.as_ptr().cast()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: there are as many bytes, and nobody writes to them while the library is not called.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.size) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let lines = std::ptr::slice_from_raw_parts_mut(self.lines.as_ptr(), self.count);
        // SAFETY: they come from a box of as many, and are freed once.
        drop(unsafe { Box::from_raw(lines) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for size in [0, 1, 63, 64, 65, 1000] {
            let bytes: Vec<u8> = (0..size).map(|number| number as u8).collect();
            let memory = Memory::copy_of(&bytes);
            assert_eq!(memory.bytes(), bytes);
            assert!(memory.as_ptr().addr().is_multiple_of(64));
        }
        let mut memory = Memory::new(2);
        memory.fill(&[1, 2, 3]);
        assert_eq!(memory.bytes(), [1, 2]);
    }
}
