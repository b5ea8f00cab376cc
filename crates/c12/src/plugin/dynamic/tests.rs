//! Random values of random types go to a guest and come back, and hostile memory is read, without an engine.

use std::mem::MaybeUninit;

use wasmtime::ValRaw;

use super::fault::Fault;
use super::lift::{Encoding, Lift, Lists, Source, Values, case, part, tag, take};
use super::lower::{Lower, Target};
use super::memory::{Block, CallMemory};
use super::shape::{Kind, Number, Resource, Shape, Sort};

/// Marsaglia's xorshift: the same sequence on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn shape(&mut self, depth: u32) -> Shape {
        const NUMBERS: [Number; 10] = [
            Number::U8,
            Number::S8,
            Number::U16,
            Number::S16,
            Number::U32,
            Number::S32,
            Number::U64,
            Number::S64,
            Number::F32,
            Number::F64,
        ];
        let name = |position: u64| -> Box<str> { format!("n{position}").into() };
        let kinds = if depth == 0 { 6 } else { 12 };
        match self.below(kinds) {
            0 => Shape::bool(),
            1 => Shape::char(),
            2 => Shape::string(),
            3 => Shape::flags((0..=self.below(32)).map(name).collect()),
            4 => Shape::own(Resource(0)),
            5 | 6 => Shape::number(NUMBERS[self.below(10) as usize]),
            7 => Shape::list(self.shape(depth - 1)),
            8 => Shape::option(self.shape(depth - 1)),
            9 => {
                let ok = (self.below(3) > 0).then(|| self.shape(depth - 1));
                let err = (self.below(3) > 0).then(|| self.shape(depth - 1));
                Shape::result(ok, err)
            }
            10 => {
                let most = if self.below(20) == 0 { 300 } else { 5 };
                let count = 1 + self.below(most);
                let cases: Vec<_> = (0..count)
                    .map(|position| {
                        let payload = (self.below(2) > 0).then(|| self.shape(depth.min(2) - 1));
                        (name(position), payload)
                    })
                    .collect();
                Shape::variant(Sort::Variant, cases)
            }
            _ => {
                let fields: Vec<_> = (0..=self.below(6))
                    .map(|position| (name(position), self.shape(depth - 1)))
                    .collect();
                Shape::record(fields)
            }
        }
    }

    /// A value of the shape in native form.
    fn fill(&mut self, shape: &Shape, out: &mut [u8], memory: &mut CallMemory) {
        match &shape.kind {
            Kind::Bool => out[0] = self.below(2) as u8,
            Kind::Number(_) => {
                let bytes = self.next().to_ne_bytes();
                out.copy_from_slice(&bytes[..out.len()]);
            }
            Kind::Own(_) | Kind::Borrow(_) => {
                out.copy_from_slice(&self.below(1 << 32).to_ne_bytes());
            }
            Kind::Char => {
                let code = char::from_u32(self.below(0x11_0000) as u32).unwrap_or('x');
                out.copy_from_slice(&u32::from(code).to_ne_bytes());
            }
            Kind::Flags(names) => {
                let bits = self.next() & super::lift::mask(names.len()) as u64;
                out.copy_from_slice(&bits.to_ne_bytes()[..out.len()]);
            }
            Kind::String => {
                let text: String = (0..self.below(9))
                    .map(|_| char::from_u32(self.below(0x500) as u32).unwrap_or('x'))
                    .collect();
                let copy = memory.bytes(text.len()).unwrap();
                copy.copy_from_slice(text.as_bytes());
                out[..8].copy_from_slice(&(copy.as_ptr() as u64).to_ne_bytes());
                out[8..].copy_from_slice(&(text.len() as u64).to_ne_bytes());
            }
            Kind::List(element) => {
                let count = self.below(5) as usize;
                let copy = memory.bytes(count * element.native.size).unwrap();
                out[..8].copy_from_slice(&(copy.as_ptr() as u64).to_ne_bytes());
                out[8..].copy_from_slice(&(count as u64).to_ne_bytes());
                for value in copy.chunks_exact_mut(element.native.size) {
                    self.fill(element, value, memory);
                }
            }
            Kind::Record(fields) => {
                for field in fields {
                    let size = field.shape.native.size;
                    self.fill(&field.shape, &mut out[field.native..][..size], memory);
                }
            }
            Kind::Variant(variant) => {
                let position = self.below(variant.cases.len() as u64);
                out[..variant.tag].copy_from_slice(&position.to_ne_bytes()[..variant.tag]);
                if let Some(payload) = &variant.cases[position as usize].payload {
                    let size = payload.native.size;
                    self.fill(payload, &mut out[variant.native..][..size], memory);
                }
            }
        }
    }
}

