//! The guest's memory. Whatever a guest passes is within it, or an error.

use c12::Context;
use c12_nn_core::{Error, Result};
use wasmtime::{Caller, Extern, Memory};

use super::errno::{Errno, Refusal};

/// The memory that the guest exports.
///
/// # Errors
///
/// `missing_memory` if it exports none.
pub(super) fn memory(caller: &mut Caller<'_, Context>) -> Result<Memory, Refusal> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(Refusal::new(
            Errno::MissingMemory,
            Error::invalid_argument("the guest exports no memory called `memory`"),
        )),
    }
}

/// The bytes at a place.
///
/// # Errors
///
/// They are not all within the memory.
pub(super) fn bytes(memory: &[u8], start: u32, length: u32) -> Result<&[u8]> {
    let (start, length) = (start as usize, length as usize);
    memory
        .get(start..)
        .and_then(|rest| rest.get(..length))
        .ok_or_else(|| outside(start, length))
}

/// The bytes at a place, to be written.
///
/// # Errors
///
/// As [`bytes`].
pub(super) fn bytes_mut(memory: &mut [u8], start: u32, length: u32) -> Result<&mut [u8]> {
    let (start, length) = (start as usize, length as usize);
    memory
        .get_mut(start..)
        .and_then(|rest| rest.get_mut(..length))
        .ok_or_else(|| outside(start, length))
}

/// `count` numbers of 32 bits, one after the other.
///
/// # Errors
///
/// As [`bytes`].
pub(super) fn numbers(memory: &[u8], start: u32, count: u32) -> Result<impl Iterator<Item = u32>> {
    let length = count
        .checked_mul(4)
        .ok_or_else(|| outside(start as usize, usize::MAX))?;
    let (words, _) = bytes(memory, start, length)?.as_chunks::<4>();
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)))
}

/// # Errors
///
/// As [`bytes`].
pub(super) fn number(memory: &[u8], place: u32) -> Result<u32> {
    numbers(memory, place, 1)?
        .next()
        .ok_or_else(|| outside(place as usize, 4))
}

/// # Errors
///
/// As [`bytes`].
pub(super) fn write_number(memory: &mut [u8], place: u32, number: u32) -> Result<()> {
    bytes_mut(memory, place, 4)?.copy_from_slice(&number.to_le_bytes());
    Ok(())
}

/// # Errors
///
/// As [`bytes`], and if they are no UTF-8.
pub(super) fn text<'a>(
    memory: &'a [u8],
    start: u32,
    length: u32,
    what: &'static str,
) -> Result<&'a str> {
    std::str::from_utf8(bytes(memory, start, length)?)
        .map_err(|error| Error::invalid_argument(format!("{what} is not UTF-8: {error}")))
}

fn outside(start: usize, length: usize) -> Error {
    Error::invalid_argument(format!(
        "{length} bytes at {start:#x} are not within the guest's memory"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_read_or_written() {
        let mut memory = [7_u8; 16];
        assert!(bytes(&memory, 16, 0).unwrap().is_empty());
        assert_eq!(number(&memory, 12).unwrap(), 0x0707_0707);
        for (start, length) in [(17, 0), (16, 1), (0, 17), (u32::MAX, 1), (1, u32::MAX)] {
            assert!(bytes(&memory, start, length).is_err());
            assert!(bytes_mut(&mut memory, start, length).is_err());
        }
        assert!(numbers(&memory, 0, 5).is_err());
        assert!(numbers(&memory, 0, 1 << 30).is_err());
        assert!(numbers(&memory, 0, u32::MAX).is_err());
        assert!(write_number(&mut memory, 13, 0).is_err());
        assert_eq!(memory, [7; 16]);
    }
}
