//! What native plugins keep, and how their functions are called.
#![allow(unsafe_code)]

use std::borrow::Borrow;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use c12_plugin::abi;
use wasmtime::{StoreContextMut, ValRaw};

use super::Native;
use super::description::Entry;
use super::host::Call;
use crate::Context;
use crate::plugin::dynamic::State;
use crate::plugin::dynamic::call::{Arguments, Called, Callee, Calling, Mode};
use crate::plugin::dynamic::direct::{Plan, Room};
use crate::plugin::dynamic::fault::Fault;
use crate::plugin::dynamic::handles::{Handles, Held, Value};
use crate::plugin::dynamic::link::{Ending, Ends};
use crate::plugin::dynamic::memory::{Block, CallMemory};
use crate::plugin::dynamic::reply::{Keeps, Reply, owned};
use crate::plugin::dynamic::shape::Resource;
use crate::plugin::{Place, PluginError, Settings};

/// A pointer of a plugin's, which the host only hands back.
#[derive(Clone, Copy)]
pub(super) struct Opaque(*mut c_void);

// SAFETY: the contract lets the host call a plugin from any thread.
unsafe impl Send for Opaque {}
// SAFETY: what `open` makes guards itself; what `instantiate` makes is used by one call at a time, see `Instance`.
unsafe impl Sync for Opaque {}

/// Bytes that a plugin may have of the host while it opens; what it keeps is its own.
const OPEN_LIMIT: usize = 64 << 20;

/// A plugin after its `open`, until its `close`.
pub(super) struct Opened {
    pub(super) native: Arc<Native>,
    plugin: Opaque,
}

impl Opened {
    pub(super) fn open(native: &Arc<Native>, settings: &Settings) -> Result<Self, PluginError> {
        let text = |text: &str| abi::Str {
            data: text.as_ptr(),
            len: text.len(),
        };
        let list: Vec<abi::Setting> = settings
            .iter()
            .map(|(key, value)| abi::Setting {
                key: text(key.name()),
                value: text(value),
            })
            .collect();
        let settings = abi::Settings {
            size: size_of::<abi::Settings>(),
            settings: list.as_ptr(),
            count: list.len(),
        };
        let mut plugin = std::ptr::null_mut();
        if let Some(open) = native.description.open {
            let mut call = Call::new(CallMemory::new(OPEN_LIMIT));
            // SAFETY: the library is loaded, and the arguments are what the contract says.
            let status = unsafe { open(call.pointer(), &settings, &mut plugin) };
            if status != abi::OK {
                return Err(call.failure().into());
            }
        }
        Ok(Opened {
            native: Arc::clone(native),
            plugin: Opaque(plugin),
        })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(close) = self.native.description.close {
            // SAFETY: instances hold what was opened, so none is left; it is closed once.
            unsafe { close(self.plugin.0) };
        }
    }
}

/// What a plugin keeps for one instance of a guest. Only one call at a time uses it: the guest waits for each,
/// and a call that outlives its guest holds it until it returns.
pub(super) struct Instance {
    instance: Opaque,
    /// Set while the plugin runs for this instance.
    busy: AtomicBool,
    /// Resources that the guest held when it ended, and those that never came to it.
    left: Mutex<Vec<(Resource, u64)>>,
    opened: Arc<Opened>,
}

impl Instance {
    pub(super) fn new(opened: &Arc<Opened>, limit: usize) -> Result<Self, PluginError> {
        let mut instance = opened.plugin.0;
        if let Some(instantiate) = opened.native.description.instantiate {
            let mut call = Call::new(CallMemory::new(limit));
            instance = std::ptr::null_mut();
            // SAFETY: the plugin is open, and the arguments are what the contract says.
            let status = unsafe { instantiate(call.pointer(), opened.plugin.0, &mut instance) };
            if status != abi::OK {
                return Err(call.failure().into());
            }
        }
        Ok(Instance {
            instance: Opaque(instance),
            busy: AtomicBool::default(),
            left: Mutex::default(),
            opened: Arc::clone(opened),
        })
    }

    /// Calls a function of the table, for who entered or holds the last of the instance.
    fn call(
        &self,
        function: abi::Function,
        arguments: &[u8],
        result: &mut [u8],
        memory: CallMemory,
    ) -> Result<CallMemory, String> {
        let mut call = Call::new(memory);
        // SAFETY: the library is loaded, the instance lives, nobody else uses it, and the blocks have the layout that
        // the plugin's own WIT gives them.
        let status = unsafe {
            function(
                call.pointer(),
                self.instance.0,
                arguments.as_ptr().cast(),
                result.as_mut_ptr().cast(),
            )
        };
        if status == abi::OK {
            return Ok(std::mem::replace(&mut call.memory, CallMemory::new(0)));
        }
        Err(call.failure())
    }

