//! Looks at a file of TorchScript before libtorch does. It is a zip archive, and libtorch unpacks what it names into
//! memory, whatever that takes.

use std::io::{Read, Seek, SeekFrom};

use crate::{Error, Result, Source};

/// What packed entries may become together, in bytes. Weights are not packed; only text is, and there is little of it.
const UNPACKED: u64 = 256 << 20;
/// The list of entries, in bytes.
const DIRECTORY: u64 = 64 << 20;
/// The end of an archive without its comment, and the longest comment.
const END: u64 = 22;
const COMMENT: u64 = 0xffff;
/// Where the sizes of archives of more than 4 GiB are.
const LOCATOR: usize = 20;
const LARGE_END: usize = 56;
/// An entry without its name.
const ENTRY: usize = 46;
/// In place of a number that needs 64 bits.
const ELSEWHERE: u64 = 0xffff_ffff;

/// Checks that the archive is whole and no larger unpacked than it looks.
///
/// # Errors
///
/// `invalid-encoding` if it is no zip archive or a damaged one, `too-large` if it unpacks to more than a program has.
pub(super) fn inspect(source: &Source) -> Result<()> {
    let size = source.size()?;
    match source {
        Source::Bytes(bytes) => Archive::new(std::io::Cursor::new(bytes), size).check(),
        Source::File(path) => {
            let file = std::fs::File::open(path)
                .map_err(|error| crate::backend::not_read(path, &error))?;
            Archive::new(file, size).check()
        }
    }
}

struct Archive<R> {
    from: R,
    size: u64,
}

/// Where the list of entries is, in bytes.
struct Directory {
    offset: u64,
    length: u64,
}

impl<R: Read + Seek> Archive<R> {
    fn new(from: R, size: u64) -> Self {
        Self { from, size }
    }

    fn check(&mut self) -> Result<()> {
        let directory = self.directory()?;
        let entries = self.read(directory.offset, directory.length)?;
        let (mut stored, mut unpacked) = (0_u64, 0_u64);
        let mut rest = &entries[..];
        while !rest.is_empty() {
            let entry = Entry::read(rest)?;
            stored = stored.saturating_add(entry.packed);
            if entry.method == 0 {
                if entry.packed != entry.unpacked {
                    return Err(damaged());
                }
            } else {
                unpacked = unpacked.saturating_add(entry.unpacked);
            }
            rest = rest.get(entry.length..).ok_or_else(damaged)?;
        }
        // Entries that lie on each other would be read several times.
        if stored > directory.offset {
            return Err(damaged());
        }
        if unpacked > UNPACKED {
            return Err(Error::too_large(format!(
                "the model's file unpacks to {unpacked} bytes, which no program has"
            )));
        }
        Ok(())
    }

    fn directory(&mut self) -> Result<Directory> {
        let length = self.size.min(END + COMMENT + LOCATOR as u64);
        let start = self.size - length;
        let tail = self.read(start, length)?;
        let at = tail
            .windows(4)
            .rposition(|window| window == b"PK\x05\x06")
            .ok_or_else(damaged)?;
        let end = tail.get(at..).ok_or_else(damaged)?;
        if END + number(end, 20, 2)? != end.len() as u64 {
            return Err(damaged());
        }
        let mut directory = Directory {
            length: number(end, 12, 4)?,
            offset: number(end, 16, 4)?,
        };
        let locator = at.checked_sub(LOCATOR).and_then(|at| tail.get(at..));
        if let Some(locator) = locator.filter(|bytes| bytes.starts_with(b"PK\x06\x07")) {
            let large = self.read(number(locator, 8, 8)?, LARGE_END as u64)?;
            if !large.starts_with(b"PK\x06\x06") {
                return Err(damaged());
            }
            directory = Directory {
                length: number(&large, 40, 8)?,
                offset: number(&large, 48, 8)?,
            };
        }
        let place = start + at as u64;
        let fits = directory
            .offset
            .checked_add(directory.length)
            .is_some_and(|end| end <= place);
        if !fits {
            return Err(damaged());
        }
        if directory.length > DIRECTORY {
            return Err(Error::too_large(
                "the model's file has more parts than any program",
            ));
        }
        Ok(directory)
    }

    fn read(&mut self, offset: u64, length: u64) -> Result<Vec<u8>> {
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(damaged());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        self.from
            .seek(SeekFrom::Start(offset))
            .and_then(|_| self.from.read_exact(&mut bytes))
            .map_err(|error| Error::runtime(format!("the model's file cannot be read: {error}")))?;
        Ok(bytes)
    }
}

/// A line of the list of entries.
struct Entry {
    method: u64,
    packed: u64,
    unpacked: u64,
    /// Of the line, in bytes.
    length: usize,
}

