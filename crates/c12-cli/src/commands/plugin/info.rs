use std::fmt::Write as _;
use std::path::Path;

use c12::plugin::{Details, Key, Plugin, Settings};
use c12::{Engine, Error, Host};
use clap::Args;

use super::world::{Offer, World};
use super::{offered, shown};
use crate::config::Config;
use crate::options::{LogOptions, PluginSources, PluginSpec};
use crate::plugins::{Loaded, Plugins};
use crate::report::{self, Failure};

/// Shows one plugin: where it comes from, what it provides, its settings, and what it says of itself.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  c12 plugin info process\n  c12 plugin info --wit ./text-tools.so"
)]
pub(crate) struct Info {
    /// The name of a plugin, or the path of one.
    #[arg(value_name = "NAME|PATH")]
    plugin: PluginSpec,

    /// Prints what it provides in WIT, and nothing else.
    #[arg(long)]
    wit: bool,

    #[command(flatten)]
    plugins: PluginSources,

    #[command(flatten)]
    log: LogOptions,
}

impl Info {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        let config = Config::read(self.plugins.config.as_deref())?;
        self.log.start(config.log_level())?;
        let engine = config.engine(Engine::builder()).build()?;
        let plugins = Plugins::load(&self.plugins.named, &config, &engine, self.log.json)?;
        let by_name = (self.plugin.path.as_ref(), self.plugin.pin.as_ref()) == (None, None);
        let known = self
            .plugin
            .name
            .as_deref()
            .filter(|_| by_name)
            .and_then(|name| plugins.named(name));
        let loaded = match (known, &self.plugin.name) {
            (Some(known), _) => known.clone(),
            (None, Some(name)) if by_name && name == "wasi" => wasi()?,
            _ => plugins.find(&self.plugin)?,
        };
        let text = if self.wit {
            let wit = loaded.wit();
            let own = wit.last().map(|text| text.trim_end()).unwrap_or_default();
            // Lines and tabs stay; a terminal must not act on the rest.
            own.lines()
                .map(|line| format!("{}\n", c12_toolchain::escape(line)))
                .collect()
        } else {
            let world = World::of(&loaded).map_err(|error| {
                Failure::own(format!("cannot show the plugin `{}`", loaded.name()))
                    .because("its WIT is not valid")
                    .because(error)
            })?;
            let plugin = loaded.plugin();
            let offers = world.offers(&*plugin);
            let given = config.settings(plugin.name())?;
            let settings = Settings::check(plugin.name(), &plugin.keys(), &given)
                .map_err(|error| Failure::from(Error::from(error)))?;
            let details = plugin.details(&settings);
            if self.log.json {
                let json = as_json(&loaded, &*plugin, &world, &offers, &details);
                let json = serde_json::to_string_pretty(&json)
                    .map_err(|error| Failure::own("cannot write the report").because(error))?;
                format!("{json}\n")
            } else {
                as_text(&loaded, &*plugin, &world, &offers, &details)
            }
        };
        report::output(&text)?;
        Ok(0)
    }
}

/// Every host has it by itself.
fn wasi() -> Result<Loaded, Failure> {
    let host = Host::builder().build();
    let wasi = host.registry().plugins().next();
    let (plugin, _) = wasi.ok_or_else(|| Failure::own("this build of c12 has no WASI"))?;
    Ok(Loaded::built_in(plugin, &[]))
}

/// Modules for core modules alone.
fn modules(plugin: &dyn Plugin, offers: &[Offer<'_>]) -> Vec<String> {
    let mut modules = offered(&plugin.provides());
    modules.retain(|name| !offers.iter().any(|offer| offer.name == *name));
    modules
}

fn as_json(
    loaded: &Loaded,
    plugin: &dyn Plugin,
    world: &World,
    offers: &[Offer<'_>],
    details: &[Details],
) -> serde_json::Value {
    let interfaces = offers.iter().map(|offer| {
        let functions = offer.functions.iter().map(|function| {
            serde_json::json!({ "name": function.name, "type": world.signature(function) })
        });
        serde_json::json!({
            "name": offer.name,
            "functions": functions.collect::<Vec<_>>(),
        })
    });
    let keys = plugin.keys();
    let settings = keys.iter().map(|key: &Key| {
        serde_json::json!({
            "name": key.name(),
            "kind": key.kind().to_string(),
            "default": key.default_value(),
            "required": key.is_required(),
            "description": key.about(),
        })
    });
    let tables = details.iter().map(|table| {
        let rows = table.rows.iter().map(|row| {
            let cells = table.columns.iter().cloned().zip(row.iter().cloned());
            cells
                .map(|(column, text)| (column, text.into()))
                .collect::<serde_json::Map<_, _>>()
        });
        serde_json::json!({
            "title": table.title,
            "rows": rows.collect::<Vec<_>>(),
        })
    });
    serde_json::json!({
        "name": plugin.name(),
        "version": plugin.version(),
        "description": plugin.description(),
        "origin": plugin.origin(),
        "path": loaded.path().map(Path::to_string_lossy),
        "sha256": loaded.sha256(),
        "abi": loaded.abi(),
        "interfaces": interfaces.collect::<Vec<_>>(),
        "modules": modules(plugin, offers),
        "settings": settings.collect::<Vec<_>>(),
        "details": tables.collect::<Vec<_>>(),
        "wit": loaded.wit(),
    })
}

fn as_text(
    loaded: &Loaded,
    plugin: &dyn Plugin,
    world: &World,
    offers: &[Offer<'_>],
    details: &[Details],
) -> String {
    let mut text = String::new();
    let mut line = |indent: usize, words: &str| {
        let _ = writeln!(text, "{:indent$}{}", "", c12_toolchain::escape(words));
    };
    line(
        0,
        format!("{} {}", plugin.name(), plugin.version()).trim_end(),
    );
    if !plugin.description().is_empty() {
        line(0, plugin.description());
    }
    line(0, "");
    line(0, &format!("origin: {}", plugin.origin()));
    if let Some(sha256) = loaded.sha256() {
        line(0, &format!("sha256: {sha256}"));
    }
    if let Some(abi) = loaded.abi() {
        line(0, &format!("ABI: {abi}"));
    }
    line(0, "");
    line(0, "Provides");
    for offer in offers {
        if !offer.bare {
            line(2, &offer.name);
        }
        let indent = if offer.bare { 2 } else { 4 };
        for function in &offer.functions {
            line(
                indent,
                &format!("{}: {}", function.name, world.signature(function)),
            );
        }
    }
    for module in modules(plugin, offers) {
        line(2, &format!("{module} (for core modules)"));
    }
    let keys = plugin.keys();
    line(0, "");
    line(0, "Settings");
    if keys.is_empty() {
        line(2, "none");
    }
    for key in &keys {
        line(2, &shown(key));
    }
    for table in details {
        line(0, "");
        line(0, &table.title);
        for row in aligned(table) {
            line(2, &row);
        }
    }
    text
}

/// The lines of a table, its columns one below the other.
fn aligned(table: &Details) -> Vec<String> {
    let rows = || std::iter::once(&table.columns).chain(&table.rows);
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            let texts = rows().filter_map(|row| row.get(column));
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        })
        .collect();
    rows()
        .map(|row| {
            let padded = row
                .iter()
                .zip(&widths)
                .map(|(text, width)| format!("{text:width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}
