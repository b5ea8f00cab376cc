//! The dynamic call for core modules: the same functions in their flattened form, as the Canonical ABI has it.
//!
//! A module must export its `memory` where pointers are passed, and `cabi_realloc` where lists or strings are
//! returned, as every toolchain for components does.

use std::ops::Range;
use std::sync::Arc;

use wasmtime::{
    AsContext, AsContextMut, Caller, Extern, FuncType, Linker, Memory, TypedFunc, Val, ValRaw,
    ValType,
};

use super::call::{Arguments, Callee, Mode, Reply};
use super::component::keep;
use super::fault::Fault;
use super::handles::Held;
use super::lift::{Encoding, Lift, Lists, Source, Values, case, part, tag, take};
use super::link::Ends;
use super::lower::{Lower, Target, core_type};
use super::memory::{Block, CallMemory};
use super::native::{Bytes, range};
use super::shape::{Flat, Kind, Resource, Shape};
use super::world::Function;
use crate::Context;

const MOST_PASSED: usize = 16;
const MOST_RETURNED: usize = 1;

/// The core signature of a function, and what of it is in memory.
struct Signature {
    ty: FuncType,
    arguments_in_memory: bool,
    result_in_memory: bool,
}

fn signature(engine: &wasmtime::Engine, function: &Function) -> Signature {
    let arguments_in_memory = function.arguments.flat.len() > MOST_PASSED;
    let flat =
        |shape: &Shape| -> Vec<ValType> { shape.flat.iter().map(|ty| core_type(*ty)).collect() };
    let mut parameters = if arguments_in_memory {
        vec![ValType::I32]
    } else {
        flat(&function.arguments)
    };
    let result = function.result.as_deref();
    let result_in_memory = result.is_some_and(|shape| shape.flat.len() > MOST_RETURNED);
    let mut results = Vec::new();
    if result_in_memory {
        parameters.push(ValType::I32);
    } else if let Some(shape) = result {
        results = flat(shape);
    }
    Signature {
        ty: FuncType::new(engine, parameters, results),
        arguments_in_memory,
        result_in_memory,
    }
}

