//! What functions find and leave in a guest's memory. Whatever is not within it is `guest_error`.

use std::ops::{Deref, Range};

use c12_crypto_core::{Errno, Handle, Result};

use crate::wiped::Wiped;

/// Where so many bytes are.
pub(super) fn range(memory: &[u8], start: u32, length: u32) -> Result<Range<usize>> {
    let start = start as usize;
    let end = start.checked_add(length as usize);
    end.filter(|end| *end <= memory.len())
        .map(|end| start..end)
        .ok_or(Errno::GuestError)
}

pub(super) fn bytes(memory: &[u8], start: u32, length: u32) -> Result<&[u8]> {
    let range = range(memory, start, length)?;
    memory.get(range).ok_or(Errno::GuestError)
}

pub(super) fn bytes_mut(memory: &mut [u8], start: u32, length: u32) -> Result<&mut [u8]> {
    let range = range(memory, start, length)?;
    memory.get_mut(range).ok_or(Errno::GuestError)
}

/// More bytes than the name of any algorithm or option has.
const NAME_BYTES: usize = 256;

/// The name of an algorithm or option. Of one that is longer than all that there are, its beginning: that is unknown as well,
/// and neither read to its end nor copied.
pub(super) fn text(memory: &[u8], start: u32, length: u32) -> Result<&str> {
    let all = bytes(memory, start, length)?;
    let beginning = all.get(..NAME_BYTES).unwrap_or(all);
    match std::str::from_utf8(beginning) {
        Ok(text) => Ok(text),
        // A character may be cut in two.
        Err(error) if error.error_len().is_none() && beginning.len() < all.len() => {
            let whole = beginning.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(whole).map_err(|_| Errno::GuestError)
        }
        Err(_) => Err(Errno::GuestError),
    }
}

/// A copy of at most `most` bytes.
pub(super) fn copied(memory: &[u8], start: u32, length: u32, most: usize) -> Result<Wiped> {
    let bytes = bytes(memory, start, length)?;
    if bytes.len() > most {
        return Err(Errno::Overflow);
    }
    Ok(Wiped::new(bytes.to_vec()))
}

/// As many bytes, at most `most`, as will be written there.
pub(super) fn room(memory: &[u8], start: u32, length: u32, most: usize) -> Result<Wiped> {
    let length = range(memory, start, length)?.len();
    if length > most {
        return Err(Errno::Overflow);
    }
    Ok(Wiped::new(vec![0; length]))
}

/// Writes bytes.
pub(super) fn write(memory: &mut [u8], start: u32, bytes: &[u8]) -> Result<()> {
    memory
        .get_mut(start as usize..)
        .and_then(|rest| rest.get_mut(..bytes.len()))
        .ok_or(Errno::GuestError)?
        .copy_from_slice(bytes);
    Ok(())
}

/// The numbers that a record consists of.
pub(super) fn numbers<const N: usize>(memory: &[u8], start: usize) -> Result<[u32; N]> {
    let words = memory.get(start..).ok_or(Errno::GuestError)?;
    let (words, _) = words.as_chunks::<4>();
    let words = words.first_chunk::<N>().ok_or(Errno::GuestError)?;
    Ok(words.map(u32::from_le_bytes))
}

/// A case of an enumeration.
pub(super) fn case<T: TryFrom<u16, Error = Errno>>(number: u32) -> Result<T> {
    // What does not fit is no case either; the core says what that means.
    u16::try_from(number).unwrap_or(u16::MAX).try_into()
}

/// A handle that need not be there: a tag of one byte (0: there, 1: not there), and the handle at the fourth.
pub(super) fn optional(memory: &[u8], start: u32) -> Result<Option<Handle>> {
    let start = start as usize;
    match memory.get(start) {
        Some(0) => {
            let [_, handle] = numbers(memory, start)?;
            Ok(Some(Handle::from_raw(handle)))
        }
        Some(1) => Ok(None),
        _ => Err(Errno::GuestError),
    }
}

/// What a function reads while it writes somewhere else.
pub(super) enum Input<'a> {
    /// It stays where it is.
    Lent(&'a [u8]),
    /// It is, in part, where the output goes.
    Copied(Wiped),
}

