//! The functions that plugins call.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use super::{
    Exported, FunctionInstance, GlobalInstance, MemoryInstance, ModuleInstance, TableInstance,
    TagInstance,
};
use crate::abi::guard::{failed, guard};
use crate::abi::{Code, Finalizer, Text, live};
use crate::strings::text_bytes;
use crate::types::api::fill;

pub(crate) unsafe extern "C" fn create(name: Text) -> *mut ModuleInstance {
    // SAFETY: the same contract.
    unsafe { create_with_data(name, ptr::null_mut(), None) }
}

pub(crate) unsafe extern "C" fn create_with_data(
    name: Text,
    data: *mut c_void,
    finalizer: Option<Finalizer>,
) -> *mut ModuleInstance {
    guard(
        "WasmEdge_ModuleInstanceCreateWithData",
        ptr::null_mut(),
        || {
            // SAFETY: the API's contract: a string, whose buffer may be NULL.
            let name = unsafe { text_bytes(name) };
            live::give(ModuleInstance::new(name, data, finalizer))
        },
    )
}

pub(crate) unsafe extern "C" fn name(module: *const ModuleInstance) -> Text {
    // SAFETY: the API's contract: a module instance, or NULL.
    unsafe { module.as_ref() }.map_or(Text::EMPTY, |module| Text::terminated(&module.name))
}

pub(crate) unsafe extern "C" fn host_data(module: *const ModuleInstance) -> *mut c_void {
    // SAFETY: the API's contract: a module instance, or NULL.
    unsafe { module.as_ref() }.map_or(ptr::null_mut(), ModuleInstance::host_data)
}

pub(crate) unsafe extern "C" fn delete(module: *mut ModuleInstance) {
    guard("WasmEdge_ModuleInstanceDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_ModuleInstanceDelete", module) }
    });
}

/// Finds an export.
///
/// # Safety
///
/// The module is one, or NULL; the name is a string.
unsafe fn find<T: Exported>(
    function: &'static str,
    module: *const ModuleInstance,
    name: Text,
) -> *mut T {
    guard(function, ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let (module, name) = unsafe { (module.as_ref(), text_bytes(name)) };
        module
            .and_then(|module| module.find(T::EXPORT, name))
            .and_then(T::from_item)
            .map_or(ptr::null_mut(), |item| item.as_ptr())
    })
}

/// Counts exports.
///
/// # Safety
///
/// The module is one, or NULL.
unsafe fn count<T: Exported>(function: &'static str, module: *const ModuleInstance) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { list::<T>(function, module, ptr::null_mut(), 0) }
}

/// Lists the names of exports in the order of their bytes.
///
/// # Safety
///
/// The module is one, or NULL; so is the list, which has room for so many.
unsafe fn list<T: Exported>(
    function: &'static str,
    module: *const ModuleInstance,
    names: *mut Text,
    length: u32,
) -> u32 {
    guard(function, 0, || {
        // SAFETY: the caller's promise.
        let Some(module) = (unsafe { module.as_ref() }) else {
            return 0;
        };
        let all: Vec<Text> = module.names(T::EXPORT, |names| names.map(Text::terminated).collect());
        // SAFETY: the caller's promise.
        unsafe { fill(&all, names, length) }
    })
}

/// Adds an export, which becomes the module's if it is added. Nothing happens without a module or an item.
///
/// # Safety
///
/// Module and item are such, or NULL; the name is a string.
unsafe fn add<T: Exported>(
    function: &'static str,
    module: *mut ModuleInstance,
    name: Text,
    item: *mut T,
) -> Code {
    guard(function, Code::WRONG_WORKFLOW, || {
        // SAFETY: the caller's promise.
        let (Some(owner), name) = (unsafe { (module.as_ref(), text_bytes(name)) }) else {
            return Code::WRONG_WORKFLOW;
        };
        if item.is_null() {
            return Code::WRONG_WORKFLOW;
        }
        let Some(mut exports) = owner.exports_mut() else {
            failed(function, "ignored: a guest's module cannot be changed");
            return Code::WRONG_WORKFLOW;
        };
        let Some(adopted) = live::adopt(item) else {
            failed(
                function,
                "ignored: the item was deleted, belongs to a module already, or is not of this kind",
            );
            return Code::WRONG_WORKFLOW;
        };
        exports.add(T::EXPORT, name, T::into_item(adopted));
        Code::SUCCESS
    })
}

