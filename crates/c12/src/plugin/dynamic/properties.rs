//! What must hold of values that cross, whatever they are, without an engine: for tests with random choices, and for
//! fuzzing with choices that a fuzzer varies.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::mem::MaybeUninit;

use wasmtime::ValRaw;

use super::fault::Fault;
use super::foreign::Span;
use super::lift::{self, Encoding, Lift, Lists, Source, Values, case, part, tag};
use super::lower::{Lower, Target};
use super::memory::{Block, CallMemory};
use super::reply::owned;
use super::shape::{Kind, Number, Resource, Shape, Sort};

/// Decides what is tried.
pub(crate) trait Choices {
    fn next(&mut self) -> u64;

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// What was chosen, to choose the same again.
struct Recorder<'a> {
    choices: &'a mut dyn Choices,
    chosen: Vec<u64>,
}

impl Choices for Recorder<'_> {
    fn next(&mut self) -> u64 {
        self.chosen.push(self.choices.next());
        self.chosen[self.chosen.len() - 1]
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.chosen.push(self.choices.below(bound));
        self.chosen[self.chosen.len() - 1]
    }
}

struct Again(std::vec::IntoIter<u64>);

impl Choices for Again {
    fn next(&mut self) -> u64 {
        self.0.next().unwrap()
    }

    fn below(&mut self, _: u64) -> u64 {
        self.next()
    }
}

/// A type, `depth` levels deep at most.
pub(crate) fn shape(choices: &mut dyn Choices, depth: u32) -> Shape {
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
    match choices.below(kinds) {
        0 => Shape::bool(),
        1 => Shape::char(),
        2 => Shape::string(),
        3 => Shape::flags((0..=choices.below(32)).map(name).collect()),
        4 => Shape::own(Resource(0)),
        5 | 6 => Shape::number(NUMBERS[choices.below(10) as usize]),
        7 => Shape::list(shape(choices, depth - 1)),
        8 => Shape::option(shape(choices, depth - 1)),
        9 => {
            let ok = (choices.below(3) > 0).then(|| shape(choices, depth - 1));
            let err = (choices.below(3) > 0).then(|| shape(choices, depth - 1));
            Shape::result(ok, err)
        }
        10 => {
            let most = if choices.below(20) == 1 { 300 } else { 5 };
            let count = 1 + choices.below(most);
            let cases: Vec<_> = (0..count)
                .map(|position| {
                    let payload = choices.below(2) > 0;
                    let payload = payload.then(|| shape(choices, depth.min(2) - 1));
                    (name(position), payload)
                })
                .collect();
            Shape::variant(Sort::Variant, cases)
        }
        _ => {
            let fields: Vec<_> = (0..=choices.below(6))
                .map(|position| (name(position), shape(choices, depth - 1)))
                .collect();
            Shape::record(fields)
        }
    }
}

/// Makes values in native form, as a plugin returns them.
struct Maker<'a> {
    choices: &'a mut dyn Choices,
    memory: CallMemory,
    /// Whether there may be what plugins must not return. Pointers lead to something in any case.
    hostile: bool,
    /// Whether there is.
    spoilt: bool,
    /// What is in gaps.
    gap: u8,
}