impl Deref for Input<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Input::Lent(bytes) => bytes,
            Input::Copied(bytes) => bytes,
        }
    }
}

/// The output and the inputs of a function, which may overlap. Inputs are copied where they must be, up to `most` bytes.
pub(super) fn apart<'a, const N: usize>(
    memory: &'a mut [u8],
    out: &Range<usize>,
    inputs: [Range<usize>; N],
    most: usize,
) -> Result<(&'a mut [u8], [Input<'a>; N])> {
    if out.is_empty() {
        // Nothing is written, so all of the memory can be lent.
        let memory: &[u8] = memory;
        memory.get(out.clone()).ok_or(Errno::GuestError)?;
        let mut lent = [const { Input::Lent(&[]) }; N];
        for (lent, input) in lent.iter_mut().zip(inputs) {
            *lent = Input::Lent(memory.get(input).ok_or(Errno::GuestError)?);
        }
        return Ok((&mut [], lent));
    }
    let mut copies = [const { None }; N];
    for (copy, input) in copies.iter_mut().zip(&inputs) {
        let overlaps = input.start < out.end && out.start < input.end;
        if overlaps && input.len() > most {
            return Err(Errno::Overflow);
        }
        if overlaps {
            let bytes = memory.get(input.clone()).ok_or(Errno::GuestError)?;
            *copy = Some(Wiped::new(bytes.to_vec()));
        }
    }
    let (before, rest) = memory
        .split_at_mut_checked(out.start)
        .ok_or(Errno::GuestError)?;
    let (written, after) = rest
        .split_at_mut_checked(out.len())
        .ok_or(Errno::GuestError)?;
    let (before, after) = (&*before, &*after);
    let mut lent = [const { Input::Lent(&[]) }; N];
    for ((lent, copy), input) in lent.iter_mut().zip(copies).zip(inputs) {
        *lent = match copy {
            Some(copy) => Input::Copied(copy),
            None if input.end <= out.start => {
                Input::Lent(before.get(input).ok_or(Errno::GuestError)?)
            }
            None => {
                let length = input.len();
                let start = input.start.saturating_sub(out.end);
                let rest = after.get(start..).ok_or(Errno::GuestError)?;
                Input::Lent(rest.get(..length).ok_or(Errno::GuestError)?)
            }
        };
    }
    Ok((written, lent))
}

/// Where results go: each has a pointer of its own behind the arguments.
pub(super) trait Returned: Sized {
    /// The pointers.
    type Places: Copy + Send;

    /// Looks whether there is room, before anything is done.
    fn check(memory: &[u8], places: Self::Places) -> Result<()>;

    /// Writes it.
    fn store(self, memory: &mut [u8], places: Self::Places) -> Result<()>;
}

impl Returned for () {
    type Places = [u32; 0];

    fn check(_: &[u8], _: [u32; 0]) -> Result<()> {
        Ok(())
    }

    fn store(self, _: &mut [u8], _: [u32; 0]) -> Result<()> {
        Ok(())
    }
}

/// A result that is a number.
trait Number {
    fn write(self, memory: &mut [u8], place: u32) -> Result<()>;
}

impl Number for Handle {
    fn write(self, memory: &mut [u8], place: u32) -> Result<()> {
        write(memory, place, &self.raw().to_le_bytes())
    }
}

impl Number for usize {
    fn write(self, memory: &mut [u8], place: u32) -> Result<()> {
        let number = u32::try_from(self).map_err(|_| Errno::Overflow)?;
        write(memory, place, &number.to_le_bytes())
    }
}

impl Number for u64 {
    fn write(self, memory: &mut [u8], place: u32) -> Result<()> {
        write(memory, place, &self.to_le_bytes())
    }
}

macro_rules! numbers {
    ($($number:ty: $bytes:literal),*) => {$(
        impl Returned for $number {
            type Places = [u32; 1];

            fn check(memory: &[u8], [place]: [u32; 1]) -> Result<()> {
                range(memory, place, $bytes).map(drop)
            }

            fn store(self, memory: &mut [u8], [place]: [u32; 1]) -> Result<()> {
                self.write(memory, place)
            }
        }
    )*};
}

