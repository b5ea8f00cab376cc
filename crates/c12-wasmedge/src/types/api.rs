//! The functions `WasmEdge_FunctionType…`, `…TableType…`, `…MemoryType…`, `…GlobalType…` and `…TagType…`.
#![allow(unsafe_code)]

use std::ptr;

use super::{Bounds, FunctionType, GlobalType, MemoryType, Sizes, TableType, TagType};
use crate::abi::guard::guard;
use crate::abi::{Limit, ValType, live};

/// The types of a list that a plugin gave.
///
/// # Safety
///
/// The list has that length, or is NULL.
unsafe fn list(types: *const ValType, length: u32) -> Box<[ValType]> {
    if types.is_null() || length == 0 {
        return Box::default();
    }
    // SAFETY: the caller's promise. The type has an alignment of 1.
    unsafe { std::slice::from_raw_parts(types, length as usize) }.into()
}

/// Writes what there is room for, and returns how many there are.
///
/// # Safety
///
/// The list has room for so many, or is NULL.
pub(crate) unsafe fn fill<T: Copy>(from: &[T], list: *mut T, length: u32) -> u32 {
    if !list.is_null() {
        let count = from.len().min(length as usize);
        // SAFETY: the caller's promise; `count` is within both, and new data does not overlap.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr(), list, count) };
    }
    u32::try_from(from.len()).unwrap_or(u32::MAX)
}

pub(crate) unsafe extern "C" fn function_create(
    params: *const ValType,
    param_count: u32,
    results: *const ValType,
    result_count: u32,
) -> *mut FunctionType {
    guard("WasmEdge_FunctionTypeCreate", ptr::null_mut(), || {
        // SAFETY: the API's contract: lists of these lengths.
        let (params, results) = unsafe { (list(params, param_count), list(results, result_count)) };
        live::give(FunctionType { params, results })
    })
}

pub(crate) unsafe extern "C" fn function_param_count(ty: *const FunctionType) -> u32 {
    // SAFETY: the API's contract: a function type, or NULL.
    unsafe { ty.as_ref() }.map_or(0, |ty| ty.params.len() as u32)
}

pub(crate) unsafe extern "C" fn function_params(
    ty: *const FunctionType,
    list: *mut ValType,
    length: u32,
) -> u32 {
    // SAFETY: the API's contract: a function type or NULL, and a list of that length or NULL.
    unsafe { ty.as_ref().map_or(0, |ty| fill(&ty.params, list, length)) }
}

pub(crate) unsafe extern "C" fn function_result_count(ty: *const FunctionType) -> u32 {
    // SAFETY: the API's contract: a function type, or NULL.
    unsafe { ty.as_ref() }.map_or(0, |ty| ty.results.len() as u32)
}

pub(crate) unsafe extern "C" fn function_results(
    ty: *const FunctionType,
    list: *mut ValType,
    length: u32,
) -> u32 {
    // SAFETY: the API's contract: a function type or NULL, and a list of that length or NULL.
    unsafe { ty.as_ref().map_or(0, |ty| fill(&ty.results, list, length)) }
}

pub(crate) unsafe extern "C" fn function_delete(ty: *mut FunctionType) {
    guard("WasmEdge_FunctionTypeDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_FunctionTypeDelete", ty) }
    });
}

pub(crate) extern "C" fn table_create(element: ValType, limit: Limit) -> *mut TableType {
    guard("WasmEdge_TableTypeCreate", ptr::null_mut(), || {
        if !element.is_reference() {
            return ptr::null_mut();
        }
        live::give(TableType {
            element,
            bounds: Bounds::new(Sizes::of_table(limit)),
        })
    })
}

pub(crate) unsafe extern "C" fn table_element(ty: *const TableType) -> ValType {
    // SAFETY: the API's contract: a table type, or NULL.
    unsafe { ty.as_ref() }.map_or(ValType::FUNC_REF, |ty| ty.element)
}

pub(crate) unsafe extern "C" fn table_limit(ty: *const TableType) -> Limit {
    // SAFETY: the API's contract: a table type, or NULL.
    limit(unsafe { ty.as_ref() }.map(|ty| &ty.bounds))
}

fn limit(bounds: Option<&Bounds>) -> Limit {
    bounds.map_or(
        Limit {
            has_max: 0,
            shared: 0,
            min: 0,
            max: 0,
        },
        |bounds| bounds.get().to_limit(),
    )
}

