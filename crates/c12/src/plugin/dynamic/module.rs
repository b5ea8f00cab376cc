//! The dynamic call for core modules: the same functions in their flattened form, as the Canonical ABI has it.
//!
//! A module must export its `memory` where pointers are passed, and `cabi_realloc` where lists or strings are
//! returned, as every toolchain for components does.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;

use wasmtime::{
    AsContext, AsContextMut, Caller, Extern, FuncType, Linker, Memory, TypedFunc, Val, ValRaw,
    ValType,
};

use super::call::{Arguments, Callee, Mode};
use super::fault::Fault;
use super::foreign::{Span, range};
use super::lift::{self, Encoding, Lists, Source, Whole, case, part, tag};
use super::link::{Ends, end};
use super::lower::{Lower, Target};
use super::memory::CallMemory;
use super::reply::Reply;
use super::shape::{Flat, Kind, Resource, Shape};
use super::world::Function;
use crate::Context;
use crate::plugin::Place;

/// The core type of a function. What is in memory is passed as a pointer, the result's behind the arguments.
fn core_type(engine: &wasmtime::Engine, function: &Function) -> FuncType {
    let pointer = [ValType::I32];
    let mut parameters: Vec<ValType> = match function.passed() {
        Some(flat) => flat.iter().map(value_type).collect(),
        None => pointer.to_vec(),
    };
    let results: Vec<ValType> = match function.returned() {
        Some(flat) => flat.iter().map(value_type).collect(),
        None => {
            parameters.extend(pointer);
            Vec::new()
        }
    };
    FuncType::new(engine, parameters, results)
}

fn value_type(flat: &Flat) -> ValType {
    match flat {
        Flat::I32 => ValType::I32,
        Flat::I64 => ValType::I64,
        Flat::F32 => ValType::F32,
        Flat::F64 => ValType::F64,
    }
}

/// Defines a function.
pub(super) fn define(
    linker: &mut Linker<Context>,
    module: &str,
    function: &Function,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    let ty = core_type(linker.engine(), function);
    let call = Arc::new(Call {
        function: function.clone(),
        callee,
        parameters: ty.params().len(),
    });
    // Guests are asked for memory where results need some, and that may take its time.
    let allocates = function
        .result
        .as_deref()
        .is_some_and(|shape| shape.allocates);
    if call.callee.mode() != Mode::AtOnce || allocates {
        linker.func_new_async(
            module,
            &function.name,
            ty,
            move |mut caller, passed, returned| {
                let call = Arc::clone(&call);
                Box::new(async move { call.later(&mut caller, passed, returned).await })
            },
        )?;
    } else {
        let answer = move |mut caller: Caller<'_, Context>, slots: &mut [MaybeUninit<ValRaw>]| {
            call.at_once(&mut caller, slots)
        };
        // SAFETY: as many slots are read as the type has parameters, and its result is written; the type is made of the same
        // flattened forms.
        #[allow(unsafe_code)]
        unsafe {
            linker.func_new_unchecked(module, &function.name, ty, answer)?;
        }
    }
    Ok(())
}

/// Defines the function that ends a resource.
pub(super) fn drops(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    resource: Resource,
    place: Place,
    ends: Arc<dyn Ends>,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>, (handle,): (u32,)| {
            let ends = Arc::clone(&ends);
            Box::new(async move {
                may_call(caller.data())?;
                end(&*ends, place, caller.as_context_mut(), resource, handle).await
            })
        },
    )?;
    Ok(())
}

fn may_call(context: &Context) -> wasmtime::Result<()> {
    if context.taking_result {
        wasmtime::bail!("`cabi_realloc` cannot call plugins");
    }
    Ok(())
}

/// What the guest made room for.
#[derive(Default)]
struct Room {
    places: Vec<usize>,
    /// Where its memory was before.
    origin: Option<Range<usize>>,
}

/// A function as core modules call it.
struct Call {
    function: Function,
    callee: Arc<dyn Callee>,
    /// How many core values are passed.
    parameters: usize,
}

impl Call {
    /// The slots hold what is passed, and then what is returned.
    fn at_once(
        &self,
        caller: &mut Caller<'_, Context>,
        slots: &mut [MaybeUninit<ValRaw>],
    ) -> wasmtime::Result<()> {
        let passed = slots.get(..self.parameters).unwrap_or_default();
        // SAFETY: the engine filled the slots of all parameters.
        #[allow(unsafe_code)]
        let passed = unsafe { passed.assume_init_ref() };
        if self.function.is_direct() {
            may_call(caller.data())?;
            let returned = self.callee.call_direct(caller.as_context_mut(), passed)?;
            if let (Some(returned), Some(slot)) = (returned, slots.first_mut()) {
                slot.write(returned);
            }
            return Ok(());
        }
        let place = passed.last().copied();
        let arguments = self.lift(caller, passed, Lists::Borrowed)?;
        let reply = self.callee.call(caller.as_context_mut(), arguments)?;
        let result = self.lower(caller, &reply, Room::default(), place)?;
        if let (Some(result), Some(slot)) = (result, slots.first_mut()) {
            slot.write(result);
        }
        Ok(())
    }

