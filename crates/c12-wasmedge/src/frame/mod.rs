//! Calls from guests into plugins, and what plugins reach from there.
//!
//! A plugin holds pointers to memories, tables, globals and functions of a guest and uses them whenever it likes. The
//! engine allows that only with the store at hand, which is while a call of that guest is in the plugin, on that
//! thread. A [`Realm`] knows whether this is so: outside of it, functions that need the store answer as WasmEdge does
//! when an argument is missing.
#![allow(unsafe_code)]

pub(crate) mod api;
pub(crate) mod barrier;
pub(crate) mod call;
pub(crate) mod guest;
pub(crate) mod invoke;
mod wait;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use c12::Context;
use wasmtime::{AsContextMut, Caller, Func};

use crate::abi::guard::Running;
use crate::abi::{Code, live};
use crate::instances::{FunctionInstance, ModuleInstance};
use guest::Shape;

/// `WasmEdge_CallingFrameContext`: one call of a plugin's function. It lives on the stack of that call.
#[derive(Debug)]
pub(crate) struct CallingFrame {
    /// The guest's instance, as far as the plugin is concerned.
    pub(crate) realm: NonNull<Realm>,
    /// The module that the called function belongs to.
    pub(crate) own: Option<NonNull<ModuleInstance>>,
    /// Where what is known of the guest's module is kept, if WebAssembly may have made the call.
    pub(crate) guest: Option<NonNull<OnceLock<Arc<Shape>>>>,
}

/// What one plugin and one instance of a guest have in common. To the plugin it is the
/// `WasmEdge_ExecutorContext` of its calling frames.
pub(crate) struct Realm {
    plugin: Arc<str>,
    /// When the guest's time is up, and how long that was.
    deadline: Option<(Instant, Duration)>,
    /// The thread that is within a call of the plugin; 0 if none is.
    thread: AtomicUsize,
    /// The engine's handle of that call; null while it is in use, as by a nested call. Only that thread touches it.
    caller: Cell<*mut ()>,
    /// Only that thread touches it.
    inner: RefCell<Inner>,
}

// SAFETY: the cells are touched only by the thread that `thread` names, which is within a call of the guest; the engine
// runs one thread in a store at a time, and hands stores over between threads with the necessary ordering. The pointers
// are to objects that the realm owns, and to engine handles, which can be sent.
unsafe impl Send for Realm {}
// SAFETY: as above; other threads see only `thread`, which is atomic, and the fields that never change.
unsafe impl Sync for Realm {}

#[derive(Default)]
struct Inner {
    /// Calls of the guest's functions that wait for each other.
    depth: u32,
    /// What must end the guest, whatever the plugin makes of it, and how the plugin sees it.
    stop: Option<(Code, wasmtime::Error)>,
    /// What the last call of a guest's function ended with, if it failed.
    cause: Option<wasmtime::Error>,
    /// The guest's module, once the plugin asked for it.
    guest: Option<NonNull<ModuleInstance>>,
    /// Functions of the guest that the plugin has seen, by the engine's raw value.
    functions: HashMap<usize, Known>,
    /// Functions of plugins that became references in the guest, by their number.
    references: HashMap<u64, Func>,
}

/// What stands for a function of the store.
#[derive(Clone, Copy)]
struct Known {
    /// An object of the realm.
    object: NonNull<FunctionInstance>,
    /// The plugin's object that the function was made from. The plugin may have deleted it.
    original: Option<*const FunctionInstance>,
}

impl Known {
    fn best(self) -> NonNull<FunctionInstance> {
        if let Some(original) = self.original
            && live::is(original)
        {
            // SAFETY: both are function instances that are alive: one was looked up just now, the other is the realm's.
            let same = unsafe { (*original).number() == self.object.as_ref().number() };
            if same && let Some(original) = NonNull::new(original.cast_mut()) {
                return original;
            }
        }
        self.object
    }
}

/// The number of a thread: an address that no other running thread has.
fn this_thread() -> usize {
    thread_local! {
        static MARK: u8 = const { 0 };
    }
    MARK.with(|mark| ptr::from_ref(mark) as usize)
}

impl Realm {
    /// How many calls of guest functions may wait for each other. Each has a stack of its own.
    const MOST_NESTED: u32 = 64;

    pub(crate) fn new(plugin: Arc<str>, timeout: Option<Duration>) -> Self {
        Realm {
            plugin,
            deadline: timeout
                .and_then(|limit| Instant::now().checked_add(limit).map(|end| (end, limit))),
            thread: AtomicUsize::new(0),
            caller: Cell::new(ptr::null_mut()),
            inner: RefCell::default(),
        }
    }

    /// The plugin's name.
    pub(crate) fn plugin(&self) -> &Arc<str> {
        &self.plugin
    }

    pub(crate) fn deadline(&self) -> Option<(Instant, Duration)> {
        self.deadline
    }

