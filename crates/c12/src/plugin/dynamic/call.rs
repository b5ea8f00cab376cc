//! The one call that every dynamic plugin answers.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::ResourceAny;

use super::fault::Fault;
use super::memory::{Block, CallMemory};
use super::shape::Shape;
use crate::Context;
use crate::plugin::Place;

/// The arguments of a call in native form, as one tuple.
pub(crate) struct Arguments {
    pub(crate) block: Block,
    pub(crate) memory: CallMemory,
}

/// The result of a call in native form. Dropping it releases what the plugin keeps for it.
pub(crate) struct Reply {
    pub(crate) block: Block,
    /// What the result leads to, kept until it was taken.
    pub(crate) _memory: CallMemory,
    /// What must outlive that: releasing it may be a plugin's function. Dropped after it.
    pub(crate) _keeps: Option<Arc<dyn Any + Send + Sync>>,
    /// `None` if the function returns nothing.
    pub(crate) shape: Option<Arc<Shape>>,
    /// Of component plugins: the resources that the native form counts.
    pub(crate) resources: Option<Vec<ResourceAny>>,
    /// Lists and strings may have as many bytes.
    pub(crate) limit: usize,
    pub(crate) place: Place,
    /// For messages: `plugin` and function.
    pub(crate) who: Arc<Who>,
}

/// A function of a plugin, for messages.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) plugin: String,
    pub(crate) interface: String,
    pub(crate) function: String,
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let separator = if self.interface.is_empty() { "" } else { "#" };
        write!(
            f,
            "plugin `{}`, {}{separator}{}",
            self.plugin, self.interface, self.function
        )
    }
}

impl Reply {
    /// Says that the plugin returned what it must not.
    pub(crate) fn blame(&self, fault: Fault) -> wasmtime::Error {
        fault.into_error(&format!("{} returned what cannot be", self.who))
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
    /// How it is to be called.
    fn mode(&self) -> Mode;

    /// Answers at once.
    fn call(
        &self,
        store: StoreContextMut<'_, Context>,
        arguments: Arguments,
    ) -> wasmtime::Result<Reply>;

    /// Answers later. The store stays as it is meanwhile.
    fn call_async<'a>(
        self: Arc<Self>,
        store: StoreContextMut<'a, Context>,
        arguments: Arguments,
    ) -> Calling<'a>;
}
