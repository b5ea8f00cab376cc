//! Memory of plugins, which is where the host reads what it is told to.
//!
//! Values are little-endian in guests. Hosts of the other order would have to turn every number of every list;
//! native and component plugins are for little-endian hosts.
#![allow(unsafe_code)]

use std::ops::Range;

use super::fault::Fault;
use super::lift::{part, take};
use super::shape::Layout;

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

/// A list or string as a plugin has it.
#[derive(Clone, Copy)]
pub(super) struct Span {
    data: u64,
    pub(super) length: usize,
}

impl Span {
    /// Reads where it is, and its length, from the value that stands for it.
    pub(super) fn read(value: &[u8], limit: usize) -> Result<Self, Fault> {
        let length = u64::from_ne_bytes(take(value, 8)?);
        Ok(Span {
            data: u64::from_ne_bytes(take(value, 0)?),
            length: usize::try_from(length).map_err(|_| Fault::TooMuch(limit))?,
        })
    }

    /// How many bytes its elements of `size` bytes have, which may be `limit` at most.
    pub(super) fn size(&self, size: usize, limit: usize) -> Result<usize, Fault> {
        let bytes = size.checked_mul(self.length);
        let bytes = bytes.filter(|bytes| *bytes <= limit);
        bytes.ok_or(Fault::TooMuch(limit))
    }

    /// Its elements.
    ///
    /// A plugin may hand back what it was lent, which is the guest's memory. That changes and moves while results are
    /// put into it: addresses in `origin`, where it was during the call, mean the same place in `memory`, where it is now.
    pub(super) fn bytes(
        &self,
        element: Layout,
        limit: usize,
        origin: &Range<usize>,
        memory: &[u8],
    ) -> Result<Bytes, Fault> {
        let size = self.size(element.size, limit)?;
        if size == 0 {
            return Ok(Bytes::Ours(Vec::new()));
        }
        if self.data == 0 {
            return Err(Fault::Null(self.length));
        }
        if !self.data.is_multiple_of(element.align as u64) {
            return Err(Fault::Misaligned);
        }
        let start = self.data as usize;
        let end = start.checked_add(size).ok_or(Fault::OutOfBounds)?;
        if end <= origin.start || start >= origin.end {
            return Ok(Bytes::Theirs(start as *const u8, size));
        }
        let offset = start.checked_sub(origin.start);
        let offset = offset
            .filter(|_| end <= origin.end)
            .ok_or(Fault::OutOfBounds)?;
        part(memory, offset, size).map(|bytes| Bytes::Ours(bytes.to_vec()))
    }
}

impl Bytes {
    pub(super) fn get(&self) -> &[u8] {
        match self {
            Bytes::Ours(bytes) => bytes,
            // SAFETY: the plugin's contract is that its pointers lead to as many bytes as it says, until the call's
            // memory is released, which is after the values were lowered. Neither is it null, nor are there none.
            Bytes::Theirs(data, size) => unsafe { std::slice::from_raw_parts(*data, *size) },
        }
    }
}
