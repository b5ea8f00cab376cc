//! The dynamic call for components: Wasmtime's traits for types that are known only at run time.
//!
//! Wasmtime hands each of these traits' methods the type that the guest has, so one implementation serves all. What
//! is known at compile time, the size of the flattened form, is a parameter. The traits are hidden in Wasmtime's
//! documentation, which is why its version is pinned.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::sync::Arc;

use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS,
    StringEncoding, TypeResourceTableIndex, TypeTuple,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType};
use wasmtime::{Result, ValRaw, bail};

use super::call::{Arguments, Reply};
use super::fault::Fault;
use super::handles::{Held, Value};
use super::lift::{Encoding, Lift, Lists, Source, Values};
use super::lower::{Lower, Target};
use super::memory::{Block, CallMemory};
use super::shape::{Resource, Shape};
use super::{State, types};
use crate::Context;
use crate::plugin::Place;

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

/// What a guest passes to a function that it imports: `N` core values, or none of them if they are in memory.
pub(super) struct Passed<const N: usize, const COPIED: bool>(pub(super) Arguments);

// SAFETY: `Lower` is an array of `ValRaw`, exactly as long as the flattened form of every type that passes the
// check. Nothing else about the type is claimed.
unsafe impl<const N: usize, const COPIED: bool> ComponentType for Passed<N, COPIED> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = SOMEWHERE;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        match tuple(types.types, *ty)?.abi.flat_count(MAX_FLAT_PARAMS) {
            Some(count) if count == N => Ok(()),
            None if N == 0 => Ok(()),
            _ => bail!("the parameters are not those of the plugin's function"),
        }
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
        lift_flat(cx, ty, src, lists(COPIED)).map(Passed)
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let offset = (bytes.as_ptr() as usize).wrapping_sub(cx.memory().as_ptr() as usize);
        lift_memory(cx, ty, offset, lists(COPIED)).map(Passed)
    }
}

fn lists(copied: bool) -> Lists {
    if copied {
        Lists::Copied
    } else {
        Lists::Borrowed
    }
}

fn lift_flat(
    cx: &mut LiftContext<'_>,
    ty: InterfaceType,
    src: &[ValRaw],
    lists: Lists,
) -> Result<Arguments> {
    let shape = shape(cx.types, ty)?;
    let (mut block, mut memory) = (Block::new(shape.native.size), CallMemory::unlimited());
    let mut lift = Lift {
        source: Guest(cx),
        memory: &mut memory,
        lists,
    };
    lift.flat(&shape, &mut Values(src), block.bytes_mut())
        .map_err(|fault| fault.into_error("the guest passed what cannot be"))?;
    Ok(Arguments { block, memory })
}

fn lift_memory(
    cx: &mut LiftContext<'_>,
    ty: InterfaceType,
    offset: usize,
    lists: Lists,
) -> Result<Arguments> {
    let shape = shape(cx.types, ty)?;
    let (mut block, mut memory) = (Block::new(shape.native.size), CallMemory::unlimited());
    let mut lift = Lift {
        source: Guest(cx),
        memory: &mut memory,
        lists,
    };
    lift.load(&shape, offset, block.bytes_mut())
        .map_err(|fault| fault.into_error("the guest passed what cannot be"))?;
    Ok(Arguments { block, memory })
}

/// Shapes of a thread's guests. What a guest has does not change, so each is made once.
#[derive(Default)]
struct Shapes {
    known: HashMap<(usize, InterfaceType), (Arc<ComponentTypes>, Arc<Shape>)>,
    last: Option<((usize, InterfaceType), Arc<Shape>)>,
}

/// Guests that are gone would keep their types here; beyond this many all are forgotten.
const MOST_SHAPES: usize = 512;

thread_local! {
    static SHAPES: RefCell<Shapes> = RefCell::default();
}

pub(super) fn shape(types: &Arc<ComponentTypes>, ty: InterfaceType) -> Result<Arc<Shape>> {
    let key = (Arc::as_ptr(types) as usize, ty);
    SHAPES.with_borrow_mut(|shapes| {
        if let Some((last, shape)) = &shapes.last
            && *last == key
        {
            return Ok(Arc::clone(shape));
        }
        if let Some((_, shape)) = shapes.known.get(&key) {
            let shape = Arc::clone(shape);
            shapes.last = Some((key, Arc::clone(&shape)));
            return Ok(shape);
        }
        let shape = Arc::new(types::shape(types, &ty).map_err(wasmtime::Error::msg)?);
        if shapes.known.len() >= MOST_SHAPES {
            *shapes = Shapes::default();
        }
        // The types are kept with the shape, so that no others can have their address.
        let entry = (Arc::clone(types), Arc::clone(&shape));
        shapes.known.insert(key, entry);
        shapes.last = Some((key, Arc::clone(&shape)));
        Ok(shape)
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
        match tuple(types.types, *ty)?.abi.flat_count(MAX_FLAT_RESULTS) {
            Some(count) if count == M => Ok(()),
            None if M == 0 => Ok(()),
            _ => bail!("the result is not that of the plugin's function"),
        }
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
        // SAFETY: an array of what may be uninitialised is as good as an array that may be uninitialised.
        let slots = unsafe { &mut *dst.as_mut_ptr().cast::<[MaybeUninit<ValRaw>; M]>() };
        let reply = &self.0;
        let Some(shape) = &reply.shape else {
            return Ok(());
        };
        let ty = single(cx.types, ty)?;
        let mut lower = reply.lower(Caller { cx, reply });
        match lower.flat(shape, ty, reply.block.bytes(), slots) {
            Ok([]) => Ok(()),
            Ok(_) => bail!("a result has more core values than its type"),
            Err(fault) => Err(reply.blame(fault)),
        }
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        let reply = &self.0;
        let Some(shape) = &reply.shape else {
            return Ok(());
        };
        let ty = single(cx.types, ty)?;
        let mut lower = reply.lower(Caller { cx, reply });
        lower
            .store(shape, ty, reply.block.bytes(), offset)
            .map_err(|fault| reply.blame(fault))
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
        let held = Held {
            resource,
            value: self.reply.resource(value)?,
        };
        let context: &mut dyn Any = self.cx.store.data_mut();
        let context = context.downcast_mut::<Context>().ok_or(Fault::Handle)?;
        let position = keep(context, self.reply.place, held)?;
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

/// Keeps a resource for the guest.
pub(super) fn keep(
    context: &mut Context,
    place: Place,
    held: Held,
) -> std::result::Result<u32, Fault> {
    let most = context.account.limits().handles;
    let state = context.state::<State>(place).ok_or(Fault::Handle)?;
    state.handles.add(held, most)
}

impl Reply {
    /// A resource as it is to be kept.
    pub(super) fn resource(&self, value: u64) -> Result<Value, Fault> {
        match &self.resources {
            None => Ok(Value::Native(value)),
            Some(resources) => resources
                .get(value as usize)
                .map(|resource| Value::Component(*resource))
                .ok_or(Fault::Handle),
        }
    }

    fn lower<T: Target>(&self, target: T) -> Lower<T> {
        Lower {
            target,
            limit: self.limit,
            origin: None,
        }
    }
}
