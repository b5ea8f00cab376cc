//! Component plugins: components whose exports fill the imports of others.
//!
//! Each instance of a guest gets an instance of the plugin, in a store of its own, with grants and limits of its own.

mod call;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use call::{Dropper, Function, Own};
use wasmtime::component::{self, Component, ComponentExportIndex};

use super::dynamic::call::{Callee, Who};
use super::dynamic::link::Ends;
use super::dynamic::world::{Interface, World};
use super::dynamic::{State, check, exports, link};
use super::file::Watch;
use super::native::provides;
use super::{
    InstanceRequest, Key, Kind, Link, LoadError, LoadReason, Place, Plugin, PluginError, Provided,
    Provider, Settings, StateFuture,
};
use crate::host::Linked;
use crate::{Context, Directory, Engine, Host, NetworkRule, Output, Workload};

/// A component that is a plugin.
#[derive(Debug)]
pub struct ComponentPlugin {
    name: String,
    workload: Workload,
    world: Arc<World>,
    engine: Engine,
    path: PathBuf,
    sha256: String,
    pin: Option<String>,
    watch: Watch,
}

impl ComponentPlugin {
    /// Loads a component, which is called `name` or, without one, by the name of its file. With `pin`, its SHA-256 in
    /// hexadecimal digits must be that.
    ///
    /// # Errors
    ///
    /// A [`LoadError`] that says what is wrong with the file.
    pub fn load(
        engine: &Engine,
        path: impl AsRef<Path>,
        name: Option<&str>,
        pin: Option<&str>,
    ) -> Result<Self, LoadError> {
        let path = path.as_ref();
        load(engine, path, name, pin).map_err(|reason| LoadError {
            path: path.to_owned(),
            reason,
        })
    }

    /// The SHA-256 of its file, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Where it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn load(
    engine: &Engine,
    path: &Path,
    name: Option<&str>,
    pin: Option<&str>,
) -> Result<ComponentPlugin, LoadReason> {
    // Before it is read: what changes later is seen.
    let watch = Watch::new(path);
    let bytes = super::file::read(path)?;
    let sha256 = super::file::pinned(&bytes, pin)?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default(),
    };
    if !super::file::name_is_proper(&name) {
        let name = c12_toolchain::escape(&name);
        return Err(LoadReason::Description(format!(
            "the name `{name}` must be 1 to 64 letters, digits, `-` and `_`, and not `wasi`; give it another with NAME=PATH"
        )));
    }
    let workload = engine.load(&name, &bytes).map_err(|error| {
        let mut words = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            words.push_str(": ");
            words.push_str(&cause.to_string());
            source = cause.source();
        }
        LoadReason::Component(words)
    })?;
    let world = match workload.component() {
        Some(component) => exports::of(component)?,
        None => {
            return Err(LoadReason::Component(
                "it is a core module; only components are plugins".into(),
            ));
        }
    };
    Ok(ComponentPlugin {
        name,
        workload,
        world: Arc::new(world),
        engine: engine.clone(),
        path: path.to_owned(),
        sha256,
        pin: pin.map(str::to_owned),
        watch,
    })
}

impl Plugin for ComponentPlugin {
    fn name(&self) -> &str {
        &self.name
    }

    fn description(&self) -> &str {
        "A component, sandboxed with grants of its own"
    }

    fn origin(&self) -> String {
        format!("component {}", self.path.display())
    }

    fn provides(&self) -> Vec<Provided> {
        provides(&self.world)
    }

    fn keys(&self) -> Vec<Key> {
        vec![
            Key::new("dir", Kind::Text).description(
                "directories that it may use: HOST[::GUEST][:ro], separated by commas",
            ),
            Key::new("env", Kind::Text)
                .description("its environment: NAME=VALUE, separated by commas"),
            Key::new("net", Kind::Text)
                .description("what it may reach over the network: rules, separated by commas"),
            Key::new("memory", Kind::Integer).description("bytes of memory that it may have"),
        ]
    }

    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        if !self.watch.changed(&self.path) {
            return None;
        }
        let pin = self.pin.as_deref();
        let loaded = ComponentPlugin::load(&self.engine, &self.path, Some(&self.name), pin);
        Some(match loaded {
            Ok(same) if same.sha256 == self.sha256 => return None,
            Ok(plugin) => Ok(Arc::new(plugin)),
            Err(error) => Err(error.into()),
        })
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let mut host = Host::builder().stderr(Output::Inherit);
        for directory in settings.list("dir") {
            host = host.directory(directory.parse::<Directory>()?);
        }
        for variable in settings.list("env") {
            let (name, value) = variable
                .split_once('=')
                .ok_or_else(|| format!("`{variable}` is not NAME=VALUE"))?;
            host = host.environment(name, value);
        }
        for rule in settings.list("net") {
            host = host.network(rule.parse::<NetworkRule>()?);
        }
        let mut limits = crate::Limits::default();
        if let Some(memory) = settings.integer("memory") {
            limits.memory = usize::try_from(memory)?;
        }
        let linked = host.limits(limits).build().link(&self.workload)?;
        let component = self.workload.component().ok_or("it is not a component")?;
        Ok(Arc::new(Open {
            name: self.name.clone(),
            functions: indices(component, &self.world),
            world: Arc::clone(&self.world),
            linked,
        }))
    }
}

/// Where each function is in the component, by interface and function in the order of the world.
fn indices(component: &Component, world: &World) -> Vec<Vec<Option<ComponentExportIndex>>> {
    let of = |interface: &Interface| {
        let instance = if interface.name.is_empty() {
            None
        } else {
            component.get_export_index(None, &interface.name)
        };
        let functions = interface.functions.iter();
        functions
            .map(|function| component.get_export_index(instance.as_ref(), &function.name))
            .collect()
    };
    world.interfaces.iter().map(of).collect()
}

/// A component plugin that was opened.
struct Open {
    name: String,
    world: Arc<World>,
    functions: Vec<Vec<Option<ComponentExportIndex>>>,
    linked: Linked,
}

impl Open {
    fn callee(&self, interface: &Interface, name: &str, place: Place) -> Option<Arc<dyn Callee>> {
        let at = self
            .world
            .interfaces
            .iter()
            .position(|known| known.name == interface.name)?;
        let of = interface
            .functions
            .iter()
            .position(|known| known.name == name)?;
        let function = interface.functions.get(of)?;
        Some(Arc::new(Function {
            export: (*self.functions.get(at)?.get(of)?)?,
            place,
            arguments: Arc::clone(&function.arguments),
            result: function.result.clone(),
            who: Arc::new(Who {
                plugin: self.name.clone(),
                interface: interface.name.clone(),
                function: function.name.clone(),
            }),
        }))
    }

    fn ends(&self, place: Place) -> Arc<dyn Ends> {
        Arc::new(Dropper {
            place,
            plugin: self.name.clone(),
        })
    }
}

impl Provider for Open {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        check::import(link, &self.world)?;
        link::import(
            linker,
            link,
            &self.world,
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
            &self.world,
            &self.ends(link.place),
            &|interface, name| self.callee(interface, name, link.place),
        )
    }

    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        Box::pin(async move {
            // When the guest's time is up, so is the plugin's.
            let linked = self.linked.within(instance.limits.timeout)?;
            let made = linked.instantiate().await?;
            let state: super::State = Box::new(State::new(Own(Some(Box::new(made)))));
            Ok(Some(state))
        })
    }
}
