//! The dynamic call for components: Wasmtime's traits for types that are known only at run time.
//!
//! Wasmtime hands each of these traits' methods the type that the guest has, so one implementation serves all. What
//! is known at compile time, the size of the flattened form, is a parameter. The traits are hidden in Wasmtime's
//! documentation, which is why its version is pinned.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::sync::Arc;

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS,
    StringEncoding, TypeResourceTableIndex, TypeTuple,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType};
use wasmtime::{Result, ValRaw, bail};

use super::call::Arguments;
use super::fault::Fault;
use super::foreign::range;
use super::lift::{self, Encoding, Lists, Source, Whole};
use super::lower::{Lower, Target};
use super::memory::CallMemory;
use super::reply::Reply;
use super::shape::{Resource, Shape};
use super::types;
use crate::Context;

/// Read by nobody but for its size: one byte is always inside of what did not fit the flattened form, and its
/// address tells where that is.
pub(super) const SOMEWHERE: CanonicalAbiInfo = CanonicalAbiInfo {
    size32: 1,
    align32: 1,
    size64: 1,
    align64: 1,
    flat_count: None,
};

pub(super) fn tuple(types: &ComponentTypes, ty: InterfaceType) -> Result<&TypeTuple> {
    match ty {
        InterfaceType::Tuple(index) => Ok(&types[index]),
        _ => bail!("parameters are a tuple"),
    }
}

/// Whether a tuple is passed as `count` core values. If it has more than `most` it is in memory, and `in_memory` core
/// values are passed.
pub(super) fn check(
    ty: &InterfaceType,
    types: &InstanceType<'_>,
    most: usize,
    count: usize,
    in_memory: usize,
) -> Result<()> {
    let flat = tuple(types.types, *ty)?.abi.flat_count(most);
    if flat.unwrap_or(in_memory) != count {
        bail!("the types are not those of the plugin's function");
    }
    Ok(())
}

/// The places of core values that are to be written.
pub(super) fn slots<const N: usize>(
    flat: &mut MaybeUninit<[ValRaw; N]>,
) -> &mut [MaybeUninit<ValRaw>; N] {
    // SAFETY: an array of what may be uninitialised is as good as an array that may be uninitialised.
    unsafe { &mut *flat.as_mut_ptr().cast() }
}

/// What is said of a guest that passes a value that no type has.
pub(super) const PASSED: &str = "the guest passed what cannot be";

/// What a guest passes to a function that it imports: `N` core values, or none of them if they are in memory.
pub(super) struct Passed<const N: usize, const COPIED: bool>(pub(super) Arguments);

// SAFETY: `Lower` is an array of `ValRaw`, exactly as long as the flattened form of every type that passes the
// check. Nothing else about the type is claimed.
unsafe impl<const N: usize, const COPIED: bool> ComponentType for Passed<N, COPIED> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(ty, types, MAX_FLAT_PARAMS, N, 0)
    }
}

// SAFETY: as above.
unsafe impl<const N: usize, const COPIED: bool> ComponentNamedList for Passed<N, COPIED> {}

// SAFETY: everything that is read of the guest's memory is checked against its bounds.
unsafe impl<const N: usize, const COPIED: bool> wasmtime::component::Lift for Passed<N, COPIED> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &[ValRaw; N],
    ) -> Result<Self> {
        lift(cx, ty, COPIED, Whole::Values(src)).map(Passed)
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let offset = (bytes.as_ptr() as usize).wrapping_sub(cx.memory().as_ptr() as usize);
        lift(cx, ty, COPIED, Whole::Memory(offset)).map(Passed)
    }
}

fn lift(
    cx: &mut LiftContext<'_>,
    ty: InterfaceType,
    copied: bool,
    value: Whole<'_>,
) -> Result<Arguments> {
    let lists = if copied {
        Lists::Copied
    } else {
        Lists::Borrowed
    };
    let types = cx.types;
    with_shape(types, ty, |shape| {
        // Without lists and strings nothing of the guest's is lent.
        let lent = if shape.allocates && !copied {
            range(cx.memory())
        } else {
            0..0
        };
        let (block, memory) = lift::whole(Guest(cx), lists, CallMemory::unlimited(), shape, value)
            .map_err(|fault| fault.into_error(PASSED))?;
        Ok(Arguments {
            block,
            memory,
            lent,
        })
    })
}

/// Shapes of a thread's guests. What a guest has does not change, so each is made once, as long as no other takes its
/// slot.
type Shapes = [Option<Known>; SLOTS];

const SLOTS: usize = 64;

struct Known {
    /// Kept, so that no other types can have their address.
    types: Arc<ComponentTypes>,
    ty: InterfaceType,
    shape: Shape,
}

thread_local! {
    static SHAPES: RefCell<Shapes> = const { RefCell::new([const { None }; SLOTS]) };
}

