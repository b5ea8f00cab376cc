use std::sync::Arc;

use super::Host;
use crate::limits::Limits;
use crate::plugin::{Plugin, Registry};
use crate::wasi::{Directory, Grants, Input, NetworkRule, Output, Wasi};

/// Settings of a [`Host`].
#[derive(Debug, Clone, Default)]
pub struct HostBuilder {
    grants: Grants,
    limits: Limits,
    plugins: Registry,
}

impl HostBuilder {
    /// The guest's arguments; its own name goes before them by itself.
    pub fn arguments<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.grants
            .arguments
            .extend(arguments.into_iter().map(Into::into));
        self
    }

    /// An environment variable; of two values for one name the later counts.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.grants.environment.retain(|(known, _)| *known != name);
        self.grants.environment.push((name, value.into()));
        self
    }

    /// A directory that the guest may use.
    pub fn directory(mut self, directory: Directory) -> Self {
        self.grants.directories.push(directory);
        self
    }

    /// A rule of what the guest may reach over the network.
    pub fn network(mut self, rule: NetworkRule) -> Self {
        Arc::make_mut(&mut self.grants.network).push(rule);
        self
    }

    /// Where standard input comes from.
    pub fn stdin(mut self, input: Input) -> Self {
        self.grants.stdin = input;
        self
    }

    /// Where standard output goes.
    pub fn stdout(mut self, output: Output) -> Self {
        self.grants.stdout = output;
        self
    }

    /// Where standard error goes.
    pub fn stderr(mut self, output: Output) -> Self {
        self.grants.stderr = output;
        self
    }

    /// What one run may use.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Lets WASI's file operations block the calling thread, which is faster where that thread runs
    /// one guest and nothing else. Off by default.
    pub fn may_block(mut self, yes: bool) -> Self {
        self.grants.may_block = yes;
        self
    }

    /// A provider of imports. Earlier ones come first; WASI is before all of them.
    pub fn plugin(self, plugin: impl Plugin) -> Self {
        self.shared_plugin(Arc::new(plugin))
    }

    /// As [`HostBuilder::plugin`], for a plugin that several hosts share.
    pub fn shared_plugin(mut self, plugin: Arc<dyn Plugin>) -> Self {
        self.plugins.add(plugin);
        self
    }

    /// A setting of the plugin with that name. It is checked when a guest is linked.
    pub fn setting(
        mut self,
        plugin: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.plugins.set(plugin, key, value);
        self
    }

    /// Where to look for plugins when those that were named leave an import open.
    pub fn search(
        mut self,
        finder: impl Fn() -> Vec<Arc<dyn Plugin>> + Send + Sync + 'static,
    ) -> Self {
        self.plugins.search(Box::new(finder));
        self
    }

    /// Builds the host.
    pub fn build(self) -> Host {
        let mut registry = self.plugins;
        registry.add_first(Arc::new(Wasi));
        Host {
            grants: self.grants,
            limits: self.limits,
            registry,
        }
    }
}
