//! A plugin calls a function: one of the guest, or one of its own.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};

use c12::Context;
use wasmtime::{Caller, Func, RootScope, Trap, Val};

use super::call::{Callee, Slots};
use super::{CallingFrame, Realm, wait};
use crate::CallError;
use crate::abi::guard::{failed, guard};
use crate::abi::live::{Kind, Object};
use crate::abi::{Code, Value, live};
use crate::instances::{Body, FunctionInstance};
use crate::types::api::fill;
use crate::types::functions::FunctionType;
use crate::values::convert;

/// `WasmEdge_Async`: a call that has ended already. The engine lets no second thread into a store.
#[derive(Debug)]
pub(crate) struct Finished(Result<Box<[Value]>, Code>);

impl Object for Finished {
    const KIND: Kind = Kind::Async;
}

/// Calls a function and returns its results, or the code with which it failed.
fn invoke(
    function_name: &'static str,
    realm: &Realm,
    function: &FunctionInstance,
    params: &[Value],
) -> Result<Box<[Value]>, Code> {
    if !realm.is_here() {
        failed(
            function_name,
            "called outside of a call from the guest that the executor belongs to",
        );
        return Err(Code::WRONG_WORKFLOW);
    }
    if !function.ty().accepts(params) {
        failed(
            function_name,
            format_args!("the parameters are not those of {}", function.ty()),
        );
        return Err(Code::SIGNATURE_MISMATCH);
    }
    match function.body() {
        Body::Plugin(callee) => own(realm, function, *callee, params),
        Body::Guest {
            realm: owner,
            function: guest,
        } => {
            if !ptr::eq(owner.as_ptr(), realm) {
                failed(function_name, "the function belongs to another instance");
                return Err(Code::WRONG_WORKFLOW);
            }
            realm
                .with(|caller| of_guest(realm, caller, *guest, params))
                .unwrap_or(Err(Code::WRONG_WORKFLOW))
        }
    }
}

/// A function of the plugin's own: its frame has no guest, as in WasmEdge.
fn own(
    realm: &Realm,
    function: &FunctionInstance,
    callee: Callee,
    params: &[Value],
) -> Result<Box<[Value]>, Code> {
    let FunctionType {
        params: param_types,
        results: result_types,
    } = function.ty();
    let mut values = Slots::new(params.len(), result_types.len());
    for ((slot, given), ty) in values.parts().0.iter_mut().zip(params).zip(param_types) {
        *slot = Value::new(*ty, given.bits);
    }
    let frame = CallingFrame {
        realm: NonNull::from(realm),
        own: function.module(),
        guest: None,
    };
    // SAFETY: the plugin that calls is the one that is called, so it is loaded; the slots are of the function's type.
    match unsafe { callee.call(&frame, &mut values) } {
        Some(Code::SUCCESS) => {}
        Some(code) => return Err(code),
        None => return Err(Code::RUNTIME_ERROR),
    }
    let results = values.parts().1.iter().zip(result_types);
    Ok(results
        .map(|(value, ty)| Value::new(*ty, value.bits))
        .collect())
}

fn of_guest(
    realm: &Realm,
    caller: &mut Caller<'_, Context>,
    function: Func,
    params: &[Value],
) -> Result<Box<[Value]>, Code> {
    if let Some(code) = realm.stopped() {
        return Err(code);
    }
    if !realm.descend() {
        let error = wasmtime::Error::msg(format!(
            "plugin `{}` and the guest call each other more than {} times",
            realm.plugin(),
            Realm::MOST_NESTED
        ));
        realm.stop(Code::RUNTIME_ERROR, error);
        return Err(Code::RUNTIME_ERROR);
    }
    let outcome = enter_guest(realm, caller, function, params);
    realm.ascend();
    outcome.map_err(|error| judge(realm, error))
}

fn enter_guest(
    realm: &Realm,
    caller: &mut Caller<'_, Context>,
    function: Func,
    params: &[Value],
) -> wasmtime::Result<Box<[Value]>> {
    // References that are made here live until the end of this call, not of the outer one.
    let mut scope = RootScope::new(&mut *caller);
    let ty = function.ty(&scope);
    let unfit = |error: convert::Unfit| wasmtime::Error::msg(error.0);
    let params = params
        .iter()
        .zip(ty.params())
        .map(|(value, ty)| convert::to_wasm(realm, &mut scope, value, &ty).map_err(unfit))
        .collect::<wasmtime::Result<Vec<Val>>>()?;
    let mut results = vec![Val::I32(0); ty.results().len()];
    // The engine allows no synchronous call from within an asynchronous one, which all calls of guests are.
    let deadline = realm.deadline();
    let call = function.call_async(&mut scope, &params, &mut results);
    match wait::run(call, deadline.map(|(end, _)| end)) {
        Some(outcome) => outcome?,
        None => {
            let limit = deadline.map(|(_, limit)| limit).unwrap_or_default();
            return Err(wasmtime::Error::new(c12::Error::Timeout { limit }));
        }
    }
    results
        .iter()
        .map(|value| convert::from_wasm(realm, &mut scope, value).map_err(unfit))
        .collect()
}

