//! Who provides what a guest imports.
//!
//! Everything a guest can import comes from a [`Plugin`], WASI included. A [`Registry`] holds them in
//! order; for each import the first that offers it is asked to link it, and only then. What nobody
//! imports is neither linked nor initialised.

mod name;
mod registry;

use std::any::Any;

use wasmtime::component;

pub use name::{ImportName, Provided};
pub use registry::{MissingImport, Registry};

use crate::{Context, Limits, Workload};

/// An error of a plugin, shown to the user below "plugin `name` failed".
pub type PluginError = Box<dyn std::error::Error + Send + Sync>;

/// A provider of host capabilities.
///
/// The phases, and how often each runs:
///
/// 1. [`provides`](Plugin::provides): once per registry, to build the index. Cheap and without side effects.
/// 2. [`link_component`](Plugin::link_component) or [`link_module`](Plugin::link_module): once per linked
///    workload and import that this plugin was chosen for.
/// 3. [`instance_state`](Plugin::instance_state): once per instance of a workload that was linked with it.
/// 4. The linked functions: per call. They find their state with [`Context::plugin`].
///
/// The state is dropped with the instance, the plugin with the last registry that holds it.
pub trait Plugin: Send + Sync + 'static {
    /// A short name, unique within a registry: `wasi`, `crypto`.
    fn name(&self) -> &str;

    /// One line for people.
    fn description(&self) -> &str {
        ""
    }

    /// The interfaces and core modules that guests can import from it.
    fn provides(&self) -> Vec<Provided>;

    /// Defines an interface for components under the name by which it is `offered`; guests that ask for a
    /// compatible version find it there. Called once for a workload, whatever versions it asks for.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn link_component(
        &self,
        offered: &ImportName,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let _ = linker;
        Err(format!("`{offered}` is not offered to components").into())
    }

    /// Defines the functions that core modules import from the module `offered`.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn link_module(
        &self,
        offered: &ImportName,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        let _ = linker;
        Err(format!("`{offered}` is not offered to core modules").into())
    }

    /// What one instance needs to keep, if anything. It is found again with [`Context::plugin`].
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn instance_state(
        &self,
        instance: &InstanceRequest<'_>,
    ) -> Result<Option<Box<dyn Any + Send>>, PluginError> {
        let _ = instance;
        Ok(None)
    }
}

/// The instance that is about to be made.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct InstanceRequest<'a> {
    /// What it is an instance of.
    pub workload: &'a Workload,
    /// What it may use.
    pub limits: &'a Limits,
}