fn bytes_at(value: &[u8], element: usize) -> &[u8] {
    let data = u64::from_ne_bytes(take(value, 0).unwrap());
    let count = u64::from_ne_bytes(take(value, 8).unwrap()) as usize;
    if count * element == 0 {
        return &[];
    }
    // The tests' own memory, or the guest's while it is not changed.
    #[allow(unsafe_code)]
    // SAFETY: see above.
    unsafe {
        std::slice::from_raw_parts(data as usize as *const u8, count * element)
    }
}

/// Whether two native values are the same, wherever their parts lie.
fn same(shape: &Shape, one: &[u8], other: &[u8]) -> bool {
    match &shape.kind {
        Kind::String => bytes_at(one, 1) == bytes_at(other, 1),
        Kind::List(element) => {
            let size = element.native.size;
            let (one, other) = (bytes_at(one, size), bytes_at(other, size));
            one.len() == other.len()
                && one
                    .chunks_exact(size)
                    .zip(other.chunks_exact(size))
                    .all(|(one, other)| same(element, one, other))
        }
        Kind::Record(fields) => fields.iter().all(|field| {
            let at = |value| part(value, field.native, field.shape.native.size).unwrap();
            same(&field.shape, at(one), at(other))
        }),
        Kind::Variant(variant) => {
            let position = tag(one, variant.tag).unwrap();
            position == tag(other, variant.tag).unwrap()
                && case(variant, position).unwrap().is_none_or(|payload| {
                    let at = |value| part(value, variant.native, payload.native.size).unwrap();
                    same(payload, at(one), at(other))
                })
        }
        _ => one == other,
    }
}

/// A guest that is nothing but memory, which moves whenever it grows.
struct Guest {
    memory: Vec<u8>,
    encoding: Encoding,
}

impl Guest {
    fn place(&mut self, align: usize, size: usize) -> usize {
        let start = self.memory.len().next_multiple_of(align);
        let mut moved = Vec::with_capacity(start + size);
        moved.extend_from_slice(&self.memory);
        moved.resize(start + size, 0xaa);
        self.memory = moved;
        start
    }
}

impl Target for &mut Guest {
    type Type = ();
    fn memory(&mut self) -> &mut [u8] {
        &mut self.memory
    }
    fn encoding(&self) -> Encoding {
        self.encoding
    }
    fn allocate(&mut self, align: usize, size: usize) -> Result<usize, Fault> {
        Ok(self.place(align, size))
    }
    fn own(&mut self, _: Resource, (): (), value: u64) -> Result<u32, Fault> {
        Ok(value as u32)
    }
    fn borrow(&mut self, _: Resource, (): (), value: u64) -> Result<u32, Fault> {
        Ok(value as u32)
    }
    fn child(&self, (): (), _: usize) -> Result<(), Fault> {
        Ok(())
    }
}

impl Source for &Guest {
    fn memory(&self) -> &[u8] {
        &self.memory
    }
    fn encoding(&self) -> Encoding {
        self.encoding
    }
    fn own(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }
    fn borrow(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }
    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > 1 << 24 {
            return Err(Fault::TooMuch(1 << 24));
        }
        Ok(())
    }
}

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Compact];