    fn end(&self, resource: Resource, value: u64) -> Result<(), String> {
        let drops = &self.opened.native.description.drops;
        let Some(Some(function)) = drops.get(resource.0 as usize) else {
            return Ok(());
        };
        let mut arguments = Block::new(size_of::<u64>());
        arguments.bytes_mut().copy_from_slice(&value.to_ne_bytes());
        let memory = CallMemory::new(0);
        self.call(*function, arguments.bytes(), &mut [], memory)
            .map(drop)
    }
}

/// The right to call a plugin for an instance, until it is dropped.
struct Entered<I: Borrow<Arc<Instance>>>(I);

const BUSY: &str = "it is still busy with a call that was given up";

impl<I: Borrow<Arc<Instance>>> Entered<I> {
    /// Waits for nobody: a call that was given up may take forever. Only who holds the guest's store enters, one after
    /// another, so that to look and to set need not be one step.
    fn new(instance: I) -> Result<Self, I> {
        let busy = &instance.borrow().busy;
        if busy.load(Ordering::Acquire) {
            return Err(instance);
        }
        busy.store(true, Ordering::Relaxed);
        Ok(Entered(instance))
    }

    fn instance(&self) -> &Arc<Instance> {
        self.0.borrow()
    }
}

impl<I: Borrow<Arc<Instance>>> Drop for Entered<I> {
    fn drop(&mut self) {
        self.instance().busy.store(false, Ordering::Release);
    }
}

/// Who calls.
trait Caller: Borrow<Arc<Instance>> + Sized {
    /// What a reply holds that `leads` back to the plugin.
    fn keep(entered: Entered<Self>, leads: bool) -> Option<Arc<dyn Keeps>>;
}

/// The guest itself, which has the reply before it calls again.
impl Caller for &Arc<Instance> {
    fn keep(entered: Entered<Self>, leads: bool) -> Option<Arc<dyn Keeps>> {
        leads.then(|| Arc::<Instance>::clone(entered.instance()) as Arc<dyn Keeps>)
    }
}

/// A thread of its own. Nobody may wait for its reply any more; until that is dropped nobody else calls.
impl Caller for Arc<Instance> {
    fn keep(entered: Entered<Self>, _: bool) -> Option<Arc<dyn Keeps>> {
        Some(Arc::new(entered))
    }
}

impl Keeps for Entered<Arc<Instance>> {
    fn leave(&self, resource: Resource, value: u64) {
        self.instance().leave(resource, value);
    }
}

impl Keeps for Instance {
    fn leave(&self, resource: Resource, value: u64) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.push((resource, value));
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let left = std::mem::take(self.left.get_mut().unwrap_or_else(PoisonError::into_inner));
        for (resource, value) in left {
            if let Err(message) = self.end(resource, value) {
                let plugin = &self.opened.native.description.name;
                tracing::warn!(target: "c12::plugin", plugin, "dropping a resource failed: {message}");
            }
        }
        if let Some(drop) = self.opened.native.description.drop_instance {
            // SAFETY: it was made by `instantiate`, all its resources are dropped, and it is dropped once.
            unsafe { drop(self.instance.0) };
        }
    }
}

/// The part of a guest's state that is a native plugin's.
pub(super) struct Own(pub(super) Arc<Instance>);

impl crate::plugin::dynamic::Own for Own {
    fn end(&mut self, mut handles: Handles) {
        for held in handles.drain() {
            if let Value::Native(value) = held.value {
                self.0.leave(held.resource, value);
            }
        }
    }
}

/// A function of a native plugin.
pub(super) struct Function {
    pub(super) entry: Entry,
    pub(super) called: Arc<Called>,
    /// How it is called with numbers alone, if that can be.
    pub(super) plan: Option<Plan>,
}

impl Function {
    /// Finds the instance, and gives the plugin its own words for the resources among the arguments.
    fn prepare<'a>(
        &self,
        context: &'a mut Context,
        arguments: &mut Arguments,
    ) -> wasmtime::Result<(&'a Arc<Instance>, usize)> {
        let limit = context.account.limits().host_bytes;
        let state = State::of(context, self.called.place)?;
        let shape = &self.called.function.arguments;
        if shape.handles {
            let bytes = arguments.block.bytes_mut();
            let passed = state.handles.pass(shape, bytes, &mut |value| match value {
                Value::Native(value) => Ok(value),
                Value::Component(_) => Err(Fault::Handle),
            });
            passed.map_err(|fault| self.called.refuse(fault))?;
        }
        arguments.memory.limit(limit);
        Ok((instance(state)?, limit))
    }

    fn run<I: Caller>(
        &self,
        instance: Result<Entered<I>, I>,
        arguments: Arguments,
        limit: usize,
    ) -> wasmtime::Result<Reply> {
        let function = &self.called.function;
        let result = function.result.as_deref();
        let mut block = Block::new(result.map_or(0, |shape| shape.native.size));
        let Arguments {
            block: passed,
            memory,
            lent,
        } = arguments;
        tracing::trace!(target: "c12::plugin", who = %self.called, "called");
        let entered = match instance {
            Ok(entered) => entered,
            Err(busy) => {
                // What the guest gave away has not come to the plugin.
                owned(
                    &function.arguments,
                    passed.bytes(),
                    limit,
                    &lent,
                    &mut |resource, value| busy.borrow().leave(resource, value),
                );
                return Err(self.failed(BUSY));
            }
        };
        let memory = entered
            .instance()
            .call(
                self.entry.function,
                passed.bytes(),
                block.bytes_mut(),
                memory,
            )
            .map_err(|message| self.failed(&message))?;
        let leads = memory.is_deferring() || result.is_some_and(|shape| shape.handles);
        Ok(Reply {
            block,
            keeps: I::keep(entered, leads),
            _memory: memory,
            resources: None,
            limit,
            lent,
            taken: AtomicUsize::new(0),
            called: Arc::clone(&self.called),
        })
    }

    fn failed(&self, message: &str) -> wasmtime::Error {
        wasmtime::Error::msg(format!("{} failed: {message}", self.called))
    }
}

