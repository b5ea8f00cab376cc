//! A plugin's functions as imports of a guest.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::{Arc, OnceLock};

use c12::Context;
use c12::plugin::{Link, Place, PluginError};
use wasmtime::{Caller, Linker, Val, ValRaw};

use super::instance::{Bound, Instance};
use super::template::{FunctionTemplate, ModuleTemplate, Template};
use crate::CallError;
use crate::abi::{ValType, Value};
use crate::frame::call::{PluginCall, Slots};
use crate::frame::guest::Shape;
use crate::values::Shape as ValueShape;

/// A function that a guest imports.
struct Site {
    plugin: Arc<str>,
    place: Place,
    /// Where the function is in the template.
    module: usize,
    function: usize,
    /// Module and function, for errors.
    name: String,
    /// What is known of the guest's module.
    guest: Arc<OnceLock<Arc<Shape>>>,
}

/// Defines what the guest imports of a module.
pub(super) fn link(
    plugin: &Arc<str>,
    template: &Template,
    link: &Link<'_>,
    linker: &mut Linker<Context>,
) -> Result<(), PluginError> {
    let offered = link.offered.as_str();
    let (place, module) = template
        .find(offered)
        .ok_or_else(|| format!("it has no module `{offered}` with these settings"))?;
    let wanted = link.workload.imported_functions(link.offered);
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|item| item == name);
    let guest = Arc::new(OnceLock::new());
    for (function, found) in module.functions.iter().enumerate() {
        if !is_wanted(&found.name) {
            continue;
        }
        let site = Site {
            plugin: Arc::clone(plugin),
            place: link.place,
            module: place,
            function,
            name: format!("{offered}.{}", found.name),
            guest: Arc::clone(&guest),
        };
        define(site, offered, found, linker)?;
    }
    refuse_others(module, &wanted)
}

/// Memories, tables and globals belong to a store, and the imports of a guest are filled before it has one.
fn refuse_others(module: &ModuleTemplate, wanted: &[String]) -> Result<(), PluginError> {
    let is_function = |name: &str| module.functions.iter().any(|known| known.name == name);
    for name in wanted {
        if let Some((_, what)) = module.others.iter().find(|(known, _)| known == name)
            && !is_function(name)
        {
            return Err(format!(
                "`{}.{name}` is a {what}, and guests can import only functions from plugins of this kind",
                module.name
            )
            .into());
        }
    }
    Ok(())
}

fn define(
    site: Site,
    offered: &str,
    found: &FunctionTemplate,
    linker: &mut Linker<Context>,
) -> Result<(), PluginError> {
    let ty = found.ty.to_wasm(linker.engine()).map_err(|ty| {
        format!(
            "`{}` has the type {}, but values of {ty} cannot be passed between plugins and guests",
            site.name, found.ty
        )
    })?;
    match (numbers(&found.ty.params), numbers(&found.ty.results)) {
        (Some(params), Some(results)) => {
            // SAFETY: parameters are read and results written as `ty` says: both come from the same type.
            unsafe {
                linker.func_new_unchecked(offered, &found.name, ty, move |mut caller, values| {
                    call_with_numbers(&site, &params, &results, &mut caller, values)
                })?
            };
        }
        _ => {
            let closure_type = ty.clone();
            linker.func_new(
                offered,
                &found.name,
                ty,
                move |mut caller, params, results| {
                    call_with_values(&site, &closure_type, &mut caller, params, results)
                },
            )?;
        }
    }
    Ok(())
}

/// The types, if none of them is a reference.
fn numbers(types: &[ValType]) -> Option<Box<[(ValType, ValueShape)]>> {
    types
        .iter()
        .map(|ty| {
            let shape = ty.shape()?;
            let number = !matches!(shape, ValueShape::Function | ValueShape::Extern);
            number.then_some((*ty, shape))
        })
        .collect()
}

impl Site {
    /// The function of the instance that is calling.
    fn bound(&self, caller: &mut Caller<'_, Context>) -> wasmtime::Result<Bound> {
        caller
            .data_mut()
            .state::<Instance>(self.place)
            .and_then(|instance| instance.bound(self.module, self.function))
            .ok_or_else(|| {
                wasmtime::Error::new(CallError::Missing {
                    plugin: self.plugin.to_string(),
                    function: self.name.clone(),
                })
            })
    }

    /// The call that is about to be made.
    ///
    /// # Safety
    ///
    /// The instance that the function was bound in is alive as long as the result is used.
    unsafe fn call<'a>(&'a self, bound: &Bound) -> PluginCall<'a> {
        PluginCall {
            // SAFETY: the caller's promise: the realm is part of the instance.
            realm: unsafe { bound.realm.as_ref() },
            callee: bound.callee,
            own: Some(bound.own),
            guest: &self.guest,
            name: &self.name,
        }
    }
}

/// A call whose values are numbers: they go from the engine to the plugin and back without a detour.
fn call_with_numbers(
    site: &Site,
    params: &[(ValType, ValueShape)],
    results: &[(ValType, ValueShape)],
    caller: &mut Caller<'_, Context>,
    raw: &mut [MaybeUninit<ValRaw>],
) -> wasmtime::Result<()> {
    let bound = site.bound(caller)?;
    let mut values = Slots::new(params.len(), results.len());
    for ((slot, raw), (ty, shape)) in values.parts().0.iter_mut().zip(&*raw).zip(params) {
        // SAFETY: the engine has written as many values as the type has parameters.
        let raw = unsafe { raw.assume_init() };
        *slot = Value::new(
            *ty,
            match shape {
                ValueShape::I32 => raw.get_u32().into(),
                ValueShape::I64 => raw.get_u64().into(),
                ValueShape::F32 => raw.get_f32().into(),
                ValueShape::F64 => raw.get_f64().into(),
                ValueShape::V128 => raw.get_v128(),
                ValueShape::Function | ValueShape::Extern => 0,
            },
        );
    }
    // SAFETY: the instance is part of the store's data, which lives as long as the call. The slots are those of the type of
    // the function, which the instance was checked to have, and it keeps the library loaded.
    unsafe { site.call(&bound).run(caller, &mut values)? };
    for ((slot, raw), (_, shape)) in values.parts().1.iter().zip(raw).zip(results) {
        raw.write(match shape {
            ValueShape::I32 => ValRaw::u32(slot.bits as u32),
            ValueShape::I64 => ValRaw::u64(slot.bits as u64),
            ValueShape::F32 => ValRaw::f32(slot.bits as u32),
            ValueShape::F64 => ValRaw::f64(slot.bits as u64),
            ValueShape::V128 | ValueShape::Function | ValueShape::Extern => ValRaw::v128(slot.bits),
        });
    }
    Ok(())
}

/// A call with references, which the engine has to know about.
fn call_with_values(
    site: &Site,
    ty: &wasmtime::FuncType,
    caller: &mut Caller<'_, Context>,
    params: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    let bound = site.bound(caller)?;
    // SAFETY: as for numbers.
    unsafe { site.call(&bound).run_values(caller, ty, params, results) }
}
