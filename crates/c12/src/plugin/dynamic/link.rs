//! Puts a plugin's functions where guests import them.

use std::pin::Pin;
use std::sync::Arc;

use wasmtime::component::{Linker, LinkerInstance, ResourceType};
use wasmtime::{StoreContextMut, ValRaw};

use super::call::{Arguments, Called, Callee, Mode};
use super::component::{Passed, Returned};
use super::direct::Direct;
use super::handles::Held;
use super::shape::{Flat, Resource};
use super::world::{Function, Interface, ROOT_MODULE, World, drop_of};
use super::{State, check};
use crate::Context;
use crate::plugin::{Link, Place, PluginError};

/// A dynamic plugin that was opened.
pub(crate) trait Opened {
    /// Its name.
    fn plugin(&self) -> &str;

    fn world(&self) -> &World;

    /// Who answers a function, which is at the given positions: that of the interface in the world, and its own there.
    fn callee(&self, at: (usize, usize), called: Called) -> Option<Arc<dyn Callee>>;

    fn ends(&self) -> Arc<dyn Ends>;
}

/// What ends a resource that a guest dropped.
pub(crate) trait Ends: Send + Sync + 'static {
    fn end<'a>(
        &'a self,
        store: StoreContextMut<'a, Context>,
        place: Place,
        held: Held,
    ) -> Ending<'a>;
}

/// The end of a resource, while it is waited for.
pub(crate) type Ending<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send + 'a>>;

/// Ends the resource that a guest holds at a position.
pub(super) async fn end(
    ends: &dyn Ends,
    place: Place,
    mut store: StoreContextMut<'_, Context>,
    resource: Resource,
    position: u32,
) -> wasmtime::Result<()> {
    let handles = &mut State::of(store.data_mut(), place)?.handles;
    let held = handles
        .remove(resource, position)
        .map_err(|fault| fault.into_error("a resource was dropped"))?;
    ends.end(store, place, held).await
}

/// An interface of a plugin that is being linked.
struct Served<'a> {
    opened: &'a dyn Opened,
    place: Place,
    /// Its position in the world.
    at: usize,
    interface: &'a Interface,
}

impl<'a> Served<'a> {
    fn new(opened: &'a dyn Opened, place: Place, name: &str) -> Option<Self> {
        let mut interfaces = opened.world().interfaces.iter().enumerate();
        let (at, interface) = interfaces.find(|(_, known)| known.name == name)?;
        Some(Served {
            opened,
            place,
            at,
            interface,
        })
    }

    /// Its functions with who answers them.
    fn functions(
        &self,
    ) -> impl Iterator<Item = Result<(&'a Function, Arc<dyn Callee>), PluginError>> {
        let functions = self.interface.functions.iter().enumerate();
        functions.map(|(of, function)| Ok((function, self.callee(of, function)?)))
    }

    fn callee(&self, of: usize, function: &Function) -> Result<Arc<dyn Callee>, PluginError> {
        let called = Called {
            plugin: self.opened.plugin().to_owned(),
            interface: self.interface.name.clone(),
            function: function.clone(),
            place: self.place,
        };
        let nobody = || format!("nobody answers `{}#{}`", self.interface.name, function.name);
        let callee = self.opened.callee((self.at, of), called);
        Ok(callee.ok_or_else(nobody)?)
    }
}

/// Defines for components what is to be linked: an interface with its resources and functions, or one function.
pub(crate) fn component(
    opened: &dyn Opened,
    link: &Link<'_>,
    linker: &mut Linker<Context>,
) -> Result<(), PluginError> {
    let world = opened.world();
    check::import(link, world)?;
    let (name, place) = (link.offered.as_str(), link.place);
    if let Some(served) = Served::new(opened, place, name) {
        let mut linker = linker.instance(name)?;
        for (name, resource) in &served.interface.resources {
            let Some(ty) = world.resources.get(resource.0 as usize) else {
                continue;
            };
            let (ends, resource) = (opened.ends(), *resource);
            linker.resource_async(
                name,
                ResourceType::host_dynamic(ty.identity),
                move |store, position| {
                    let ends = Arc::clone(&ends);
                    Box::new(async move { end(&*ends, place, store, resource, position).await })
                },
            )?;
        }
        for function in served.functions() {
            let (function, callee) = function?;
            define(&mut linker, function, callee)?;
        }
        return Ok(());
    }
    for function in Served::new(opened, place, "")
        .iter()
        .flat_map(Served::functions)
    {
        let (function, callee) = function?;
        if function.name == name {
            return Ok(define(&mut linker.root(), function, callee)?);
        }
    }
    Err(format!("`{name}` is not provided").into())
}

/// Defines for core modules what is to be linked, in the flattened form of the functions.
pub(crate) fn module(
    opened: &dyn Opened,
    link: &Link<'_>,
    linker: &mut wasmtime::Linker<Context>,
) -> Result<(), PluginError> {
    let (module, place) = (link.offered.as_str(), link.place);
    let name = if module == ROOT_MODULE { "" } else { module };
    let Some(served) = Served::new(opened, place, name) else {
        return Err(format!("`{module}` is not provided").into());
    };
    for (name, resource) in &served.interface.resources {
        let name = drop_of(name);
        super::module::drops(linker, module, &name, *resource, place, opened.ends())?;
    }
    for function in served.functions() {
        let (function, callee) = function?;
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

/// Answers at once, with numbers for numbers.
fn direct<const N: usize, const M: usize>(
    linker: &mut LinkerInstance<'_, Context>,
    name: &str,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    linker.func_wrap(
        name,
        move |store: StoreContextMut<'_, Context>, Direct(passed): Direct<N>| {
            let returned = callee.call_direct(store, &passed)?;
            Ok(Direct([returned.unwrap_or(ValRaw::u32(0)); M]))
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
                let reply = callee.call_async(store, arguments).await?;
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

const DIRECT: Table = by_count!(direct 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
const AT_ONCE: Table = by_count!(at_once 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
const AWAITED: Table = by_count!(awaited 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
const APART: Table = by_count!(apart 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);

fn define(
    linker: &mut LinkerInstance<'_, Context>,
    function: &Function,
    callee: Arc<dyn Callee>,
) -> wasmtime::Result<()> {
    let table = match callee.mode() {
        Mode::AtOnce if function.is_direct() => &DIRECT,
        Mode::AtOnce => &AT_ONCE,
        Mode::Awaited => &AWAITED,
        Mode::Apart => &APART,
    };
    // None are passed or returned of what is in memory.
    let count = |flat: Option<&[Flat]>| flat.map_or(0, <[_]>::len);
    let row = table.get(count(function.passed()));
    match row.and_then(|row| row.get(count(function.returned()))) {
        Some(define) => define(linker, &function.name, callee),
        None => Err(wasmtime::Error::msg("a function of an impossible form")),
    }
}