numbers!(Handle: 4, usize: 4, u64: 8);

impl<A, B> Returned for (A, B)
where
    A: Returned<Places = [u32; 1]>,
    B: Returned<Places = [u32; 1]>,
{
    type Places = [u32; 2];

    fn check(memory: &[u8], [first, second]: [u32; 2]) -> Result<()> {
        A::check(memory, [first])?;
        B::check(memory, [second])
    }

    fn store(self, memory: &mut [u8], [first, second]: [u32; 2]) -> Result<()> {
        self.0.store(memory, [first])?;
        self.1.store(memory, [second])
    }
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "one range is what is meant"
)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_is_refused() {
        let mut memory = [0; 16];
        for (start, length) in [(16, 1), (17, 0), (0, 17), (u32::MAX, 1), (8, u32::MAX)] {
            assert_eq!(bytes(&memory, start, length), Err(Errno::GuestError));
            assert_eq!(
                bytes_mut(&mut memory, start, length),
                Err(Errno::GuestError)
            );
        }
        assert_eq!(bytes(&memory, 16, 0), Ok(&[][..]));
        assert_eq!(numbers::<4>(&memory, 0), Ok([0; 4]));
        assert_eq!(numbers::<4>(&memory, 1), Err(Errno::GuestError));
        assert_eq!(optional(&memory, 9), Err(Errno::GuestError));
        assert_eq!(optional(&memory, 16), Err(Errno::GuestError));
        assert_eq!(<(usize, u64)>::check(&memory, [12, 8]), Ok(()));
        assert_eq!(
            <(usize, u64)>::check(&memory, [12, 9]),
            Err(Errno::GuestError)
        );
    }

    #[test]
    fn of_names_the_beginning_matters() {
        let long = "\u{e9}".repeat(NAME_BYTES);
        // One byte in front, so that the limit is within a character.
        let memory = [b"x", long.as_bytes()].concat();
        let length = memory.len() as u32;
        assert_eq!(text(&memory, 0, 5), Ok("x\u{e9}\u{e9}"));
        assert_eq!(text(&memory, 0, 4), Err(Errno::GuestError));
        assert_eq!(text(&memory, 0, length).unwrap().len(), NAME_BYTES - 1);
        assert_eq!(text(&memory, 1, length - 1).unwrap().len(), NAME_BYTES);
        assert_eq!(text(&memory, 2, length - 2), Err(Errno::GuestError));
        assert_eq!(text(&memory, 1, length), Err(Errno::GuestError));
        assert_eq!(text(&memory, 0, 0), Ok(""));
    }

    #[test]
    fn a_handle_need_not_be_there() {
        assert_eq!(optional(&[1], 0), Ok(None));
        assert_eq!(
            optional(&[0, 0xff, 0xff, 0xff, 7, 0, 0, 0], 0),
            Ok(Some(Handle::from_raw(7)))
        );
        assert_eq!(
            optional(&[2, 0, 0, 0, 7, 0, 0, 0], 0),
            Err(Errno::GuestError)
        );
    }

    #[test]
    fn inputs_are_copied_only_where_they_overlap() {
        let mut memory: Vec<u8> = (0..32).collect();
        for start in 0..=28_usize {
            let input = start..start + 4;
            let (out, [read]) = apart(&mut memory, &(12..20), [input.clone()], 4).unwrap();
            assert_eq!(out.len(), 8);
            assert_eq!(
                *read,
                (start as u8..start as u8 + 4).collect::<Vec<_>>()[..]
            );
            let overlaps = (9..20).contains(&start);
            assert_eq!(matches!(read, Input::Copied(_)), overlaps, "{start}");
        }
        let (_, both) = apart(&mut memory, &(12..20), [0..4, 1..5], 0).unwrap();
        assert!(both.iter().all(|read| matches!(read, Input::Lent(_))));
        assert!(matches!(
            apart(&mut memory, &(12..20), [16..20], 3),
            Err(Errno::Overflow)
        ));
        let (out, [read]) = apart(&mut memory, &(5..5), [0..32], 0).unwrap();
        assert!(out.is_empty());
        assert_eq!(read.len(), 32);
    }
}
