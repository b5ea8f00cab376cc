//! Which plugins a command has: those that were named, the official ones, and those in the plugin folders.

mod find;
mod load;
mod official;

use c12::{Engine, HostBuilder};

pub(crate) use find::{Discovery, Skipped, discover, folders};
pub(crate) use load::{LoadFailure, Loaded, Reason, load};
pub(crate) use official::official;

use crate::config::Config;
use crate::options::{NamedPlugins, PluginSpec};
use crate::report::{Failure, Warning};

/// Plugins in the order in which they are asked, without those that have to be looked for.
#[derive(Debug)]
pub(crate) struct Plugins {
    loaded: Vec<Loaded>,
    engine: Engine,
    json: bool,
}

impl Plugins {
    /// Loads what the options and the configuration name. `engine` compiles plugins that are components; with `json`,
    /// warnings are for machines.
    pub(crate) fn load(
        options: &NamedPlugins,
        config: &Config,
        engine: &Engine,
        json: bool,
    ) -> Result<Self, Failure> {
        let mut plugins = Plugins {
            loaded: Vec::new(),
            engine: engine.clone(),
            json,
        };
        for spec in &options.specs {
            let loaded = plugins.find(spec)?;
            if let Some(known) = plugins.named(loaded.name()) {
                return Err(
                    Failure::usage(format!("two plugins are called `{}`", loaded.name()))
                        .because(format!("one is the {}", known.plugin().origin()))
                        .because(format!("one is the {}", loaded.plugin().origin()))
                        .with_help("settings could be meant for either; name one of them"),
                );
            }
            plugins.loaded.push(loaded);
        }
        for spec in config.plugins() {
            // An option takes the place of what the file says.
            let replaced = spec.name.as_deref().and_then(|name| plugins.named(name));
            if replaced.is_none() {
                let loaded = plugins.find(&spec)?;
                plugins.loaded.push(loaded);
            } else {
                tracing::debug!(target: "c12::plugin", name = spec.name, "the plugin that an option names takes the place of the configuration's");
            }
        }
        for loaded in official(json) {
            if let Some(known) = plugins.named(loaded.name()) {
                tracing::debug!(target: "c12::plugin", name = known.name(), origin = known.plugin().origin(), "takes the place of the official plugin");
            } else {
                plugins.loaded.push(loaded);
            }
        }
        Ok(plugins)
    }

    /// In order.
    pub(crate) fn loaded(&self) -> &[Loaded] {
        &self.loaded
    }

    /// The one of that name.
    pub(crate) fn named(&self, name: &str) -> Option<&Loaded> {
        self.loaded.iter().find(|loaded| loaded.name() == name)
    }

    /// Loads what is in the plugin folders and not there already.
    pub(crate) fn discover(&self) -> Discovery {
        discover(self.taken(), &self.engine)
    }

    /// Gives a host all of them, and lets it look into the plugin folders if an import stays open.
    pub(crate) fn apply(&self, mut builder: HostBuilder) -> HostBuilder {
        for loaded in &self.loaded {
            builder = builder.shared_plugin(loaded.plugin());
        }
        let (taken, engine, json) = (self.taken(), self.engine.clone(), self.json);
        builder.search(move || {
            let discovery = discover(taken.clone(), &engine);
            discovery.warn(json);
            discovery.plugins.iter().map(Loaded::plugin).collect()
        })
    }

    /// Loads what one option, or one table of the configuration, names.
    pub(crate) fn find(&self, spec: &PluginSpec) -> Result<Loaded, Failure> {
        let pin = spec.pin.as_ref().map(|pin| pin.0.as_str());
        match (&spec.path, &spec.name) {
            (Some(path), name) => {
                load(path, name.as_deref(), pin, &self.engine).map_err(Into::into)
            }
            (None, Some(name)) => self.find_by_name(name, pin),
            (None, None) => Err(Failure::usage("a plugin has neither a name nor a path")),
        }
    }

    fn find_by_name(&self, name: &str, pin: Option<&str>) -> Result<Loaded, Failure> {
        let built_in = official(self.json)
            .into_iter()
            .find(|loaded| loaded.name() == name && pin.is_none());
        if let Some(built_in) = built_in {
            return Ok(built_in);
        }
        let (found, failures) = find::find(name, pin, &self.engine);
        for failure in &failures {
            Warning::from(failure).print(self.json);
        }
        found.ok_or_else(|| {
            let searched = folders();
            let searched: Vec<String> = searched
                .iter()
                .map(|folder| folder.display().to_string())
                .collect();
            let pinned = if pin.is_some() { " with that SHA-256" } else { "" };
            Failure::own(format!("there is no plugin `{name}`{pinned}"))
                .because(format!("the plugin folders are {}", searched.join(", ")))
                .with_help(format!(
                    "`c12 plugin list` shows what there is; a file is named by its path, as in `--plugin ./{name}.so`"
                ))
        })
    }

    fn taken(&self) -> Vec<String> {
        self.loaded
            .iter()
            .map(|loaded| loaded.name().to_owned())
            .collect()
    }
}
