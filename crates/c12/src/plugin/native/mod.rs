//! Native plugins: shared libraries with the C ABI of `c12_plugin.h`.

mod description;
mod error;
mod host;
mod instance;
mod library;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use description::Description;
pub use error::{LoadError, LoadReason};
use instance::{Dropper, Function, Instance, Opened, Own};
use library::Library;
use wasmtime::component;

use super::dynamic::call::{Callee, Who};
use super::dynamic::link::Ends;
use super::dynamic::world::{Interface, World};
use super::dynamic::{State, check, link};
use super::file::Watch;
use super::{
    InstanceRequest, Key, Link, Place, Plugin, PluginError, Provided, Provider, Settings,
    StateFuture,
};
use crate::Context;

/// A shared library that is a plugin. It stays loaded until the last guest that uses it has ended.
pub struct NativePlugin(Arc<Native>);

struct Native {
    // The description leads into the library: it is declared, and so dropped, first.
    description: Description,
    _library: Library,
    path: PathBuf,
    sha256: String,
    pin: Option<String>,
    watch: Watch,
}

impl std::fmt::Debug for NativePlugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativePlugin")
            .field("name", &self.0.description.name)
            .field("path", &self.0.path)
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
        load(path, pin)
            .map(|native| NativePlugin(Arc::new(native)))
            .map_err(|reason| LoadError {
                path: path.to_owned(),
                reason,
            })
    }

    /// The WIT that it describes itself with.
    pub fn wit(&self) -> &str {
        &self.0.description.wit
    }

    /// The SHA-256 of its file, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// Where it was loaded from.
    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

fn load(path: &Path, pin: Option<&str>) -> Result<Native, LoadReason> {
    // Before it is read: what changes later is seen.
    let watch = Watch::new(path);
    let bytes = super::file::read(path)?;
    let sha256 = super::file::pinned(&bytes, pin)?;
    let library = Library::load(path, &bytes)?;
    let description = library.describe()?;
    Ok(Native {
        description,
        _library: library,
        path: path.to_owned(),
        sha256,
        pin: pin.map(str::to_owned),
        watch,
    })
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
        format!("shared library {}", self.0.path.display())
    }

    fn provides(&self) -> Vec<Provided> {
        provides(&self.0.description.world)
    }

    fn keys(&self) -> Vec<Key> {
        self.0.description.keys.clone()
    }

    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        let native = &self.0;
        if !native.watch.changed(&native.path) {
            return None;
        }
        let loaded = NativePlugin::load(&native.path, native.pin.as_deref());
        Some(match loaded {
            Ok(same) if same.0.sha256 == native.sha256 => return None,
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

/// What a world offers: each interface to components under its name, and to core modules as a module of that name.
pub(super) fn provides(world: &World) -> Vec<Provided> {
    let mut provided = Vec::new();
    for interface in &world.interfaces {
        let names = interface
            .functions
            .iter()
            .map(|function| function.name.clone());
        if interface.name.is_empty() {
            provided.extend(names.clone().map(Provided::interface));
            provided.push(Provided::module_of(link::ROOT_MODULE, names));
        } else {
            provided.push(Provided::interface(&interface.name));
            let drops = interface
                .resources
                .iter()
                .map(|(name, _)| format!("[resource-drop]{name}"));
            provided.push(Provided::module_of(&interface.name, names.chain(drops)));
        }
    }
    provided
}

/// A native plugin that was opened.
struct Open(Arc<Opened>);

impl Open {
    fn description(&self) -> &Description {
        &self.0.native.description
    }

    fn callee(&self, interface: &Interface, name: &str, place: Place) -> Option<Arc<dyn Callee>> {
        let description = self.description();
        let world = &description.world;
        let at = world
            .interfaces
            .iter()
            .position(|known| known.name == interface.name)?;
        let of = interface
            .functions
            .iter()
            .position(|known| known.name == name)?;
        let entry = description.functions.get(at)?.get(of)?;
        let function = interface.functions.get(of)?;
        Some(Arc::new(Function {
            function: entry.function,
            waits: entry.waits,
            place,
            arguments: Arc::clone(&function.arguments),
            result: function.result.clone(),
            who: Arc::new(Who {
                plugin: description.name.clone(),
                interface: interface.name.clone(),
                function: function.name.clone(),
            }),
        }))
    }

    fn ends(&self, place: Place) -> Arc<dyn Ends> {
        Arc::new(Dropper {
            place,
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
        let world = &self.description().world;
        check::import(link, world)?;
        link::import(
            linker,
            link,
            world,
            &self.ends(link.place),
            &|interface, name| self.callee(interface, name, link.place),
        )
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        link::module(
            linker,
            link,
            &self.description().world,
            &self.ends(link.place),
            &|interface, name| self.callee(interface, name, link.place),
        )
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
