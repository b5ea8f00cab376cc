//! From a guest to the host.

use wasmtime::ValRaw;

use super::fault::Fault;
use super::memory::{Block, CallMemory};
use super::shape::{Kind, Number, Resource, Shape, Variant};

/// How a guest encodes strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
    /// Latin-1, or UTF-16 where the highest bit of the length is set.
    Compact,
}

/// What values are lifted from.
pub(crate) trait Source {
    /// The guest's linear memory.
    fn memory(&self) -> &[u8];
    fn encoding(&self) -> Encoding;
    /// Takes a resource from the guest; what it returns goes to the native form.
    fn own(&mut self, resource: Resource, handle: u32) -> Result<u64, Fault>;
    fn borrow(&mut self, resource: Resource, handle: u32) -> Result<u64, Fault>;
    /// Accounts for bytes that the guest makes the host allocate.
    fn spend(&mut self, bytes: usize) -> Result<(), Fault>;
}

/// Whether lists and strings stay where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// The guest's memory stays as it is while the native form is used.
    Borrowed,
    Copied,
}

/// Lifts values of one call.
pub(crate) struct Lift<'a, S> {
    pub(crate) source: S,
    pub(crate) memory: &'a mut CallMemory,
    pub(crate) lists: Lists,
}

/// Flattened values that are taken one after another.
pub(crate) struct Values<'a>(pub(crate) &'a [ValRaw]);

