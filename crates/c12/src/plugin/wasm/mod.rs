//! Component plugins: components whose exports fill the imports of others.
//!
//! Each instance of a guest gets an instance of the plugin, in a store of its own, with grants and limits of its own.

mod call;

use std::path::Path;
use std::sync::Arc;

use call::{Dropper, Function, Own};
use wasmtime::component::{self, Component, ComponentExportIndex};

use super::dynamic::call::{Called, Callee};
use super::dynamic::link::{self, Ends};
use super::dynamic::world::{Interface, World};
use super::dynamic::{State, exports};
use super::file::PluginFile;
use super::{
    InstanceRequest, Key, Kind, Link, LoadError, LoadReason, Plugin, PluginError, Provided,
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
    file: PluginFile,
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
        PluginFile::read(path, pin)
            .and_then(|read| load(engine, read, name))
            .map_err(|reason| LoadError {
                path: path.to_owned(),
                reason,
            })
    }

    /// The SHA-256 of its file, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        self.file.sha256()
    }
}

fn load(
    engine: &Engine,
    (file, bytes): (PluginFile, Vec<u8>),
    name: Option<&str>,
) -> Result<ComponentPlugin, LoadReason> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => file
            .path()
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
        file,
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
        format!("component {}", self.file.path().display())
    }

    fn file(&self) -> Option<&Path> {
        Some(self.file.path())
    }

    fn provides(&self) -> Vec<Provided> {
        self.world.provides()
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
            Key::new("memory", Kind::Bytes).description("memory that it may have"),
        ]
    }

    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        let changed = self.file.changed()?;
        let loaded = changed.and_then(|read| load(&self.engine, read, Some(&self.name)));
        Some(match loaded {
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
        if let Some(memory) = settings.bytes("memory") {
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

impl link::Opened for Open {
    fn plugin(&self) -> &str {
        &self.name
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn callee(&self, (at, of): (usize, usize), called: Called) -> Option<Arc<dyn Callee>> {
        let export = (*self.functions.get(at)?.get(of)?)?;
        Some(Arc::new(Function {
            export,
            called: Arc::new(called),
        }))
    }

    fn ends(&self) -> Arc<dyn Ends> {
        Arc::new(Dropper {
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
        Box::pin(async move {
            // When the guest's time is up, so is the plugin's.
            let linked = self.linked.within(instance.limits.timeout)?;
            let made = linked.instantiate().await?;
            let state: super::State = Box::new(State::new(Own(Some(Box::new(made)))));
            Ok(Some(state))
        })
    }
}
