//! The dynamic call in the other direction: the host calls a component plugin.
//!
//! As in [`component`](super::component), one implementation serves all types. More core values than fit are passed in
//! memory of the plugin, and larger results are returned in it; Wasmtime would do that by sizes known at compile time,
//! so it is done here, by the type at hand.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, TypeResourceTableIndex,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, ResourceAny};
use wasmtime::{Result, ValRaw, bail};

use super::call::Arguments;
use super::component::{SOMEWHERE, check, encoding, slots, tuple, with_shape};
use super::fault::Fault;
use super::lift::{self, Encoding, Lists, Source, Whole};
use super::lower::{Lower, Target};
use super::memory::{Block, CallMemory};
use super::shape::{Resource, Shape};
use super::types;

/// What the host passes to a component plugin: `N` core values, one if they are passed in memory.
pub(crate) struct Sent<const N: usize> {
    pub(crate) arguments: Arguments,
    pub(crate) shape: Arc<Shape>,
    /// The resources that the native form counts.
    pub(crate) resources: Vec<ResourceAny>,
    pub(crate) limit: usize,
}

// SAFETY: `Lower` is an array of `ValRaw`, exactly as long as what the plugin's core function takes for every type
// that passes the check.
unsafe impl<const N: usize> ComponentType for Sent<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(ty, types, MAX_FLAT_PARAMS, N, 1)
    }
}

// SAFETY: as above.
unsafe impl<const N: usize> ComponentNamedList for Sent<N> {}

// SAFETY: every slot is written, or the call fails.
unsafe impl<const N: usize> wasmtime::component::Lower for Sent<N> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; N]>,
    ) -> Result<()> {
        let slots = slots(dst);
        let abi = &tuple(cx.types, ty)?.abi;
        let (size, align) = (abi.size32 as usize, abi.align32);
        let fits = abi.flat_count(MAX_FLAT_PARAMS).is_some();
        let what = "a guest's arguments do not fit the plugin";
        let value = self.arguments.block.bytes();
        if fits {
            return self
                .lower(cx)
                .all(&self.shape, ty, value, slots)
                .map_err(|fault| fault.into_error(what));
        }
        // The plugin frees it.
        let offset = cx.realloc(0, 0, align, size)?;
        self.lower(cx)
            .store(&self.shape, ty, value, offset)
            .map_err(|fault| fault.into_error(what))?;
        match slots.first_mut() {
            Some(slot) => slot.write(ValRaw::i64(offset as i64)),
            None => bail!("there is no place for a pointer"),
        };
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: usize,
    ) -> Result<()> {
        bail!("arguments are passed as core values")
    }
}

impl<const N: usize> Sent<N> {
    fn lower<'a, 'b, T>(&'a self, cx: &'a mut LowerContext<'b, T>) -> Lower<Callee<'a, 'b, T>> {
        Lower {
            target: Callee {
                cx,
                resources: &self.resources,
            },
            limit: self.limit,
            // What the plugin is given lies in the guest that calls it.
            origin: Some(0..0),
        }
    }
}

/// The plugin that is called.
struct Callee<'a, 'b, T: 'static> {
    cx: &'a mut LowerContext<'b, T>,
    resources: &'a [ResourceAny],
}

impl<T> Callee<'_, '_, T> {
    fn resource(&mut self, ty: InterfaceType, value: u64) -> Result<u32, Fault> {
        let resource = self.resources.get(value as usize).ok_or(Fault::Handle)?;
        let mut slot = MaybeUninit::uninit();
        wasmtime::component::Lower::linear_lower_to_flat(resource, self.cx, ty, &mut slot)?;
        // SAFETY: it is initialised when the method returns without an error.
        Ok(unsafe { slot.assume_init() }.get_u32())
    }
}

impl<T> Target for Callee<'_, '_, T> {
    type Type = InterfaceType;

