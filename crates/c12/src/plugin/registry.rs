use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use super::settings::{SettingError, Settings};
use super::{ImportName, MissingImport, Plugin, PluginError, Provided, Provider};

/// The plugins of a host, in the order in which they are asked.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Arc<Entry>>,
    search: Option<Arc<Search>>,
    given: Vec<Given>,
    /// Counts the replacements of plugins.
    generation: Arc<AtomicU64>,
}

/// Looks for further plugins. Called at most once, when an import is open or a setting has no plugin.
pub type Finder = dyn Fn() -> Vec<Arc<dyn Plugin>> + Send + Sync;

struct Search {
    finder: Box<Finder>,
    found: OnceLock<Vec<Arc<Entry>>>,
}

/// A setting as it was given.
#[derive(Clone)]
struct Given {
    plugin: String,
    key: String,
    value: String,
}

/// The place of a plugin. Another version of it may come to be there.
struct Entry {
    loaded: RwLock<Arc<Loaded>>,
}

/// One version of a plugin, and what was opened of it.
pub(crate) struct Loaded {
    plugin: Arc<dyn Plugin>,
    provides: Vec<Provided>,
    opened: Mutex<Option<Arc<dyn Provider>>>,
}

/// What came of looking whether a plugin's file had changed.
#[derive(Debug)]
pub struct Reload {
    /// The plugin's name.
    pub plugin: String,
    /// Whether the new version is in place. Where it is not, the old one stays.
    pub outcome: Result<(), PluginError>,
}

impl Entry {
    fn new(plugin: Arc<dyn Plugin>) -> Arc<Self> {
        Arc::new(Entry {
            loaded: RwLock::new(Loaded::new(plugin)),
        })
    }

    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, loaded: Arc<Loaded>) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
    }
}

impl Loaded {
    fn new(plugin: Arc<dyn Plugin>) -> Arc<Self> {
        Arc::new(Loaded {
            provides: plugin.provides(),
            plugin,
            opened: Mutex::new(None),
        })
    }

    /// The plugin.
    pub(crate) fn plugin(&self) -> &Arc<dyn Plugin> {
        &self.plugin
    }

    /// What it offers.
    pub(crate) fn provides(&self) -> &[Provided] {
        &self.provides
    }

    fn serving(&self, import: &ImportName, item: Option<&str>) -> Option<&Provided> {
        self.provides
            .iter()
            .find(|offered| offered.serves(import) && item.is_none_or(|item| offered.has(item)))
    }
}

/// Two plugins that offer the same. The one that is asked first serves it: WASI, then those that were added,
/// in that order, then those that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What both offer.
    pub import: ImportName,
    /// The plugin that serves it.
    pub serves: String,
    /// The plugin that is not asked.
    pub ignored: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is offered by `{}` and `{}`; `{}` serves it, because it comes first",
            self.import, self.serves, self.ignored, self.serves
        )
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.plugins().map(|(plugin, _)| plugin.name().to_owned()))
            .finish()
    }
}

impl Registry {
    /// Adds a plugin behind those that are there. Of two that offer the same, the one added first serves it.
    pub fn add(&mut self, plugin: Arc<dyn Plugin>) {
        self.entries.push(Entry::new(plugin));
    }

    /// Puts a plugin in front of all others.
    pub(crate) fn add_first(&mut self, plugin: Arc<dyn Plugin>) {
        self.entries.insert(0, Entry::new(plugin));
    }

    /// Where to look for plugins when those that were added leave an import open.
    pub fn search(&mut self, finder: Box<Finder>) {
        self.search = Some(Arc::new(Search {
            finder,
            found: OnceLock::new(),
        }));
    }

    /// A setting for the plugin of that name, checked when a guest is linked.
    pub fn set(
        &mut self,
        plugin: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<String>,
    ) {
        self.given.push(Given {
            plugin: plugin.into(),
            key: key.into(),
            value: value.into(),
        });
    }

    /// The plugin that serves an import, and the name under which it offers it. Where core modules import,
    /// it is the one that serves the module's first item.
    pub fn find(&self, import: &ImportName) -> Option<(Arc<dyn Plugin>, ImportName)> {
        self.serving(import, None)
            .map(|(loaded, offered)| (Arc::clone(&loaded.plugin), offered))
    }

    /// The plugin that serves an import, or one item of a core module's import.
    pub(crate) fn serving(
        &self,
        import: &ImportName,
        item: Option<&str>,
    ) -> Option<(Arc<Loaded>, ImportName)> {
        let serving = |entries: &[Arc<Entry>]| {
            entries.iter().find_map(|entry| {
                let loaded = entry.loaded();
                let offered = loaded.serving(import, item)?.name().clone();
                Some((loaded, offered))
            })
        };
        serving(&self.entries).or_else(|| serving(self.found()))
    }