fn instance(state: &mut State) -> wasmtime::Result<&Arc<Instance>> {
    let Own(instance) = state.own()?;
    Ok(instance)
}

impl Callee for Function {
    fn called(&self) -> &Called {
        &self.called
    }

    fn mode(&self) -> Mode {
        if self.entry.waits {
            Mode::Apart
        } else {
            Mode::AtOnce
        }
    }

    fn call(
        &self,
        mut store: StoreContextMut<'_, Context>,
        mut arguments: Arguments,
    ) -> wasmtime::Result<Reply> {
        let (instance, limit) = self.prepare(store.data_mut(), &mut arguments)?;
        self.run(Entered::new(instance), arguments, limit)
    }

    fn call_direct(
        &self,
        mut store: StoreContextMut<'_, Context>,
        passed: &[ValRaw],
    ) -> wasmtime::Result<Option<ValRaw>> {
        let Some(plan) = &self.plan else {
            return Err(self.failed("it has more than numbers"));
        };
        let function = &self.called.function;
        let (mut arguments, mut returned) = (Room::new(), Room::new());
        let arguments = arguments
            .bytes(function.arguments.native.size)
            .and_then(|bytes| plan.lift(passed, bytes).map(|()| bytes))
            .map_err(|fault| self.called.refuse(fault))?;
        let size = function
            .result
            .as_ref()
            .map_or(0, |result| result.native.size);
        let returned = returned
            .bytes(size)
            .map_err(|fault| self.called.refuse(fault))?;
        let context = store.data_mut();
        let memory = CallMemory::new(context.account.limits().host_bytes);
        let instance = instance(State::of(context, self.called.place)?)?;
        let entered = Entered::new(instance).map_err(|_| self.failed(BUSY))?;
        tracing::trace!(target: "c12::plugin", who = %self.called, "called");
        entered
            .instance()
            .call(self.entry.function, arguments, returned, memory)
            .map_err(|message| self.failed(&message))?;
        plan.lower(returned)
            .map_err(|fault| self.called.blame(fault))
    }

    fn call_async<'a>(
        self: Arc<Self>,
        mut store: StoreContextMut<'a, Context>,
        mut arguments: Arguments,
    ) -> Calling<'a> {
        Box::pin(async move {
            let (instance, limit) = self.prepare(store.data_mut(), &mut arguments)?;
            // The thread holds all that it uses: the guest may be given up meanwhile.
            let instance = Entered::new(Arc::clone(instance));
            waiting(move || self.run(instance, arguments, limit)).await?
        })
    }
}

/// Does what waits on a thread for that.
pub(super) async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> wasmtime::Result<T> {
    let runtime = tokio::runtime::Handle::try_current()
        .map_err(|_| wasmtime::Error::msg("plugins that wait need a Tokio runtime"))?;
    runtime
        .spawn_blocking(work)
        .await
        .map_err(|error| wasmtime::Error::msg(format!("a plugin's thread ended early: {error}")))
}

/// Ends resources that guests drop.
pub(super) struct Dropper {
    pub(super) waits: bool,
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
            let instance = instance(State::of(store.data_mut(), place)?)?;
            let Value::Native(value) = held.value else {
                return Ok(());
            };
            let ended = match Entered::new(Arc::clone(instance)) {
                Ok(entered) => {
                    let end = move || entered.instance().end(held.resource, value);
                    if self.waits {
                        waiting(end).await?
                    } else {
                        end()
                    }
                }
                Err(busy) => {
                    busy.leave(held.resource, value);
                    Err(BUSY.to_owned())
                }
            };
            ended.map_err(|message| {
                wasmtime::Error::msg(format!(
                    "plugin `{}` failed to drop a resource: {message}",
                    self.plugin
                ))
            })
        })
    }
}
