//! The one call that every dynamic plugin answers.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;

use wasmtime::{StoreContextMut, ValRaw};

use super::component::PASSED;
use super::fault::Fault;
use super::memory::{Block, CallMemory};
use super::reply::Reply;
use super::world::Function;
use crate::Context;
use crate::plugin::Place;

/// The arguments of a call in native form, as one tuple.
pub(crate) struct Arguments {
    pub(crate) block: Block,
    pub(crate) memory: CallMemory,
    /// The addresses of the guest's memory, if lists or strings are left there.
    pub(crate) lent: Range<usize>,
}

/// A function of a plugin, as one linked workload calls it.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) plugin: String,
    pub(crate) interface: String,
    pub(crate) function: Function,
    /// Where the plugin's state is.
    pub(crate) place: Place,
}

impl Called {
    /// Says that the guest passed what it must not.
    pub(crate) fn refuse(&self, fault: Fault) -> wasmtime::Error {
        fault.into_error(&format!("{self}: {PASSED}"))
    }

    /// Says that the plugin returned what it must not.
    pub(crate) fn blame(&self, fault: Fault) -> wasmtime::Error {
        fault.into_error(&format!("{self} returned what cannot be"))
    }
}

/// For messages.
impl std::fmt::Display for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let separator = if self.interface.is_empty() { "" } else { "#" };
        write!(
            f,
            "plugin `{}`, {}{separator}{}",
            self.plugin, self.interface, self.function.name
        )
    }
}

/// A call that waits.
pub(crate) type Calling<'a> = Pin<Box<dyn Future<Output = wasmtime::Result<Reply>> + Send + 'a>>;

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// With [`Callee::call`], on the guest's stack, and lists as they lie in the guest.
    AtOnce,
    /// With [`Callee::call_async`], and lists as they lie in the guest. What answers ends with the guest.
    Awaited,
    /// With [`Callee::call_async`], and copies of lists: what answers may outlive the guest.
    Apart,
}

/// A function of a plugin.
pub(crate) trait Callee: Send + Sync + 'static {
    /// What it is.
    fn called(&self) -> &Called;

    /// How it is to be called.
    fn mode(&self) -> Mode;

    /// Answers at once.
    fn call(
        &self,
        store: StoreContextMut<'_, Context>,
        arguments: Arguments,
    ) -> wasmtime::Result<Reply>;

    /// Answers at once, where numbers alone are passed and returned: see [`Function::is_direct`].
    fn call_direct(
        &self,
        store: StoreContextMut<'_, Context>,
        passed: &[ValRaw],
    ) -> wasmtime::Result<Option<ValRaw>>;

    /// Answers later. The store stays as it is meanwhile.
    fn call_async<'a>(
        self: Arc<Self>,
        store: StoreContextMut<'a, Context>,
        arguments: Arguments,
    ) -> Calling<'a>;
}
