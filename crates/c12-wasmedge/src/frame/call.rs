//! A guest calls a function of a plugin.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt::Display;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

use c12::Context;
use wasmtime::{Caller, FuncType, Val};

use super::guest::Shape;
use super::{CallingFrame, Realm, barrier};
use crate::CallError;
use crate::abi::{Code, HostFunction, ValType, Value, WrapFunction};
use crate::instances::ModuleInstance;
use crate::values::convert::{self, Unfit};

/// What is called, and with which data. The plugin keeps both alive as long as the function is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callee {
    pub(crate) entry: Entry,
    pub(crate) data: *mut c_void,
}

/// The two forms of a plugin's functions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    Plain(HostFunction),
    /// With what the plugin bound it to.
    Bound(WrapFunction, *mut c_void),
}

// SAFETY: a plugin's data belongs to its module instance, which runs on one thread at a time but not always the same:
// WasmEdge itself makes instances on one thread and calls their functions on another.
unsafe impl Send for Callee {}
// SAFETY: as above; nothing is read through it without a call, and calls of an instance exclude each other.
unsafe impl Sync for Callee {}

impl Callee {
    /// Calls it. Results that it does not set stay what they are. `None` if an exception left it.
    ///
    /// # Safety
    ///
    /// The library is loaded, and the numbers of parameters and results are those of the function's type.
    pub(crate) unsafe fn call(self, frame: &CallingFrame, values: &mut Slots) -> Option<Code> {
        let (params, results) = values.parts();
        let (param_count, result_count) = (params.len() as u32, results.len() as u32);
        let (params, results) = (params.as_ptr(), results.as_mut_ptr());
        // SAFETY: the function's type in C is that of `Entry`; the pointers are to as many values as the function's type
        // has, and never NULL or dangling, because plugins make slices of them; the frame lives until the call returns.
        unsafe {
            barrier::call(|| match self.entry {
                Entry::Plain(function) => function(self.data, frame, params, results),
                Entry::Bound(function, binding) => function(
                    binding,
                    self.data,
                    frame,
                    params,
                    param_count,
                    results,
                    result_count,
                ),
            })
        }
    }
}

/// Parameters and results of one call; on the stack if there are few.
pub(crate) struct Slots {
    few: [Value; Slots::FEW],
    many: Vec<Value>,
    params: usize,
    results: usize,
}

impl Slots {
    const FEW: usize = 8;
    const ZERO: Value = Value {
        bits: 0,
        ty: ValType([0; 8]),
    };

    /// Zeroes.
    pub(crate) fn new(params: usize, results: usize) -> Self {
        // One more, so that a pointer to no values is a pointer to a value.
        let needed = params + results + 1;
        Slots {
            few: [Slots::ZERO; Slots::FEW],
            many: if needed > Slots::FEW {
                vec![Slots::ZERO; needed]
            } else {
                Vec::new()
            },
            params,
            results,
        }
    }

    /// Parameters and results.
    pub(crate) fn parts(&mut self) -> (&mut [Value], &mut [Value]) {
        let all = if self.many.is_empty() {
            self.few.as_mut_slice()
        } else {
            self.many.as_mut_slice()
        };
        let (params, rest) = all.split_at_mut_checked(self.params).unwrap_or_default();
        let results = rest.get_mut(..self.results).unwrap_or_default();
        (params, results)
    }
}

/// A function of a plugin that a guest is about to call.
pub(crate) struct PluginCall<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) callee: Callee,
    /// The module that the function belongs to.
    pub(crate) own: Option<NonNull<ModuleInstance>>,
    /// Where what is known of the guest's module is kept.
    pub(crate) guest: &'a OnceLock<Arc<Shape>>,
    /// The function's name, for errors.
    pub(crate) name: &'a dyn Display,
}

impl PluginCall<'_> {
    /// Calls the function. An error ends the guest: the function failed, or something that it called must end it.
    ///
    /// # Safety
    ///
    /// As [`Callee::call`].
    pub(crate) unsafe fn run(
        &self,
        caller: &mut Caller<'_, Context>,
        values: &mut Slots,
    ) -> wasmtime::Result<()> {
        let frame = CallingFrame {
            realm: NonNull::from(self.realm),
            own: self.own,
            guest: Some(NonNull::from(self.guest)),
        };
        let (code, cause) = {
            let _entered = self.realm.enter(caller);
            // SAFETY: the caller's promise.
            let code = unsafe { self.callee.call(&frame, values) };
            (code, self.realm.take_cause())
        };
        if let Some(stop) = self.realm.take_stop() {
            return Err(stop);
        }
        let Some(code) = code else {
            return Err(CallError::Exception {
                plugin: self.realm.plugin().to_string(),
                function: self.name.to_string(),
            }
            .into());
        };
        match code {
            Code::SUCCESS => Ok(()),
            Code::TERMINATED => Err(wasmtime_wasi::I32Exit(0).into()),
            failed => Err(CallError::Failed {
                plugin: self.realm.plugin().to_string(),
                function: self.name.to_string(),
                code: failed.0,
                source: cause.map(Into::into),
            }
            .into()),
        }
    }

    /// As [`PluginCall::run`], with the engine's values, which may be references.
    ///
    /// # Safety
    ///
    /// As [`Callee::call`].
    pub(crate) unsafe fn run_values(
        &self,
        caller: &mut Caller<'_, Context>,
        ty: &FuncType,
        params: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let unfit = |what: &str, place: usize, Unfit(reason): Unfit| CallError::Value {
            plugin: self.realm.plugin().to_string(),
            function: self.name.to_string(),
            reason: format!("{what} {}: {reason}", place + 1),
        };
        let mut values = Slots::new(params.len(), results.len());
        for (place, (slot, value)) in values.parts().0.iter_mut().zip(params).enumerate() {
            *slot = convert::from_wasm(self.realm, caller, value)
                .map_err(|reason| unfit("parameter", place, reason))?;
        }
        // SAFETY: the caller's promise; there are as many slots as values.
        unsafe { self.run(caller, &mut values)? };
        let types = ty.results().zip(results);
        for (place, (slot, (ty, result))) in values.parts().1.iter().zip(types).enumerate() {
            *result = convert::to_wasm(self.realm, caller, slot, &ty)
                .map_err(|reason| unfit("result", place, reason))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_something_to_point_to() {
        for (params, results) in [(0, 0), (0, 8), (7, 0), (8, 0), (4, 4), (20, 0)] {
            let mut slots = Slots::new(params, results);
            let found = slots.parts();
            assert_eq!((found.0.len(), found.1.len()), (params, results));
            assert!(slots.many.is_empty() || slots.many.len() > params + results);
        }
    }
}
