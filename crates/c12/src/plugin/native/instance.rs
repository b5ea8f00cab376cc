//! What native plugins keep, and how their functions are called.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use c12_plugin::abi;
use wasmtime::StoreContextMut;

use super::Native;
use super::host::Call;
use crate::Context;
use crate::plugin::dynamic::State;
use crate::plugin::dynamic::call::{Arguments, Callee, Calling, Mode, Reply, Who};
use crate::plugin::dynamic::fault::Fault;
use crate::plugin::dynamic::handles::{Handles, Value};
use crate::plugin::dynamic::link::{Ending, Ends};
use crate::plugin::dynamic::memory::{Block, CallMemory};
use crate::plugin::dynamic::shape::{Resource, Shape};
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
    /// Held while the plugin runs for this instance.
    busy: Mutex<()>,
    /// Resources that the guest held when it ended.
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
            busy: Mutex::default(),
            left: Mutex::default(),
            opened: Arc::clone(opened),
        })
    }

    /// Calls a function of the table.
    fn call(
        &self,
        function: abi::Function,
        arguments: &[u8],
        result: &mut [u8],
        memory: CallMemory,
    ) -> Result<CallMemory, String> {
        let Ok(_busy) = self.busy.try_lock() else {
            return Err("it is still busy with a call that was given up".to_owned());
        };
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
        let arguments = value.to_ne_bytes();
        self.call(*function, &aligned(arguments), &mut [], CallMemory::new(0))
            .map(drop)
    }
}

/// The bytes of a word at an address that is aligned for it.
fn aligned(bytes: [u8; 8]) -> Aligned {
    Aligned([u64::from_ne_bytes(bytes)])
}

struct Aligned([u64; 1]);

impl std::ops::Deref for Aligned {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: a word is eight bytes.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), 8) }
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
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.extend(handles.drain().filter_map(|held| match held.value {
            Value::Native(value) => Some((held.resource, value)),
            Value::Component(_) => None,
        }));
    }
}

/// A function of a native plugin.
pub(super) struct Function {
    pub(super) function: abi::Function,
    pub(super) waits: bool,
    pub(super) place: Place,
    pub(super) arguments: Arc<Shape>,
    pub(super) result: Option<Arc<Shape>>,
    pub(super) who: Arc<Who>,
}

impl Function {
    /// Finds the instance, and gives the plugin its own words for the resources among the arguments.
    fn prepare(
        &self,
        store: &mut StoreContextMut<'_, Context>,
        arguments: &mut Arguments,
    ) -> wasmtime::Result<(Arc<Instance>, usize)> {
        let context = store.data_mut();
        let limit = context.account.limits().host_bytes;
        let state = state(context, self.place)?;
        let instance = instance(state)?;
        if self.arguments.handles {
            let bytes = arguments.block.bytes_mut();
            let passed = state
                .handles
                .pass(&self.arguments, bytes, &mut |value| match value {
                    Value::Native(value) => Ok(value),
                    Value::Component(_) => Err(Fault::Handle),
                });
            passed.map_err(|fault| fault.into_error("the guest passed what cannot be"))?;
        }
        arguments.memory.limit(limit);
        Ok((instance, limit))
    }

    fn run(
        &self,
        instance: &Arc<Instance>,
        arguments: Arguments,
        limit: usize,
    ) -> wasmtime::Result<Reply> {
        let mut block = Block::new(self.result.as_ref().map_or(0, |shape| shape.native.size));
        let Arguments {
            block: passed,
            memory,
        } = arguments;
        tracing::trace!(target: "c12::plugin", who = %self.who, "called");
        match instance.call(self.function, passed.bytes(), block.bytes_mut(), memory) {
            Ok(memory) => Ok(Reply {
                block,
                _memory: memory,
                _keeps: Some(Arc::<Instance>::clone(instance)),
                shape: self.result.clone(),
                resources: None,
                limit,
                place: self.place,
                who: Arc::clone(&self.who),
            }),
            Err(message) => Err(wasmtime::Error::msg(format!(
                "{} failed: {message}",
                self.who
            ))),
        }
    }
}

fn state(context: &mut Context, place: Place) -> wasmtime::Result<&mut State> {
    context
        .state::<State>(place)
        .ok_or_else(|| wasmtime::Error::msg("a plugin's state is gone"))
}

fn instance(state: &State) -> wasmtime::Result<Arc<Instance>> {
    let own: &dyn std::any::Any = &*state.own;
    match own.downcast_ref::<Own>() {
        Some(own) => Ok(Arc::clone(&own.0)),
        None => Err(wasmtime::Error::msg("a plugin's state is another's")),
    }
}

impl Callee for Function {
    fn mode(&self) -> Mode {
        if self.waits {
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
        let (instance, limit) = self.prepare(&mut store, &mut arguments)?;
        self.run(&instance, arguments, limit)
    }

    fn call_async<'a>(
        self: Arc<Self>,
        mut store: StoreContextMut<'a, Context>,
        mut arguments: Arguments,
    ) -> Calling<'a> {
        Box::pin(async move {
            let (instance, limit) = self.prepare(&mut store, &mut arguments)?;
            // The thread holds all that it uses: the guest may be given up meanwhile.
            waiting(move || self.run(&instance, arguments, limit)).await?
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
    pub(super) place: Place,
    pub(super) waits: bool,
    pub(super) plugin: String,
}

impl Ends for Dropper {
    fn end<'a>(
        &'a self,
        mut store: StoreContextMut<'a, Context>,
        resource: Resource,
        position: u32,
    ) -> Ending<'a> {
        Box::pin(async move {
            let state = state(store.data_mut(), self.place)?;
            let held = state
                .handles
                .remove(resource, position)
                .map_err(|fault| fault.into_error("a resource was dropped"))?;
            let instance = instance(state)?;
            let Value::Native(value) = held.value else {
                return Ok(());
            };
            let end = move || instance.end(resource, value);
            let ended = if self.waits {
                waiting(end).await?
            } else {
                end()
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