pub(crate) unsafe extern "C" fn table_delete(ty: *mut TableType) {
    guard("WasmEdge_TableTypeDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_TableTypeDelete", ty) }
    });
}

pub(crate) extern "C" fn memory_create(limit: Limit) -> *mut MemoryType {
    guard("WasmEdge_MemoryTypeCreate", ptr::null_mut(), || {
        live::give(MemoryType {
            bounds: Bounds::new(Sizes::of_memory(limit)),
        })
    })
}

pub(crate) unsafe extern "C" fn memory_limit(ty: *const MemoryType) -> Limit {
    // SAFETY: the API's contract: a memory type, or NULL.
    limit(unsafe { ty.as_ref() }.map(|ty| &ty.bounds))
}

pub(crate) unsafe extern "C" fn memory_delete(ty: *mut MemoryType) {
    guard("WasmEdge_MemoryTypeDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_MemoryTypeDelete", ty) }
    });
}

/// `mutability` is 0 for constants, 1 for variables.
pub(crate) extern "C" fn global_create(content: ValType, mutability: u32) -> *mut GlobalType {
    guard("WasmEdge_GlobalTypeCreate", ptr::null_mut(), || {
        live::give(GlobalType {
            content,
            mutable: mutability != 0,
        })
    })
}

pub(crate) unsafe extern "C" fn global_content(ty: *const GlobalType) -> ValType {
    // SAFETY: the API's contract: a global type, or NULL.
    unsafe { ty.as_ref() }.map_or(ValType::I32, |ty| ty.content)
}

pub(crate) unsafe extern "C" fn global_mutability(ty: *const GlobalType) -> u32 {
    // SAFETY: the API's contract: a global type, or NULL.
    unsafe { ty.as_ref() }.map_or(0, |ty| ty.mutable.into())
}

pub(crate) unsafe extern "C" fn global_delete(ty: *mut GlobalType) {
    guard("WasmEdge_GlobalTypeDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_GlobalTypeDelete", ty) }
    });
}

pub(crate) unsafe extern "C" fn tag_function(ty: *const TagType) -> *const FunctionType {
    // SAFETY: the API's contract: a tag type, or NULL.
    unsafe { ty.as_ref() }.map_or(ptr::null(), |ty| &raw const ty.function)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn limit_of(has_max: u8, shared: u8, min: u32, max: u32) -> Limit {
        Limit {
            has_max,
            shared,
            min,
            max,
        }
    }

    #[test]
    fn a_function_type_is_a_copy() {
        let mut types = [ValType::I32, ValType::F64];
        // SAFETY: lists of the lengths given, and a live type.
        unsafe {
            let ty = function_create(types.as_ptr(), 2, ptr::dangling(), 0);
            types.reverse();
            let mut found = [ValType::V128; 3];
            assert_eq!(function_params(ty, found.as_mut_ptr(), 3), 2);
            assert_eq!(found, [ValType::I32, ValType::F64, ValType::V128]);
            assert_eq!(function_params(ty, ptr::null_mut(), 0), 2);
            assert_eq!(function_result_count(ty), 0);
            function_delete(ty);
            function_delete(ptr::null_mut());
            assert_eq!(function_param_count(ptr::null()), 0);
        }
    }

    #[test]
    fn limits_without_maximum_repeat_the_minimum() {
        let ty = table_create(ValType::EXTERN_REF, limit_of(0, 1, 2, 9));
        // SAFETY: a live type, and NULL.
        unsafe {
            assert_eq!(table_limit(ty), limit_of(0, 0, 2, 2));
            assert_eq!(table_limit(ptr::null()), limit_of(0, 0, 0, 0));
            assert_eq!(table_element(ptr::null()), ValType::FUNC_REF);
            table_delete(ty);
        }
        assert!(table_create(ValType::I32, limit_of(0, 0, 0, 0)).is_null());
    }

    #[test]
    fn shared_memories_have_a_maximum() {
        let ty = memory_create(limit_of(0, 1, 1, 0));
        // SAFETY: a live type.
        unsafe {
            assert_eq!(memory_limit(ty), limit_of(1, 1, 1, 0));
            memory_delete(ty);
        }
    }
}
