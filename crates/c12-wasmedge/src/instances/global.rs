//! `WasmEdge_GlobalInstance…`
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

use wasmtime::{Extern, Global, RootScope};

use crate::abi::guard::{failed, guard};
use crate::abi::live::{Kind, Object};
use crate::abi::{Code, ValType, Value, live};
use crate::frame::Realm;
use crate::types::GlobalType;
use crate::types::functions::fits;
use crate::values::convert;

/// `WasmEdge_GlobalInstanceContext`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct GlobalInstance {
    /// The first member: see [`crate::types`].
    ty: GlobalType,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Made by the plugin.
    Own(Mutex<Value>),
    /// A global of a guest.
    Guest {
        realm: NonNull<Realm>,
        global: Global,
    },
}

impl Object for GlobalInstance {
    const KIND: Kind = Kind::Global;
}

impl GlobalInstance {
    /// Stands for a global of the guest that is calling.
    pub(super) fn of_guest(realm: &Realm, item: Extern) -> Option<Self> {
        let Extern::Global(global) = item else {
            return None;
        };
        let ty = realm.with(|caller| global.ty(&*caller))?;
        Some(GlobalInstance {
            ty: GlobalType {
                content: ValType::from_wasm(ty.content()),
                mutable: ty.mutability().is_var(),
            },
            body: Body::Guest {
                realm: NonNull::from(realm),
                global,
            },
        })
    }

    fn get(&self) -> Result<Value, Code> {
        match &self.body {
            Body::Own(value) => Ok(*value.lock().unwrap_or_else(PoisonError::into_inner)),
            Body::Guest { realm, global } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                let found = realm.with(|caller| {
                    let mut scope = RootScope::new(&mut *caller);
                    let value = global.get(&mut scope);
                    convert::from_wasm(realm, &mut scope, &value).map_err(|_| Code::REFERENCE_TYPE)
                });
                found.unwrap_or(Err(Code::WRONG_WORKFLOW))
            }
        }
    }

    fn set(&self, value: &Value) -> Result<(), Code> {
        if !self.ty.mutable {
            return Err(Code::SET_CONSTANT);
        }
        check(self.ty.content, value)?;
        match &self.body {
            Body::Own(current) => {
                *current.lock().unwrap_or_else(PoisonError::into_inner) =
                    Value::new(self.ty.content, value.bits);
                Ok(())
            }
            Body::Guest { realm, global } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                let done = realm.with(|caller| {
                    let mut scope = RootScope::new(&mut *caller);
                    let ty = global.ty(&scope);
                    let value = convert::to_wasm(realm, &mut scope, value, ty.content())
                        .map_err(|_| Code::REFERENCE_TYPE)?;
                    global
                        .set(&mut scope, value)
                        .map_err(|_| Code::SET_WRONG_TYPE)
                });
                done.unwrap_or(Err(Code::WRONG_WORKFLOW))
            }
        }
    }
}

/// Why a value does not become the content. For a reference only the value's heap type is looked at, as in WasmEdge,
/// so that a number counts as no function.
fn check(ty: ValType, value: &Value) -> Result<(), Code> {
    if !ty.is_reference() {
        return if fits(ty, value) {
            Ok(())
        } else {
            Err(Code::SET_WRONG_TYPE)
        };
    }
    if ty.is_function() != value.ty.is_function() {
        return Err(Code::REFERENCE_TYPE);
    }
    if !ty.is_nullable() && value.pointer() == 0 {
        return Err(Code::NON_NULL_REQUIRED);
    }
    Ok(())
}

pub(crate) unsafe extern "C" fn create(ty: *const GlobalType, value: Value) -> *mut GlobalInstance {
    guard("WasmEdge_GlobalInstanceCreate", ptr::null_mut(), || {
        // SAFETY: the API's contract: a global type, or NULL.
        match unsafe { ty.as_ref() } {
            Some(ty) if check(ty.content, &value).is_ok() => live::give(GlobalInstance {
                ty: *ty,
                body: Body::Own(Mutex::new(Value::new(ty.content, value.bits))),
            }),
            _ => ptr::null_mut(),
        }
    })
}

pub(crate) unsafe extern "C" fn global_type(global: *const GlobalInstance) -> *const GlobalType {
    // SAFETY: the API's contract: a global instance, or NULL.
    unsafe { global.as_ref() }.map_or(ptr::null(), |global| &raw const global.ty)
}

pub(crate) unsafe extern "C" fn get(global: *const GlobalInstance) -> Value {
    const NAME: &str = "WasmEdge_GlobalInstanceGetValue";
    let zero = Value::new(ValType::I32, 0);
    guard(NAME, zero, || {
        // SAFETY: the API's contract: a global instance, or NULL.
        match unsafe { global.as_ref() }.map(GlobalInstance::get) {
            Some(Ok(value)) => value,
            Some(Err(code)) => {
                failed(NAME, code);
                zero
            }
            None => zero,
        }
    })
}

pub(crate) unsafe extern "C" fn set(global: *mut GlobalInstance, value: Value) -> Code {
    const NAME: &str = "WasmEdge_GlobalInstanceSetValue";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a global instance, or NULL.
        match unsafe { global.as_ref() }.map(|global| global.set(&value)) {
            Some(Ok(())) => Code::SUCCESS,
            Some(Err(code)) => {
                failed(NAME, code);
                code
            }
            None => Code::WRONG_WORKFLOW,
        }
    })
}

pub(crate) unsafe extern "C" fn delete(global: *mut GlobalInstance) {
    guard("WasmEdge_GlobalInstanceDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_GlobalInstanceDelete", global) }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::api as types;
    use crate::values::api as values;

    #[test]
    fn only_variables_change_and_only_to_their_type() {
        let constant = types::global_create(ValType::I32, 0);
        let variable = types::global_create(ValType::I32, 1);
        // SAFETY: live types and globals.
        unsafe {
            assert!(create(constant, values::from_i64(1)).is_null());
            let one = create(constant, values::from_i32(7));
            let other = create(variable, values::from_i32(8));
            assert_eq!(set(one, values::from_i32(1)), Code::SET_CONSTANT);
            assert_eq!(set(other, values::from_i64(1)), Code::SET_WRONG_TYPE);
            assert_eq!(set(other, values::from_i32(9)), Code::SUCCESS);
            assert_eq!(values::to_i32(get(other)), 9);
            assert_eq!(types::global_mutability(global_type(other)), 1);
            // Plugins exist that take an instance for its type.
            assert_eq!(types::global_content(other.cast()), ValType::I32);
            assert_eq!(values::to_i32(get(ptr::null())), 0);
            delete(one);
            delete(other);
            types::global_delete(constant);
            types::global_delete(variable);
        }
    }
}
