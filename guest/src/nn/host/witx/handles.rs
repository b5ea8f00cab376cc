//! Numbers of the host's that are given back when nobody has them any more.

use std::sync::Arc;

use super::imports;

macro_rules! owned {
    ($($(#[$doc:meta])* $name:ident: $module:ident::$close:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(in crate::nn) struct $name(u32);

        impl $name {
            pub(super) fn owning(number: u32) -> Self {
                Self(number)
            }

            pub(super) fn number(&self) -> u32 {
                self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the function takes a number. What it says about it has no use any more.
                let _ = unsafe { imports::$module::$close(self.0) };
            }
        }
    )*};
}

owned! {
    /// A graph that is loaded.
    LoadedGraph: wasi::unload;
    /// A context of a graph.
    ContextHandle: wasi::finalize_execution_context;
    /// A text that is being made.
    Generation: c12::generation_drop;
}

/// A graph that stays as long as it or one of its contexts does.
#[derive(Debug, Clone)]
pub(super) struct GraphHandle(Arc<LoadedGraph>);

impl GraphHandle {
    pub(super) fn owning(number: u32) -> Self {
        Self(Arc::new(LoadedGraph::owning(number)))
    }

    pub(super) fn number(&self) -> u32 {
        self.0.number()
    }
}