impl Entry {
    fn read(bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return Err(damaged());
        }
        let length =
            |at| number(bytes, at, 2).and_then(|it| usize::try_from(it).map_err(|_| damaged()));
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let mut entry = Self {
            method: number(bytes, 10, 2)?,
            packed: number(bytes, 20, 4)?,
            unpacked: number(bytes, 24, 4)?,
            length: ENTRY + name + extra + comment,
        };
        let extra = bytes
            .get(ENTRY + name..ENTRY + name + extra)
            .ok_or_else(damaged)?;
        entry.sizes_of_64_bits(extra)?;
        Ok(entry)
    }

    fn sizes_of_64_bits(&mut self, mut extra: &[u8]) -> Result<()> {
        while extra.len() >= 4 {
            let (kind, length) = (number(extra, 0, 2)?, number(extra, 2, 2)?);
            let length = usize::try_from(length).map_err(|_| damaged())?;
            let field = extra.get(4..4 + length).ok_or_else(damaged)?;
            if kind == 1 {
                let mut at = 0;
                for size in [&mut self.unpacked, &mut self.packed] {
                    if *size == ELSEWHERE {
                        *size = number(field, at, 8)?;
                        at += 8;
                    }
                }
            }
            extra = extra.get(4 + length..).ok_or_else(damaged)?;
        }
        Ok(())
    }
}

/// A number of so many bytes, at most 8.
fn number(bytes: &[u8], at: usize, length: usize) -> Result<u64> {
    let field = bytes.get(at..at + length).ok_or_else(damaged)?;
    let number = field
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    Ok(number)
}

fn damaged() -> Error {
    Error::invalid_encoding("the model's file is no sound archive of TorchScript")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    /// An archive of entries: method, packed, what they say to unpack to.
    fn archive(entries: &[(u16, u32, u32)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut directory = Vec::new();
        for (method, packed, unpacked) in entries {
            let offset = u32::try_from(bytes.len()).unwrap();
            bytes.resize(bytes.len() + *packed as usize, 0);
            directory.extend(b"PK\x01\x02\0\0\0\0\0\0");
            directory.extend(method.to_le_bytes());
            directory.extend([0; 8]);
            directory.extend(packed.to_le_bytes());
            directory.extend(unpacked.to_le_bytes());
            directory.extend(1_u16.to_le_bytes());
            directory.extend([0; 12]);
            directory.extend(offset.to_le_bytes());
            directory.extend(b"a");
        }
        let offset = u32::try_from(bytes.len()).unwrap();
        let length = u32::try_from(directory.len()).unwrap();
        bytes.extend(&directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0");
        bytes.extend(length.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    fn code(bytes: Vec<u8>) -> Option<Code> {
        inspect(&Source::Bytes(bytes.into()))
            .err()
            .map(|error| error.code())
    }

    #[test]
    fn a_bomb_is_told_by_what_it_says() {
        assert_eq!(code(archive(&[(0, 10, 10), (8, 10, 1000)])), None);
        let bomb = [(8, 10, 200 << 20), (8, 10, 200 << 20)];
        assert_eq!(code(archive(&bomb)), Some(Code::TooLarge));
        assert_eq!(
            code(archive(&[(0, 10, 1 << 30)])),
            Some(Code::InvalidEncoding)
        );
    }

    #[test]
    fn entries_on_each_other_are_refused() {
        let mut bytes = archive(&[(0, 10, 10), (0, 10, 10)]);
        // Both take up nearly the whole file.
        let directory = 20;
        for entry in [directory, directory + 47] {
            for at in [20, 24] {
                bytes[entry + at] = 19;
            }
        }
        assert_eq!(code(bytes), Some(Code::InvalidEncoding));
    }

    #[test]
    fn sizes_of_64_bits_are_read() {
        let mut entry = Entry {
            method: 8,
            packed: 5,
            unpacked: ELSEWHERE,
            length: 0,
        };
        let mut extra = vec![9, 9, 1, 0, 0, 1, 0, 8, 0];
        extra.extend((1_u64 << 40).to_le_bytes());
        entry.sizes_of_64_bits(&extra).unwrap();
        assert_eq!((entry.packed, entry.unpacked), (5, 1 << 40));
        assert!(entry.sizes_of_64_bits(&[1, 0, 200, 0]).is_err());
    }

    #[test]
    fn what_is_cut_anywhere_is_refused() {
        let whole = archive(&[(0, 10, 10), (8, 10, 1000)]);
        for end in 0..whole.len() {
            assert_eq!(
                code(whole[..end].to_vec()),
                Some(Code::InvalidEncoding),
                "{end}"
            );
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let _ = code(bytes);
        }
    }
}