/// Does what needs the shape of a tuple, and no other shape meanwhile.
pub(super) fn with_shape<R>(
    types: &Arc<ComponentTypes>,
    ty: InterfaceType,
    work: impl FnOnce(&Shape) -> Result<R>,
) -> Result<R> {
    let InterfaceType::Tuple(index) = ty else {
        bail!("parameters and results are tuples");
    };
    // Types of several guests are some cache lines apart.
    let spread = (Arc::as_ptr(types) as usize / 64).wrapping_add(index.as_u32() as usize);
    SHAPES.with_borrow_mut(|shapes| {
        let Some(slot) = shapes.get_mut(spread % SLOTS) else {
            bail!("there is no such slot");
        };
        let known = match slot {
            Some(known) if Arc::ptr_eq(&known.types, types) && known.ty == ty => known,
            slot => slot.insert(Known {
                types: Arc::clone(types),
                ty,
                shape: types::shape(types, &ty).map_err(wasmtime::Error::msg)?,
            }),
        };
        work(&known.shape)
    })
}

pub(super) fn encoding(encoding: StringEncoding) -> Encoding {
    match encoding {
        StringEncoding::Utf8 => Encoding::Utf8,
        StringEncoding::Utf16 => Encoding::Utf16,
        StringEncoding::CompactUtf16 => Encoding::Compact,
    }
}

fn table(resource: Resource) -> TypeResourceTableIndex {
    TypeResourceTableIndex::from_u32(resource.0)
}

/// The guest that calls. Its handles become positions in [`Handles`](super::handles::Handles).
struct Guest<'a, 'b>(&'a mut LiftContext<'b>);

impl Source for Guest<'_, '_> {
    fn memory(&self) -> &[u8] {
        self.0.memory()
    }

    fn encoding(&self) -> Encoding {
        encoding(self.0.options().string_encoding)
    }

    fn own(&mut self, resource: Resource, handle: u32) -> Result<u64, Fault> {
        let (position, ..) = self.0.guest_resource_lift_own(table(resource), handle)?;
        Ok(position.into())
    }

    fn borrow(&mut self, resource: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(self
            .0
            .guest_resource_lift_borrow(table(resource), handle)?
            .into())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        Ok(self.0.consume_fuel(bytes)?)
    }
}

/// What a plugin's function returns to a guest: one core value, or none of it if it is stored in memory.
pub(super) struct Returned<const M: usize>(pub(super) Reply);

// SAFETY: as for `Passed`.
unsafe impl<const M: usize> ComponentType for Returned<M> {
    type Lower = [ValRaw; M];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        check(ty, types, MAX_FLAT_RESULTS, M, 0)
    }
}

// SAFETY: as above.
unsafe impl<const M: usize> ComponentNamedList for Returned<M> {}

// SAFETY: every slot is written, or the call fails.
unsafe impl<const M: usize> wasmtime::component::Lower for Returned<M> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; M]>,
    ) -> Result<()> {
        let reply = &self.0;
        let Some(shape) = reply.shape() else {
            return Ok(());
        };
        let ty = single(cx.types, ty)?;
        lower(cx, reply)
            .all(shape, ty, reply.block.bytes(), slots(dst))
            .map_err(|fault| reply.blame(fault))
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        let reply = &self.0;
        let Some(shape) = reply.shape() else {
            return Ok(());
        };
        let ty = single(cx.types, ty)?;
        lower(cx, reply)
            .store(shape, ty, reply.block.bytes(), offset)
            .map_err(|fault| reply.blame(fault))
    }
}

fn lower<'a, 'b, T>(cx: &'a mut LowerContext<'b, T>, reply: &'a Reply) -> Lower<Caller<'a, 'b, T>> {
    Lower {
        target: Caller { cx, reply },
        limit: reply.limit,
        origin: None,
    }
}

/// The type of the one result.
fn single(types: &ComponentTypes, ty: InterfaceType) -> Result<InterfaceType> {
    match tuple(types, ty)?.types.first() {
        Some(ty) => Ok(*ty),
        None => bail!("a result is returned where none is expected"),
    }
}

/// The guest that called, when the result goes back to it.
struct Caller<'a, 'b, T: 'static> {
    cx: &'a mut LowerContext<'b, T>,
    reply: &'a Reply,
}

impl<T> Target for Caller<'_, '_, T> {
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

    fn own(&mut self, resource: Resource, ty: InterfaceType, value: u64) -> Result<u32, Fault> {
        let InterfaceType::Own(table) = ty else {
            return Err(Fault::Handle);
        };
        let context: &mut dyn Any = self.cx.store.data_mut();
        let context = context.downcast_mut::<Context>().ok_or(Fault::Handle)?;
        let position = self.reply.keep(context, resource, value)?;
        Ok(self.cx.guest_resource_lower_own(table, position)?)
    }

    fn borrow(&mut self, _: Resource, _: InterfaceType, _: u64) -> Result<u32, Fault> {
        // Results own what they hold; WIT has no way to say otherwise.
        Err(Fault::Handle)
    }

    fn child(&self, ty: InterfaceType, position: usize) -> Result<InterfaceType, Fault> {
        types::child(self.cx.types, ty, position).ok_or(Fault::Short)
    }
}