#[test]
fn what_goes_to_a_guest_comes_back() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..3000 {
        let shape = random.shape(3);
        let mut memory = CallMemory::unlimited();
        let mut value = Block::new(shape.native.size);
        random.fill(&shape, value.bytes_mut(), &mut memory);
        let mut guest = Guest {
            memory: Vec::new(),
            encoding: ENCODINGS[round % 3],
        };
        let lists = if round % 2 == 0 {
            Lists::Borrowed
        } else {
            Lists::Copied
        };

        let offset = guest.place(shape.guest.align, shape.guest.size);
        let limit = 1 << 20;
        let mut lower = Lower {
            target: &mut guest,
            limit,
            origin: None,
        };
        lower.store(&shape, (), value.bytes(), offset).unwrap();
        let mut slots = vec![MaybeUninit::new(ValRaw::u64(u64::MAX)); shape.flat.len()];
        let left = lower.flat(&shape, (), value.bytes(), &mut slots).unwrap();
        assert!(left.is_empty(), "{shape}");
        #[allow(unsafe_code)]
        // SAFETY: they were initialised above, whatever was written since.
        let flat: Vec<ValRaw> = slots
            .iter()
            .map(|slot| unsafe { slot.assume_init() })
            .collect();

        let mut kept = CallMemory::unlimited();
        let mut lift = Lift {
            source: &guest,
            memory: &mut kept,
            lists,
        };
        let mut loaded = Block::new(shape.native.size);
        lift.load(&shape, offset, loaded.bytes_mut()).unwrap();
        assert!(same(&shape, value.bytes(), loaded.bytes()), "{shape}");
        let mut lifted = Block::new(shape.native.size);
        lift.flat(&shape, &mut Values(&flat), lifted.bytes_mut())
            .unwrap();
        assert!(same(&shape, value.bytes(), lifted.bytes()), "{shape}");
    }
}

/// A plugin that returns what it was given hands the guest's own memory back, which moves meanwhile.
#[test]
fn the_guests_own_memory_comes_back_whole() {
    let shape = Shape::record([
        ("text".into(), Shape::string()),
        ("numbers".into(), Shape::list(Shape::number(Number::U16))),
    ]);
    let mut guest = Guest {
        memory: (0..=255).collect(),
        encoding: Encoding::Utf8,
    };
    guest.memory[..16].copy_from_slice(&[b'h'; 16]);
    let mut value = Block::new(shape.native.size);
    let base = guest.memory.as_ptr() as u64;
    for (at, word) in [base, 16, base + 32, 50].into_iter().enumerate() {
        value.bytes_mut()[at * 8..][..8].copy_from_slice(&word.to_ne_bytes());
    }
    let expected: Vec<u8> = guest.memory[32..132].to_vec();
    let origin = super::native::range(&guest.memory);
    let offset = guest.place(4, 16);
    let mut lower = Lower {
        target: &mut guest,
        limit: 1 << 20,
        origin: Some(origin),
    };
    lower.store(&shape, (), value.bytes(), offset).unwrap();
    let start = |at| u32::from_le_bytes(take(&guest.memory, offset + at).unwrap()) as usize;
    assert_eq!(&guest.memory[start(0)..][..16], &[b'h'; 16]);
    assert_eq!(&guest.memory[start(8)..][..100], expected);
}

#[test]
fn hostile_memory_is_an_error_and_nothing_else() {
    let mut random = Random(7);
    for _ in 0..3000 {
        let shape = random.shape(3);
        let size = random.below(300) as usize;
        let memory: Vec<u8> = (0..size)
            .map(|_| {
                // Small numbers make pointers that lead somewhere.
                let byte = random.next() as u8;
                if byte < 100 { 0 } else { byte }
            })
            .collect();
        let guest = Guest {
            memory,
            encoding: ENCODINGS[random.below(3) as usize],
        };
        let mut kept = CallMemory::new(1 << 24);
        let mut lift = Lift {
            source: &guest,
            memory: &mut kept,
            lists: Lists::Copied,
        };
        let mut out = Block::new(shape.native.size);
        let offset = random.below(400) as usize;
        drop(lift.load(&shape, offset, out.bytes_mut()));
        let flat: Vec<ValRaw> = (0..random.below(20))
            .map(|_| ValRaw::u64(random.next() >> random.below(64)))
            .collect();
        drop(lift.flat(&shape, &mut Values(&flat), out.bytes_mut()));
    }
}
