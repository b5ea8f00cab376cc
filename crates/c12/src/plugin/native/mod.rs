//! Native plugins: shared libraries with the C ABI of `c12_plugin.h`.

pub(crate) mod description;
mod host;
mod instance;
pub(crate) mod library;

use std::path::Path;
use std::sync::Arc;

use description::Description;
use instance::{Dropper, Function, Instance, Opened, Own};
use library::Library;
use wasmtime::component;

use super::dynamic::State;
use super::dynamic::call::{Called, Callee};
use super::dynamic::direct::Plan;
use super::dynamic::link::{self, Ends};
use super::dynamic::world::World;
use super::file::PluginFile;
use super::{
    InstanceRequest, Key, Link, LoadError, LoadReason, Plugin, PluginError, Provided, Provider,
    Settings, StateFuture,
};
use crate::Context;

/// A shared library that is a plugin. It stays loaded until the last guest that uses it has ended.
pub struct NativePlugin(Arc<Native>);

struct Native {
    // The description leads into the library: it is declared, and so dropped, first.
    description: Description,
    _library: Library,
    file: PluginFile,
}

impl std::fmt::Debug for NativePlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativePlugin")
            .field("name", &self.0.description.name)
            .field("path", &self.0.file.path())
            .finish_non_exhaustive()
    }
}

impl NativePlugin {
    /// Loads a library, from a copy: the file may be replaced at any time. With `pin`, its SHA-256 in hexadecimal
    /// digits must be that.
    ///
    /// Loading runs the library's initialisers with the rights of this process.
    ///
    /// # Errors
    ///
    /// A [`LoadError`] that says what is wrong with the file.
    pub fn load(path: impl AsRef<Path>, pin: Option<&str>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let read = PluginFile::read(path, pin);
        read.and_then(|(file, bytes)| NativePlugin::from_file(file, &bytes))
            .map_err(|reason| LoadError {
                path: path.to_owned(),
                reason,
            })
    }

    /// As [`NativePlugin::load`], for a file that was read already.
    ///
    /// # Errors
    ///
    /// As [`NativePlugin::load`], without the path.
    pub fn from_file(file: PluginFile, bytes: &[u8]) -> Result<Self, LoadReason> {
        let library = Library::load(file.path(), bytes, file.is_pinned())?;
        let description = library.describe()?;
        Ok(NativePlugin(Arc::new(Native {
            description,
            _library: library,
            file,
        })))
    }

    /// The WIT that it describes itself with.
    pub fn wit(&self) -> &str {
        &self.0.description.wit
    }

    /// The SHA-256 of its file, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        self.0.file.sha256()
    }
}

impl Plugin for NativePlugin {
    fn name(&self) -> &str {
        &self.0.description.name
    }

    fn version(&self) -> &str {
        &self.0.description.version
    }

    fn description(&self) -> &str {
        &self.0.description.about
    }

    fn origin(&self) -> String {
        format!("shared library {}", self.0.file.path().display())
    }

    fn file(&self) -> Option<&Path> {
        Some(self.0.file.path())
    }

    fn provides(&self) -> Vec<Provided> {
        self.0.description.world.provides()
    }

    fn keys(&self) -> Vec<Key> {
        self.0.description.keys.clone()
    }

    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        let changed = self.0.file.changed()?;
        let loaded = changed.and_then(|(file, bytes)| NativePlugin::from_file(file, &bytes));
        Some(match loaded {
            Ok(plugin) => Ok(Arc::new(plugin)),
            Err(error) => Err(error.into()),
        })
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        Opened::open(&self.0, settings).map(|opened| {
            let provider: Arc<dyn Provider> = Arc::new(Open(Arc::new(opened)));
            provider
        })
    }
}

/// A native plugin that was opened.
struct Open(Arc<Opened>);

impl Open {
    fn description(&self) -> &Description {
        &self.0.native.description
    }
}

impl link::Opened for Open {
    fn plugin(&self) -> &str {
        &self.description().name
    }

    fn world(&self) -> &World {
        &self.description().world
    }

    fn callee(&self, (at, of): (usize, usize), called: Called) -> Option<Arc<dyn Callee>> {
        let entry = *self.description().functions.get(at)?.get(of)?;
        Some(Arc::new(Function {
            plan: Plan::new(&called.function),
            entry,
            called: Arc::new(called),
        }))
    }

    fn ends(&self) -> Arc<dyn Ends> {
        Arc::new(Dropper {
            waits: self.description().waits(),
            plugin: self.description().name.clone(),
        })
    }
}

impl Provider for Open {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        link::component(self, link, linker)
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        link::module(self, link, linker)
    }

    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        let limit = instance.limits.host_bytes;
        let opened = Arc::clone(&self.0);
        let waits = self.description().waits();
        Box::pin(async move {
            let make = move || Instance::new(&opened, limit);
            let made = if waits {
                instance::waiting(make).await?
            } else {
                make()
            };
            let state: super::State = Box::new(State::new(Own(Arc::new(made?))));
            Ok(Some(state))
        })
    }
}
