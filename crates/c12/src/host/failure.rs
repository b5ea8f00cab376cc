//! What a run that did not reach its end is called.

use super::linked::{Linked, Session};
use crate::limits::{LimitExceeded, LimitKind};
use crate::trap::Trap;
use crate::workload::Role;
use crate::{Error, invoke};

impl Linked {
    /// Gives an engine error its name: a limit, the end of time, or a trap.
    pub(super) fn failure(&self, session: &Session, error: wasmtime::Error) -> Error {
        if session.stdout.is_closed() {
            return Error::StdoutClosed;
        }
        match error.downcast_ref::<Error>() {
            Some(Error::Timeout { limit }) => return Error::Timeout { limit: *limit },
            Some(Error::StdoutClosed) => return Error::StdoutClosed,
            _ => {}
        }
        let account = &session.store.data().account;
        let limits = account.limits();
        let reached = |kind, limit: u64| {
            Error::Limit(LimitExceeded {
                kind,
                limit,
                requested: None,
            })
        };
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::OutOfFuel) => {
                return reached(LimitKind::Fuel, limits.fuel.unwrap_or(0));
            }
            Some(wasmtime::Trap::StackOverflow) => {
                let mut trap = Trap::new(self.workload.name(), &error);
                let stack = LimitExceeded {
                    kind: LimitKind::Stack,
                    limit: self.workload.engine().stack() as u64,
                    requested: None,
                };
                trap.message = format!("{}: {stack}", trap.message);
                trap.help = Some(format!(
                    "if the recursion is meant to end, {}",
                    stack.help()
                ));
                return Error::Trap(Box::new(trap));
            }
            None if !error.is::<wasmtime::WasmBacktrace>() => {
                // Not a trap: instantiation failed.
                if let Some(denied) = &account.denied {
                    return Error::Limit(denied.clone());
                }
                if let Some(limit) = invoke::count_limit(&error, limits) {
                    return Error::Limit(limit);
                }
            }
            _ => {}
        }
        if let Some(limit) = invoke::host_limit(&error, limits) {
            return Error::Limit(limit);
        }
        let mut trap = Trap::new(self.workload.name(), &error);
        if let Some(denied) = &account.denied {
            trap.help = Some(format!("{denied} before that; {}", denied.help()));
        }
        Error::Trap(Box::new(trap))
    }

    pub(super) fn no_entry_point(&self, role: Role) -> Error {
        let what = match role {
            Role::HttpHandler => "it answers HTTP requests and must be served",
            _ if self.workload.is_component() => "it exports no `wasi:cli/run`",
            _ => "it exports no function `_start`",
        };
        let callable = self
            .workload
            .callables()
            .iter()
            .map(|callable| callable.path())
            .collect();
        Error::NoEntryPoint {
            name: self.workload.name().to_owned(),
            what: what.into(),
            callable,
        }
    }
}

/// The exit code, if the error is how a guest's `exit` looks from outside.
pub(super) fn exit_status(error: &wasmtime::Error) -> Option<i32> {
    error
        .downcast_ref::<wasmtime_wasi::I32Exit>()
        .map(|exit| exit.0)
}
