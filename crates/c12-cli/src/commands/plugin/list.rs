use std::fmt::Write as _;

use c12::plugin::{Conflict, Provided};
use c12::{Engine, Host};
use clap::Args;

use super::{ROOT, offered};
use crate::config::Config;
use crate::options::{LogOptions, PluginSources};
use crate::plugins::{Discovery, Plugins, Skipped};
use crate::report::{self, Failure};

/// Shows all plugins in the order in which they are asked, and the files that could not be loaded.
///
/// First come WASI and the plugins that `--plugin` and the configuration name, then the official ones, then those in the
/// plugin folders: the folders of the variable C12_PLUGIN_PATH, ~/.local/share/c12/plugins, /usr/local/lib/c12/plugins and
/// /usr/lib/c12/plugins.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  c12 plugin list --plugin ./text-tools.so")]
pub(crate) struct List {
    #[command(flatten)]
    plugins: PluginSources,

    #[command(flatten)]
    log: LogOptions,
}

impl List {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        let config = Config::read(self.plugins.config.as_deref())?;
        self.log.start(config.log_level())?;
        let engine = config.engine(Engine::builder()).build()?;
        let plugins = Plugins::load(&self.plugins.named, &config, &engine, self.log.json)?;
        let discovery = plugins.discover();
        let host = plugins
            .loaded()
            .iter()
            .chain(&discovery.plugins)
            .fold(Host::builder(), |host, loaded| {
                host.shared_plugin(loaded.plugin())
            })
            .build();
        let mut conflicts: Vec<Conflict> = Vec::new();
        for conflict in host.registry().conflicts() {
            // One sentence for an interface and the core module of the same name.
            let known = conflicts
                .iter()
                .any(|known| known.to_string() == conflict.to_string());
            if !known && conflict.import.as_str() != ROOT {
                conflicts.push(conflict);
            }
        }
        let text = if self.log.json {
            let json = serde_json::to_string_pretty(&as_json(&host, &conflicts, &discovery))
                .map_err(|error| Failure::own("cannot write the list").because(error))?;
            format!("{json}\n")
        } else {
            as_text(&host, &conflicts, &discovery)
        };
        report::output(&text)?;
        Ok(0)
    }
}

fn as_json(host: &Host, conflicts: &[Conflict], discovery: &Discovery) -> serde_json::Value {
    let plugins = host.registry().plugins().map(|(plugin, provided)| {
        serde_json::json!({
            "name": plugin.name(),
            "version": plugin.version(),
            "description": plugin.description(),
            "origin": plugin.origin(),
            "provides": offered(&provided),
        })
    });
    let conflicts = conflicts.iter().map(|conflict| {
        serde_json::json!({
            "import": conflict.import.as_str(),
            "serves": conflict.serves,
            "ignored": conflict.ignored,
        })
    });
    let skipped = discovery
        .skipped
        .iter()
        .map(|Skipped { path, name }| serde_json::json!({ "path": path.to_string_lossy(), "name": name }));
    let failed = discovery.failures.iter().map(|failure| {
        serde_json::json!({
            "path": failure.path.to_string_lossy(),
            "reason": failure.reason.to_string(),
            "help": failure.reason.help(),
        })
    });
    serde_json::json!({
        "plugins": plugins.collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "failed": failed.collect::<Vec<_>>(),
    })
}

fn as_text(host: &Host, conflicts: &[Conflict], discovery: &Discovery) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, words: &str| {
        let _ = writeln!(text, "{:indent$}{}", "", c12_toolchain::escape(words));
    };
    for (plugin, provided) in host.registry().plugins() {
        let mut title = plugin.name().to_owned();
        if !plugin.version().is_empty() {
            title = format!("{title} {}", plugin.version());
        }
        if !plugin.description().is_empty() {
            title = format!("{title}: {}", plugin.description());
        }
        line(0, &title);
        line(2, &plugin.origin());
        line(2, &format!("provides {}", short(&provided)));
    }
    if !conflicts.is_empty() {
        line(0, "");
        line(0, "Conflicts");
        for conflict in conflicts {
            line(2, &conflict.to_string());
        }
    }
    if !(discovery.skipped.is_empty() && discovery.failures.is_empty()) {
        line(0, "");
        line(0, "Not loaded");
    }
    for Skipped { path, name } in &discovery.skipped {
        line(2, &path.display().to_string());
        line(
            4,
            &format!("a plugin that comes earlier is called `{name}`, too"),
        );
    }
    for failure in &discovery.failures {
        line(2, &failure.path.display().to_string());
        line(4, &failure.reason.to_string());
        if let Some(help) = failure.reason.help() {
            line(4, &format!("help: {help}"));
        }
    }
    text
}

/// What is provided, on one line: packages instead of interfaces where there are many.
fn short(provided: &[Provided]) -> String {
    const SHOWN: usize = 6;
    let names = offered(provided);
    if names.len() <= SHOWN {
        return names.join(", ");
    }
    let mut packages: Vec<&str> = Vec::new();
    for name in &names {
        let package = name.split_once('/').map_or(name.as_str(), |(name, _)| name);
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages.join(", ")
}