    async fn later(
        &self,
        caller: &mut Caller<'_, Context>,
        passed: &[Val],
        returned: &mut [Val],
    ) -> wasmtime::Result<()> {
        let mode = self.callee.mode();
        let lists = match mode {
            Mode::Apart => Lists::Copied,
            Mode::AtOnce | Mode::Awaited => Lists::Borrowed,
        };
        let passed: Vec<ValRaw> = passed.iter().map(raw).collect::<Result<_, _>>()?;
        let arguments = self.lift(caller, &passed, lists)?;
        let reply = if mode == Mode::AtOnce {
            self.callee.call(caller.as_context_mut(), arguments)?
        } else {
            let callee = Arc::clone(&self.callee);
            callee
                .call_async(caller.as_context_mut(), arguments)
                .await?
        };
        let room = self.allocate(caller, &reply).await?;
        let result = self.lower(caller, &reply, room, passed.last().copied())?;
        if let (Some(result), Some(out)) = (result, returned.first_mut()) {
            *out = value_of(result, reply.shape());
        }
        Ok(())
    }

    fn lift(
        &self,
        caller: &mut Caller<'_, Context>,
        passed: &[ValRaw],
        lists: Lists,
    ) -> wasmtime::Result<Arguments> {
        may_call(caller.data())?;
        let shape = &self.function.arguments;
        let in_memory = self.function.passed().is_none();
        let needs_memory = in_memory || shape.allocates;
        let memory = needs_memory.then(|| memory(caller)).transpose()?;
        let limit = caller.data().account.limits().host_bytes;
        let context = caller.as_context();
        let memory = memory.map_or(&[][..], |memory| memory.data(&context));
        let lent = range(memory);
        let source = Guest {
            memory,
            left: limit,
            limit,
        };
        let value = match passed.first() {
            Some(pointer) if in_memory => Whole::Memory(pointer.get_u32() as usize),
            _ => Whole::Values(passed),
        };
        let (block, memory) = lift::whole(source, lists, CallMemory::new(limit), shape, value)
            .map_err(|fault| self.callee.called().refuse(fault))?;
        Ok(Arguments {
            block,
            memory,
            lent,
        })
    }

    /// Asks the guest for all memory that the result needs, in the order in which it is filled.
    async fn allocate(
        &self,
        caller: &mut Caller<'_, Context>,
        reply: &Reply,
    ) -> wasmtime::Result<Room> {
        let mut wanted = Vec::new();
        if let Some(shape) = reply.shape() {
            allocations(shape, reply.block.bytes(), reply.limit, &mut wanted)
                .map_err(|fault| reply.blame(fault))?;
        }
        let mut room = Room::default();
        if wanted.is_empty() {
            return Ok(room);
        }
        room.origin = Some(range(memory(caller)?.data(&*caller)));
        let realloc = realloc(caller)?;
        for (align, size) in wanted {
            let (align, size) = (u32::try_from(align)?, u32::try_from(size)?);
            // What was returned may be the plugin's own memory: it must not be called before that was taken.
            caller.data_mut().taking_result = true;
            let place = realloc
                .call_async(caller.as_context_mut(), (0, 0, align, size))
                .await;
            caller.data_mut().taking_result = false;
            let place = place?;
            if place % align != 0 {
                wasmtime::bail!("`cabi_realloc` returned memory that is not aligned");
            }
            room.places.push(place as usize);
        }
        Ok(room)
    }

    /// Gives the guest the result: as a core value, or at a place in its memory.
    fn lower(
        &self,
        caller: &mut Caller<'_, Context>,
        reply: &Reply,
        room: Room,
        place: Option<ValRaw>,
    ) -> wasmtime::Result<Option<ValRaw>> {
        let Some(shape) = reply.shape() else {
            return Ok(None);
        };
        let in_memory = self.function.returned().is_none();
        let memory = (in_memory || shape.allocates)
            .then(|| memory(caller))
            .transpose()?;
        let mut lower = Lower {
            target: Returning {
                caller,
                memory,
                places: room.places.into_iter(),
                reply,
            },
            limit: reply.limit,
            origin: room.origin,
        };
        let value = reply.block.bytes();
        if in_memory {
            let Some(place) = place else {
                wasmtime::bail!("there is no place for the result");
            };
            let offset = place.get_u32() as usize;
            if !offset.is_multiple_of(shape.guest.align) {
                wasmtime::bail!("the place for the result is not aligned");
            }
            // The place is the guest's choice, whatever else is wrong with the result is the plugin's.
            part(lower.target.memory(), offset, shape.guest.size)
                .map_err(|fault| fault.into_error("the place for the result"))?;
            lower
                .store(shape, (), value, offset)
                .map_err(|fault| reply.blame(fault))?;
            return Ok(None);
        }
        let value = lower.one(shape, (), value);
        value.map(Some).map_err(|fault| reply.blame(fault))
    }
}