pub(crate) unsafe extern "C" fn find_function(
    module: *const ModuleInstance,
    name: Text,
) -> *mut FunctionInstance {
    // SAFETY: the API's contract is the same.
    unsafe { find("WasmEdge_ModuleInstanceFindFunction", module, name) }
}

pub(crate) unsafe extern "C" fn find_table(
    module: *const ModuleInstance,
    name: Text,
) -> *mut TableInstance {
    // SAFETY: the API's contract is the same.
    unsafe { find("WasmEdge_ModuleInstanceFindTable", module, name) }
}

pub(crate) unsafe extern "C" fn find_memory(
    module: *const ModuleInstance,
    name: Text,
) -> *mut MemoryInstance {
    // SAFETY: the API's contract is the same.
    unsafe { find("WasmEdge_ModuleInstanceFindMemory", module, name) }
}

pub(crate) unsafe extern "C" fn find_global(
    module: *const ModuleInstance,
    name: Text,
) -> *mut GlobalInstance {
    // SAFETY: the API's contract is the same.
    unsafe { find("WasmEdge_ModuleInstanceFindGlobal", module, name) }
}

pub(crate) unsafe extern "C" fn find_tag(
    module: *const ModuleInstance,
    name: Text,
) -> *mut TagInstance {
    // SAFETY: the API's contract is the same.
    unsafe { find("WasmEdge_ModuleInstanceFindTag", module, name) }
}

/// The functions that count and list, which differ in the kind alone.
macro_rules! lists {
    ($($type:ident: $count:ident $count_name:literal, $list:ident $list_name:literal;)*) => {$(
        pub(crate) unsafe extern "C" fn $count(module: *const ModuleInstance) -> u32 {
            // SAFETY: the API's contract is the same.
            unsafe { count::<$type>($count_name, module) }
        }

        pub(crate) unsafe extern "C" fn $list(
            module: *const ModuleInstance,
            names: *mut Text,
            length: u32,
        ) -> u32 {
            // SAFETY: the API's contract is the same.
            unsafe { list::<$type>($list_name, module, names, length) }
        }
    )*};
}

lists! {
    FunctionInstance:
        function_count "WasmEdge_ModuleInstanceListFunctionLength",
        functions "WasmEdge_ModuleInstanceListFunction";
    TableInstance:
        table_count "WasmEdge_ModuleInstanceListTableLength",
        tables "WasmEdge_ModuleInstanceListTable";
    MemoryInstance:
        memory_count "WasmEdge_ModuleInstanceListMemoryLength",
        memories "WasmEdge_ModuleInstanceListMemory";
    GlobalInstance:
        global_count "WasmEdge_ModuleInstanceListGlobalLength",
        globals "WasmEdge_ModuleInstanceListGlobal";
    TagInstance:
        tag_count "WasmEdge_ModuleInstanceListTagLength",
        tags "WasmEdge_ModuleInstanceListTag";
}

// In 0.14 to 0.17.1 these return nothing; later they return a result. Callers who expect nothing do not look.

pub(crate) unsafe extern "C" fn add_function(
    module: *mut ModuleInstance,
    name: Text,
    function: *mut FunctionInstance,
) -> Code {
    // SAFETY: the API's contract is the same. What was added is a function instance, and lives as long as the module.
    unsafe {
        let code = add("WasmEdge_ModuleInstanceAddFunction", module, name, function);
        if code == Code::SUCCESS {
            (*function).set_module(module);
        }
        code
    }
}

pub(crate) unsafe extern "C" fn add_table(
    module: *mut ModuleInstance,
    name: Text,
    table: *mut TableInstance,
) -> Code {
    // SAFETY: the API's contract is the same.
    unsafe { add("WasmEdge_ModuleInstanceAddTable", module, name, table) }
}

pub(crate) unsafe extern "C" fn add_memory(
    module: *mut ModuleInstance,
    name: Text,
    memory: *mut MemoryInstance,
) -> Code {
    // SAFETY: the API's contract is the same.
    unsafe { add("WasmEdge_ModuleInstanceAddMemory", module, name, memory) }
}

pub(crate) unsafe extern "C" fn add_global(
    module: *mut ModuleInstance,
    name: Text,
    global: *mut GlobalInstance,
) -> Code {
    // SAFETY: the API's contract is the same.
    unsafe { add("WasmEdge_ModuleInstanceAddGlobal", module, name, global) }
}

