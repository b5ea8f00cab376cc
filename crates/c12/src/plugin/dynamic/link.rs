//! Puts a plugin's functions where guests import them.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, ResourceType};

use super::call::{Arguments, Callee, Mode, Reply};
use super::component::{Passed, Returned};
use super::shape::{Resource, Shape};
use super::world::{Function, Interface, World};
use crate::Context;
use crate::plugin::{Link, PluginError};

/// What ends a resource that a guest dropped.
pub(crate) trait Ends: Send + Sync + 'static {
    fn end<'a>(
        &'a self,
        store: StoreContextMut<'a, Context>,
        resource: Resource,
        position: u32,
    ) -> Ending<'a>;
}

/// The end of a resource, while it is waited for.
pub(crate) type Ending<'a> =
    std::pin::Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>>;

/// The module name under which core modules import the functions outside of interfaces.
pub(crate) const ROOT_MODULE: &str = "$root";

/// Finds who answers a function of an interface.
pub(crate) type Find<'a> = &'a dyn Fn(&Interface, &str) -> Option<Arc<dyn Callee>>;

fn nobody(interface: &Interface, function: &str) -> PluginError {
    format!("nobody answers `{}#{function}`", interface.name).into()
}

/// Defines for components what is to be linked: an interface with its resources and functions, or one function.
pub(crate) fn import(
    linker: &mut Linker<Context>,
    link: &Link<'_>,
    world: &World,
    ends: &Arc<dyn Ends>,
    find: Find<'_>,
) -> Result<(), PluginError> {
    let name = link.offered.as_str();
    if let Some(interface) = world.interface(name) {
        let mut linker = linker.instance(name)?;
        for (name, resource) in &interface.resources {
            let Some(ty) = world.resources.get(resource.0 as usize) else {
                continue;
            };
            let (ends, resource) = (Arc::clone(ends), *resource);
            linker.resource_async(
                name,
                ResourceType::host_dynamic(ty.identity),
                move |store, position| {
                    let ends = Arc::clone(&ends);
                    Box::new(async move { ends.end(store, resource, position).await })
                },
            )?;
        }
        for function in &interface.functions {
            let callee =
                find(interface, &function.name).ok_or_else(|| nobody(interface, &function.name))?;
            define(&mut linker, function, callee)?;
        }
        return Ok(());
    }
    let own = world.interface("");
    let function = own.and_then(|own| own.functions.iter().find(|known| known.name == name));
    let (Some(own), Some(function)) = (own, function) else {
        return Err(format!("`{name}` is not provided").into());
    };
    let callee = find(own, name).ok_or_else(|| nobody(own, name))?;
    Ok(define(&mut linker.root(), function, callee)?)
}

/// Defines for core modules what is to be linked, in the flattened form of the functions.
pub(crate) fn module(
    linker: &mut wasmtime::Linker<Context>,
    link: &Link<'_>,
    world: &World,
    ends: &Arc<dyn Ends>,
    find: Find<'_>,
) -> Result<(), PluginError> {
    let module = link.offered.as_str();
    let name = if module == ROOT_MODULE { "" } else { module };
    let Some(interface) = world.interface(name) else {
        return Err(format!("`{module}` is not provided").into());
    };
    for (name, resource) in &interface.resources {
        let name = format!("[resource-drop]{name}");
        super::module::drops(linker, module, &name, *resource, Arc::clone(ends))?;
    }
    for function in &interface.functions {
        let callee =
            find(interface, &function.name).ok_or_else(|| nobody(interface, &function.name))?;
        super::module::define(linker, module, function, callee)?;
    }
    Ok(())
}

type Define = fn(&mut LinkerInstance<'_, Context>, &str, Arc<dyn Callee>) -> wasmtime::Result<()>;

/// Answers at once, on the guest's own stack, with lists where they are.
fn at_once<const N: usize, const M: usize>(
    linker: &mut LinkerInstance<'_, Context>,
    name: &str,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    linker.func_wrap(
        name,
        move |store: StoreContextMut<'_, Context>, passed: Passed<N, false>| {
            callee.call(store, passed.0).map(Returned::<M>)
        },
    )
}

/// Answers later. Lists are copied if `COPIED`.
fn later<const N: usize, const M: usize, const COPIED: bool>(
    linker: &mut LinkerInstance<'_, Context>,
    name: &str,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    linker.func_wrap_async(
        name,
        move |store: StoreContextMut<'_, Context>, passed: Passed<N, COPIED>| {
            let callee = Arc::clone(&callee);
            Box::new(async move {
                let arguments: Arguments = passed.0;
                let reply: Reply = callee.call_async(store, arguments).await?;
                Ok(Returned::<M>(reply))
            })
        },
    )
}

fn awaited<const N: usize, const M: usize>(
    linker: &mut LinkerInstance<'_, Context>,
    name: &str,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    later::<N, M, false>(linker, name, callee)
}

fn apart<const N: usize, const M: usize>(
    linker: &mut LinkerInstance<'_, Context>,
    name: &str,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    later::<N, M, true>(linker, name, callee)
}

/// By the number of core values that are passed and returned.
type Table = [[Define; 2]; 17];

macro_rules! by_count {
    ($of:ident $($count:literal)*) => { [$([$of::<$count, 0>, $of::<$count, 1>]),*] };
}

const AT_ONCE: Table = by_count!(at_once 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
const AWAITED: Table = by_count!(awaited 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
const APART: Table = by_count!(apart 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);

fn define(
    linker: &mut LinkerInstance<'_, Context>,
    function: &Function,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    let table = match callee.mode() {
        Mode::AtOnce => &AT_ONCE,
        Mode::Awaited => &AWAITED,
        Mode::Apart => &APART,
    };
    let (passed, returned) = counts(function);
    match table.get(passed).and_then(|row| row.get(returned)) {
        Some(define) => define(linker, &function.name, callee),
        None => Err(wasmtime::Error::msg("a function of an impossible form")),
    }
}

/// Of core values: those that are passed, or none if there would be more than sixteen, and those returned, or
/// none if there would be more than one.
pub(super) fn counts(function: &Function) -> (usize, usize) {
    const MOST_PASSED: usize = 16;
    let passed = Some(function.arguments.flat.len()).filter(|count| *count <= MOST_PASSED);
    let returned = function
        .result
        .as_deref()
        .map(|shape: &Shape| shape.flat.len())
        .filter(|count| *count <= 1);
    (passed.unwrap_or(0), returned.unwrap_or(0))
}
