//! How a component plugin's functions are called.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use wasmtime::component::{ComponentExportIndex, Func, ResourceAny};
use wasmtime::{Store, StoreContextMut, ValRaw};

use crate::host::{Instance, RawInstance};
use crate::plugin::Place;
use crate::plugin::dynamic::State;
use crate::plugin::dynamic::call::{Arguments, Called, Callee, Calling, Mode};
use crate::plugin::dynamic::fault::Fault;
use crate::plugin::dynamic::handles::{Handles, Held, Value};
use crate::plugin::dynamic::link::{Ending, Ends};
use crate::plugin::dynamic::outward::{Received, Sent};
use crate::plugin::dynamic::reply::Reply;
use crate::plugin::dynamic::shape::Shape;
use crate::{Context, error};

/// The part of a guest's state that is a component plugin's: an instance in a store of its own. It is away while
/// it is called, and stays away once it trapped.
pub(super) struct Own(pub(super) Option<Box<Instance>>);

impl crate::plugin::dynamic::Own for Own {
    fn end(&mut self, _: Handles) {
        // What the guest held goes with the plugin's store.
    }
}

/// A function of a component plugin.
pub(super) struct Function {
    pub(super) export: ComponentExportIndex,
    pub(super) called: Arc<Called>,
}

fn take(state: &mut State, who: &dyn std::fmt::Display) -> wasmtime::Result<Box<Instance>> {
    let Own(instance) = state.own()?;
    instance
        .take()
        .ok_or_else(|| wasmtime::Error::msg(format!("{who}: the plugin trapped before")))
}

impl Function {
    /// What the guest passes, with the plugin's own resources in place of the guest's handles.
    fn resources(
        &self,
        handles: &mut Handles,
        arguments: &mut Arguments,
    ) -> Result<Vec<ResourceAny>, Fault> {
        let mut resources = Vec::new();
        let shape = &self.called.function.arguments;
        handles.pass(shape, arguments.block.bytes_mut(), &mut |value| {
            let Value::Component(value) = value else {
                return Err(Fault::Handle);
            };
            resources.push(value);
            Ok((resources.len() - 1) as u64)
        })?;
        Ok(resources)
    }

    async fn answer(
        &self,
        mut store: StoreContextMut<'_, Context>,
        mut arguments: Arguments,
    ) -> wasmtime::Result<Reply> {
        let context = store.data_mut();
        let limit = context.account.limits().host_bytes;
        let state = State::of(context, self.called.place)?;
        let resources = self
            .resources(&mut state.handles, &mut arguments)
            .map_err(|fault| self.called.refuse(fault))?;
        let mut instance = take(state, &self.called)?;
        tracing::trace!(target: "c12::plugin", who = %self.called, "called");
        let lent = arguments.lent.clone();
        let sent = Outgoing {
            arguments,
            shape: Arc::clone(&self.called.function.arguments),
            resources,
            limit,
        };
        let (raw, plugin) = instance.parts();
        let RawInstance::Component(raw) = raw else {
            return Err(wasmtime::Error::msg("a component plugin is a module"));
        };
        let received = match raw.get_func(&mut *plugin, self.export) {
            Some(function) => self.call(function, plugin, sent).await,
            None => Err(wasmtime::Error::msg("the plugin has lost its function")),
        };
        let received = received.map_err(|error| {
            // The guest's time is up, which is not the plugin's fault.
            if let Some(crate::Error::Timeout { .. }) = error.downcast_ref() {
                return error;
            }
            let said = error::chain_without_backtrace(&error);
            wasmtime::Error::msg(format!("{} failed: {said}", self.called))
        })?;
        *State::of(store.data_mut(), self.called.place)?.own()? = Own(Some(instance));
        Ok(Reply {
            block: received.block,
            _memory: received.memory,
            // Resources that no guest came to hold end with the plugin's store.
            keeps: None,
            resources: Some(received.resources.into()),
            limit,
            lent,
            taken: AtomicUsize::new(0),
            called: Arc::clone(&self.called),
        })
    }

    /// Calls with as many core values as the function takes and returns.
    async fn call(
        &self,
        function: Func,
        store: &mut Store<Context>,
        sent: Outgoing,
    ) -> wasmtime::Result<Received<1>> {
        // What does not fit is in memory, and one value leads there.
        let count = self.called.function.passed().map_or(1, <[_]>::len);
        let returns = self.called.function.result.is_some();
        macro_rules! by_count {
            ($($count:literal)*) => {
                match (count, returns) {
                    $(
                        ($count, false) => nothing(passed::<$count, 0>(function, store, sent).await?),
                        ($count, true) => passed::<$count, 1>(function, store, sent).await?,
                    )*
                    _ => return Err(wasmtime::Error::msg("a function of an impossible form")),
                }
            };
        }
        Ok(by_count!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))
    }
}

/// What is passed, before it is known as how many core values.
struct Outgoing {
    arguments: Arguments,
    shape: Arc<Shape>,
    resources: Vec<ResourceAny>,
    limit: usize,
}

async fn passed<const N: usize, const M: usize>(
    function: Func,
    store: &mut Store<Context>,
    outgoing: Outgoing,
) -> wasmtime::Result<Received<M>> {
    let sent = Sent::<N> {
        arguments: outgoing.arguments,
        shape: outgoing.shape,
        resources: outgoing.resources,
        limit: outgoing.limit,
    };
    let function = function.typed::<Sent<N>, Received<M>>(&*store)?;
    function.call_async(store, sent).await
}

fn nothing(received: Received<0>) -> Received<1> {
    Received {
        block: received.block,
        memory: received.memory,
        resources: received.resources,
    }
}

const LATER: &str = "a component plugin answers later";

impl Callee for Function {
    fn called(&self) -> &Called {
        &self.called
    }

    fn mode(&self) -> Mode {
        Mode::Awaited
    }

    fn call(&self, _: StoreContextMut<'_, Context>, _: Arguments) -> wasmtime::Result<Reply> {
        Err(wasmtime::Error::msg(LATER))
    }

    fn call_direct(
        &self,
        _: StoreContextMut<'_, Context>,
        _: &[ValRaw],
    ) -> wasmtime::Result<Option<ValRaw>> {
        Err(wasmtime::Error::msg(LATER))
    }

    fn call_async<'a>(
        self: Arc<Self>,
        store: StoreContextMut<'a, Context>,
        arguments: Arguments,
    ) -> Calling<'a> {
        Box::pin(async move { self.answer(store, arguments).await })
    }
}

/// Ends resources that guests drop.
pub(super) struct Dropper {
    pub(super) plugin: String,
}

impl Ends for Dropper {
    fn end<'a>(
        &'a self,
        mut store: StoreContextMut<'a, Context>,
        place: Place,
        held: Held,
    ) -> Ending<'a> {
        Box::pin(async move {
            let Value::Component(value) = held.value else {
                return Ok(());
            };
            let who = format!("plugin `{}`, dropping a resource", self.plugin);
            let mut instance = take(State::of(store.data_mut(), place)?, &who)?;
            let (_, plugin) = instance.parts();
            value.resource_drop_async(plugin).await.map_err(|error| {
                let said = error::chain_without_backtrace(&error);
                wasmtime::Error::msg(format!("{who} failed: {said}"))
            })?;
            *State::of(store.data_mut(), place)?.own()? = Own(Some(instance));
            Ok(())
        })
    }
}