    /// All plugins with what they offer, in order, without those that would have to be looked for.
    pub fn plugins(&self) -> impl Iterator<Item = (Arc<dyn Plugin>, Vec<Provided>)> {
        listed(self.entries.iter())
    }

    /// The files that plugins were loaded from, with those that were looked for by now.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = self.entries.iter().chain(self.found_already());
        let file = |entry: &Arc<Entry>| entry.loaded().plugin.file().map(Path::to_owned);
        entries.filter_map(file).collect()
    }

    /// As [`Registry::plugins`], with those that are looked for.
    pub fn all_plugins(&self) -> impl Iterator<Item = (Arc<dyn Plugin>, Vec<Provided>)> {
        listed(self.entries.iter().chain(self.found()))
    }

    /// Puts another version of a plugin in the place of the one with its name. It is opened first; if that fails the
    /// old one stays. Guests that run go on with the old one, which ends with the last of them.
    ///
    /// # Errors
    ///
    /// What the new version says, or that there is no plugin of that name.
    pub fn replace(&self, plugin: Arc<dyn Plugin>) -> Result<(), PluginError> {
        let Some(entry) = self.named(plugin.name()) else {
            return Err(format!("there is no plugin `{}` to replace", plugin.name()).into());
        };
        let loaded = Loaded::new(plugin);
        let used = {
            let old = entry.loaded();
            let opened = old.opened.lock().unwrap_or_else(PoisonError::into_inner);
            opened.is_some()
        };
        if used {
            self.open(&loaded)?;
        } else {
            self.settings(&loaded)?;
        }
        entry.replace(loaded);
        self.generation.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Looks whether the files of plugins have changed, and puts the new versions in place.
    pub fn reload(&self) -> Vec<Reload> {
        let mut reloads = Vec::new();
        for entry in self.entries.iter().chain(self.found_already()) {
            let old = entry.loaded();
            let Some(changed) = old.plugin.changed() else {
                continue;
            };
            let outcome = changed.and_then(|plugin| {
                if plugin.name() != old.plugin.name() {
                    return Err(format!("it calls itself `{}` now", plugin.name()).into());
                }
                self.replace(plugin)
            });
            let plugin = old.plugin.name().to_owned();
            match &outcome {
                Ok(()) => {
                    tracing::info!(target: "c12::plugin", plugin, "replaced by its new version")
                }
                Err(error) => {
                    tracing::warn!(target: "c12::plugin", plugin, %error, "the new version cannot be used; the old one stays");
                }
            }
            reloads.push(Reload { plugin, outcome });
        }
        reloads
    }

    /// How often plugins were replaced.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What is offered more than once.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        let all: Vec<Arc<Loaded>> = self
            .entries
            .iter()
            .chain(self.found())
            .map(|entry| entry.loaded())
            .collect();
        for (position, loaded) in all.iter().enumerate() {
            for offered in loaded.provides() {
                let before = all
                    .iter()
                    .take(position)
                    .find(|before| before.provides.iter().any(|other| other.overlaps(offered)));
                if let Some(before) = before {
                    conflicts.push(Conflict {
                        import: offered.name().clone(),
                        serves: before.plugin.name().to_owned(),
                        ignored: loaded.plugin.name().to_owned(),
                    });
                }
            }
        }
        conflicts
    }

    /// Checks all settings that were given.
    ///
    /// # Errors
    ///
    /// A [`SettingError`] for the first that no plugin knows, or that is not what the key wants.
    pub fn check_settings(&self) -> Result<(), SettingError> {
        for given in &self.given {
            let entry = self.named(&given.plugin);
            let Some(entry) = entry else {
                return Err(SettingError::NoPlugin {
                    plugin: given.plugin.clone(),
                    key: given.key.clone(),
                    known: self
                        .all_plugins()
                        .map(|(plugin, _)| plugin.name().to_owned())
                        .collect(),
                });
            };
            self.settings(&entry.loaded())?;
        }
        Ok(())
    }

    /// What the plugin provides, opened if it is not yet.
    pub(crate) fn open(&self, loaded: &Loaded) -> Result<Arc<dyn Provider>, PluginError> {
        let plugin = &loaded.plugin;
        let mut opened = loaded.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = opened.as_ref() {
            return Ok(Arc::clone(provider));
        }
        let settings = self.settings(loaded)?;
        settings.complete(plugin.name(), &plugin.keys())?;
        tracing::debug!(
            target: "c12::plugin",
            plugin = plugin.name(),
            version = plugin.version(),
            origin = plugin.origin(),
            ?settings,
            "opening"
        );
        let provider = plugin.open(&settings)?;
        *opened = Some(Arc::clone(&provider));
        Ok(provider)
    }

    fn settings(&self, loaded: &Loaded) -> Result<Settings, SettingError> {
        let name = loaded.plugin.name();
        let given: Vec<(String, String)> = self
            .given
            .iter()
            .filter(|given| given.plugin == name)
            .map(|given| (given.key.clone(), given.value.clone()))
            .collect();
        Settings::check(name, &loaded.plugin.keys(), &given)
    }

    fn named(&self, name: &str) -> Option<&Arc<Entry>> {
        let named = |entry: &&Arc<Entry>| entry.loaded().plugin.name() == name;
        self.entries
            .iter()
            .find(named)
            .or_else(|| self.found().iter().find(named))
    }

    fn found(&self) -> &[Arc<Entry>] {
        let Some(search) = &self.search else {
            return &[];
        };
        search
            .found
            .get_or_init(|| (search.finder)().into_iter().map(Entry::new).collect())
    }

    /// Those that were looked for, if any were.
    fn found_already(&self) -> &[Arc<Entry>] {
        let found = self.search.as_ref().and_then(|search| search.found.get());
        found.map_or(&[], Vec::as_slice)
    }

    /// Says why an import stays open, as well as it can be known.
    pub(crate) fn explain(&self, import: ImportName, functions: Vec<String>) -> MissingImport {
        let offered_version = self
            .all_plugins()
            .flat_map(|(_, provides)| provides)
            .find(|offered| {
                offered.name().is_component() == import.is_component()
                    && offered.name().interface() == import.interface()
            })
            .and_then(|offered| offered.name().version().map(str::to_owned));
        MissingImport {
            import,
            functions,
            offered_version,
        }
    }
}

