//! Memory of the host that lives as long as a call.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed};
use std::ffi::c_void;

use super::fault::Fault;

/// What a call needs besides the stack: copies of what guests passed, and what plugins return. It grows up to
/// a limit, and never moves what it gave out.
pub(crate) struct CallMemory {
    left: usize,
    limit: usize,
    /// Most calls need none, and move this often.
    used: Option<Box<Used>>,
}

#[derive(Default)]
struct Used {
    chunks: Vec<Box<[u128]>>,
    /// Offset and number of the free bytes at the end of the last small chunk.
    free: (usize, usize),
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
            left: limit,
            limit,
            used: None,
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
        let used = self.used.get_or_insert_default();
        // Plugins ask for as much as they like; that there is no more is not the end of the process.
        used.allocate(bytes).ok_or(Fault::TooMuch(self.limit))
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
        let used = self.used.get_or_insert_default();
        used.deferred.push(Deferred { release, data });
    }

    /// Whether something of a plugin's is called when the memory is dropped.
    pub(crate) fn is_deferring(&self) -> bool {
        let used = self.used.as_ref();
        used.is_some_and(|used| !used.deferred.is_empty())
    }
}

impl Used {
    /// A multiple of [`UNIT`]; `None` if there is no more.
    fn allocate(&mut self, bytes: usize) -> Option<*mut u8> {
        let (offset, free) = self.free;
        if bytes <= free
            && let Some(chunk) = self.chunks.last_mut()
            && let Some(place) = chunk.get_mut(offset / UNIT..)
        {
            self.free = (offset + bytes, free - bytes);
            return Some(place.as_mut_ptr().cast());
        }
        if bytes > CHUNK / 4 {
            let mut chunk = zeroed(bytes / UNIT)?;
            let place = chunk.as_mut_ptr().cast();
            // The small chunk stays last.
            let last = self.chunks.len().saturating_sub(1);
            self.chunks.insert(last, chunk);
            if self.chunks.len() == 1 {
                self.free = (0, 0);
            }
            return Some(place);
        }
        let mut chunk = vec![0_u128; CHUNK / UNIT].into_boxed_slice();
        let place = chunk.as_mut_ptr().cast();
        self.chunks.push(chunk);
        self.free = (bytes, CHUNK - bytes);
        Some(place)
    }
}

/// As `vec![0; units]`, which ends the process if there is no memory. Pages that come from the system are zero already,
/// so large ones cost nothing before they are used.
fn zeroed(units: usize) -> Option<Box<[u128]>> {
    let layout = Layout::array::<u128>(units).ok()?;
    if layout.size() == 0 {
        return Some(Box::default());
    }
    // SAFETY: the size is not zero.
    let place = unsafe { alloc_zeroed(layout) }.cast::<u128>();
    if place.is_null() {
        return None;
    }
    // SAFETY: it was allocated with the layout of such a slice, and zero is a value of every element.
    Some(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(place, units)) })
}

impl Drop for Used {
    fn drop(&mut self) {
        for Deferred { release, data } in self.deferred.drain(..) {
            // SAFETY: the plugin asked for exactly this call, once.
            unsafe { release(data) };
        }
    }
}

/// The native form of one value: a number, a string or a list without an allocation, and any other with one.
pub(crate) struct Block {
    words: Words,
    size: usize,
}

enum Words {
    Inline([u64; 2]),
    Spilled(Box<[u64]>),
}

impl Block {
    /// Zeroed bytes.
    pub(crate) fn new(size: usize) -> Self {
        let words = size.div_ceil(8);
        let words = match words {
            0..=2 => Words::Inline([0; 2]),
            _ => Words::Spilled(vec![0; words].into_boxed_slice()),
        };
        Block { words, size }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        let words: &[u64] = match &self.words {
            Words::Inline(words) => words,
            Words::Spilled(words) => words,
        };
        // SAFETY: `size` bytes fit into the words, any bytes of which are initialised.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), self.size) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let words: &mut [u64] = match &mut self.words {
            Words::Inline(words) => words,
            Words::Spilled(words) => words,
        };
        // SAFETY: as in `bytes`; all bytes make valid words.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), self.size) }
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
        for size in [0, 1, 16, 17, 1000] {
            let mut block = Block::new(size);
            block.bytes_mut().fill(7);
            assert_eq!(block.bytes(), vec![7; size]);
        }
    }
}
