//! A library as a plugin of C12.

mod instance;
mod link;
mod template;

use std::path::Path;
use std::sync::Arc;

use c12::Context;
use c12::plugin::{
    InstanceRequest, Key, Link, LoadReason, Plugin, PluginError, PluginFile, Provided, Provider,
    Settings, StateFuture,
};

use crate::LoadError;
use crate::load::{Description, Image, Origin};
use crate::options::{self, ProgramOption};
use instance::Instance;
use template::Template;

/// A plugin of WasmEdge's C API, to be given to [`HostBuilder::plugin`](c12::HostBuilder::plugin).
#[derive(Debug)]
pub struct WasmEdgePlugin {
    name: Arc<str>,
    origin: Origin,
    /// What may be replaced by a new version; `None` if there is only the content, or if the file itself is in use.
    file: Option<PluginFile>,
    loaded: Loaded,
    description: Description,
}

/// A library with its settings, and what its modules offer.
#[derive(Debug, Clone)]
struct Loaded {
    image: Arc<Image>,
    modules: Arc<[crate::load::Module]>,
    template: Arc<Template>,
}

impl WasmEdgePlugin {
    /// Loads a library. The file may be replaced afterwards: the plugin works with a copy.
    ///
    /// The library's initialisers run, and it makes an instance of each of its modules, which is thrown away: only from
    /// an instance can it be known what a module offers.
    ///
    /// # Errors
    ///
    /// A [`LoadError`] that says what is wrong with the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let (file, content) = PluginFile::read(path, None).map_err(|reason| match reason {
            LoadReason::Unreadable(source) => LoadError::Read {
                path: path.to_owned(),
                source,
            },
            other => LoadError::NotALibrary {
                path: path.to_owned(),
                reason: other.to_string(),
            },
        })?;
        WasmEdgePlugin::from_file(file, content)
    }

    /// As [`WasmEdgePlugin::load`], for a file that was read already.
    ///
    /// # Errors
    ///
    /// As [`WasmEdgePlugin::load`].
    pub fn from_file(file: PluginFile, content: Vec<u8>) -> Result<Self, LoadError> {
        let origin = Origin::from_content(file.path(), content)?;
        WasmEdgePlugin::new(origin, Some(file))
    }

    /// As [`WasmEdgePlugin::load`], for bytes. The path is where they come from: messages name it, and libraries that it
    /// wants beside itself are looked for there.
    ///
    /// # Errors
    ///
    /// As [`WasmEdgePlugin::load`].
    pub fn from_content(path: impl AsRef<Path>, content: Vec<u8>) -> Result<Self, LoadError> {
        WasmEdgePlugin::new(Origin::from_content(path.as_ref(), content)?, None)
    }

    /// As [`WasmEdgePlugin::load`], without a copy: debuggers and valgrind find the file, which must not be overwritten as
    /// long as the process runs. All hosts of the process share the plugin's settings then. The variable
    /// `C12_PLUGIN_IN_PLACE` in the environment has the same effect on the other functions.
    ///
    /// # Errors
    ///
    /// As [`WasmEdgePlugin::load`].
    pub fn load_in_place(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        WasmEdgePlugin::new(Origin::in_place(path.as_ref())?, None)
    }

    fn new(origin: Origin, file: Option<PluginFile>) -> Result<Self, LoadError> {
        let (image, mut description) = origin.load()?;
        let modules: Arc<[_]> = std::mem::take(&mut description.modules).into();
        let name: Arc<str> = description.name.as_str().into();
        let template = Template::learn(&name, &image, &modules)?;
        tracing::debug!(
            target: "c12::plugin::wasmedge",
            plugin = &*name,
            path = %origin.path().display(),
            api_version = description.api_version,
            modules = ?template.modules().iter().map(|module| &module.name).collect::<Vec<_>>(),
            "loaded"
        );
        Ok(WasmEdgePlugin {
            name,
            origin,
            file,
            loaded: Loaded {
                image,
                modules,
                template: Arc::new(template),
            },
            description,
        })
    }

    /// Gives the plugin another name than its own, by which settings and messages know it.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// The SHA-256 of the file, in hexadecimal digits, if it is known.
    pub fn sha256(&self) -> Option<&str> {
        self.file.as_ref().map(PluginFile::sha256)
    }

    /// The version of WasmEdge's plugin API that it was built for.
    pub fn api_version(&self) -> u32 {
        self.description.api_version
    }
}

impl Plugin for WasmEdgePlugin {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &str {
        &self.description.version
    }

    fn description(&self) -> &str {
        &self.description.description
    }

    fn origin(&self) -> String {
        format!(
            "WasmEdge C API version {}, {}",
            self.description.api_version,
            self.origin.path().display()
        )
    }

    fn file(&self) -> Option<&Path> {
        Some(self.origin.path())
    }

    fn provides(&self) -> Vec<Provided> {
        let modules = self.loaded.template.modules().iter();
        modules
            .map(|module| Provided::module_of(&module.name, module.items().map(str::to_owned)))
            .collect()
    }

    fn keys(&self) -> Vec<Key> {
        self.description
            .options
            .iter()
            .map(ProgramOption::key)
            .collect()
    }

    fn changed(&self) -> Option<Result<Arc<dyn Plugin>, PluginError>> {
        let changed = self.file.as_ref()?.changed()?;
        let loaded = changed
            .map_err(PluginError::from)
            .and_then(|(file, content)| {
                let plugin = WasmEdgePlugin::from_file(file, content)?;
                // Whoever gave it another name did that by `named`.
                let plugin = if self.is_renamed() {
                    plugin.named(&self.name)
                } else {
                    plugin
                };
                let plugin: Arc<dyn Plugin> = Arc::new(plugin);
                Ok(plugin)
            });
        Some(loaded)
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let loaded = if settings.iter().next().is_none() {
            self.loaded.clone()
        } else {
            self.configured(settings)?
        };
        Ok(Arc::new(Opened {
            plugin: Arc::clone(&self.name),
            loaded,
        }))
    }
}

impl WasmEdgePlugin {
    fn is_renamed(&self) -> bool {
        *self.name != *self.description.name
    }

    /// Another image of the library, with settings. What its modules offer may depend on them.
    #[allow(unsafe_code)]
    fn configured(&self, settings: &Settings) -> Result<Loaded, PluginError> {
        let (image, mut description) = self.origin.load()?;
        // SAFETY: the options were read from this image's descriptor, whose contract their types are. No module of the image
        // exists yet, unless it is one that is shared, for which that is documented.
        unsafe { options::apply(&self.name, &description.options, settings)? };
        let modules: Arc<[_]> = std::mem::take(&mut description.modules).into();
        let template = Template::learn(&self.name, &image, &modules)?;
        Ok(Loaded {
            image,
            modules,
            template: Arc::new(template),
        })
    }
}

/// What all instances share.
struct Opened {
    plugin: Arc<str>,
    loaded: Loaded,
}

impl Provider for Opened {
    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        link::link(&self.plugin, &self.loaded.template, link, linker)
    }

    fn instantiate<'a>(&'a self, request: InstanceRequest<'a>) -> StateFuture<'a> {
        let instance = Instance::new(&self.plugin, &self.loaded, request.limits.timeout);
        Box::pin(std::future::ready(
            instance
                .map(|instance| Some(Box::new(instance) as c12::plugin::State))
                .map_err(Into::into),
        ))
    }
}