fn listed<'a>(
    entries: impl Iterator<Item = &'a Arc<Entry>>,
) -> impl Iterator<Item = (Arc<dyn Plugin>, Vec<Provided>)> {
    entries.map(|entry| {
        let loaded = entry.loaded();
        (Arc::clone(&loaded.plugin), loaded.provides.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Offers(&'static str, &'static [&'static str]);

    impl Plugin for Offers {
        fn name(&self) -> &str {
            self.0
        }
        fn provides(&self) -> Vec<Provided> {
            self.1
                .iter()
                .map(|name| Provided::interface(*name))
                .collect()
        }
        fn open(&self, _: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
            struct Nothing;
            impl Provider for Nothing {}
            Ok(Arc::new(Nothing))
        }
    }

    #[test]
    fn the_first_plugin_serves() {
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &["a:b/c@0.2.0"])));
        registry.add(Arc::new(Offers("second", &["a:b/c@0.2.5", "a:b/d@1.0.0"])));
        let find = |name: &str| {
            registry
                .find(&ImportName::component(name))
                .map(|(plugin, _)| plugin.name().to_owned())
        };
        assert_eq!(find("a:b/c@0.2.3").as_deref(), Some("first"));
        assert_eq!(find("a:b/d@1.1.0").as_deref(), Some("second"));
        assert_eq!(find("a:b/e@1.1.0"), None);
    }

    #[test]
    fn names_who_serves_what_two_offer() {
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &["a:b/c@0.2.0"])));
        registry.search(Box::new(|| {
            vec![Arc::new(Offers("second", &["a:b/c@0.2.5"]))]
        }));
        let conflicts: Vec<String> = registry
            .conflicts()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            conflicts,
            [
                "`a:b/c@0.2.5` is offered by `first` and `second`; `first` serves it, because it comes first"
            ]
        );
    }

    #[test]
    fn looks_for_plugins_only_when_something_is_open() {
        let looked = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &["a:b/c@0.2.0"])));
        let seen = Arc::clone(&looked);
        registry.search(Box::new(move || {
            seen.store(true, std::sync::atomic::Ordering::Relaxed);
            vec![Arc::new(Offers("second", &["a:b/d@1.0.0"]))]
        }));
        let looked = || looked.load(std::sync::atomic::Ordering::Relaxed);
        assert!(
            registry
                .find(&ImportName::component("a:b/c@0.2.0"))
                .is_some()
                && !looked()
        );
        assert!(
            registry
                .find(&ImportName::component("a:b/d@1.0.0"))
                .is_some()
                && looked()
        );
    }

    #[test]
    fn settings_for_nobody_are_errors() {
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &[])));
        registry.set("frist", "allow", "ls");
        let error = registry.check_settings().unwrap_err();
        assert_eq!(error.help().unwrap(), "the plugins are first");
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &[])));
        registry.set("first", "allow", "ls");
        let error = registry.check_settings().unwrap_err();
        assert_eq!(error.to_string(), "plugin `first` has no setting `allow`");
    }

    #[test]
    fn says_when_only_the_version_is_wrong() {
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("wasi", &["wasi:cli/run@0.2.12"])));
        let missing = registry.explain(ImportName::component("wasi:cli/run@0.9.0"), Vec::new());
        assert_eq!(missing.offered_version.as_deref(), Some("0.2.12"));
        assert!(missing.help().contains("0.2.12"));
    }
}