/// How the plugin sees that the guest's function failed. What ends the guest as a whole is kept: the plugin
/// cannot go on as if it had not been.
fn judge(realm: &Realm, error: wasmtime::Error) -> Code {
    if error.is::<wasmtime_wasi::I32Exit>() {
        realm.stop(Code::TERMINATED, error);
        return Code::TERMINATED;
    }
    if error.is::<c12::Error>() {
        realm.stop(Code::INTERRUPTED, error);
        return Code::INTERRUPTED;
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let code = Code::of_trap(*trap);
        if matches!(code, Code::COST_LIMIT | Code::INTERRUPTED) {
            realm.stop(code, error);
        } else {
            realm.set_cause(error);
        }
        return code;
    }
    let code = error
        .downcast_ref::<CallError>()
        .map_or(Code::RUNTIME_ERROR, CallError::code);
    realm.set_cause(error);
    code
}

/// The values of a list that a plugin gave.
///
/// # Safety
///
/// The list has that length, or is NULL.
unsafe fn list<'a>(values: *const Value, length: u32) -> &'a [Value] {
    if values.is_null() || length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(values, length as usize) }
}

pub(crate) unsafe extern "C" fn executor_invoke(
    executor: *mut Realm,
    function: *const FunctionInstance,
    params: *const Value,
    param_count: u32,
    returns: *mut Value,
    return_count: u32,
) -> Code {
    const NAME: &str = "WasmEdge_ExecutorInvoke";
    guard(NAME, Code::RUNTIME_ERROR, || {
        // SAFETY: the API's contract: an executor of a frame, and a function, or NULL.
        let (Some(realm), Some(function)) =
            (unsafe { executor.as_ref() }, unsafe { function.as_ref() })
        else {
            return Code::WRONG_WORKFLOW;
        };
        // SAFETY: the API's contract: a list of that length, or NULL.
        match invoke(NAME, realm, function, unsafe { list(params, param_count) }) {
            Ok(results) => {
                // SAFETY: the API's contract: room for so many, or NULL.
                unsafe { fill(&results, returns, return_count) };
                Code::SUCCESS
            }
            Err(code) => code,
        }
    })
}

/// Calls at once, and returns what came of it: what is asked of the result later never has to wait.
pub(crate) unsafe extern "C" fn executor_invoke_async(
    executor: *mut Realm,
    function: *const FunctionInstance,
    params: *const Value,
    param_count: u32,
) -> *mut Finished {
    const NAME: &str = "WasmEdge_ExecutorAsyncInvoke";
    guard(NAME, ptr::null_mut(), || {
        // SAFETY: the API's contract: an executor of a frame, and a function, or NULL.
        let (Some(realm), Some(function)) =
            (unsafe { executor.as_ref() }, unsafe { function.as_ref() })
        else {
            return ptr::null_mut();
        };
        // SAFETY: the API's contract: a list of that length, or NULL.
        let outcome = invoke(NAME, realm, function, unsafe { list(params, param_count) });
        live::give(Finished(outcome))
    })
}

/// The executor of a frame is not the plugin's to delete, and it cannot make another.
pub(crate) extern "C" fn executor_delete(executor: *mut Realm) {
    if !executor.is_null() {
        failed(
            "WasmEdge_ExecutorDelete",
            "ignored: the executor belongs to the instance",
        );
    }
}

pub(crate) extern "C" fn async_wait(_: *const Finished) {}

pub(crate) extern "C" fn async_wait_for(call: *const Finished, _milliseconds: u64) -> bool {
    !call.is_null()
}

pub(crate) extern "C" fn async_cancel(_: *mut Finished) {}

pub(crate) unsafe extern "C" fn async_result_count(call: *const Finished) -> u32 {
    // SAFETY: the API's contract: such a call, or NULL.
    match unsafe { call.as_ref() } {
        Some(Finished(Ok(results))) => u32::try_from(results.len()).unwrap_or(u32::MAX),
        _ => 0,
    }
}

pub(crate) unsafe extern "C" fn async_results(
    call: *const Finished,
    returns: *mut Value,
    return_count: u32,
) -> Code {
    // SAFETY: the API's contract: such a call, or NULL.
    match unsafe { call.as_ref() } {
        None => Code::WRONG_WORKFLOW,
        Some(Finished(Err(code))) => *code,
        Some(Finished(Ok(results))) => {
            // SAFETY: the API's contract: room for so many, or NULL.
            unsafe { fill(results, returns, return_count) };
            Code::SUCCESS
        }
    }
}

pub(crate) unsafe extern "C" fn async_delete(call: *mut Finished) {
    guard("WasmEdge_AsyncDelete", (), || {
        // SAFETY: the API's contract: it is not used any more.
        unsafe { live::delete("WasmEdge_AsyncDelete", call) }
    });
}
