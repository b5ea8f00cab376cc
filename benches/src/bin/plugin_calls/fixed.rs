//! The functions of `bench:calls/calls` with Wasmtime's statically typed `func_wrap`: what plugins are measured against.

use std::sync::Arc;

use c12::Context;
use c12::plugin::{Link, Plugin, PluginError, Provided, Provider, Settings};
use c12::wasmtime::component::{ComponentType, Lift, Linker, Lower, WasmList, WasmStr};
use c12::wasmtime::{self, StoreContextMut};

use crate::flat;

const NAME: &str = "bench:calls/calls@0.1.0";

/// A plugin whose types are known when it is compiled.
pub(crate) struct Static;

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Fields {
    pub(crate) a: i32,
    pub(crate) b: u64,
    pub(crate) c: f32,
    pub(crate) d: f64,
    pub(crate) e: u8,
    pub(crate) f: bool,
    pub(crate) g: i16,
    pub(crate) h: i64,
    pub(crate) i: u32,
    pub(crate) j: u16,
}

impl Fields {
    pub(crate) fn next(self) -> Self {
        Fields {
            a: self.a.wrapping_add(1),
            b: self.b.wrapping_add(1),
            c: self.c + 1.0,
            d: self.d + 1.0,
            e: self.e.wrapping_add(1),
            f: !self.f,
            g: self.g.wrapping_add(1),
            h: self.h.wrapping_add(1),
            i: self.i.wrapping_add(1),
            j: self.j.wrapping_add(1),
        }
    }
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) value: f64,
    pub(crate) count: u64,
}

/// The same rows, with each `count` one more.
pub(crate) fn next(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        row.count = row.count.wrapping_add(1);
    }
    rows
}

impl Plugin for Static {
    fn name(&self) -> &str {
        "static"
    }

    fn provides(&self) -> Vec<Provided> {
        vec![Provided::interface(NAME), Provided::module(NAME)]
    }

    fn open(&self, _: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        Ok(Arc::new(Static))
    }
}

impl Provider for Static {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut Linker<Context>,
    ) -> Result<(), PluginError> {
        let mut calls = linker.instance(link.offered.as_str())?;
        calls.func_wrap(
            "add",
            |_: StoreContextMut<'_, Context>, (a, b): (u32, u32)| Ok((a.wrapping_add(b),)),
        )?;
        calls.func_wrap(
            "ten",
            |_: StoreContextMut<'_, Context>, (of,): (Fields,)| Ok((of.next(),)),
        )?;
        calls.func_wrap(
            "text",
            |store: StoreContextMut<'_, Context>, (text,): (WasmStr,)| {
                Ok((text.to_str(&store)?.into_owned(),))
            },
        )?;
        calls.func_wrap(
            "rows",
            |_: StoreContextMut<'_, Context>, (rows,): (Vec<Row>,)| Ok((next(rows),)),
        )?;
        calls.func_wrap(
            "copy",
            |store: StoreContextMut<'_, Context>, (bytes,): (WasmList<u8>,)| {
                Ok((bytes.as_le_slice(&store).to_vec(),))
            },
        )?;
        Ok(())
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        Ok(flat::define(linker, link.offered.as_str())?)
    }
}
