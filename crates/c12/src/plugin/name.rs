use std::fmt;

/// The name by which a guest imports: an interface (`wasi:cli/stdout@0.2.3`) or a function outside of any
/// interface for components, a module name (`wasi_snapshot_preview1`) for core modules.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportName {
    name: String,
    component: bool,
}

impl ImportName {
    /// An import of a component.
    pub fn component(name: impl Into<String>) -> Self {
        ImportName {
            name: name.into(),
            component: true,
        }
    }

    /// The module name of a core module's import.
    pub fn module(name: impl Into<String>) -> Self {
        ImportName {
            name: name.into(),
            component: false,
        }
    }

    /// As the guest spells it.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether a component asks.
    pub fn is_component(&self) -> bool {
        self.component
    }

    /// The name without its version.
    pub fn interface(&self) -> &str {
        self.name
            .split_once('@')
            .map_or(self.name.as_str(), |(interface, _)| interface)
    }

    /// The version, where there is one.
    pub fn version(&self) -> Option<&str> {
        self.name.split_once('@').map(|(_, version)| version)
    }
}

/// As the guest spells it, with control characters escaped: the name may come from a hostile file.
impl fmt::Display for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&c12_toolchain::escape(&self.name))
    }
}

/// What a plugin offers: an interface for components with its version, or a module for core modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provided {
    name: ImportName,
    /// For modules: the items that there are, if not whatever is asked for.
    items: Option<Vec<String>>,
}

impl Provided {
    /// An interface, as `namespace:package/interface@version`.
    pub fn interface(name: impl Into<String>) -> Self {
        Provided {
            name: ImportName::component(name),
            items: None,
        }
    }

    /// A module that core modules import from.
    pub fn module(name: impl Into<String>) -> Self {
        Provided {
            name: ImportName::module(name),
            items: None,
        }
    }

    /// As [`Provided::module`], with the functions, memories, tables and globals that it has: others may come
    /// from another plugin with a module of the same name.
    pub fn module_of<S: Into<String>>(
        name: impl Into<String>,
        items: impl IntoIterator<Item = S>,
    ) -> Self {
        Provided {
            name: ImportName::module(name),
            items: Some(items.into_iter().map(Into::into).collect()),
        }
    }

    /// For modules: the items that there are, if they are known.
    pub fn items(&self) -> Option<&[String]> {
        self.items.as_deref()
    }

    /// Whether an item of that name is there.
    pub(crate) fn has(&self, item: &str) -> bool {
        self.items
            .as_ref()
            .is_none_or(|items| items.iter().any(|known| known == item))
    }

    /// Whether both serve some import.
    pub(crate) fn overlaps(&self, other: &Provided) -> bool {
        self.serves(&other.name)
            && match (&self.items, &other.items) {
                (Some(ours), _) => ours.iter().any(|item| other.has(item)),
                (None, _) => true,
            }
    }

    /// The name it is offered by.
    pub fn name(&self) -> &ImportName {
        &self.name
    }

    /// Whether it serves an import: the same name, and a version that is compatible as the component
    /// model understands it (the same major version; below 1.0 the same minor version; pre-releases
    /// only themselves).
    pub fn serves(&self, import: &ImportName) -> bool {
        if self.name.component != import.component {
            return false;
        }
        if self.name.name == import.name {
            return true;
        }
        self.name.interface() == import.interface()
            && match (
                self.name.version().and_then(track),
                import.version().and_then(track),
            ) {
                (Some(offered), Some(asked)) => offered == asked,
                _ => false,
            }
    }
}

/// The part of a version within which versions are compatible; `None` for pre-releases and nonsense.
fn track(version: &str) -> Option<(u64, u64, u64)> {
    // Build metadata does not matter for compatibility.
    let version = version
        .split_once('+')
        .map_or(version, |(version, _)| version);
    if version.contains('-') {
        return None;
    }
    let mut parts = version.split('.').map(|part| part.parse::<u64>().ok());
    let (major, minor, patch) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    Some(match (major, minor) {
        (0, 0) => (0, 0, patch),
        (0, _) => (0, minor, 0),
        _ => (major, 0, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serves(offered: &str, asked: &str) -> bool {
        Provided::interface(offered).serves(&ImportName::component(asked))
    }

    #[test]
    fn compatible_versions_serve_each_other() {
        assert!(serves("wasi:cli/run@0.2.12", "wasi:cli/run@0.2.3"));
        assert!(serves("a:b/c@1.2.0", "a:b/c@1.9.4"));
        assert!(serves("a:b/c@0.2.0-draft", "a:b/c@0.2.0-draft"));
        assert!(serves("a:b/c@0.2.0+x", "a:b/c@0.2.1"));
    }

    #[test]
    fn other_versions_do_not() {
        assert!(!serves("wasi:cli/run@0.3.0", "wasi:cli/run@0.2.3"));
        assert!(!serves("a:b/c@2.0.0", "a:b/c@1.0.0"));
        assert!(!serves("a:b/c@0.0.1", "a:b/c@0.0.2"));
        assert!(!serves("a:b/c@0.2.0-draft", "a:b/c@0.2.0"));
        assert!(!serves("a:b/c@0.2.0", "a:b/d@0.2.0"));
        assert!(!serves("a:b/c@0.2.0", "a:b/c"));
        assert!(!serves("a:b/c@x.y.z", "a:b/c@x.y"));
    }

    #[test]
    fn modules_and_interfaces_are_different_things() {
        assert!(Provided::module("env").serves(&ImportName::module("env")));
        assert!(!Provided::module("env").serves(&ImportName::component("env")));
    }
}