impl Values<'_> {
    fn next(&mut self) -> Result<ValRaw, Fault> {
        let (first, rest) = self.0.split_first().ok_or(Fault::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    fn skip(&mut self, count: usize) -> Result<(), Fault> {
        self.0 = self.0.get(count..).ok_or(Fault::Short)?;
        Ok(())
    }
}

/// Where the arguments or the result of a call are.
pub(super) enum Whole<'a> {
    /// Flattened.
    Values(&'a [ValRaw]),
    /// In the guest's memory, at this offset.
    Memory(usize),
}

/// Lifts all that crosses in one direction of a call. What does not stay in the guest is kept in `memory`.
pub(super) fn whole(
    source: impl Source,
    lists: Lists,
    mut memory: CallMemory,
    shape: &Shape,
    value: Whole<'_>,
) -> Result<(Block, CallMemory), Fault> {
    let mut block = Block::new(shape.native.size);
    let out = block.bytes_mut();
    let mut lift = Lift {
        source,
        memory: &mut memory,
        lists,
    };
    match value {
        Whole::Values(values) => lift.flat(shape, &mut Values(values), out)?,
        Whole::Memory(offset) if offset.is_multiple_of(shape.guest.align) => {
            lift.load(shape, offset, out)?;
        }
        Whole::Memory(_) => return Err(Fault::Misaligned),
    }
    Ok((block, memory))
}

/// The part of `bytes` where a value is that starts at `offset`.
pub(super) fn part(bytes: &[u8], offset: usize, size: usize) -> Result<&[u8], Fault> {
    offset
        .checked_add(size)
        .and_then(|end| bytes.get(offset..end))
        .ok_or(Fault::OutOfBounds)
}

pub(super) fn part_mut(bytes: &mut [u8], offset: usize, size: usize) -> Result<&mut [u8], Fault> {
    offset
        .checked_add(size)
        .and_then(|end| bytes.get_mut(offset..end))
        .ok_or(Fault::OutOfBounds)
}

pub(super) fn put<const N: usize>(
    bytes: &mut [u8],
    offset: usize,
    value: [u8; N],
) -> Result<(), Fault> {
    part_mut(bytes, offset, N)?.copy_from_slice(&value);
    Ok(())
}

pub(super) fn take<const N: usize>(bytes: &[u8], offset: usize) -> Result<[u8; N], Fault> {
    bytes
        .get(offset..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .ok_or(Fault::OutOfBounds)
}

/// The discriminant at the start of a variant.
pub(super) fn tag(bytes: &[u8], size: usize) -> Result<u32, Fault> {
    Ok(match size {
        1 => u32::from(u8::from_le_bytes(take(bytes, 0)?)),
        2 => u32::from(u16::from_le_bytes(take(bytes, 0)?)),
        _ => u32::from_le_bytes(take(bytes, 0)?),
    })
}

pub(super) fn put_tag(bytes: &mut [u8], size: usize, tag: u32) -> Result<(), Fault> {
    match size {
        1 => put(bytes, 0, (tag as u8).to_ne_bytes()),
        2 => put(bytes, 0, (tag as u16).to_ne_bytes()),
        _ => put(bytes, 0, tag.to_ne_bytes()),
    }
}

pub(super) fn case(variant: &Variant, tag: u32) -> Result<Option<&Shape>, Fault> {
    match variant.cases.get(tag as usize) {
        Some(case) => Ok(case.payload.as_ref()),
        None => Err(Fault::Case {
            tag,
            of: variant.to_string(),
        }),
    }
}

fn char(value: u32) -> Result<[u8; 4], Fault> {
    match char::from_u32(value) {
        Some(_) => Ok(value.to_ne_bytes()),
        None => Err(Fault::Char(value)),
    }
}

/// The native form of a number: of the core value, as many of the lower bits as it has.
pub(super) fn number(number: Number, value: ValRaw, out: &mut [u8]) -> Result<(), Fault> {
    match number {
        Number::U8 | Number::S8 => put(out, 0, (value.get_u32() as u8).to_ne_bytes()),
        Number::U16 | Number::S16 => put(out, 0, (value.get_u32() as u16).to_ne_bytes()),
        Number::U32 | Number::S32 => put(out, 0, value.get_u32().to_ne_bytes()),
        Number::U64 | Number::S64 => put(out, 0, value.get_u64().to_ne_bytes()),
        Number::F32 => put(out, 0, value.get_f32().to_ne_bytes()),
        Number::F64 => put(out, 0, value.get_f64().to_ne_bytes()),
    }
}

/// The bits that stand for flags.
pub(super) fn mask(names: usize) -> u32 {
    u32::MAX
        .checked_shr(32_u32.saturating_sub(names as u32))
        .unwrap_or(0)
}

impl<S: Source> Lift<'_, S> {
    /// Lifts a value that lies in the guest's memory at `offset`.
    pub(crate) fn load(
        &mut self,
        shape: &Shape,
        offset: usize,
        out: &mut [u8],
    ) -> Result<(), Fault> {
        let at = |source: &S| -> Result<[u8; 8], Fault> {
            // Not more than is there: the value may be the last in memory.
            let bytes = part(source.memory(), offset, shape.guest.size.min(8))?;
            let mut word = [0; 8];
            part_mut(&mut word, 0, bytes.len())?.copy_from_slice(bytes);
            Ok(word)
        };
        match &shape.kind {
            Kind::Number(_) => self.copy(shape, offset, out),
            _ if shape.plain => self.copy(shape, offset, out),
            Kind::Bool => put(out, 0, [u8::from(take::<1>(&at(&self.source)?, 0)? != [0])]),
            Kind::Char => put(
                out,
                0,
                char(u32::from_le_bytes(take(&at(&self.source)?, 0)?))?,
            ),
            Kind::Flags(names) => {
                let bits = tag(&at(&self.source)?, shape.guest.size)? & mask(names.len());
                put_tag(out, shape.native.size, bits)
            }
            Kind::String | Kind::List(_) => {
                let word = at(&self.source)?;
                let start = u32::from_le_bytes(take(&word, 0)?);
                let length = u32::from_le_bytes(take(&word, 4)?);
                self.sequence(shape, start, length, out)
            }
            Kind::Record(fields) => {
                for field in fields {
                    let out = part_mut(out, field.native, field.shape.native.size)?;
                    self.load(&field.shape, offset.saturating_add(field.guest), out)?;
                }
                Ok(())
            }
            Kind::Variant(variant) => {
                let bytes = part(self.source.memory(), offset, variant.tag)?;
                let tag = tag(bytes, variant.tag)?;
                let payload = case(variant, tag)?;
                put_tag(out, variant.tag, tag)?;
                let Some(payload) = payload else {
                    return Ok(());
                };
                let out = part_mut(out, variant.native, payload.native.size)?;
                self.load(payload, offset.saturating_add(variant.guest), out)
            }
            Kind::Own(resource) => {
                let handle = u32::from_le_bytes(take(&at(&self.source)?, 0)?);
                let value = self.source.own(*resource, handle)?;
                put(out, 0, value.to_ne_bytes())
            }
            Kind::Borrow(resource) => {
                let handle = u32::from_le_bytes(take(&at(&self.source)?, 0)?);
                let value = self.source.borrow(*resource, handle)?;
                put(out, 0, value.to_ne_bytes())
            }
        }
    }

    /// Takes a plain value as it lies in the guest.
    fn copy(&self, shape: &Shape, offset: usize, out: &mut [u8]) -> Result<(), Fault> {
        let bytes = part(self.source.memory(), offset, shape.guest.size)?;
        part_mut(out, 0, shape.native.size)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Lifts a value from its flattened form.
    pub(crate) fn flat(
        &mut self,
        shape: &Shape,
        values: &mut Values<'_>,
        out: &mut [u8],
    ) -> Result<(), Fault> {
        match &shape.kind {
            Kind::Number(kind) => number(*kind, values.next()?, out),
            Kind::Bool => put(out, 0, [u8::from(values.next()?.get_u32() != 0)]),
            Kind::Char => put(out, 0, char(values.next()?.get_u32())?),
            Kind::Flags(names) => {
                let bits = values.next()?.get_u32() & mask(names.len());
                put_tag(out, shape.native.size, bits)
            }
            Kind::String | Kind::List(_) => {
                let start = values.next()?.get_u32();
                let length = values.next()?.get_u32();
                self.sequence(shape, start, length, out)
            }
            Kind::Record(fields) => {
                for field in fields {
                    let out = part_mut(out, field.native, field.shape.native.size)?;
                    self.flat(&field.shape, values, out)?;
                }
                Ok(())
            }
            Kind::Variant(variant) => {
                let tag = values.next()?.get_u32();
                let payload = case(variant, tag)?;
                put_tag(out, variant.tag, tag)?;
                let rest = shape.flat.len().saturating_sub(1);
                let Some(payload) = payload else {
                    return values.skip(rest);
                };
                let out = part_mut(out, variant.native, payload.native.size)?;
                self.flat(payload, values, out)?;
                values.skip(rest.saturating_sub(payload.flat.len()))
            }
            Kind::Own(resource) => {
                let value = self.source.own(*resource, values.next()?.get_u32())?;
                put(out, 0, value.to_ne_bytes())
            }
            Kind::Borrow(resource) => {
                let value = self.source.borrow(*resource, values.next()?.get_u32())?;
                put(out, 0, value.to_ne_bytes())
            }
        }
    }

    /// Lifts a string or a list.
    fn sequence(
        &mut self,
        shape: &Shape,
        start: u32,
        length: u32,
        out: &mut [u8],
    ) -> Result<(), Fault> {
        let (data, length) = match &shape.kind {
            Kind::List(element) => self.list(element, start as usize, length as usize)?,
            _ => self.string(start as usize, length)?,
        };
        put(out, 0, (data as usize as u64).to_ne_bytes())?;
        put(out, 8, (length as u64).to_ne_bytes())
    }

    fn list(
        &mut self,
        element: &Shape,
        start: usize,
        length: usize,
    ) -> Result<(*const u8, usize), Fault> {
        if !start.is_multiple_of(element.guest.align) {
            return Err(Fault::Misaligned);
        }
        let size = element
            .guest
            .size
            .checked_mul(length)
            .ok_or(Fault::TooLong(length))?;
        part(self.source.memory(), start, size).map_err(|_| Fault::TooLong(length))?;
        // Charged whether it is copied or not: of many lists all may be the same bytes.
        self.source.spend(size)?;
        let bytes = part(self.source.memory(), start, size)?;
        let aligned = (bytes.as_ptr() as usize).is_multiple_of(element.native.align);
        if element.plain && self.lists == Lists::Borrowed && aligned {
            return Ok((bytes.as_ptr(), length));
        }
        let native = element
            .native
            .size
            .checked_mul(length)
            .ok_or(Fault::TooLong(length))?;
        self.source.spend(native)?;
        let copy = self.memory.bytes(native)?;
        if element.plain {
            copy.copy_from_slice(part(self.source.memory(), start, size)?);
        } else {
            for (position, out) in copy
                .chunks_exact_mut(element.native.size.max(1))
                .enumerate()
            {
                self.load(element, start + position * element.guest.size, out)?;
            }
        }
        Ok((copy.as_ptr(), length))
    }

    fn string(&mut self, start: usize, length: u32) -> Result<(*const u8, usize), Fault> {
        const IS_UTF16: u32 = 1 << 31;
        let encoding = self.source.encoding();
        let compact = encoding == Encoding::Compact;
        if compact && !start.is_multiple_of(2) {
            return Err(Fault::Misaligned);
        }
        let text = match encoding {
            Encoding::Utf8 => {
                let size = length as usize;
                part(self.source.memory(), start, size).map_err(|_| Fault::TooLong(size))?;
                // As for lists; and to look at every byte takes its time.
                self.source.spend(size)?;
                let bytes = part(self.source.memory(), start, size)?;
                std::str::from_utf8(bytes).map_err(|_| Fault::Utf8)?;
                if self.lists == Lists::Borrowed {
                    return Ok((bytes.as_ptr(), size));
                }
                let copy = self.memory.bytes(size)?;
                copy.copy_from_slice(part(self.source.memory(), start, size)?);
                return Ok((copy.as_ptr(), size));
            }
            Encoding::Compact if length & IS_UTF16 == 0 => {
                let size = length as usize;
                part(self.source.memory(), start, size)?;
                // No character becomes longer than this, in a string that doubles as it grows.
                self.source.spend(size.saturating_mul(4))?;
                let bytes = part(self.source.memory(), start, size)?;
                bytes.iter().map(|byte| char::from(*byte)).collect()
            }
            Encoding::Utf16 | Encoding::Compact => {
                if !start.is_multiple_of(2) {
                    return Err(Fault::Misaligned);
                }
                let units = if compact { length & !IS_UTF16 } else { length };
                let size = (units as usize).saturating_mul(2);
                part(self.source.memory(), start, size)?;
                self.source.spend(size.saturating_mul(3))?;
                let bytes = part(self.source.memory(), start, size)?;
                let units = bytes
                    .chunks_exact(2)
                    .map(|unit| unit.try_into().map_or(0, u16::from_le_bytes));
                char::decode_utf16(units)
                    .collect::<Result<String, _>>()
                    .map_err(|_| Fault::Utf16)?
            }
        };
        let copy = self.memory.bytes(text.len())?;
        copy.copy_from_slice(text.as_bytes());
        Ok((copy.as_ptr(), text.len()))
    }
}
