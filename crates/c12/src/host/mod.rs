//! Running workloads: what a guest is granted, who provides its imports, and what came of it.

mod builder;
mod failure;
mod hangup;
mod linked;

use std::sync::Arc;

pub use builder::HostBuilder;
pub use hangup::ReloadOnHangup;
use linked::{Bound, LinkedCode, LinkedPlugin};
pub use linked::{Instance, Linked, RawInstance};

use crate::Error;
use crate::limits::Limits;
use crate::plugin::{ImportName, Link, Loaded, Place, PluginError, Registry, Reload};
use crate::wasi::Grants;
use crate::workload::{Code, Workload};

/// What guests run against: their grants, their limits, and the plugins that provide their imports.
///
/// By default a guest is granted nothing. Cheap to clone; one host can run any number of workloads.
#[derive(Debug, Clone)]
pub struct Host {
    grants: Grants,
    limits: Limits,
    registry: Registry,
}

impl Host {
    /// Settings to change before building.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// The plugins, in the order in which they are asked.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Looks whether the files of plugins have changed, and puts the new versions in place: for instances that are made
    /// from then on, also of what was linked before. A new version that cannot be loaded or opened leaves the old one
    /// in place. Returns what was tried.
    pub fn reload(&self) -> Vec<Reload> {
        self.registry.reload()
    }

    /// Does [`Host::reload`] whenever the process gets a SIGHUP, as long as what is returned lives; what comes of it is
    /// in the log. Hosts that share plugins need it once.
    ///
    /// # Errors
    ///
    /// What the system says if the signal cannot be waited for.
    pub fn reload_on_hangup(&self) -> std::io::Result<ReloadOnHangup> {
        ReloadOnHangup::new(self.clone())
    }

    /// The limits of every run.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fills the imports of a workload.
    ///
    /// # Errors
    ///
    /// [`Error::MissingImports`] with all imports that nothing provides, [`Error::Plugin`] if a
    /// provider fails, [`Error::Configuration`] if the limits need what the workload was compiled without.
    pub fn link(&self, workload: &Workload) -> Result<Linked, Error> {
        let bound = self.bind(workload)?;
        Ok(Linked::new(self.clone(), workload.clone(), bound))
    }

    fn bind(&self, workload: &Workload) -> Result<Bound, Error> {
        let generation = self.registry.generation();
        self.check_limits(workload)?;
        self.registry.check_settings()?;
        // Of several compatible versions of an interface that a guest asks for, one definition serves all.
        let mut chosen: Vec<(ImportName, Arc<Loaded>)> = Vec::new();
        let mut missing = Vec::new();
        for import in workload.imports() {
            let items = workload.imported_functions(&import);
            let mut open = Vec::new();
            let mut choose = |item: Option<&str>| {
                let Some((loaded, offered)) = self.registry.serving(&import, item) else {
                    return false;
                };
                let known = chosen
                    .iter()
                    .any(|(name, by)| *name == offered && Arc::ptr_eq(by, &loaded));
                if !known {
                    chosen.push((offered, loaded));
                }
                true
            };
            if import.is_component() || items.is_empty() {
                if !choose(None) {
                    open.clone_from(&items);
                    missing.push(self.registry.explain(import, open));
                }
            } else {
                // A module's items may come from different plugins.
                open.extend(items.into_iter().filter(|item| !choose(Some(item))));
                if !open.is_empty() {
                    missing.push(self.registry.explain(import, open));
                }
            }
        }
        if !missing.is_empty() {
            return Err(Error::MissingImports {
                name: workload.name().to_owned(),
                missing,
            });
        }
        let failed = |loaded: &Loaded, import: &dyn ToString, source: PluginError| Error::Plugin {
            plugin: loaded.plugin().name().to_owned(),
            import: import.to_string(),
            source,
        };
        let mismatch = |error: &wasmtime::Error| {
            Error::engine("the imports do not fit what is provided", error)
        };
        let mut plugins: Vec<LinkedPlugin> = Vec::new();
        let mut places = Vec::new();
        for (import, loaded) in &chosen {
            let known = plugins
                .iter()
                .position(|known| Arc::ptr_eq(&known.loaded, loaded));
            let place = match known {
                Some(place) => place,
                None => {
                    let provider = self
                        .registry
                        .open(loaded)
                        .map_err(|source| failed(loaded, import, source))?;
                    plugins.push(LinkedPlugin {
                        loaded: Arc::clone(loaded),
                        provider,
                    });
                    plugins.len() - 1
                }
            };
            places.push((import, Place(place)));
        }
        let engine = workload.code().engine();
        let request = |offered, place| Link {
            offered,
            workload,
            place,
        };
        let linking = || {
            places.iter().filter_map(|(import, place)| {
                let plugin = plugins.get(place.0)?;
                tracing::debug!(target: "c12::plugin", %import, plugin = plugin.loaded.plugin().name(), "linking");
                Some((*import, *place, plugin))
            })
        };
        let code = match workload.code() {
            Code::Module(module) => {
                let mut linker = wasmtime::Linker::new(engine);
                // Who comes first has the last word.
                linker.allow_shadowing(true);
                for (import, place, plugin) in linking().collect::<Vec<_>>().into_iter().rev() {
                    plugin
                        .provider
                        .link_module(&request(import, place), &mut linker)
                        .map_err(|source| failed(&plugin.loaded, import, source))?;
                }
                LinkedCode::Module(
                    linker
                        .instantiate_pre(module)
                        .map_err(|error| mismatch(&error))?,
                )
            }
            Code::Component(component) => {
                let mut linker = wasmtime::component::Linker::new(engine);
                for (import, place, plugin) in linking() {
                    plugin
                        .provider
                        .link_component(&request(import, place), &mut linker)
                        .map_err(|source| failed(&plugin.loaded, import, source))?;
                }
                LinkedCode::Component(
                    linker
                        .instantiate_pre(component)
                        .map_err(|error| mismatch(&error))?,
                )
            }
        };
        Ok(Bound {
            generation,
            plugins,
            code,
        })
    }

    /// Links and runs a command.
    ///
    /// # Errors
    ///
    /// Those of [`Host::link`] and [`Linked::run`].
    pub async fn run(&self, workload: &Workload) -> Result<i32, Error> {
        self.link(workload)?.run().await
    }

    pub(crate) fn check_limits(&self, workload: &Workload) -> Result<(), Error> {
        let flavour = workload.flavour();
        if self.limits.timeout.is_some() && !flavour.interruptible {
            return Err(Error::Configuration {
                message: format!(
                    "{} was compiled without interruption points, so a time limit could not stop it",
                    workload.name()
                ),
                help: "build the engine with `interruptible(true)`".into(),
            });
        }
        if self.limits.fuel.is_some() && !flavour.fuel {
            return Err(Error::Configuration {
                message: format!("{} was compiled without fuel counting", workload.name()),
                help: "build the engine with `fuel(true)`".into(),
            });
        }
        Ok(())
    }
}