/// The exit code of a module that is not WASI's: failure.
pub(crate) extern "C" fn wasi_exit_code(_: *const ModuleInstance) -> u32 {
    1
}

/// WASI's files are out of reach: 1 without a module, 2 for one that is not WASI's.
pub(crate) extern "C" fn wasi_native_handler(
    module: *const ModuleInstance,
    _descriptor: i32,
    _handler: *mut u64,
) -> u32 {
    if module.is_null() { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Limit;
    use crate::instances::{function, memory};
    use crate::strings::text_wrap;
    use crate::types::api as types;

    unsafe extern "C-unwind" fn nothing(
        _: *mut c_void,
        _: *const crate::frame::CallingFrame,
        _: *const crate::abi::Value,
        _: *mut crate::abi::Value,
    ) -> Code {
        Code::SUCCESS
    }

    fn text(name: &'static std::ffi::CStr) -> Text {
        text_wrap(name.as_ptr(), name.count_bytes() as u32)
    }

    fn some_function(data: usize) -> *mut FunctionInstance {
        // SAFETY: a live type, of which the function makes a copy.
        unsafe {
            let ty = types::function_create(ptr::null(), 0, ptr::null(), 0);
            let function =
                function::create(ty, Some(nothing), ptr::without_provenance_mut(data), 0);
            types::function_delete(ty);
            function
        }
    }

    #[test]
    fn the_last_of_a_name_is_found_and_names_are_sorted() {
        // SAFETY: live objects and literals.
        unsafe {
            let module = create(text(c"m"));
            for (at, name) in [c"zeta", c"alpha", c"beta", c"alpha"]
                .into_iter()
                .enumerate()
            {
                add_function(module, text(name), some_function(at));
            }
            let mut names = [Text::EMPTY; 4];
            assert_eq!(functions(module, names.as_mut_ptr(), 4), 3);
            let names: Vec<_> = names[..3]
                .iter()
                .map(|name| std::ffi::CStr::from_ptr(name.buffer))
                .collect();
            assert_eq!(names, [c"alpha", c"beta", c"zeta"]);
            let alpha = find_function(module, text(c"alpha"));
            assert_eq!(function::data(alpha) as usize, 3);
            assert!(find_function(module, text(c"gamma")).is_null());
            assert!(find_memory(module, text(c"alpha")).is_null());
            assert_eq!(function_count(module), 3);
            delete(module);
        }
    }

    #[test]
    fn what_is_added_belongs_to_the_module() {
        // SAFETY: live objects and literals.
        unsafe {
            let module = create(text(c""));
            let ty = types::memory_create(Limit {
                has_max: 0,
                shared: 0,
                min: 1,
                max: 0,
            });
            let added = memory::create(ty);
            types::memory_delete(ty);
            add_memory(module, text(c"one"), added);
            add_memory(module, text(c"two"), added);
            memory::delete(added);
            assert_eq!(memory_count(module), 1);
            assert_eq!(memory::pages(find_memory(module, text(c"one"))), 1);
            add_memory(module, text(c"none"), ptr::null_mut());
            add_memory(ptr::null_mut(), text(c"none"), added);
            delete(module);
        }
    }

    #[test]
    fn the_finaliser_is_called_once_with_the_data() {
        unsafe extern "C-unwind" fn count_it(data: *mut c_void) {
            // SAFETY: the test gave it.
            unsafe { *data.cast::<u32>() += 1 };
        }
        let mut count = 0u32;
        // SAFETY: a live module, and data that outlives it.
        unsafe {
            let module = create_with_data(text(c"m"), (&raw mut count).cast(), Some(count_it));
            assert_eq!(host_data(module), (&raw mut count).cast());
            delete(module);
            delete(module);
        }
        assert_eq!(count, 1);
    }

    #[test]
    fn without_a_module_there_is_nothing() {
        // SAFETY: NULL is allowed everywhere.
        unsafe {
            assert!(name(ptr::null()).buffer.is_null() && host_data(ptr::null()).is_null());
            assert!(find_function(ptr::null(), text(c"f")).is_null());
            assert_eq!(table_count(ptr::null()), 0);
            delete(ptr::null_mut());
            let module = create(Text::EMPTY);
            assert!(!name(module).buffer.is_null() && name(module).length == 0);
            delete(module);
        }
    }
}
