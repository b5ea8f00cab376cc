//! From the host to a guest.

use std::mem::MaybeUninit;
use std::ops::Range;

use wasmtime::ValRaw;

use super::fault::Fault;
use super::foreign::{Bytes, Span, range};
use super::lift::{Encoding, case, mask, part, part_mut, put, put_tag, tag, take};
use super::shape::{Kind, Layout, Number, Resource, Shape};

/// What values are lowered into.
pub(crate) trait Target {
    /// What the target knows of a value's type besides its shape: which table a resource goes to.
    type Type: Copy;

    /// The guest's linear memory.
    fn memory(&mut self) -> &mut [u8];
    fn encoding(&self) -> Encoding;
    /// Asks the guest for memory. It runs code of the guest, which may move its memory.
    fn allocate(&mut self, align: usize, size: usize) -> Result<usize, Fault>;
    /// Gives a resource to the guest.
    fn own(&mut self, resource: Resource, ty: Self::Type, value: u64) -> Result<u32, Fault>;
    /// Lends a resource to the guest for a call.
    fn borrow(&mut self, resource: Resource, ty: Self::Type, value: u64) -> Result<u32, Fault>;
    /// The type of an element of a list, a field, or the payload of a case.
    fn child(&self, ty: Self::Type, position: usize) -> Result<Self::Type, Fault>;
}

/// Lowers values of one call. What it reads comes from a plugin, so nothing about it is taken for granted but
/// that pointers lead to as many bytes as they are said to.
pub(crate) struct Lower<T> {
    pub(crate) target: T,
    /// More bytes than this a list or string cannot have.
    pub(crate) limit: usize,
    /// Where the guest's memory was during the call; `None` if that is where it is when lowering begins.
    pub(crate) origin: Option<Range<usize>>,
}

impl<T: Target> Lower<T> {
    /// Stores a value in the guest's memory at `offset`, where there is space for it.
    pub(crate) fn store(
        &mut self,
        shape: &Shape,
        ty: T::Type,
        value: &[u8],
        offset: usize,
    ) -> Result<(), Fault> {
        if !shape.allocates && !shape.handles {
            let place = part_mut(self.target.memory(), offset, shape.guest.size)?;
            return fixed(shape, value, place);
        }
        match &shape.kind {
            Kind::String | Kind::List(_) => {
                let (start, length) = self.sequence(shape, ty, value)?;
                let place = part_mut(self.target.memory(), offset, 8)?;
                put(place, 0, start.to_le_bytes())?;
                put(place, 4, length.to_le_bytes())
            }
            Kind::Record(fields) => {
                for (position, field) in fields.iter().enumerate() {
                    let value = part(value, field.native, field.shape.native.size)?;
                    let ty = self.target.child(ty, position)?;
                    self.store(&field.shape, ty, value, offset.saturating_add(field.guest))?;
                }
                Ok(())
            }
            Kind::Variant(variant) => {
                let tag = tag(value, variant.tag)?;
                let payload = case(variant, tag)?;
                let place = part_mut(self.target.memory(), offset, variant.tag)?;
                put_tag(place, variant.tag, tag)?;
                let Some(payload) = payload else {
                    return Ok(());
                };
                let value = part(value, variant.native, payload.native.size)?;
                let ty = self.target.child(ty, tag as usize)?;
                self.store(payload, ty, value, offset.saturating_add(variant.guest))
            }
            Kind::Own(resource) => {
                let handle = self.target.own(*resource, ty, word(value)?)?;
                put(
                    part_mut(self.target.memory(), offset, 4)?,
                    0,
                    handle.to_le_bytes(),
                )
            }
            Kind::Borrow(resource) => {
                let handle = self.target.borrow(*resource, ty, word(value)?)?;
                put(
                    part_mut(self.target.memory(), offset, 4)?,
                    0,
                    handle.to_le_bytes(),
                )
            }
            _ => Err(Fault::Short),
        }
    }

    /// The flattened form of a value that is one core value.
    pub(crate) fn one(
        &mut self,
        shape: &Shape,
        ty: T::Type,
        value: &[u8],
    ) -> Result<ValRaw, Fault> {
        let mut slot = [MaybeUninit::uninit()];
        self.all(shape, ty, value, &mut slot)?;
        let [slot] = slot;
        // SAFETY: all slots are written, or there is a fault.
        #[allow(unsafe_code)]
        let value = unsafe { slot.assume_init() };
        Ok(value)
    }