/// Defines a function.
pub(super) fn define(
    linker: &mut Linker<Context>,
    module: &str,
    function: &Function,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    let Signature {
        ty,
        arguments_in_memory,
        result_in_memory,
    } = signature(linker.engine(), function);
    let call = Arc::new(Call {
        arguments: Arc::clone(&function.arguments),
        result: function.result.clone(),
        arguments_in_memory,
        result_in_memory,
        callee,
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
        linker.func_new(
            module,
            &function.name,
            ty,
            move |mut caller, passed, returned| call.at_once(&mut caller, passed, returned),
        )?;
    }
    Ok(())
}

/// Defines the function that ends a resource.
pub(super) fn drops(
    linker: &mut Linker<Context>,
    module: &str,
    name: &str,
    resource: Resource,
    ends: Arc<dyn Ends>,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        module,
        name,
        move |mut caller: Caller<'_, Context>, (handle,): (u32,)| {
            let ends = Arc::clone(&ends);
            Box::new(async move {
                may_call(caller.data())?;
                ends.end(caller.as_context_mut(), resource, handle).await
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
    arguments: Arc<Shape>,
    result: Option<Arc<Shape>>,
    arguments_in_memory: bool,
    result_in_memory: bool,
    callee: Arc<dyn Callee>,
}

impl Call {
    fn at_once(
        &self,
        caller: &mut Caller<'_, Context>,
        passed: &[Val],
        returned: &mut [Val],
    ) -> wasmtime::Result<()> {
        let arguments = self.lift(caller, passed, Lists::Borrowed)?;
        let reply = self.callee.call(caller.as_context_mut(), arguments)?;
        self.lower(caller, &reply, Room::default(), passed, returned)
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
        let arguments = self.lift(caller, passed, lists)?;
        let reply = if mode == Mode::AtOnce {
            self.callee.call(caller.as_context_mut(), arguments)?
        } else {
            let callee = Arc::clone(&self.callee);
            callee
                .call_async(caller.as_context_mut(), arguments)
                .await?
        };
        let room = self.allocate(caller, &reply).await?;
        self.lower(caller, &reply, room, passed, returned)
    }

    fn lift(
        &self,
        caller: &mut Caller<'_, Context>,
        passed: &[Val],
        lists: Lists,
    ) -> wasmtime::Result<Arguments> {
        may_call(caller.data())?;
        let shape = &self.arguments;
        let needs_memory = self.arguments_in_memory || shape.allocates;
        let memory = needs_memory.then(|| memory(caller)).transpose()?;
        let limit = caller.data().account.limits().host_bytes;
        let (mut block, mut kept) = (Block::new(shape.native.size), CallMemory::new(limit));
        let context = caller.as_context();
        let mut lift = Lift {
            source: Guest {
                memory: memory.map_or(&[][..], |memory| memory.data(&context)),
                left: limit,
                limit,
            },
            memory: &mut kept,
            lists,
        };
        let raw: Vec<ValRaw> = passed.iter().map(raw).collect::<Result<_, _>>()?;
        let lifted = match raw.first() {
            Some(pointer) if self.arguments_in_memory => {
                let offset = pointer.get_u32() as usize;
                if offset.is_multiple_of(shape.guest.align) {
                    lift.load(shape, offset, block.bytes_mut())
                } else {
                    Err(Fault::Misaligned)
                }
            }
            _ => lift.flat(shape, &mut Values(&raw), block.bytes_mut()),
        };
        lifted.map_err(|fault| fault.into_error("the guest passed what cannot be"))?;
        Ok(Arguments {
            block,
            memory: kept,
        })
    }

    /// Asks the guest for all memory that the result needs, in the order in which it is filled.
    async fn allocate(
        &self,
        caller: &mut Caller<'_, Context>,
        reply: &Reply,
    ) -> wasmtime::Result<Room> {
        let mut wanted = Vec::new();
        if let Some(shape) = &self.result {
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
            // What was returned may be the plugin's own memory: it must not be called before that was taken. After an
            // error the guest is at its end, so nothing needs to be undone.
            caller.data_mut().taking_result = true;
            let place = realloc
                .call_async(caller.as_context_mut(), (0, 0, align, size))
                .await?;
            caller.data_mut().taking_result = false;
            if place % align != 0 {
                wasmtime::bail!("`cabi_realloc` returned memory that is not aligned");
            }
            room.places.push(place as usize);
        }
        Ok(room)
    }

    fn lower(
        &self,
        caller: &mut Caller<'_, Context>,
        reply: &Reply,
        room: Room,
        passed: &[Val],
        returned: &mut [Val],
    ) -> wasmtime::Result<()> {
        let Some(shape) = &self.result else {
            return Ok(());
        };
        let memory = (self.result_in_memory || shape.allocates)
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
        if self.result_in_memory {
            let Some(Val::I32(pointer)) = passed.last() else {
                wasmtime::bail!("there is no place for the result");
            };
            let offset = *pointer as u32 as usize;
            if !offset.is_multiple_of(shape.guest.align) {
                wasmtime::bail!("the place for the result is not aligned");
            }
            // The place is the guest's choice, whatever else is wrong with the result is the plugin's.
            part(lower.target.memory(), offset, shape.guest.size)
                .map_err(|fault| fault.into_error("the place for the result"))?;
            return lower
                .store(shape, (), value, offset)
                .map_err(|fault| reply.blame(fault));
        }
        let mut slots = [std::mem::MaybeUninit::uninit()];
        let left = lower
            .flat(shape, (), value, &mut slots)
            .map_err(|fault| reply.blame(fault))?
            .len();
        let ([slot], 0, Some(out)) = (slots, left, returned.first_mut()) else {
            wasmtime::bail!("a result has more core values than its type");
        };
        *out = value_of(slot, shape.flat.first().copied());
        Ok(())
    }
}

/// The value of a slot that was written.
#[allow(unsafe_code)]
fn value_of(slot: std::mem::MaybeUninit<ValRaw>, ty: Option<Flat>) -> Val {
    // SAFETY: the caller made sure that no slot was left over.
    let raw = unsafe { slot.assume_init() };
    match ty {
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
        let value = self.reply.resource(value)?;
        let held = Held { resource, value };
        keep(self.caller.data_mut(), self.reply.place, held)
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
            wanted.push((1, length(value, 1, limit)?));
            Ok(())
        }
        Kind::List(element) => {
            let count = length(value, element.native.size, limit)?;
            let size = element.guest.size.checked_mul(count);
            wanted.push((element.guest.align, size.ok_or(Fault::TooMuch(limit))?));
            if !element.allocates {
                return Ok(());
            }
            let data = u64::from_ne_bytes(take(value, 0)?);
            if count > 0 && data == 0 {
                return Err(Fault::Null(count));
            }
            // Elements that need room are never left in the guest, so they are where the plugin says.
            Bytes::new(data, count * element.native.size, &(0..0), &[])?
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

fn length(value: &[u8], element: usize, limit: usize) -> Result<usize, Fault> {
    let length = u64::from_ne_bytes(take(value, 8)?);
    usize::try_from(length)
        .ok()
        .filter(|length| {
            element
                .checked_mul(*length)
                .is_some_and(|size| size <= limit)
        })
        .ok_or(Fault::TooMuch(limit))
}
