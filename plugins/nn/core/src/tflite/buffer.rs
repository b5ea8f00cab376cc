//! FlatBuffers' format. Whatever an offset points to is looked up with care; `None` stands for all that is broken.

use std::cell::Cell;

/// How often a file may be read: a bit more than once, since vectors can be shared. One that has a few vectors meant by
/// many others would take hours.
const READINGS: usize = 8;

/// A file.
#[derive(Clone, Copy)]
pub(super) struct Buffer<'a> {
    bytes: &'a [u8],
    /// How many bytes of vectors may still be read.
    left: &'a Cell<usize>,
}

/// How much may be read of a file of this size.
pub(super) fn budget(file: &[u8]) -> Cell<usize> {
    Cell::new(file.len().saturating_mul(READINGS))
}

/// A table within a file: values by the numbers of their fields.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    buffer: Buffer<'a>,
    position: usize,
}

/// A vector within a file.
#[derive(Clone, Copy)]
pub(super) struct Vector<'a> {
    buffer: Buffer<'a>,
    first: usize,
    pub(super) count: usize,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(bytes: &'a [u8], budget: &'a Cell<usize>) -> Self {
        Self {
            bytes,
            left: budget,
        }
    }

    pub(super) fn root(self) -> Option<Table<'a>> {
        Some(Table {
            buffer: self,
            position: self.follow(0)?,
        })
    }

    fn bytes<const N: usize>(self, position: usize) -> Option<[u8; N]> {
        self.bytes
            .get(position..position.checked_add(N)?)?
            .try_into()
            .ok()
    }

    fn u16(self, position: usize) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(self.bytes(position)?)))
    }

    fn i32(self, position: usize) -> Option<i32> {
        Some(i32::from_le_bytes(self.bytes(position)?))
    }

    fn u32(self, position: usize) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.bytes(position)?)).ok()
    }

    /// Where the offset at this position points to.
    fn follow(self, position: usize) -> Option<usize> {
        position.checked_add(self.u32(position)?)
    }
}

impl<'a> Table<'a> {
    /// Where a field's value is; `Some(None)` if the table has not got it.
    fn field(self, number: usize) -> Option<Option<usize>> {
        let distance = i64::from(self.buffer.i32(self.position)?);
        let layout = i64::try_from(self.position).ok()?.checked_sub(distance)?;
        let layout = usize::try_from(layout).ok()?;
        let entry = number * 2 + 4;
        if entry >= self.buffer.u16(layout)? {
            return Some(None);
        }
        match self.buffer.u16(layout.checked_add(entry)?)? {
            0 => Some(None),
            offset => Some(Some(self.position.checked_add(offset)?)),
        }
    }

    pub(super) fn i8(self, number: usize) -> Option<i8> {
        match self.field(number)? {
            Some(position) => Some(i8::from_le_bytes(self.buffer.bytes(position)?)),
            None => Some(0),
        }
    }

    pub(super) fn i32(self, number: usize) -> Option<i32> {
        match self.field(number)? {
            Some(position) => self.buffer.i32(position),
            None => Some(0),
        }
    }

    pub(super) fn u64(self, number: usize) -> Option<u64> {
        match self.field(number)? {
            Some(position) => Some(u64::from_le_bytes(self.buffer.bytes(position)?)),
            None => Some(0),
        }
    }

    pub(super) fn table(self, number: usize) -> Option<Option<Table<'a>>> {
        let Some(position) = self.field(number)? else {
            return Some(None);
        };
        Some(Some(Table {
            buffer: self.buffer,
            position: self.buffer.follow(position)?,
        }))
    }

    /// A vector whose elements have this size in bytes, and are all within the file; empty if the table has none.
    pub(super) fn vector(self, number: usize, size: usize) -> Option<Vector<'a>> {
        let Some(position) = self.field(number)? else {
            return Some(Vector {
                buffer: self.buffer,
                first: 0,
                count: 0,
            });
        };
        let start = self.buffer.follow(position)?;
        let count = self.buffer.u32(start)?;
        let first = start.checked_add(4)?;
        let end = first.checked_add(count.checked_mul(size)?)?;
        (end <= self.buffer.bytes.len()).then_some(Vector {
            buffer: self.buffer,
            first,
            count,
        })
    }

    pub(super) fn has(self, number: usize) -> Option<bool> {
        Some(self.field(number)?.is_some())
    }
}

impl<'a> Vector<'a> {
    /// Reads it out of the budget.
    fn spend(self) -> Option<()> {
        let left = self.buffer.left;
        left.set(left.get().checked_sub(self.count.checked_mul(4)?)?);
        Some(())
    }

    /// Of a vector of numbers of 32 bits.
    pub(super) fn i32s(self) -> Option<Vec<i32>> {
        self.spend()?;
        (0..self.count)
            .map(|index| {
                self.buffer
                    .i32(self.first.checked_add(index.checked_mul(4)?)?)
            })
            .collect()
    }

    /// Of a vector of tables.
    pub(super) fn tables(self) -> Option<Vec<Table<'a>>> {
        self.spend()?;
        (0..self.count)
            .map(|index| {
                let position = self.first.checked_add(index.checked_mul(4)?)?;
                Some(Table {
                    buffer: self.buffer,
                    position: self.buffer.follow(position)?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_not_read_again_and_again() {
        let mut file = Vec::new();
        file.extend(12_u32.to_le_bytes());
        // The layout of a table with one field.
        file.extend([6, 0, 8, 0, 4, 0, 0, 0]);
        file.extend(8_i32.to_le_bytes());
        file.extend(4_u32.to_le_bytes());
        // A thousand tables, which are all the same one.
        file.extend(1000_u32.to_le_bytes());
        file.extend((0..1000_u32).flat_map(|at| (4000 - 4 * at).to_le_bytes()));
        let budget = budget(&file);
        let root = Buffer::new(&file, &budget).root().unwrap();
        let readings = (0..100).take_while(|_| {
            let vector = root.vector(0, 4).unwrap();
            assert_eq!(vector.count, 1000);
            vector.tables().is_some()
        });
        assert_eq!(readings.count(), READINGS);
        assert!(root.vector(0, 4).unwrap().i32s().is_none());
    }
}