impl Maker<'_> {
    fn whole(&mut self, shape: &Shape) -> Block {
        let mut value = Block::new(shape.native.size);
        value.bytes_mut().fill(self.gap);
        self.value(shape, value.bytes_mut());
        value
    }

    fn spoils(&mut self) -> bool {
        let spoils = self.hostile && self.choices.below(16) == 1;
        self.spoilt |= spoils;
        spoils
    }

    fn value(&mut self, shape: &Shape, out: &mut [u8]) {
        match &shape.kind {
            Kind::Number(_) => {
                let bytes = self.choices.next().to_ne_bytes();
                out.copy_from_slice(&bytes[..out.len()]);
            }
            // Sizes, bits and codes that the type does not have.
            Kind::Bool | Kind::Char | Kind::Flags(_) | Kind::Own(_) | Kind::Borrow(_)
                if self.spoils() =>
            {
                let bytes = self.choices.next().to_ne_bytes();
                out.copy_from_slice(&bytes[..out.len()]);
            }
            Kind::Bool => out[0] = self.choices.below(2) as u8,
            Kind::Own(_) | Kind::Borrow(_) => {
                out.copy_from_slice(&self.choices.below(1 << 32).to_ne_bytes());
            }
            Kind::Char => {
                let code = self.choices.below(0x11_0000) as u32;
                let code = char::from_u32(code).unwrap_or('x');
                out.copy_from_slice(&u32::from(code).to_ne_bytes());
            }
            Kind::Flags(names) => {
                let bits = self.choices.next() & u64::from(lift::mask(names.len()));
                out.copy_from_slice(&bits.to_ne_bytes()[..out.len()]);
            }
            Kind::String => self.string(out),
            Kind::List(element) => self.list(element, out),
            Kind::Record(fields) => {
                for field in fields {
                    let size = field.shape.native.size;
                    self.value(&field.shape, &mut out[field.native..][..size]);
                }
            }
            Kind::Variant(variant) => {
                let mut position = self.choices.below(variant.cases.len() as u64);
                if self.spoils() {
                    position = self.choices.next();
                }
                out[..variant.tag].copy_from_slice(&position.to_ne_bytes()[..variant.tag]);
                let tag = tag(out, variant.tag).unwrap();
                if let Ok(Some(payload)) = case(variant, tag) {
                    let size = payload.native.size;
                    self.value(payload, &mut out[variant.native..][..size]);
                }
            }
        }
    }

    fn string(&mut self, out: &mut [u8]) {
        let choices = &mut *self.choices;
        let text: String = (0..choices.below(9))
            .map(|_| char::from_u32(choices.below(0x500) as u32).unwrap_or('x'))
            .collect();
        let copy = self.memory.bytes(text.len()).unwrap();
        copy.copy_from_slice(text.as_bytes());
        if self.spoils() {
            copy.fill(self.choices.next() as u8);
        }
        self.span(copy.as_ptr() as u64, text.len() as u64, out);
    }

    fn list(&mut self, element: &Shape, out: &mut [u8]) {
        let count = self.choices.below(5) as usize;
        let size = count * element.native.size;
        let copy = self.memory.bytes(size + 16).unwrap();
        copy.fill(self.gap);
        let misaligned = usize::from(self.spoils());
        let copy = &mut copy[misaligned..][..size];
        for value in copy.chunks_exact_mut(element.native.size) {
            self.value(element, value);
        }
        self.span(copy.as_ptr() as u64, count as u64, out);
    }

    /// Where something is and how long. More than there is, and less than the limit, nobody can find out.
    fn span(&mut self, data: u64, length: u64, out: &mut [u8]) {
        let (mut data, mut length) = (data, length);
        if self.spoils() {
            match self.choices.below(3) {
                0 => data = 0,
                1 => length = u64::MAX - self.choices.below(9),
                _ => length = LIMIT as u64 + 1,
            }
        }
        out[..8].copy_from_slice(&data.to_ne_bytes());
        out[8..].copy_from_slice(&length.to_ne_bytes());
    }
}

fn elements<'a>(value: &'a [u8], element: &Shape) -> impl AsRef<[u8]> + 'a {
    struct Found(super::foreign::Bytes);
    impl AsRef<[u8]> for Found {
        fn as_ref(&self) -> &[u8] {
            self.0.get()
        }
    }
    let span = Span::read(value, LIMIT).unwrap();
    Found(span.bytes(element.native, LIMIT, &(0..0), &[]).unwrap())
}

/// Whether two native values are the same, wherever their parts lie.
fn same(shape: &Shape, one: &[u8], other: &[u8]) -> bool {
    let list = |element: &Shape| {
        let (one, other) = (elements(one, element), elements(other, element));
        let (one, other) = (one.as_ref(), other.as_ref());
        let values = |bytes| <[u8]>::chunks_exact(bytes, element.native.size);
        one.len() == other.len()
            && values(one)
                .zip(values(other))
                .all(|(one, other)| same(element, one, other))
    };
    match &shape.kind {
        Kind::String => list(&Shape::number(Number::U8)),
        Kind::List(element) => list(element),
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
pub(super) struct Guest {
    pub(super) memory: Vec<u8>,
    encoding: Encoding,
    /// The resources that it was given, in order.
    pub(super) given: Vec<u64>,
}

impl Guest {
    pub(super) fn new(memory: Vec<u8>, encoding: Encoding) -> Self {
        Guest {
            memory,
            encoding,
            given: Vec::new(),
        }
    }

    pub(super) fn place(&mut self, align: usize, size: usize) -> usize {
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
        let handle = u32::try_from(value).map_err(|_| Fault::Handle)?;
        self.given.push(value);
        Ok(handle)
    }
    fn borrow(&mut self, _: Resource, (): (), _: u64) -> Result<u32, Fault> {
        Err(Fault::Handle)
    }
    fn child(&self, (): (), _: usize) -> Result<(), Fault> {
        Ok(())
    }
}

/// A guest that is read, of which not more than a limit is taken.
struct Reading<'a>(&'a Guest, usize);

impl Source for Reading<'_> {
    fn memory(&self) -> &[u8] {
        &self.0.memory
    }
    fn encoding(&self) -> Encoding {
        self.0.encoding
    }
    fn own(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }
    fn borrow(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }
    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        self.1 = self.1.checked_sub(bytes).ok_or(Fault::TooMuch(LIMIT))?;
        Ok(())
    }
}

const LIMIT: usize = 1 << 20;
const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Compact];

/// Where a value is, and its flattened form.
type Lowered = (usize, Vec<ValRaw>);

