//! `WasmEdge_TableInstance…`
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmtime::{Extern, Ref, RootScope, Table, Val};

use crate::abi::guard::{failed, guard};
use crate::abi::live::{Kind, Object};
use crate::abi::{Code, ValType, Value, live};
use crate::frame::Realm;
use crate::types::{Bounds, Sizes, TableType};
use crate::values::convert;

/// Elements that a table of a plugin may have: more than any guest may, and few enough to be allocated.
const MOST: usize = 10_000_000;

/// `WasmEdge_TableInstanceContext`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct TableInstance {
    /// The first member: see [`crate::types`].
    ty: TableType,
    /// What new elements are.
    initial: Value,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Made by the plugin.
    Own(Mutex<Vec<Value>>),
    /// A table of a guest.
    Guest { realm: NonNull<Realm>, table: Table },
}

impl Object for TableInstance {
    const KIND: Kind = Kind::Table;
}

impl TableInstance {
    fn new(ty: &TableType, initial: Value) -> Self {
        let size = (ty.bounds.get().min as usize).min(MOST);
        TableInstance {
            ty: ty.clone(),
            initial,
            body: Body::Own(Mutex::new(vec![initial; size])),
        }
    }

    /// Stands for a table of the guest that is calling.
    pub(super) fn of_guest(realm: &Realm, item: Extern) -> Option<Self> {
        let Extern::Table(table) = item else {
            return None;
        };
        let ty = realm.with(|caller| table.ty(&*caller))?;
        let size = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
        let element = ValType::from_wasm(&wasmtime::ValType::Ref(ty.element().clone()));
        let bounds = Bounds::new(Sizes {
            min: size(ty.minimum()),
            max: ty.maximum().map(size),
            shared: false,
        });
        Some(TableInstance {
            ty: TableType { element, bounds },
            initial: Value::reference(element, 0),
            body: Body::Guest {
                realm: NonNull::from(realm),
                table,
            },
        })
    }

    fn size(&self) -> Option<u32> {
        match &self.body {
            Body::Own(elements) => u32::try_from(lock(elements).len()).ok(),
            Body::Guest { realm, table } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                u32::try_from(realm.with(|caller| table.size(&*caller))?).ok()
            }
        }
    }

    fn get(&self, index: u32) -> Result<Value, Code> {
        match &self.body {
            Body::Own(elements) => lock(elements)
                .get(index as usize)
                .copied()
                .ok_or(Code::TABLE_BOUNDS),
            Body::Guest { realm, table } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                let found = realm.with(|caller| {
                    let mut scope = RootScope::new(&mut *caller);
                    let element = table
                        .get(&mut scope, index.into())
                        .ok_or(Code::TABLE_BOUNDS)?;
                    convert::from_wasm(realm, &mut scope, &Val::from(element))
                        .map_err(|_| Code::REFERENCE_TYPE)
                });
                found.unwrap_or(Err(Code::WRONG_WORKFLOW))
            }
        }
    }

    fn set(&self, index: u32, value: &Value) -> Result<(), Code> {
        check(&self.ty, value)?;
        match &self.body {
            Body::Own(elements) => {
                *lock(elements)
                    .get_mut(index as usize)
                    .ok_or(Code::TABLE_BOUNDS)? = *value;
                Ok(())
            }
            Body::Guest { realm, table } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                let done = realm.with(|caller| {
                    let mut scope = RootScope::new(&mut *caller);
                    let ty = wasmtime::ValType::Ref(table.ty(&scope).element().clone());
                    let value = convert::to_wasm(realm, &mut scope, value, &ty)
                        .map_err(|_| Code::REFERENCE_TYPE)?;
                    let reference = reference(value).ok_or(Code::REFERENCE_TYPE)?;
                    if u64::from(index) >= table.size(&scope) {
                        return Err(Code::TABLE_BOUNDS);
                    }
                    table
                        .set(&mut scope, index.into(), reference)
                        .map_err(|_| Code::REFERENCE_TYPE)
                });
                done.unwrap_or(Err(Code::WRONG_WORKFLOW))
            }
        }
    }

    fn grow(&self, count: u32) -> Result<(), Code> {
        match &self.body {
            Body::Own(elements) => {
                let mut elements = lock(elements);
                let after = elements.len().saturating_add(count as usize);
                let most = self
                    .ty
                    .bounds
                    .get()
                    .max
                    .map_or(MOST, |max| MOST.min(max as usize));
                if after > most {
                    return Err(Code::TABLE_BOUNDS);
                }
                elements.resize(after, self.initial);
                Ok(())
            }
            Body::Guest { realm, table } => {
                // SAFETY: the realm owns this object, so it lives as long.
                let realm = unsafe { realm.as_ref() };
                let grown = realm.with(|caller| {
                    let null = Ref::null(table.ty(&*caller).element().heap_type());
                    table.grow(&mut *caller, count.into(), null).is_ok()
                });
                match grown {
                    Some(true) => Ok(()),
                    Some(false) => Err(Code::TABLE_BOUNDS),
                    None => Err(Code::WRONG_WORKFLOW),
                }
            }
        }
    }
}

fn lock(elements: &Mutex<Vec<Value>>) -> MutexGuard<'_, Vec<Value>> {
    elements.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reference(value: Val) -> Option<Ref> {
    match value {
        Val::FuncRef(function) => Some(Ref::Func(function)),
        Val::ExternRef(reference) => Some(Ref::Extern(reference)),
        _ => None,
    }
}

/// Whether a value may become an element.
fn check(ty: &TableType, value: &Value) -> Result<(), Code> {
    if !value.ty.is_reference() || value.ty.is_function() != ty.element.is_function() {
        return Err(Code::REFERENCE_TYPE);
    }
    if !ty.element.is_nullable() && value.pointer() == 0 {
        return Err(Code::NON_NULL_REQUIRED);
    }
    Ok(())
}

