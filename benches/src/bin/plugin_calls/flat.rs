//! The functions of `bench:calls/calls` for core modules: in the flattened form of the Canonical ABI, written by hand.

use c12::Context;
use c12::wasmtime::{self, Caller, Extern, Linker, Memory, Result, TypedFunc};

use crate::fixed::{Fields, Row, next};

/// Where a list or a string is, how long it is, and where the place of the result is.
type Passed = (u32, u32, u32);

/// Defines all of them in a module.
pub(crate) fn define(linker: &mut Linker<Context>, module: &str) -> Result<()> {
    linker.func_wrap(module, "add", |a: u32, b: u32| a.wrapping_add(b))?;
    linker.func_wrap(
        module,
        "ten",
        |mut caller: Caller<'_, Context>,
         a: i32,
         b: u64,
         c: f32,
         d: f64,
         e: u32,
         f: u32,
         g: i32,
         h: i64,
         i: u32,
         j: u32,
         result: u32|
         -> Result<()> {
            let fields = Fields {
                a,
                b,
                c,
                d,
                e: e as u8,
                f: f != 0,
                g: g as i16,
                h,
                i,
                j: j as u16,
            };
            let bytes = stored_fields(&fields.next())?;
            let memory = memory(&mut caller)?;
            store(memory.data_mut(&mut caller), result, &bytes)
        },
    )?;
    linker.func_wrap_async(
        module,
        "text",
        |caller: Caller<'_, Context>, passed: Passed| Box::new(copy(caller, passed, true)),
    )?;
    linker.func_wrap_async(
        module,
        "rows",
        |caller: Caller<'_, Context>, passed: Passed| Box::new(rows(caller, passed)),
    )?;
    linker.func_wrap_async(
        module,
        "copy",
        |caller: Caller<'_, Context>, passed: Passed| Box::new(copy(caller, passed, false)),
    )?;
    Ok(())
}

/// Returns a copy of bytes, which must be UTF-8 if they are text.
async fn copy(
    mut caller: Caller<'_, Context>,
    (start, length, result): Passed,
    text: bool,
) -> Result<()> {
    let memory = memory(&mut caller)?;
    let bytes = part(memory.data(&caller), start, length)?.to_vec();
    if text {
        std::str::from_utf8(&bytes)?;
    }
    let place = realloc(&mut caller)?
        .call_async(&mut caller, (0, 0, 1, length))
        .await?;
    let memory = memory.data_mut(&mut caller);
    store(memory, place, &bytes)?;
    store_span(memory, result, place, length)
}

const ROW: u32 = 32;

async fn rows(mut caller: Caller<'_, Context>, (start, count, result): Passed) -> Result<()> {
    let memory = memory(&mut caller)?;
    let size = count.checked_mul(ROW).ok_or_else(outside)?;
    let rows = next(load_rows(memory.data(&caller), start, size)?);
    let realloc = realloc(&mut caller)?;
    let place = realloc.call_async(&mut caller, (0, 0, 8, size)).await?;
    let mut at = place;
    for row in rows {
        let length = u32::try_from(row.name.len())?;
        let name = realloc.call_async(&mut caller, (0, 0, 1, length)).await?;
        let memory = memory.data_mut(&mut caller);
        store(memory, name, row.name.as_bytes())?;
        let mut bytes = [0; ROW as usize];
        store_span(&mut bytes, 0, name, length)?;
        store(&mut bytes, 8, &row.id.to_le_bytes())?;
        store(&mut bytes, 16, &row.value.to_le_bytes())?;
        store(&mut bytes, 24, &row.count.to_le_bytes())?;
        store(memory, at, &bytes)?;
        at = at.wrapping_add(ROW);
    }
    store_span(memory.data_mut(&mut caller), result, place, count)
}

fn load_rows(memory: &[u8], start: u32, size: u32) -> Result<Vec<Row>> {
    let rows = part(memory, start, size)?.chunks_exact(ROW as usize);
    rows.map(|row| {
        let name = u32::from_le_bytes(load(row, 0)?);
        let length = u32::from_le_bytes(load(row, 4)?);
        Ok(Row {
            name: std::str::from_utf8(part(memory, name, length)?)?.to_owned(),
            id: u32::from_le_bytes(load(row, 8)?),
            value: f64::from_le_bytes(load(row, 16)?),
            count: u64::from_le_bytes(load(row, 24)?),
        })
    })
    .collect()
}

fn stored_fields(fields: &Fields) -> Result<[u8; 56]> {
    let mut bytes = [0; 56];
    store(&mut bytes, 0, &fields.a.to_le_bytes())?;
    store(&mut bytes, 8, &fields.b.to_le_bytes())?;
    store(&mut bytes, 16, &fields.c.to_le_bytes())?;
    store(&mut bytes, 24, &fields.d.to_le_bytes())?;
    store(&mut bytes, 32, &[fields.e, u8::from(fields.f)])?;
    store(&mut bytes, 34, &fields.g.to_le_bytes())?;
    store(&mut bytes, 40, &fields.h.to_le_bytes())?;
    store(&mut bytes, 48, &fields.i.to_le_bytes())?;
    store(&mut bytes, 52, &fields.j.to_le_bytes())?;
    Ok(bytes)
}

fn memory(caller: &mut Caller<'_, Context>) -> Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => wasmtime::bail!("the guest exports no memory called `memory`"),
    }
}

/// What makes room in the guest for results. It may only be called asynchronously, as the guest itself.
fn realloc(caller: &mut Caller<'_, Context>) -> Result<TypedFunc<(u32, u32, u32, u32), u32>> {
    match caller.get_export("cabi_realloc") {
        Some(Extern::Func(function)) => function.typed(&*caller),
        _ => wasmtime::bail!("the guest exports no function called `cabi_realloc`"),
    }
}

fn outside() -> wasmtime::Error {
    wasmtime::Error::msg("a value is not within the guest's memory")
}

fn part(memory: &[u8], start: u32, length: u32) -> Result<&[u8]> {
    memory
        .get(start as usize..)
        .and_then(|rest| rest.get(..length as usize))
        .ok_or_else(outside)
}

fn load<const N: usize>(memory: &[u8], start: usize) -> Result<[u8; N]> {
    let rest = memory.get(start..).unwrap_or_default();
    rest.first_chunk().copied().ok_or_else(outside)
}

fn store(memory: &mut [u8], start: u32, bytes: &[u8]) -> Result<()> {
    memory
        .get_mut(start as usize..)
        .and_then(|rest| rest.get_mut(..bytes.len()))
        .ok_or_else(outside)?
        .copy_from_slice(bytes);
    Ok(())
}

/// Stores a pointer and a length.
fn store_span(memory: &mut [u8], start: u32, data: u32, length: u32) -> Result<()> {
    let span = u64::from(length) << 32 | u64::from(data);
    store(memory, start, &span.to_le_bytes())
}