    /// Writes the flattened form of a value, which is as long as `out`.
    pub(crate) fn all(
        &mut self,
        shape: &Shape,
        ty: T::Type,
        value: &[u8],
        out: &mut [MaybeUninit<ValRaw>],
    ) -> Result<(), Fault> {
        match self.flat(shape, ty, value, out)? {
            [] => Ok(()),
            _ => Err(Fault::Short),
        }
    }

    /// Writes the flattened form of a value to the start of `out`, and returns what is left of it.
    pub(crate) fn flat<'o>(
        &mut self,
        shape: &Shape,
        ty: T::Type,
        value: &[u8],
        out: &'o mut [MaybeUninit<ValRaw>],
    ) -> Result<&'o mut [MaybeUninit<ValRaw>], Fault> {
        match &shape.kind {
            Kind::Number(number) => write(out, scalar(*number, value)?),
            Kind::Bool => write(out, u64::from(truth(value)?)),
            Kind::Char => write(out, u64::from(character(value)?)),
            Kind::Flags(names) => write(out, u64::from(flags(names.len(), shape, value)?)),
            Kind::String | Kind::List(_) => {
                let (start, length) = self.sequence(shape, ty, value)?;
                let out = write(out, u64::from(start))?;
                write(out, u64::from(length))
            }
            Kind::Record(fields) => {
                let mut out = out;
                for (position, field) in fields.iter().enumerate() {
                    let value = part(value, field.native, field.shape.native.size)?;
                    let ty = self.target.child(ty, position)?;
                    out = self.flat(&field.shape, ty, value, out)?;
                }
                Ok(out)
            }
            Kind::Variant(variant) => {
                let tag = tag(value, variant.tag)?;
                let payload = case(variant, tag)?;
                let mut out = write(out, u64::from(tag))?;
                let mut left = shape.flat.len().saturating_sub(1);
                if let Some(payload) = payload {
                    let value = part(value, variant.native, payload.native.size)?;
                    let ty = self.target.child(ty, tag as usize)?;
                    out = self.flat(payload, ty, value, out)?;
                    left = left.saturating_sub(payload.flat.len());
                }
                for _ in 0..left {
                    out = write(out, 0)?;
                }
                Ok(out)
            }
            Kind::Own(resource) => {
                let handle = self.target.own(*resource, ty, word(value)?)?;
                write(out, u64::from(handle))
            }
            Kind::Borrow(resource) => {
                let handle = self.target.borrow(*resource, ty, word(value)?)?;
                write(out, u64::from(handle))
            }
        }
    }

    /// Moves a string or a list into memory of the guest's choice; where it is, and its length there.
    fn sequence(&mut self, shape: &Shape, ty: T::Type, value: &[u8]) -> Result<(u32, u32), Fault> {
        let span = Span::read(value, self.limit)?;
        match &shape.kind {
            Kind::List(element) => self.list(element, ty, span),
            _ => self.string(span),
        }
    }

    /// The plugin's bytes, in a copy if they are the guest's own: making room for them may change those.
    fn bytes(&mut self, span: Span, element: Layout) -> Result<Bytes, Fault> {
        let memory = self.target.memory();
        let origin = self.origin.get_or_insert_with(|| range(memory));
        span.bytes(element, self.limit, origin, memory)
    }

    fn string(&mut self, span: Span) -> Result<(u32, u32), Fault> {
        let bytes = self.bytes(span, Layout { size: 1, align: 1 })?;
        let text = std::str::from_utf8(bytes.get()).map_err(|_| Fault::Utf8)?;
        match self.target.encoding() {
            Encoding::Utf8 => self.copy(1, bytes.get(), span.length),
            Encoding::Utf16 => {
                let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.copy(2, &units, units.len() / 2)
            }
            Encoding::Compact => {
                const IS_UTF16: usize = 1 << 31;
                if text.chars().all(|char| u32::from(char) <= 0xff) {
                    let latin: Vec<u8> = text.chars().map(|char| u32::from(char) as u8).collect();
                    return self.copy(2, &latin, latin.len());
                }
                let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.copy(2, &units, (units.len() / 2) | IS_UTF16)
            }
        }
    }

    fn copy(&mut self, align: usize, bytes: &[u8], length: usize) -> Result<(u32, u32), Fault> {
        let start = self.target.allocate(align, bytes.len())?;
        part_mut(self.target.memory(), start, bytes.len())?.copy_from_slice(bytes);
        span(start, length)
    }

    fn list(&mut self, element: &Shape, ty: T::Type, values: Span) -> Result<(u32, u32), Fault> {
        let (native, guest, length) = (element.native, element.guest, values.length);
        let bytes = self.bytes(values, native)?;
        if element.packed {
            return self.copy(guest.align, bytes.get(), length);
        }
        let size = guest
            .size
            .checked_mul(length)
            .ok_or(Fault::TooMuch(self.limit))?;
        let start = self.target.allocate(guest.align, size)?;
        let values = bytes.get().chunks_exact(native.size.max(1));
        if element.allocates || element.handles {
            let ty = self.target.child(ty, 0)?;
            for (position, value) in values.enumerate() {
                self.store(element, ty, value, start + position * guest.size)?;
            }
        } else {
            // Nothing but bytes: the memory is looked up once.
            let places = part_mut(self.target.memory(), start, size)?;
            for (value, place) in values.zip(places.chunks_exact_mut(guest.size.max(1))) {
                fixed(element, value, place)?;
            }
        }
        span(start, length)
    }
}

