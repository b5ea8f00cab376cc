//! Calls of functions that pass and return numbers alone: they need neither memory nor types of the guest.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, InterfaceType, MAX_FLAT_PARAMS,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType};
use wasmtime::{Result, ValRaw, bail};

use super::component::{SOMEWHERE, check, slots};
use super::fault::Fault;
use super::lift::{Encoding, Lift, Lists, Source, Values};
use super::lower::{Lower, Target};
use super::memory::CallMemory;
use super::shape::{Resource, Shape};

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

/// Lifts what was passed.
pub(crate) fn lift(shape: &Shape, passed: &[ValRaw], out: &mut [u8]) -> Result<(), Fault> {
    let mut lift = Lift {
        source: Nothing,
        memory: &mut CallMemory::new(0),
        lists: Lists::Copied,
    };
    lift.flat(shape, &mut Values(passed), out)
}

/// Lowers what is returned.
pub(crate) fn lower(shape: &Shape, value: &[u8]) -> Result<ValRaw, Fault> {
    let mut lower = Lower {
        target: Nothing,
        limit: 0,
        origin: None,
    };
    lower.one(shape, (), value)
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
