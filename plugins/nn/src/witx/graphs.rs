//! Graphs and their contexts come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use c12::Context;
use c12::plugin::Place;
use c12_nn_core::{Code, Device, Encoding, Error, Options};
use wasmtime::Linker;

use super::errno::{Errno, Refusal};
use super::{Call, MODULE, OpenContext, OpenGraph, function, memory};
use crate::graph::Graph;
use crate::options;
use crate::session::check_name;

/// More parts than any encoding has.
const MOST_PARTS: u32 = 16;

pub(super) fn link(linker: &mut Linker<Context>, place: Place) -> wasmtime::Result<()> {
    function!(
        linker,
        MODULE,
        place,
        "load",
        |call, parts, count, encoding, target, out| {
            load(call, (parts, count), encoding, target, out)
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "load_by_name",
        |call, name, length, out| { load_by_name(call, (name, length), None, out) }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "load_by_name_with_config",
        |call, name, length, config, size, out| {
            load_by_name(call, (name, length), Some((config, size)), out)
        }
    )?;
    function!(
        linker,
        MODULE,
        place,
        "init_execution_context",
        |call, graph, out| { init_execution_context(call, graph, out) }
    )?;
    function!(linker, MODULE, place, "unload", |call, graph| unload(
        call, graph
    ))?;
    function!(
        linker,
        MODULE,
        place,
        "finalize_execution_context",
        |call, context| { finalize_execution_context(call, context) }
    )?;
    Ok(())
}

async fn load(
    call: &mut Call<'_, '_>,
    (parts, count): (u32, u32),
    encoding: u32,
    target: u32,
    out: u32,
) -> Result<(), Refusal> {
    call.check_place(out)?;
    let encoding = self::encoding(encoding)?;
    let target = device(target)?;
    call.tables()?.graphs.check_room()?;
    let session = call.session()?;
    let most = session.limits().host_bytes;
    let mut parts = read_parts(call.memory()?, parts, count, most)?;
    // As in WasmEdge, the second part of a model of llama.cpp's is its options.
    let options = match parts.get(1) {
        Some(json) if encoding == Encoding::Ggml => options::from_json(json)?,
        _ => Options::new(),
    };
    if encoding == Encoding::Ggml {
        parts.truncate(1);
    }
    let graph = session.load(parts, encoding, target, options).await?;
    give(call, graph, out)
}

async fn load_by_name(
    call: &mut Call<'_, '_>,
    (name, length): (u32, u32),
    config: Option<(u32, u32)>,
    out: u32,
) -> Result<(), Refusal> {
    call.check_place(out)?;
    call.tables()?.graphs.check_room()?;
    let bytes = call.memory()?;
    let name = memory::text(bytes, name, length, "the name of the model")?;
    check_name(name)?;
    let name = name.to_owned();
    let session = call.session()?;
    let options = match config {
        Some((config, size)) if session.is_named(&name) => {
            options::from_json(memory::bytes(call.memory()?, config, size)?)?
        }
        _ => Options::new(),
    };
    match session.load_by_name(&name, options).await {
        Ok(graph) => give(call, graph, out),
        // The name is there, and the file is not: WasmEdge has a number for that.
        Err(error) if error.code() == Code::NotFound && session.is_named_ggml(&name) => {
            Err(Refusal::new(Errno::ModelNotFound, error))
        }
        Err(error) => Err(error.into()),
    }
}

fn give(call: &mut Call<'_, '_>, graph: Graph, out: u32) -> Result<(), Refusal> {
    let number = call.tables()?.graphs.insert(OpenGraph {
        graph,
        unloaded: Arc::new(AtomicBool::new(false)),
    })?;
    call.write(out, number)
}

async fn init_execution_context(
    call: &mut Call<'_, '_>,
    graph: u32,
    out: u32,
) -> Result<(), Refusal> {
    call.check_place(out)?;
    let session = call.session()?;
    let tables = call.tables()?;
    tables.contexts.check_room()?;
    let open = tables.graphs.get(graph)?;
    let (graph, unloaded) = (open.graph.clone(), Arc::clone(&open.unloaded));
    let context = session.context(&graph).await?;
    let number = call
        .tables()?
        .contexts
        .insert(OpenContext { context, unloaded })?;
    call.write(out, number)
}

async fn unload(call: &mut Call<'_, '_>, graph: u32) -> Result<(), Refusal> {
    let open = call.tables()?.graphs.remove(graph)?;
    open.unloaded.store(true, Ordering::Relaxed);
    Ok(())
}

async fn finalize_execution_context(call: &mut Call<'_, '_>, context: u32) -> Result<(), Refusal> {
    call.tables()?.contexts.remove(context)?;
    Ok(())
}

/// The parts of a model, each with one copy.
fn read_parts(memory: &[u8], parts: u32, count: u32, most: usize) -> Result<Vec<Bytes>, Error> {
    if count > MOST_PARTS {
        return Err(Error::invalid_argument(format!(
            "a model of {count} parts was given; {MOST_PARTS} are allowed"
        )));
    }
    let words: Vec<u32> = memory::numbers(memory, parts, count * 2)?.collect();
    let (pairs, _) = words.as_chunks::<2>();
    let slices = pairs
        .iter()
        .map(|[start, length]| memory::bytes(memory, *start, *length))
        .collect::<Result<Vec<_>, _>>()?;
    let sum = slices
        .iter()
        .fold(0_usize, |sum, part| sum.saturating_add(part.len()));
    if sum > most {
        return Err(Error::too_large(format!(
            "a model of {sum} bytes is larger than the {most} bytes that one call may have the host keep"
        ))
        .with_help("`--max-host-bytes` is the limit"));
    }
    Ok(slices.into_iter().map(Bytes::copy_from_slice).collect())
}

/// The specification's numbers for core modules, and WasmEdge's for GGML. They are not those of components.
fn encoding(number: u32) -> Result<Encoding, Error> {
    Ok(match number {
        0 => Encoding::Openvino,
        1 => Encoding::Onnx,
        2 => Encoding::Tensorflow,
        3 => Encoding::Pytorch,
        4 => Encoding::TensorflowLite,
        5 => Encoding::Autodetect,
        6 => Encoding::Ggml,
        other => {
            return Err(Error::invalid_encoding(format!(
                "there is no encoding {other}"
            )));
        }
    })
}

/// The specification's numbers, and WasmEdge's for the device that the framework prefers.
fn device(number: u32) -> Result<Device, Error> {
    Ok(match number {
        0 => Device::Cpu,
        1 => Device::Gpu,
        2 => Device::Tpu,
        3 => Device::Auto,
        other => {
            return Err(Error::invalid_argument(format!(
                "there is no device {other}"
            )));
        }
    })
}
