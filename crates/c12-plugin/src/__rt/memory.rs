use std::alloc::Layout;

/// The alignment of everything: no native type needs more.
const ALIGN: usize = 8;
/// The first block; each later one is twice as large.
const FIRST: usize = 512;

/// Memory for what results point to and Rust has in another form, such as the array of a list of strings.
#[derive(Debug, Default)]
pub struct Memory {
    blocks: Vec<(*mut u8, Layout)>,
    free: usize,
}

impl Memory {
    /// Room for so many bytes, aligned for any type, until all of it is dropped.
    pub fn allocate(&mut self, size: usize) -> *mut u8 {
        let size = size.next_multiple_of(ALIGN);
        if size == 0 {
            return std::ptr::without_provenance_mut(ALIGN);
        }
        if self.free < size {
            self.grow(size);
        }
        let Some((block, layout)) = self.blocks.last() else {
            std::alloc::handle_alloc_error(Layout::new::<u64>());
        };
        // SAFETY: the last `free` bytes of the block are free, and there are enough.
        let room = unsafe { block.add(layout.size() - self.free) };
        self.free -= size;
        room
    }

    fn grow(&mut self, size: usize) {
        let last = self.blocks.last().map_or(FIRST / 2, |(_, l)| l.size());
        let size = size.max(last.saturating_mul(2).min(1 << 20));
        let Ok(layout) = Layout::from_size_align(size, ALIGN) else {
            std::alloc::handle_alloc_error(Layout::new::<u64>());
        };
        // SAFETY: the size is not zero.
        let block = unsafe { std::alloc::alloc(layout) };
        if block.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        self.blocks.push((block, layout));
        self.free = layout.size();
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        for (block, layout) in self.blocks.drain(..) {
            // SAFETY: it was allocated with this layout.
            unsafe { std::alloc::dealloc(block, layout) };
        }
    }
}

// SAFETY: nobody else has the blocks.
unsafe impl Send for Memory {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_aligned_and_apart() {
        let mut memory = Memory::default();
        let mut end = 0;
        for size in [1, 8, 0, 15, 600, 3, 5000, 16] {
            let room = memory.allocate(size);
            assert_eq!(room as usize % ALIGN, 0);
            // SAFETY: there is so much room.
            unsafe { room.write_bytes(0xff, size) };
            if size > 0 {
                assert_ne!(room as usize, end);
                end = room as usize;
            }
        }
    }
}
