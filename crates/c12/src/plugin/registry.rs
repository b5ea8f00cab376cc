use std::fmt;
use std::sync::Arc;

use super::{ImportName, Plugin, Provided};

/// The plugins of a host, in the order in which they are asked.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    plugin: Arc<dyn Plugin>,
    provides: Vec<Provided>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.entries.iter().map(|entry| entry.plugin.name()))
            .finish()
    }
}

impl Registry {
    /// Adds a plugin behind those that are there. Of two that offer the same, the one added first serves it.
    pub fn add(&mut self, plugin: Arc<dyn Plugin>) {
        let provides = plugin.provides();
        for offered in &provides {
            if let Some((other, _)) = self.find(offered.name()) {
                tracing::debug!(
                    import = %offered.name(),
                    serves = other.name(),
                    ignored = plugin.name(),
                    "two plugins offer the same; the first one serves it",
                );
            }
        }
        self.entries.push(Entry { plugin, provides });
    }

    /// The plugin that serves an import, and the name under which it offers it.
    pub fn find(&self, import: &ImportName) -> Option<(&Arc<dyn Plugin>, &ImportName)> {
        self.entries.iter().find_map(|entry| {
            let offered = entry
                .provides
                .iter()
                .find(|offered| offered.serves(import))?;
            Some((&entry.plugin, offered.name()))
        })
    }

    /// All plugins with what they offer, in order.
    pub fn plugins(&self) -> impl Iterator<Item = (&Arc<dyn Plugin>, &[Provided])> {
        self.entries
            .iter()
            .map(|entry| (&entry.plugin, entry.provides.as_slice()))
    }

    /// Says why an import stays open, as well as it can be known.
    pub(crate) fn explain(&self, import: ImportName, functions: Vec<String>) -> MissingImport {
        let offered_version = self
            .entries
            .iter()
            .flat_map(|entry| &entry.provides)
            .find(|offered| {
                offered.name().is_component() == import.is_component()
                    && offered.name().interface() == import.interface()
            })
            .and_then(|offered| offered.name().version())
            .map(str::to_owned);
        MissingImport {
            import,
            functions,
            offered_version,
        }
    }
}

/// An import that no plugin serves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingImport {
    /// As the guest spells it.
    pub import: ImportName,
    /// The functions that it asks for there.
    pub functions: Vec<String>,
    /// The version in which the same interface is offered, if it is the version that does not fit.
    pub offered_version: Option<String>,
}

impl MissingImport {
    /// What would provide it.
    pub fn help(&self) -> String {
        if let Some(version) = &self.offered_version {
            return format!(
                "`{}` is provided in version {version}: build the guest against a version that is compatible with it",
                self.import.interface()
            );
        }
        let name = self.import.to_string();
        if !self.import.is_component() && self.import.as_str() == "env" {
            return "`env` usually means symbols that the linker did not find: link the missing library, or build for wasm32-wasip1 or wasm32-wasip2".into();
        }
        if !self.import.is_component() && name.contains("wbindgen") {
            return format!(
                "`{name}` comes from wasm-bindgen, which is for JavaScript hosts: build for wasm32-wasip1 or wasm32-wasip2 instead"
            );
        }
        match official(self.import.interface()) {
            Some(plugin) => format!(
                "it belongs to the capability `{plugin}`, which this build of c12 does not have"
            ),
            None => format!(
                "link a component that exports `{name}` into the guest, or embed c12 with a plugin that provides it"
            ),
        }
    }
}

impl fmt::Display for MissingImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let kind = match (
            self.import.is_component(),
            self.import.interface().contains('/'),
        ) {
            (false, _) => "module",
            (true, true) => "interface",
            (true, false) => "import",
        };
        write!(f, "nothing provides the {kind} `{}`", self.import)?;
        let shown: Vec<&str> = self
            .functions
            .iter()
            .take(SHOWN)
            .map(String::as_str)
            .collect();
        match self.functions.len().saturating_sub(SHOWN) {
            _ if shown.is_empty() => Ok(()),
            0 => write!(f, " ({})", shown.join(", ")),
            more => write!(f, " ({}, and {more} more)", shown.join(", ")),
        }
    }
}

/// The capability that well-known interfaces and modules belong to.
fn official(interface: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 13] = [
        ("wasi_ephemeral_nn", "nn"),
        ("wasi:nn/", "nn"),
        ("wasi_ephemeral_crypto", "crypto"),
        ("wasi:crypto/", "crypto"),
        ("wasmedge_process", "process"),
        ("wasi:logging/", "logging"),
        ("wasi:keyvalue/", "keyvalue"),
        ("wasi:sql/", "sql"),
        ("wasi:config/", "config"),
        ("wasi:blobstore/", "blobstore"),
        ("wasi:messaging/", "messaging"),
        ("wasi:tls/", "tls"),
        ("wasi:webgpu/", "webgpu"),
    ];
    KNOWN
        .iter()
        .find(|(prefix, _)| interface.starts_with(prefix))
        .map(|(_, plugin)| *plugin)
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
    }

    #[test]
    fn the_first_plugin_serves() {
        let mut registry = Registry::default();
        registry.add(Arc::new(Offers("first", &["a:b/c@0.2.0"])));
        registry.add(Arc::new(Offers("second", &["a:b/c@0.2.5", "a:b/d@1.0.0"])));
        let find = |name: &str| {
            registry
                .find(&ImportName::component(name))
                .map(|(plugin, _)| plugin.name())
        };
        assert_eq!(find("a:b/c@0.2.3"), Some("first"));
        assert_eq!(find("a:b/d@1.1.0"), Some("second"));
        assert_eq!(find("a:b/e@1.1.0"), None);
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
