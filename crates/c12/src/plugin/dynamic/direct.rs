//! Calls of functions that pass and return numbers alone: they need neither memory nor types of the guest.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, InterfaceType, MAX_FLAT_PARAMS,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType};
use wasmtime::{Result, ValRaw, bail};

use super::component::{SOMEWHERE, check, slots};
use super::fault::Fault;
use super::lift::{Encoding, Lift, Lists, Source, Values, number, part_mut};
use super::lower::{Lower, Target, scalar};
use super::memory::CallMemory;
use super::shape::{Kind, Number, Resource, Shape};
use super::world::Function;

/// Core values as they are passed or returned. Whoever defines a function with them knows its types.
pub(super) struct Direct<const N: usize>(pub(super) [ValRaw; N]);

// SAFETY: `Lower` is an array of `ValRaw`, exactly as long as the flattened form of every type that passes the
// check. Nothing else about the type is claimed.
unsafe impl<const N: usize> ComponentType for Direct<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(ty, types, MAX_FLAT_PARAMS, N, usize::MAX)
    }
}

// SAFETY: as above.
unsafe impl<const N: usize> ComponentNamedList for Direct<N> {}

// SAFETY: the values are taken as they are.
unsafe impl<const N: usize> wasmtime::component::Lift for Direct<N> {
    fn linear_lift_from_flat(
        _: &mut LiftContext<'_>,
        _: InterfaceType,
        src: &[ValRaw; N],
    ) -> Result<Self> {
        Ok(Direct(*src))
    }

    fn linear_lift_from_memory(
        _: &mut LiftContext<'_>,
        _: InterfaceType,
        _: &[u8],
    ) -> Result<Self> {
        bail!("numbers are passed as core values")
    }
}

// SAFETY: every slot is written.
unsafe impl<const N: usize> wasmtime::component::Lower for Direct<N> {
    fn linear_lower_to_flat<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; N]>,
    ) -> Result<()> {
        for (slot, value) in slots(dst).iter_mut().zip(self.0) {
            slot.write(value);
        }
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: usize,
    ) -> Result<()> {
        bail!("numbers are returned as core values")
    }
}

/// Room for the native form of what a function that [is direct](Function::is_direct) is passed: a value has no more than
/// eight bytes for each of its core values.
#[repr(align(8))]
pub(crate) struct Room([u8; MAX_FLAT_PARAMS * 8]);

impl Room {
    /// Zeroed.
    pub(crate) fn new() -> Self {
        Room([0; _])
    }

    /// The first bytes.
    pub(crate) fn bytes(&mut self, size: usize) -> Result<&mut [u8], Fault> {
        part_mut(&mut self.0, 0, size)
    }
}

/// How the core values of one function become its native arguments, and its native result a core value.
#[derive(Debug)]
pub(crate) struct Plan {
    arguments: Moves,
    result: Option<Moves>,
}

/// How the values of one shape are moved.
#[derive(Debug)]
enum Moves {
    /// Numbers and nothing else: their native offsets, in order.
    Numbers(Box<[(Number, usize)]>),
    /// What has to be looked at.
    Shape(Arc<Shape>),
}

impl Moves {
    fn new(shape: &Arc<Shape>) -> Self {
        let mut numbers = Vec::with_capacity(shape.flat.len());
        if collect(shape, 0, &mut numbers) {
            Moves::Numbers(numbers.into())
        } else {
            Moves::Shape(Arc::clone(shape))
        }
    }
}

/// Whether there are only numbers in it.
fn collect(shape: &Shape, offset: usize, numbers: &mut Vec<(Number, usize)>) -> bool {
    match &shape.kind {
        Kind::Number(number) => {
            numbers.push((*number, offset));
            true
        }
        Kind::Record(fields) => fields
            .iter()
            .all(|field| collect(&field.shape, offset + field.native, numbers)),
        _ => false,
    }
}

impl Plan {
    /// The plan of a function that [is direct](Function::is_direct).
    pub(crate) fn new(function: &Function) -> Option<Self> {
        function.is_direct().then(|| Plan {
            arguments: Moves::new(&function.arguments),
            result: function.result.as_ref().map(Moves::new),
        })
    }

    /// Lifts what was passed.
    pub(crate) fn lift(&self, passed: &[ValRaw], out: &mut [u8]) -> Result<(), Fault> {
        match &self.arguments {
            Moves::Numbers(numbers) => {
                for ((kind, offset), value) in numbers.iter().zip(passed) {
                    number(*kind, *value, part_mut(out, *offset, kind.size())?)?;
                }
                Ok(())
            }
            Moves::Shape(shape) => {
                let mut lift = Lift {
                    source: Nothing,
                    memory: &mut CallMemory::new(0),
                    lists: Lists::Copied,
                };
                lift.flat(shape, &mut Values(passed), out)
            }
        }
    }

    /// Lowers what is returned.
    pub(crate) fn lower(&self, value: &[u8]) -> Result<Option<ValRaw>, Fault> {
        match &self.result {
            None => Ok(None),
            Some(Moves::Numbers(numbers)) => {
                let Some((number, offset)) = numbers.first() else {
                    return Ok(None);
                };
                let bytes = value.get(*offset..).unwrap_or_default();
                // Whatever narrower type the value has, it is the lower bits.
                Ok(Some(ValRaw::u64(scalar(*number, bytes)?)))
            }
            Some(Moves::Shape(shape)) => {
                let mut lower = Lower {
                    target: Nothing,
                    limit: 0,
                    origin: None,
                };
                lower.one(shape, (), value).map(Some)
            }
        }
    }
}

/// A guest of which nothing is needed.
struct Nothing;

impl Source for Nothing {
    fn memory(&self) -> &[u8] {
        &[]
    }

    fn encoding(&self) -> Encoding {
        Encoding::Utf8
    }

    fn own(&mut self, _: Resource, _: u32) -> Result<u64, Fault> {
        Err(Fault::Handle)
    }

    fn borrow(&mut self, _: Resource, _: u32) -> Result<u64, Fault> {
        Err(Fault::Handle)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        Err(Fault::TooLong(bytes))
    }
}

impl Target for Nothing {
    type Type = ();

    fn memory(&mut self) -> &mut [u8] {
        &mut []
    }

    fn encoding(&self) -> Encoding {
        Encoding::Utf8
    }

    fn allocate(&mut self, _: usize, size: usize) -> Result<usize, Fault> {
        Err(Fault::TooLong(size))
    }

    fn own(&mut self, _: Resource, _: (), _: u64) -> Result<u32, Fault> {
        Err(Fault::Handle)
    }

    fn borrow(&mut self, _: Resource, _: (), _: u64) -> Result<u32, Fault> {
        Err(Fault::Handle)
    }

    fn child(&self, _: (), _: usize) -> Result<(), Fault> {
        Ok(())
    }
}
