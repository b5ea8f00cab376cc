//! `c12.toml`: the same settings as the options, for those who run the same thing twice.
//!
//! Options on the command line come on top: single values replace, lists add up. Paths are relative
//! to the file. Keys that nobody knows are errors.

#[cfg(feature = "nn")]
mod nn;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use c12::{EngineBuilder, HostBuilder, Limits, NetworkRule};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::options::{
    DirectoryOption, OptimizeOption, Pin, PluginSpec, Size, Time, check_variable,
};
use crate::report::Failure;

/// More than any configuration has; a device without an end would fill the memory.
const LARGEST: u64 = 1 << 20;

/// A configuration file, read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    #[serde(skip)]
    folder: PathBuf,
    #[serde(default)]
    grants: Grants,
    #[serde(default)]
    limits: LimitTable,
    #[serde(default)]
    engine: EngineTable,
    #[serde(default)]
    plugins: BTreeMap<String, PluginTable>,
    #[cfg(feature = "nn")]
    #[serde(default)]
    nn: nn::NnTable,
    #[serde(default)]
    log: LogTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Grants {
    #[serde(default)]
    dir: Vec<DirectoryOption>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    net: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LimitTable {
    timeout: Option<Time>,
    fuel: Option<u64>,
    memory: Option<Size>,
    table_elements: Option<usize>,
    tables: Option<usize>,
    memories: Option<usize>,
    instances: Option<usize>,
    host_bytes: Option<Size>,
    handles: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EngineTable {
    optimize: Option<OptimizeOption>,
    deterministic: Option<bool>,
    stack: Option<Size>,
    cache: Option<bool>,
    cache_folder: Option<PathBuf>,
    cache_size: Option<Size>,
    trust_precompiled: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PluginTable {
    path: Option<PathBuf>,
    sha256: Option<Pin>,
    #[serde(default)]
    config: BTreeMap<String, SettingValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LogTable {
    level: Option<String>,
}

impl Config {
    /// Reads a file; without one, everything is as it is by default.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Config::default());
        };
        let unreadable = |cause: &dyn ToString| {
            Failure::usage(format!("cannot use the configuration {}", path.display()))
                .because(cause.to_string())
        };
        let mut text = String::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text))
            .map_err(|error| unreadable(&error))?;
        let mut config: Config =
            toml::from_str(&text).map_err(|error| unreadable(&error.to_string().trim_end()))?;
        config.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(config)
    }

    pub(crate) fn log_level(&self) -> Option<&str> {
        self.log.level.as_deref()
    }

    pub(crate) fn grant(&self, mut builder: HostBuilder) -> Result<HostBuilder, Failure> {
        for directory in &self.grants.dir {
            builder = builder.directory(directory.resolve(&self.folder)?);
        }
        for (name, value) in &self.grants.env {
            check_variable(name, value).map_err(Failure::usage)?;
            builder = builder.environment(name, value);
        }
        for rule in &self.grants.net {
            builder = builder.network(
                rule.parse::<NetworkRule>()
                    .map_err(|error| Failure::usage(error.to_string()))?,
            );
        }
        Ok(builder)
    }

    /// The plugins that are named with a file, or with what their file must be, sorted by name.
    pub(crate) fn plugins(&self) -> impl Iterator<Item = PluginSpec> {
        let named = self
            .plugins
            .iter()
            .filter(|(_, table)| table.path.is_some() || table.sha256.is_some());
        named.map(|(name, table)| PluginSpec {
            name: Some(name.clone()),
            path: table.path.as_ref().map(|path| self.folder.join(path)),
            pin: table.sha256.clone(),
        })
    }

    /// The settings of one plugin, as keys and values.
    pub(crate) fn settings(&self, plugin: &str) -> Result<Vec<(String, String)>, Failure> {
        let table = self.plugins.get(plugin);
        let settings = table.into_iter().flat_map(|table| &table.config);
        let settings = settings.map(|(key, value)| (key.clone(), self.value(plugin, key, value)));
        #[cfg(feature = "nn")]
        if plugin == "nn" {
            let others = settings.filter(|(key, _)| key != "models");
            return Ok(others.chain(self.models_setting()?).collect());
        }
        Ok(settings.collect())
    }

    /// The settings of plugins.
    pub(crate) fn set(&self, mut builder: HostBuilder) -> HostBuilder {
        for (name, table) in &self.plugins {
            for (key, value) in &table.config {
                builder = builder.setting(name, key, self.value(name, key, value));
            }
        }
        builder
    }

    /// The value of a setting. Paths are relative to the file where it is known which settings are paths.
    fn value(&self, plugin: &str, key: &str, value: &SettingValue) -> String {
        #[cfg(feature = "nn")]
        if plugin == "nn"
            && nn::is_path(key)
            && let Some(path) = self.folder.join(&value.0).to_str()
        {
            return path.to_owned();
        }
        #[cfg(not(feature = "nn"))]
        let _ = (plugin, key);
        value.0.clone()
    }

    /// The models that guests can load by name.
    #[cfg(feature = "nn")]
    pub(crate) fn models(&self) -> Result<Vec<crate::options::NamedModel>, Failure> {
        let setting = self
            .plugins
            .get("nn")
            .and_then(|table| table.config.get("models"));
        let mut models = match setting {
            Some(setting) => crate::options::models_from_setting(&setting.0)?,
            None => Vec::new(),
        };
        for file in models.iter_mut().flat_map(|model| &mut model.spec.files) {
            *file = self.folder.join(&*file);
        }
        models.extend(self.nn.models(&self.folder)?);
        Ok(models)
    }

    /// The setting that names those models.
    #[cfg(feature = "nn")]
    fn models_setting(&self) -> Result<Option<(String, String)>, Failure> {
        let models = self.models()?;
        let specs: Vec<_> = models.into_iter().map(|model| model.spec).collect();
        let setting = c12_nn::models_setting(&specs).map_err(|error| {
            crate::options::nn_failure("cannot use the models of the configuration", &error)
        })?;
        Ok((!specs.is_empty()).then(|| ("models".to_owned(), setting)))
    }

    pub(crate) fn limit(&self, limits: &mut Limits) {
        let table = &self.limits;
        limits.timeout = table.timeout.map(|time| time.0).or(limits.timeout);
        limits.fuel = table.fuel.or(limits.fuel);
        limits.memory = table.memory.map_or(limits.memory, Size::bytes);
        limits.table_elements = table.table_elements.unwrap_or(limits.table_elements);
        limits.tables = table.tables.unwrap_or(limits.tables);
        limits.memories = table.memories.unwrap_or(limits.memories);
        limits.instances = table.instances.unwrap_or(limits.instances);
        limits.host_bytes = table.host_bytes.map_or(limits.host_bytes, Size::bytes);
        limits.handles = table.handles.unwrap_or(limits.handles);
    }

    pub(crate) fn engine(&self, mut builder: EngineBuilder) -> EngineBuilder {
        let table = &self.engine;
        if let Some(goal) = table.optimize {
            builder = builder.optimize(goal.into());
        }
        if let Some(deterministic) = table.deterministic {
            builder = builder.deterministic(deterministic);
        }
        if let Some(stack) = table.stack {
            builder = builder.stack(stack.bytes());
        }
        if let Some(cache) = table.cache {
            builder = builder.cache(cache);
        }
        if let Some(folder) = &table.cache_folder {
            builder = builder.cache_folder(self.folder.join(folder));
        }
        if let Some(size) = table.cache_size {
            builder = builder.cache_size(size.0);
        }
        if let Some(trust) = table.trust_precompiled {
            builder = builder.trust_precompiled(trust);
        }
        builder
    }
}

/// A setting of a plugin, as the text that the plugin gets.
#[derive(Debug)]
struct SettingValue(String);

impl<'de> Deserialize<'de> for SettingValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor)
    }
}

struct SettingVisitor;

impl<'de> Visitor<'de> for SettingVisitor {
    type Value = SettingValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, an integer, `true` or `false`, or a list of texts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SettingValue, E> {
        Ok(SettingValue(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<SettingValue, E> {
        Ok(SettingValue(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<SettingValue, E> {
        Ok(SettingValue(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SettingValue, A::Error> {
        let mut items: Vec<String> = Vec::new();
        while let Some(item) = list.next_element::<String>()? {
            if item.contains(',') {
                return Err(de::Error::custom(format!(
                    "the items of a list are separated by commas, so `{item}` cannot be one"
                )));
            }
            items.push(item);
        }
        Ok(SettingValue(items.join(",")))
    }
}