fn value_of(raw: ValRaw, shape: Option<&Shape>) -> Val {
    match shape.and_then(|shape| shape.flat.first()) {
        Some(Flat::I64) => Val::I64(raw.get_i64()),
        Some(Flat::F32) => Val::F32(raw.get_f32()),
        Some(Flat::F64) => Val::F64(raw.get_f64()),
        _ => Val::I32(raw.get_i32()),
    }
}

fn raw(value: &Val) -> wasmtime::Result<ValRaw> {
    Ok(match value {
        Val::I32(value) => ValRaw::i32(*value),
        Val::I64(value) => ValRaw::i64(*value),
        Val::F32(bits) => ValRaw::f32(*bits),
        Val::F64(bits) => ValRaw::f64(*bits),
        _ => wasmtime::bail!("a plugin's function takes numbers only"),
    })
}

fn memory(caller: &mut Caller<'_, Context>) -> wasmtime::Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) if !memory.ty(&*caller).is_64() => Ok(memory),
        Some(Extern::Memory(_)) => {
            wasmtime::bail!("plugins serve modules with 32-bit memories; `memory` has 64 bits")
        }
        _ => wasmtime::bail!("the module must export its memory as `memory` to call this function"),
    }
}

type Realloc = TypedFunc<(u32, u32, u32, u32), u32>;

fn realloc(caller: &mut Caller<'_, Context>) -> wasmtime::Result<Realloc> {
    match caller.get_export("cabi_realloc") {
        Some(Extern::Func(function)) => function.typed(&*caller),
        _ => wasmtime::bail!(
            "the module must export `cabi_realloc`, which makes room for what this function returns"
        ),
    }
}

/// The module that calls. Handles are the positions in [`Handles`](super::handles::Handles) themselves.
struct Guest<'a> {
    memory: &'a [u8],
    /// Bytes that it may still pass in this call.
    left: usize,
    limit: usize,
}

impl Source for Guest<'_> {
    fn memory(&self) -> &[u8] {
        self.memory
    }

    fn encoding(&self) -> Encoding {
        Encoding::Utf8
    }

    fn own(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }

    fn borrow(&mut self, _: Resource, handle: u32) -> Result<u64, Fault> {
        Ok(handle.into())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or(Fault::TooMuch(self.limit))?;
        Ok(())
    }
}

/// The module that called, when the result goes back to it.
struct Returning<'a, 'b> {
    caller: &'a mut Caller<'b, Context>,
    memory: Option<Memory>,
    places: std::vec::IntoIter<usize>,
    reply: &'a Reply,
}

impl Target for Returning<'_, '_> {
    type Type = ();

    fn memory(&mut self) -> &mut [u8] {
        match &self.memory {
            Some(memory) => memory.data_mut(&mut *self.caller),
            None => &mut [],
        }
    }

    fn encoding(&self) -> Encoding {
        Encoding::Utf8
    }

    fn allocate(&mut self, _: usize, _: usize) -> Result<usize, Fault> {
        // The guest was asked in advance, for exactly what is asked for here.
        self.places.next().ok_or(Fault::Short)
    }

    fn own(&mut self, resource: Resource, (): (), value: u64) -> Result<u32, Fault> {
        self.reply.keep(self.caller.data_mut(), resource, value)
    }

    fn borrow(&mut self, _: Resource, (): (), _: u64) -> Result<u32, Fault> {
        Err(Fault::Handle)
    }

    fn child(&self, (): (), _: usize) -> Result<(), Fault> {
        Ok(())
    }
}

/// What [`Lower`] will ask the guest for, in its order: alignment and size.
fn allocations(
    shape: &Shape,
    value: &[u8],
    limit: usize,
    wanted: &mut Vec<(usize, usize)>,
) -> Result<(), Fault> {
    if !shape.allocates {
        return Ok(());
    }
    match &shape.kind {
        Kind::String => {
            wanted.push((1, Span::read(value, limit)?.size(1, limit)?));
            Ok(())
        }
        Kind::List(element) => {
            let values = Span::read(value, limit)?;
            values.size(element.native.size, limit)?;
            let size = element.guest.size.checked_mul(values.length);
            wanted.push((element.guest.align, size.ok_or(Fault::TooMuch(limit))?));
            if !element.allocates {
                return Ok(());
            }
            // Elements that need room are never left in the guest, so they are where the plugin says.
            values
                .bytes(element.native, limit, &(0..0), &[])?
                .get()
                .chunks_exact(element.native.size.max(1))
                .try_for_each(|value| allocations(element, value, limit, wanted))
        }
        Kind::Record(fields) => fields.iter().try_for_each(|field| {
            let value = part(value, field.native, field.shape.native.size)?;
            allocations(&field.shape, value, limit, wanted)
        }),
        Kind::Variant(variant) => match case(variant, tag(value, variant.tag)?)? {
            Some(payload) => {
                let value = part(value, variant.native, payload.native.size)?;
                allocations(payload, value, limit, wanted)
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
