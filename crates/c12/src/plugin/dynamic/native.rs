//! Memory of plugins, which is where the host reads what it is told to.
//!
//! Values are little-endian in guests. Hosts of the other order would have to turn every number of every list;
//! native and component plugins are for little-endian hosts.
#![allow(unsafe_code)]

use std::ops::Range;

use super::fault::Fault;
use super::lift::part;

#[cfg(target_endian = "big")]
compile_error!("plugins are for little-endian hosts");

/// Bytes that a plugin points to.
pub(super) enum Bytes {
    /// They stay where they are until the call's memory is released.
    Theirs(*const u8, usize),
    /// They were in the memory of the guest that is about to change.
    Ours(Vec<u8>),
}

/// The addresses of a guest's memory.
pub(super) fn range(memory: &[u8]) -> Range<usize> {
    let range = memory.as_ptr_range();
    range.start as usize..range.end as usize
}

impl Bytes {
    /// Takes `size` bytes at the address `data`.
    ///
    /// A plugin may hand back what it was lent, which is the guest's memory. That changes and moves while results are
    /// put into it: addresses in `origin`, where it was during the call, mean the same place in `memory`, where it is now.
    pub(super) fn new(
        data: u64,
        size: usize,
        origin: &Range<usize>,
        memory: &[u8],
    ) -> Result<Self, Fault> {
        let start = data as usize;
        let end = start.checked_add(size).ok_or(Fault::OutOfBounds)?;
        if size == 0 || end <= origin.start || start >= origin.end {
            return Ok(Bytes::Theirs(start as *const u8, size));
        }
        let offset = start.checked_sub(origin.start);
        let offset = offset
            .filter(|_| end <= origin.end)
            .ok_or(Fault::OutOfBounds)?;
        part(memory, offset, size).map(|bytes| Bytes::Ours(bytes.to_vec()))
    }

    pub(super) fn get(&self) -> &[u8] {
        match self {
            Bytes::Ours(bytes) => bytes,
            Bytes::Theirs(_, 0) => &[],
            // SAFETY: the plugin's contract is that its pointers lead to as many bytes as it says, until the call's
            // memory is released, which is after the values were lowered. Null was refused.
            Bytes::Theirs(data, size) => unsafe { std::slice::from_raw_parts(*data, *size) },
        }
    }
}
