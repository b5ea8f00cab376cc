//! Memory of the host that lives as long as a call.
#![allow(unsafe_code)]

use std::ffi::c_void;

use super::fault::Fault;

/// What a call needs besides the stack: copies of what guests passed, and what plugins return. It grows up to
/// a limit, and never moves what it gave out.
pub(crate) struct CallMemory {
    chunks: Vec<Box<[u128]>>,
    /// Free bytes at the end of the last small chunk.
    free: (usize, usize),
    left: usize,
    limit: usize,
    deferred: Vec<Deferred>,
}

/// Something of a plugin's to be freed after the call.
struct Deferred {
    release: unsafe extern "C" fn(*mut c_void),
    data: *mut c_void,
}

// SAFETY: chunks are memory of our own. Deferred data belongs to the plugin, whose contract says that it is
// released from any thread.
unsafe impl Send for CallMemory {}
// SAFETY: nothing can be done with a shared reference.
unsafe impl Sync for CallMemory {}

const CHUNK: usize = 4096;
/// What is given out is a multiple of this, and aligned to it.
const UNIT: usize = size_of::<u128>();

impl CallMemory {
    /// Memory of which at most `limit` bytes are given out, counted in steps of 16.
    pub(crate) fn new(limit: usize) -> Self {
        CallMemory {
            chunks: Vec::new(),
            free: (0, 0),
            left: limit,
            limit,
            deferred: Vec::new(),
        }
    }

    /// Memory whose use is accounted for elsewhere.
    pub(crate) fn unlimited() -> Self {
        CallMemory::new(isize::MAX as usize)
    }

    /// Limits what is given out from here on.
    pub(crate) fn limit(&mut self, limit: usize) {
        let limit = limit.min(isize::MAX as usize);
        self.left = limit;
        self.limit = limit;
    }

    /// Zeroed bytes, aligned for every value of the ABI. They stay where they are until the memory is dropped.
    pub(crate) fn allocate(&mut self, size: usize) -> Result<*mut u8, Fault> {
        if size > self.left {
            return Err(Fault::TooMuch(self.limit));
        }
        let units = size.div_ceil(UNIT).max(1);
        let bytes = units * UNIT;
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or(Fault::TooMuch(self.limit))?;
        let (offset, free) = self.free;
        if bytes <= free
            && let Some(chunk) = self.chunks.last_mut()
            && let Some(place) = chunk.get_mut(offset / UNIT..)
        {
            self.free = (offset + bytes, free - bytes);
            return Ok(place.as_mut_ptr().cast());
        }
        if bytes > CHUNK / 4 {
            let mut chunk = Vec::new();
            // Plugins ask for as much as they like; that there is no more is not the end of the process.
            chunk
                .try_reserve_exact(units)
                .map_err(|_| Fault::TooMuch(self.limit))?;
            chunk.resize(units, 0_u128);
            let mut chunk = chunk.into_boxed_slice();
            let place = chunk.as_mut_ptr().cast();
            // The small chunk stays last.
            let last = self.chunks.len().saturating_sub(1);
            self.chunks.insert(last, chunk);
            if self.chunks.len() == 1 {
                self.free = (0, 0);
            }
            return Ok(place);
        }
        let mut chunk = vec![0_u128; CHUNK / UNIT].into_boxed_slice();
        let place = chunk.as_mut_ptr().cast();
        self.chunks.push(chunk);
        self.free = (bytes, CHUNK - bytes);
        Ok(place)
    }

    /// As [`CallMemory::allocate`], as bytes. Two results never overlap.
    pub(crate) fn bytes<'a>(&mut self, size: usize) -> Result<&'a mut [u8], Fault> {
        let place = self.allocate(size)?;
        // SAFETY: the bytes were just set aside, nobody else has them, and they stay until `self` is dropped, which
        // callers of this crate's private function let outlive the reference.
        Ok(unsafe { std::slice::from_raw_parts_mut(place, size) })
    }

    /// Calls `release(data)` when the memory is dropped.
    pub(crate) fn defer(&mut self, release: unsafe extern "C" fn(*mut c_void), data: *mut c_void) {
        self.deferred.push(Deferred { release, data });
    }
}

impl Drop for CallMemory {
    fn drop(&mut self) {
        for Deferred { release, data } in self.deferred.drain(..) {
            // SAFETY: the plugin asked for exactly this call, once.
            unsafe { release(data) };
        }
    }
}

/// The native form of one value of up to a hundred bytes without an allocation, or of any size with one.
pub(crate) struct Block {
    inline: [u64; Block::INLINE],
    spilled: Option<Box<[u64]>>,
    size: usize,
}

impl Block {
    const INLINE: usize = 16;

    /// Zeroed bytes.
    pub(crate) fn new(size: usize) -> Self {
        let words = size.div_ceil(8);
        Block {
            inline: [0; Block::INLINE],
            spilled: (words > Block::INLINE).then(|| vec![0; words].into_boxed_slice()),
            size,
        }
    }

    fn words(&self) -> &[u64] {
        self.spilled.as_deref().unwrap_or(&self.inline)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        let words = self.words();
        // SAFETY: `size` bytes fit into the words, any bytes of which are initialised.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), self.size) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let size = self.size;
        let words = self.spilled.as_deref_mut().unwrap_or(&mut self.inline);
        // SAFETY: as in `bytes`; all bytes make valid words.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_out_separate_aligned_zeroed_bytes() {
        let mut memory = CallMemory::new(1 << 20);
        let mut places = Vec::new();
        for size in [0, 1, 8, 17, 1000, 1024, 1025, 5000, 3, 4096, 100, 2000, 7] {
            let bytes = memory.bytes(size).unwrap();
            assert_eq!(bytes.as_ptr() as usize % 16, 0);
            assert!(bytes.iter().all(|byte| *byte == 0));
            bytes.fill(0xff);
            places.push((bytes.as_ptr() as usize, size));
        }
        places.sort_unstable();
        for pair in places.windows(2) {
            assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn keeps_its_limit() {
        let mut memory = CallMemory::new(112);
        memory.bytes(60).unwrap();
        assert!(memory.bytes(60).is_err());
        memory.bytes(40).unwrap();
    }

    #[test]
    fn blocks_hold_their_size() {
        for size in [0, 1, 128, 129, 1000] {
            let mut block = Block::new(size);
            block.bytes_mut().fill(7);
            assert_eq!(block.bytes(), vec![7; size]);
        }
    }
}