    /// Makes the store reachable for the plugin until the result is dropped.
    pub(crate) fn enter<'a>(&'a self, caller: &'a mut Caller<'_, Context>) -> Entered<'a> {
        let thread = self.thread.swap(this_thread(), Ordering::Relaxed);
        let caller = self.caller.replace(ptr::from_mut(caller).cast());
        let cause = self.inner.borrow_mut().cause.take();
        Entered {
            realm: self,
            thread,
            caller,
            cause,
            _running: Running::new(&self.plugin),
            _caller: PhantomData,
        }
    }

    /// Uses the store, if this thread is within a call from it and nothing else uses it at the moment.
    pub(crate) fn with<R>(&self, use_it: impl FnOnce(&mut Caller<'_, Context>) -> R) -> Option<R> {
        struct GiveBack<'a>(&'a Cell<*mut ()>, *mut ());
        impl Drop for GiveBack<'_> {
            fn drop(&mut self) {
                self.0.set(self.1);
            }
        }
        if self.thread.load(Ordering::Relaxed) != this_thread() {
            return None;
        }
        // Taken away, so that there is never more than one.
        let pointer = NonNull::new(self.caller.replace(ptr::null_mut()))?;
        let _give_back = GiveBack(&self.caller, pointer.as_ptr());
        // SAFETY: `enter` put it there from a mutable borrow that lasts as long as it stays there, it was put there by
        // this thread, and taking it away makes this the only use.
        let caller = unsafe { pointer.cast::<Caller<'_, Context>>().as_mut() };
        Some(use_it(caller))
    }

    /// Whether this thread may touch what is within.
    fn is_here(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == this_thread()
    }

    /// Remembers what must end the guest. The first reason counts.
    fn stop(&self, code: Code, error: wasmtime::Error) {
        self.inner.borrow_mut().stop.get_or_insert((code, error));
    }

    /// How the plugin sees what must end the guest, if anything must.
    fn stopped(&self) -> Option<Code> {
        self.inner.borrow().stop.as_ref().map(|(code, _)| *code)
    }

    /// Remembers why a function of the guest failed.
    fn set_cause(&self, error: wasmtime::Error) {
        self.inner.borrow_mut().cause = Some(error);
    }

    /// Takes note of another call of a guest's function, unless there are too many.
    fn descend(&self) -> bool {
        let mut inner = self.inner.borrow_mut();
        inner.depth += 1;
        if inner.depth > Realm::MOST_NESTED {
            inner.depth -= 1;
            return false;
        }
        true
    }

    fn ascend(&self) {
        self.inner.borrow_mut().depth -= 1;
    }

    /// What must end the guest, if anything must.
    pub(crate) fn take_stop(&self) -> Option<wasmtime::Error> {
        self.inner.borrow_mut().stop.take().map(|(_, error)| error)
    }

    /// What the last call of a guest's function ended with, if it failed.
    pub(crate) fn take_cause(&self) -> Option<wasmtime::Error> {
        self.inner.borrow_mut().cause.take()
    }

    /// The object that stands for a function of the store.
    pub(crate) fn function(
        &self,
        store: &mut impl AsContextMut<Data = Context>,
        function: Func,
    ) -> NonNull<FunctionInstance> {
        let raw = function.to_raw(&mut *store) as usize;
        if let Some(known) = self.inner.borrow().functions.get(&raw) {
            return known.best();
        }
        let ty = function.ty(store.as_context());
        let object = live::lend(FunctionInstance::of_guest(self, function, &ty));
        let known = Known {
            object,
            original: None,
        };
        self.inner.borrow_mut().functions.insert(raw, known);
        object
    }

    /// A function of the store that stands for an object, which may come from the plugin.
    pub(crate) fn reference(
        &self,
        store: &mut impl AsContextMut<Data = Context>,
        original: *const FunctionInstance,
    ) -> Result<Func, String> {
        if !live::is(original) {
            return Err("a function reference that is no function instance".into());
        }
        // SAFETY: it is a function instance, which is alive as long as the plugin keeps it, and it gave it just now.
        let object = unsafe { &*original };
        if let Some(function) = object.guest_function(self) {
            return function.ok_or_else(|| "a function of another instance".into());
        }
        if let Some(known) = self.inner.borrow().references.get(&object.number()) {
            return Ok(*known);
        }
        let function = object.to_function(self, store)?;
        let raw = function.to_raw(&mut *store) as usize;
        let mut inner = self.inner.borrow_mut();
        inner.references.insert(object.number(), function);
        let known = Known {
            object: live::lend(object.copy()),
            original: Some(original),
        };
        inner.functions.insert(raw, known);
        Ok(function)
    }

    /// The guest's module, made when it is first asked for.
    fn guest_module(&self, shape: &Arc<Shape>) -> NonNull<ModuleInstance> {
        *self
            .inner
            .borrow_mut()
            .guest
            .get_or_insert_with(|| live::lend(ModuleInstance::of_guest(self, Arc::clone(shape))))
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        let inner = self.inner.get_mut();
        // SAFETY: the realm made them and frees them once; with the instance gone, the plugin may not use them.
        unsafe {
            if let Some(module) = inner.guest.take() {
                live::free(module);
            }
            for (_, known) in inner.functions.drain() {
                live::free(known.object);
            }
        }
    }
}

/// A call of the plugin. When it ends, what was before is restored.
pub(crate) struct Entered<'a> {
    realm: &'a Realm,
    thread: usize,
    caller: *mut (),
    cause: Option<wasmtime::Error>,
    _running: Running<'a>,
    _caller: PhantomData<&'a mut ()>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.realm.inner.borrow_mut().cause = self.cause.take();
        self.realm.caller.set(self.caller);
        self.realm.thread.store(self.thread, Ordering::Relaxed);
    }
}