/// Stores a value in a guest, and flattens it.
fn lower(guest: &mut Guest, shape: &Shape, value: &[u8]) -> Result<Lowered, Fault> {
    let offset = guest.place(shape.guest.align, shape.guest.size);
    let mut lower = Lower {
        target: guest,
        limit: LIMIT,
        origin: None,
    };
    lower.store(shape, (), value, offset)?;
    let mut slots = vec![MaybeUninit::new(ValRaw::u64(u64::MAX)); shape.flat.len()];
    lower.all(shape, (), value, &mut slots)?;
    #[allow(unsafe_code)]
    // SAFETY: they were initialised above, whatever was written since.
    let flat = slots
        .iter()
        .map(|slot| unsafe { slot.assume_init() })
        .collect();
    Ok((offset, flat))
}

/// Lifts what was lowered, and compares.
fn comes_back(guest: &Guest, shape: &Shape, value: &[u8], (offset, flat): &Lowered, lists: Lists) {
    let mut memory = CallMemory::unlimited();
    let mut lift = Lift {
        source: Reading(guest, usize::MAX),
        memory: &mut memory,
        lists,
    };
    let mut loaded = Block::new(shape.native.size);
    lift.load(shape, *offset, loaded.bytes_mut()).unwrap();
    assert!(same(shape, value, loaded.bytes()), "{shape}");
    let mut lifted = Block::new(shape.native.size);
    lift.flat(shape, &mut Values(flat), lifted.bytes_mut())
        .unwrap();
    assert!(same(shape, value, lifted.bytes()), "{shape}");
}

/// What a plugin returns goes to a guest and comes back the same; what it must not return is refused. Of gaps in a
/// plugin's memory nothing is seen in the guest. The resources that the guest did not come to hold are found.
pub(crate) fn goes_there_and_back(choices: &mut dyn Choices, hostile: bool) {
    let shape = shape(choices, 3);
    let encoding = ENCODINGS[choices.below(3) as usize];
    let lists = [Lists::Borrowed, Lists::Copied][choices.below(2) as usize];
    let mut recorder = Recorder {
        choices,
        chosen: Vec::new(),
    };
    let mut maker = Maker {
        choices: &mut recorder,
        memory: CallMemory::unlimited(),
        hostile,
        spoilt: false,
        gap: 0,
    };
    let value = maker.whole(&shape);
    let (spoilt, _memory) = (maker.spoilt, maker.memory);

    let mut guest = Guest::new(Vec::new(), encoding);
    let lowered = lower(&mut guest, &shape, value.bytes());
    let mut found = Vec::new();
    owned(&shape, value.bytes(), LIMIT, &(0..0), &mut |_, value| {
        found.push(value);
    });
    match lowered {
        Ok(lowered) => {
            comes_back(&guest, &shape, value.bytes(), &lowered, lists);
            // Stored, and flattened.
            found.extend_from_within(..);
            assert_eq!(guest.given, found, "{shape}");
        }
        Err(fault) => {
            assert!(spoilt, "{shape}: {fault}");
            found.extend_from_within(..);
            assert!(found.starts_with(&guest.given), "{shape}");
        }
    }

    let mut maker = Maker {
        choices: &mut Again(recorder.chosen.into_iter()),
        memory: CallMemory::unlimited(),
        hostile,
        spoilt: false,
        gap: 0x5a,
    };
    let value = maker.whole(&shape);
    let mut other = Guest::new(Vec::new(), encoding);
    drop(lower(&mut other, &shape, value.bytes()));
    assert_eq!(guest.memory, other.memory, "{shape}");
}

/// Any memory, read as any type, is an error, or a value as it must be: it goes to a guest and comes back.
pub(crate) fn is_read_or_refused(choices: &mut dyn Choices, memory: Vec<u8>) {
    let shape = shape(choices, 3);
    let guest = Guest::new(memory, ENCODINGS[choices.below(3) as usize]);
    let mut kept = CallMemory::new(LIMIT);
    let mut lift = Lift {
        source: Reading(&guest, LIMIT),
        memory: &mut kept,
        lists: [Lists::Borrowed, Lists::Copied][choices.below(2) as usize],
    };
    let mut loaded = Block::new(shape.native.size);
    let offset = choices.below(guest.memory.len() as u64 + 100) as usize;
    let load = lift.load(&shape, offset, loaded.bytes_mut());
    let flat: Vec<ValRaw> = (0..choices.below(20))
        .map(|_| ValRaw::u64(choices.next() >> choices.below(64)))
        .collect();
    let mut lifted = Block::new(shape.native.size);
    let lift = lift.flat(&shape, &mut Values(&flat), lifted.bytes_mut());
    for (outcome, value) in [(load, &loaded), (lift, &lifted)] {
        if outcome.is_ok() {
            let mut other = Guest::new(Vec::new(), Encoding::Utf8);
            let lowered = lower(&mut other, &shape, value.bytes()).unwrap();
            comes_back(&other, &shape, value.bytes(), &lowered, Lists::Copied);
        }
    }
}
