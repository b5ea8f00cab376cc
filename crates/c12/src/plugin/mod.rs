//! Who provides what a guest imports.
//!
//! Everything a guest can import comes from a [`Plugin`], WASI included. A [`Registry`] holds them in
//! order; for each import the first that offers it is asked to link it, and only then. What nobody
//! imports is neither opened nor linked.

mod details;
mod dynamic;
mod file;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod load_error;
mod missing;
mod name;
mod native;
mod private_file;
mod registry;
mod settings;
mod wasm;

use std::any::Any;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use wasmtime::component;

pub use details::Details;
pub use dynamic::world::WorldError;
pub use file::{FileWatch, PluginFile};
pub use load_error::{LoadError, LoadReason};
pub use missing::MissingImport;
pub use name::{ImportName, Provided};
pub use native::NativePlugin;
// For other loaders of libraries.
#[doc(hidden)]
pub use native::library::is_unfinished;
#[doc(hidden)]
pub use private_file::PrivateFile;
pub(crate) use registry::Loaded;
pub use registry::{Conflict, Finder, Registry, Reload};
pub use settings::{Key, Kind, SettingError, Settings};
pub use wasm::ComponentPlugin;

use crate::{Context, Limits, Workload};

/// An error of a plugin, shown to the user below "plugin `name` failed".
pub type PluginError = Box<dyn std::error::Error + Send + Sync>;

/// What a plugin keeps for one instance of a guest.
pub type State = Box<dyn Any + Send>;

/// The state of an instance while it is being made.
pub type StateFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<State>, PluginError>> + Send + 'a>>;

/// Something that can provide host capabilities.
///
/// The phases, and how often each runs:
///
/// 1. [`provides`](Plugin::provides) and [`keys`](Plugin::keys): once per registry, to build the index and to
///    check the settings. Cheap and without side effects.
/// 2. [`open`](Plugin::open): once per host, when the first guest that imports from it is linked.
/// 3. [`Provider::link_component`] or [`Provider::link_module`]: once per linked workload and import that
///    this plugin was chosen for.
/// 4. [`Provider::instantiate`]: once per instance of a workload that was linked with it.
/// 5. The linked functions: per call. They find their state with [`Context::state`] or [`Context::plugin`].
///
/// The state is dropped with the instance, what was opened with the host and all that was linked by it.
pub trait Plugin: Send + Sync + 'static {
    /// A short name, unique within a registry: `wasi`, `crypto`.
    fn name(&self) -> &str;

    /// As in semantic versioning; empty if it has none of its own.
    fn version(&self) -> &str {
        ""
    }

    /// One line for people.
    fn description(&self) -> &str {
        ""
    }

    /// What kind of plugin it is and where it comes from, for people: `built in`, `shared library /x/y.so`.
    fn origin(&self) -> String {
        "built in".into()
    }

    /// The file that it was loaded from, if there is one.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// The interfaces and core modules that guests can import from it.
    fn provides(&self) -> Vec<Provided>;

    /// The settings that it knows. Others are errors.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// What people may want to know besides, in tables: `c12 plugin info` shows them. The settings are those that would hold
    /// for a guest, with the keys that were not given but have a fallback.
    fn details(&self, settings: &Settings) -> Vec<Details> {
        let _ = settings;
        Vec::new()
    }

    /// The new version, if what it was loaded from has changed since it was last asked.
    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        None
    }

    /// Makes what all instances share.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError>;
}

/// A plugin that was opened: it fills imports.
pub trait Provider: Send + Sync + 'static {
    /// Defines an interface for components under the name by which it is `offered`; guests that ask for a
    /// compatible version find it there. Called once for a workload, whatever versions it asks for.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let _ = linker;
        Err(format!("`{}` is not offered to components", link.offered).into())
    }

    /// Defines the functions that core modules import from the module `offered`. Functions that the guest
    /// does not import may be left out; what was defined before may be defined again.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        let _ = linker;
        Err(format!("`{}` is not offered to core modules", link.offered).into())
    }

    /// What one instance needs to keep, if anything. It is found again with [`Context::state`], by the place
    /// in [`Link`], or with [`Context::plugin`], by its type.
    ///
    /// # Errors
    ///
    /// Anything that prevents it, in words for the user.
    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        let _ = instance;
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// What is to be linked.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Link<'a> {
    /// The name under which the plugin offers it.
    pub offered: &'a ImportName,
    /// What is linked.
    pub workload: &'a Workload,
    /// Where the plugin's state is in each instance of it.
    pub place: Place,
}

/// Where a plugin's state is in the [`Context`] of every instance of one linked workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(crate) usize);

/// The instance that is about to be made.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct InstanceRequest<'a> {
    /// What it is an instance of.
    pub workload: &'a Workload,
    /// What it may use.
    pub limits: &'a Limits,
}