fn told(function: &'static str, outcome: Result<(), Code>) -> Code {
    match outcome {
        Ok(()) => Code::SUCCESS,
        Err(code) => {
            failed(function, code);
            code
        }
    }
}

pub(crate) unsafe extern "C" fn create(ty: *const TableType) -> *mut TableInstance {
    guard("WasmEdge_TableInstanceCreate", ptr::null_mut(), || {
        // SAFETY: the API's contract: a table type, or NULL.
        match unsafe { ty.as_ref() } {
            Some(ty) if ty.element.is_nullable() => {
                live::give(TableInstance::new(ty, Value::reference(ty.element, 0)))
            }
            _ => ptr::null_mut(),
        }
    })
}

/// As in WasmEdge, of the value only the heap type is compared, so that a number counts as no function.
pub(crate) unsafe extern "C" fn create_filled(
    ty: *const TableType,
    value: Value,
) -> *mut TableInstance {
    guard(
        "WasmEdge_TableInstanceCreateWithInit",
        ptr::null_mut(),
        || {
            // SAFETY: the API's contract: a table type, or NULL.
            let Some(ty) = (unsafe { ty.as_ref() }) else {
                return ptr::null_mut();
            };
            let null = value.pointer() == 0;
            if ty.element.is_function() != value.ty.is_function()
                || (null && !ty.element.is_nullable())
            {
                return ptr::null_mut();
            }
            let initial = Value::reference(ty.element, value.pointer());
            live::give(TableInstance::new(ty, initial))
        },
    )
}

/// The smaller size of the type is the current size.
pub(crate) unsafe extern "C" fn table_type(table: *const TableInstance) -> *const TableType {
    guard("WasmEdge_TableInstanceGetTableType", ptr::null(), || {
        // SAFETY: the API's contract: a table instance, or NULL.
        let Some(table) = (unsafe { table.as_ref() }) else {
            return ptr::null();
        };
        if let Some(size) = table.size() {
            table.ty.bounds.grown_to(size);
        }
        &raw const table.ty
    })
}

pub(crate) unsafe extern "C" fn get(
    table: *const TableInstance,
    data: *mut Value,
    index: u32,
) -> Code {
    const NAME: &str = "WasmEdge_TableInstanceGetData";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a table instance, or NULL.
        let (Some(table), false) = (unsafe { table.as_ref() }, data.is_null()) else {
            return Code::WRONG_WORKFLOW;
        };
        let outcome = table.get(index).map(|value| {
            // SAFETY: the API's contract: room for a value.
            unsafe { data.write(value) };
        });
        told(NAME, outcome)
    })
}

pub(crate) unsafe extern "C" fn set(table: *mut TableInstance, value: Value, index: u32) -> Code {
    const NAME: &str = "WasmEdge_TableInstanceSetData";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a table instance, or NULL.
        match unsafe { table.as_ref() } {
            Some(table) => told(NAME, table.set(index, &value)),
            None => Code::WRONG_WORKFLOW,
        }
    })
}

pub(crate) unsafe extern "C" fn size(table: *const TableInstance) -> u32 {
    guard("WasmEdge_TableInstanceGetSize", 0, || {
        // SAFETY: the API's contract: a table instance, or NULL.
        unsafe { table.as_ref() }
            .and_then(TableInstance::size)
            .unwrap_or(0)
    })
}

pub(crate) unsafe extern "C" fn grow(table: *mut TableInstance, count: u32) -> Code {
    const NAME: &str = "WasmEdge_TableInstanceGrow";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: a table instance, or NULL.
        match unsafe { table.as_ref() } {
            Some(table) => told(NAME, table.grow(count)),
            None => Code::WRONG_WORKFLOW,
        }
    })
}

pub(crate) unsafe extern "C" fn delete(table: *mut TableInstance) {
    guard("WasmEdge_TableInstanceDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_TableInstanceDelete", table) }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Limit;
    use crate::types::api as types;
    use crate::values::api as values;

    #[test]
    fn elements_are_checked() {
        let mut target = 0u8;
        let reference = values::from_extern_ref((&raw mut target).cast());
        let limit = Limit {
            has_max: 1,
            shared: 0,
            min: 2,
            max: 3,
        };
        let ty = types::table_create(ValType::EXTERN_REF, limit);
        // SAFETY: a live type, a live table, and room for a value.
        unsafe {
            let table = create(ty);
            let mut found = values::from_i32(0);
            assert_eq!(get(table, &raw mut found, 1), Code::SUCCESS);
            assert!(values::is_null_ref(found) && found.ty == ValType::EXTERN_REF);
            assert_eq!(set(table, reference, 1), Code::SUCCESS);
            assert_eq!(get(table, &raw mut found, 1), Code::SUCCESS);
            assert_eq!(found.bits, reference.bits);
            assert_eq!(get(table, &raw mut found, 2), Code::TABLE_BOUNDS);
            assert_eq!(set(table, reference, 5), Code::TABLE_BOUNDS);
            assert_eq!(set(table, values::from_i32(1), 0), Code::REFERENCE_TYPE);
            let function = values::from_func_ref(ptr::null());
            assert_eq!(set(table, function, 0), Code::REFERENCE_TYPE);
            assert_eq!(grow(table, 2), Code::TABLE_BOUNDS);
            assert_eq!((grow(table, 1), size(table)), (Code::SUCCESS, 3));
            assert!(create_filled(ty, function).is_null());
            let filled = create_filled(ty, values::from_i32(0));
            assert_eq!(size(filled), 2);
            delete(filled);
            delete(table);
            types::table_delete(ty);
        }
    }
}