fn span(start: usize, length: usize) -> Result<(u32, u32), Fault> {
    let fits = |value: usize| u32::try_from(value).map_err(|_| Fault::OutOfBounds);
    Ok((fits(start)?, fits(length)?))
}

fn word(value: &[u8]) -> Result<u64, Fault> {
    Ok(u64::from_ne_bytes(take(value, 0)?))
}

fn write(out: &mut [MaybeUninit<ValRaw>], value: u64) -> Result<&mut [MaybeUninit<ValRaw>], Fault> {
    let (first, rest) = out.split_first_mut().ok_or(Fault::Short)?;
    // Whatever narrower type the slot has, it is the lower bits.
    first.write(ValRaw::u64(value));
    Ok(rest)
}

/// The bits of a number as the flattened form has them: narrow integers are extended to 32 bits.
pub(super) fn scalar(number: Number, value: &[u8]) -> Result<u64, Fault> {
    let extended = |value: i32| u64::from(value as u32);
    Ok(match number {
        Number::U8 => u64::from(u8::from_ne_bytes(take(value, 0)?)),
        Number::S8 => extended(i8::from_ne_bytes(take(value, 0)?).into()),
        Number::U16 => u64::from(u16::from_ne_bytes(take(value, 0)?)),
        Number::S16 => extended(i16::from_ne_bytes(take(value, 0)?).into()),
        Number::U32 | Number::S32 | Number::F32 => u64::from(u32::from_ne_bytes(take(value, 0)?)),
        Number::U64 | Number::S64 | Number::F64 => u64::from_ne_bytes(take(value, 0)?),
    })
}

fn truth(value: &[u8]) -> Result<u8, Fault> {
    match take::<1>(value, 0)? {
        [known @ (0 | 1)] => Ok(known),
        [other] => Err(Fault::Bool(other)),
    }
}

fn character(value: &[u8]) -> Result<u32, Fault> {
    let code = u32::from_ne_bytes(take(value, 0)?);
    char::from_u32(code).map(u32::from).ok_or(Fault::Char(code))
}

fn flags(names: usize, shape: &Shape, value: &[u8]) -> Result<u32, Fault> {
    let bits = tag(value, shape.native.size)?;
    match bits & !mask(names) {
        0 => Ok(bits),
        _ => Err(Fault::Flags(bits)),
    }
}

/// Stores a value without pointers and resources.
fn fixed(shape: &Shape, value: &[u8], place: &mut [u8]) -> Result<(), Fault> {
    if shape.packed {
        part_mut(place, 0, shape.guest.size)?.copy_from_slice(part(value, 0, shape.native.size)?);
        return Ok(());
    }
    match &shape.kind {
        Kind::Bool => put(place, 0, [truth(value)?]),
        Kind::Char => put(place, 0, character(value)?.to_le_bytes()),
        Kind::Flags(names) => {
            let bits = flags(names.len(), shape, value)?;
            put_tag(place, shape.guest.size, bits)
        }
        Kind::Record(fields) => {
            for field in fields {
                let value = part(value, field.native, field.shape.native.size)?;
                let place = part_mut(place, field.guest, field.shape.guest.size)?;
                fixed(&field.shape, value, place)?;
            }
            Ok(())
        }
        Kind::Variant(variant) => {
            let tag = tag(value, variant.tag)?;
            let payload = case(variant, tag)?;
            put_tag(place, variant.tag, tag)?;
            let Some(payload) = payload else {
                return Ok(());
            };
            let value = part(value, variant.native, payload.native.size)?;
            fixed(
                payload,
                value,
                part_mut(place, variant.guest, payload.guest.size)?,
            )
        }
        _ => Err(Fault::Short),
    }
}