    fn memory(&mut self) -> &mut [u8] {
        self.cx.as_slice_mut()
    }

    fn encoding(&self) -> Encoding {
        encoding(self.cx.options().string_encoding)
    }

    fn allocate(&mut self, align: usize, size: usize) -> Result<usize, Fault> {
        Ok(self.cx.realloc(0, 0, align as u32, size)?)
    }

    fn own(&mut self, _: Resource, ty: InterfaceType, value: u64) -> Result<u32, Fault> {
        self.resource(ty, value)
    }

    fn borrow(&mut self, _: Resource, ty: InterfaceType, value: u64) -> Result<u32, Fault> {
        self.resource(ty, value)
    }

    fn child(&self, ty: InterfaceType, position: usize) -> Result<InterfaceType, Fault> {
        types::child(self.cx.types, ty, position).ok_or(Fault::Short)
    }
}

/// What a component plugin returns: one core value, which may be a pointer, or none.
pub(crate) struct Received<const M: usize> {
    pub(crate) block: Block,
    pub(crate) memory: CallMemory,
    /// The resources that the native form counts.
    pub(crate) resources: Vec<ResourceAny>,
}

// SAFETY: as for `Sent`.
unsafe impl<const M: usize> ComponentType for Received<M> {
    type Lower = [ValRaw; M];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match (tuple(types.types, *ty)?.types.len(), M) {
            (0, 0) | (1, 1) => Ok(()),
            _ => bail!("the result is not that of the plugin's function"),
        }
    }
}

// SAFETY: as above.
unsafe impl<const M: usize> ComponentNamedList for Received<M> {}

// SAFETY: everything that is read of the plugin's memory is checked against its bounds.
unsafe impl<const M: usize> wasmtime::component::Lift for Received<M> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &[ValRaw; M],
    ) -> Result<Self> {
        let direct = tuple(cx.types, ty)?.abi.flat_count(MAX_FLAT_RESULTS);
        let value = match src.first() {
            Some(pointer) if direct.is_none() => Whole::Memory(pointer.get_u32() as usize),
            _ => Whole::Values(src),
        };
        let mut resources = Vec::new();
        // What the plugin returned is freed before the call ends.
        let lists = Lists::Copied;
        let types = cx.types;
        with_shape(types, ty, |shape| {
            let source = Plugin {
                cx,
                resources: &mut resources,
            };
            let (block, memory) = lift::whole(source, lists, CallMemory::unlimited(), shape, value)
                .map_err(|fault| fault.into_error("it returned what cannot be"))?;
            Ok(Received {
                block,
                memory,
                resources,
            })
        })
    }

    fn linear_lift_from_memory(
        _: &mut LiftContext<'_>,
        _: InterfaceType,
        _: &[u8],
    ) -> Result<Self> {
        bail!("results are returned as core values")
    }
}

/// The plugin that returns.
struct Plugin<'a, 'b> {
    cx: &'a mut LiftContext<'b>,
    resources: &'a mut Vec<ResourceAny>,
}

impl Source for Plugin<'_, '_> {
    fn memory(&self) -> &[u8] {
        self.cx.memory()
    }

    fn encoding(&self) -> Encoding {
        encoding(self.cx.options().string_encoding)
    }

    fn own(&mut self, resource: Resource, handle: u32) -> Result<u64, Fault> {
        let ty = InterfaceType::Own(TypeResourceTableIndex::from_u32(resource.0));
        let handle = ValRaw::u32(handle);
        let resource = <ResourceAny as wasmtime::component::Lift>::linear_lift_from_flat(
            self.cx, ty, &handle,
        )?;
        self.resources.push(resource);
        Ok((self.resources.len() - 1) as u64)
    }

    fn borrow(&mut self, _: Resource, _: u32) -> Result<u64, Fault> {
        // Results own what they hold.
        Err(Fault::Handle)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        Ok(self.cx.consume_fuel(bytes)?)
    }
}
