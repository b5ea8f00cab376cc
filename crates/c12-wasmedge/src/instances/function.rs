//! `WasmEdge_FunctionInstance…`
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use c12::Context;
use wasmtime::{AsContextMut, Func, FuncType};

use super::ModuleInstance;
use crate::abi::guard::guard;
use crate::abi::live::{Kind, Object};
use crate::abi::{HostFunction, WrapFunction, live};
use crate::frame::Realm;
use crate::frame::call::{Callee, Entry, PluginCall};
use crate::types::FunctionType;

/// `WasmEdge_FunctionInstanceContext`.
#[derive(Debug)]
pub(crate) struct FunctionInstance {
    ty: FunctionType,
    body: Body,
    /// No other function of the process has it, ever.
    number: u64,
    /// The module that it was added to.
    module: AtomicPtr<ModuleInstance>,
}

/// What is called.
#[derive(Debug)]
pub(crate) enum Body {
    /// A function of the plugin.
    Plugin(Callee),
    /// A function of the guest.
    Guest {
        realm: NonNull<Realm>,
        function: Func,
    },
}

impl Object for FunctionInstance {
    const KIND: Kind = Kind::Function;
}

/// The realm outlives what the guest can still call: it is the store's data.
#[derive(Clone, Copy)]
struct Owner(NonNull<Realm>, Option<NonNull<ModuleInstance>>);

// SAFETY: the realm can be used by the thread that runs the store, which is the one that calls the closure; the module
// pointer is only handed on to the plugin.
unsafe impl Send for Owner {}
// SAFETY: as above.
unsafe impl Sync for Owner {}

impl FunctionInstance {
    fn new(ty: FunctionType, body: Body) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        FunctionInstance {
            ty,
            body,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            module: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Stands for a function of the guest.
    pub(crate) fn of_guest(realm: &Realm, function: Func, ty: &FuncType) -> Self {
        let body = Body::Guest {
            realm: NonNull::from(realm),
            function,
        };
        FunctionInstance::new(FunctionType::from_wasm(ty), body)
    }

    /// Another object for the same function of a plugin, with the same number.
    pub(crate) fn copy(&self) -> Self {
        FunctionInstance {
            ty: self.ty.clone(),
            body: match &self.body {
                Body::Plugin(callee) => Body::Plugin(*callee),
                Body::Guest { realm, function } => Body::Guest {
                    realm: *realm,
                    function: *function,
                },
            },
            number: self.number,
            module: AtomicPtr::new(self.module.load(Ordering::Relaxed)),
        }
    }

    pub(crate) fn ty(&self) -> &FunctionType {
        &self.ty
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The module that it was added to.
    pub(crate) fn module(&self) -> Option<NonNull<ModuleInstance>> {
        NonNull::new(self.module.load(Ordering::Relaxed))
    }

    pub(super) fn set_module(&self, module: *mut ModuleInstance) {
        self.module.store(module, Ordering::Relaxed);
    }

    /// The engine's function, if it is one of a guest: `None` within, if of another one.
    pub(crate) fn guest_function(&self, asking: &Realm) -> Option<Option<Func>> {
        match &self.body {
            Body::Plugin(_) => None,
            Body::Guest { realm, function } => {
                Some(ptr::eq(realm.as_ptr(), asking).then_some(*function))
            }
        }
    }

    /// A function of the store that calls this one of the plugin.
    pub(crate) fn to_function(
        &self,
        realm: &Realm,
        store: &mut impl AsContextMut<Data = Context>,
    ) -> Result<Func, String> {
        let Body::Plugin(callee) = &self.body else {
            return Err("a function of another instance".into());
        };
        let callee = *callee;
        let engine = store.as_context().engine().clone();
        let ty = self
            .ty
            .to_wasm(&engine)
            .map_err(|ty| format!("its type has {ty}, which guests cannot use"))?;
        let owner = Owner(NonNull::from(realm), self.module());
        let shape = OnceLock::new();
        let closure_type = ty.clone();
        let function = Func::new(store, ty, move |mut caller, params, results| {
            let Owner(realm, own) = { owner };
            // SAFETY: the realm is part of the store's data, which lives as long as functions of the store are called.
            let realm = unsafe { realm.as_ref() };
            let call = PluginCall {
                realm,
                callee,
                own,
                guest: &shape,
                name: &"a function reference",
            };
            // SAFETY: the instance keeps the library loaded; the engine gives values of the function's type.
            unsafe { call.run_values(&mut caller, &closure_type, params, results) }
        });
        Ok(function)
    }
}

pub(crate) unsafe extern "C" fn create(
    ty: *const FunctionType,
    function: Option<HostFunction>,
    data: *mut c_void,
    _cost: u64,
) -> *mut FunctionInstance {
    guard("WasmEdge_FunctionInstanceCreate", ptr::null_mut(), || {
        // SAFETY: the API's contract: a function type, or NULL.
        let (Some(ty), Some(function)) = (unsafe { ty.as_ref() }, function) else {
            return ptr::null_mut();
        };
        let entry = Entry::Plain(function);
        live::give(FunctionInstance::new(
            ty.clone(),
            Body::Plugin(Callee { entry, data }),
        ))
    })
}

pub(crate) unsafe extern "C" fn create_bound(
    ty: *const FunctionType,
    function: Option<WrapFunction>,
    binding: *mut c_void,
    data: *mut c_void,
    _cost: u64,
) -> *mut FunctionInstance {
    guard(
        "WasmEdge_FunctionInstanceCreateBinding",
        ptr::null_mut(),
        || {
            // SAFETY: the API's contract: a function type, or NULL.
            let (Some(ty), Some(function)) = (unsafe { ty.as_ref() }, function) else {
                return ptr::null_mut();
            };
            let entry = Entry::Bound(function, binding);
            live::give(FunctionInstance::new(
                ty.clone(),
                Body::Plugin(Callee { entry, data }),
            ))
        },
    )
}

/// NULL for a function of a guest, which has no data.
pub(crate) unsafe extern "C" fn data(function: *const FunctionInstance) -> *const c_void {
    // SAFETY: the API's contract: a function instance, or NULL.
    match unsafe { function.as_ref() }.map(|function| &function.body) {
        Some(Body::Plugin(callee)) => callee.data.cast_const(),
        _ => ptr::null(),
    }
}

pub(crate) unsafe extern "C" fn function_type(
    function: *const FunctionInstance,
) -> *const FunctionType {
    // SAFETY: the API's contract: a function instance, or NULL.
    unsafe { function.as_ref() }.map_or(ptr::null(), |function| &raw const function.ty)
}

pub(crate) unsafe extern "C" fn delete(function: *mut FunctionInstance) {
    guard("WasmEdge_FunctionInstanceDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_FunctionInstanceDelete", function) }
    });
}
