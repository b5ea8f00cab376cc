mod apart;
mod calls;
mod steps;

use std::path::PathBuf;
use std::str::FromStr;

use c12::plugin::{LoadReason, Plugin, Settings};
use c12::{Engine, Host};
use clap::Args;

use super::world::{Offer, World};
use crate::options::{LogOptions, Time};
use crate::plugins::{LoadFailure, Loaded, Reason, load};
use crate::report::Failure;
use steps::Steps;

/// Checks a plugin as the host would: loads it, opens it, and makes an instance.
///
/// Says line by line what is fine and what is wrong. It runs in a process of its own, so that a plugin that crashes is
/// found out as well.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  c12 plugin check ./text-tools.so\n  c12 plugin check --plugin-config url=file::memory: --call ./sqlite.so\n\nExit codes: 0 all is fine, 1 something is wrong, 2 wrong usage."
)]
pub(crate) struct Check {
    /// A shared library, or a component.
    #[arg(value_name = "PATH")]
    path: PathBuf,

    /// A setting to open it with; `NAME.` may stand before it, as for `c12 run`.
    #[arg(long = "plugin-config", value_name = "KEY=VALUE")]
    settings: Vec<Setting>,

    /// Calls every function of a shared library with generated values. They do what they do: one that deletes files deletes them here too.
    #[arg(long)]
    call: bool,

    /// Gives up on it after this long [default: 1m].
    #[arg(long, value_name = "TIME")]
    timeout: Option<Time>,

    #[command(flatten)]
    log: LogOptions,
}

/// `[NAME.]KEY=VALUE`
#[derive(Debug, Clone)]
struct Setting {
    plugin: Option<String>,
    key: String,
    value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or("write KEY=VALUE")?;
        let (plugin, key) = match name.split_once('.') {
            Some((plugin, key)) => (Some(plugin.to_owned()), key),
            None => (None, name),
        };
        Ok(Setting {
            plugin,
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

const LIBRARY: &str = "shared library for this machine";
const ENTRY: &str = "`c12_plugin`";

impl Check {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        if !apart::is_apart() {
            return apart::run(self.timeout, self.log.json);
        }
        self.log.start(None)?;
        let mut steps = Steps::new(self.log.json);
        self.check(&mut steps)?;
        Ok(apart::exit_code(steps.all_fine()))
    }

    fn check(&self, steps: &mut Steps) -> Result<(), Failure> {
        let engine = Engine::builder().cache(false).build()?;
        if let Ok(metadata) = self.path.metadata() {
            steps.fine("file", &format!("{} bytes", metadata.len()))?;
        }
        let loaded = match load(&self.path, None, None, &engine) {
            Ok(loaded) => loaded,
            Err(LoadFailure { reason, .. }) => return not_loaded(&reason, steps),
        };
        let plugin = loaded.plugin();
        if let Loaded::WasmEdge(library) = &loaded {
            steps.fine("ELF", LIBRARY)?;
            steps.fine("entry point", "`WasmEdge_Plugin_GetDescriptor`")?;
            let version = library.api_version();
            steps.fine(
                "ABI",
                &format!("version {version} of WasmEdge's plugin API"),
            )?;
            described(&*plugin, steps)?;
            // To know what is in them, loading made one of each.
            for module in plugin.provides() {
                let items = module.items().unwrap_or_default().join(", ");
                steps.fine(
                    "module",
                    &format!("`{}` with {items}", module.name().as_str()),
                )?;
            }
            return self.settings(&loaded, steps).map(drop);
        }
        match loaded.abi() {
            Some(abi) => {
                steps.fine("ELF", LIBRARY)?;
                steps.fine("entry point", ENTRY)?;
                steps.fine("ABI", &format!("version {abi}"))?;
            }
            None => steps.fine("kind", "component")?,
        }
        described(&*plugin, steps)?;

        let world = match World::of(&loaded) {
            Ok(world) => world,
            Err(error) => return steps.wrong("WIT", &error, None),
        };
        let offers = world.offers(&*plugin);
        let names: Vec<&str> = offers.iter().map(|offer| offer.name.as_str()).collect();
        steps.fine("WIT", &format!("exports {}", names.join(", ")))?;
        let count: usize = offers.iter().map(|offer| offer.functions.len()).sum();
        let table = match loaded.abi() {
            Some(_) => ", each with an entry in the table",
            None => "",
        };
        steps.fine("functions", &format!("{count}{table}"))?;

        let Some(given) = self.settings(&loaded, steps)? else {
            return Ok(());
        };
        if !use_it(&engine, &loaded, &world, &offers, &given, steps)? || !self.call {
            return Ok(());
        }
        if loaded.abi().is_none() {
            return steps.skipped("calls", "`--call` is for shared libraries");
        }
        calls::call(&self.path, &given, steps)
    }

    /// What was given, as pairs, if it fits what the plugin declares.
    fn settings(
        &self,
        loaded: &Loaded,
        steps: &mut Steps,
    ) -> Result<Option<Vec<(String, String)>>, Failure> {
        let plugin = loaded.plugin();
        let name = plugin.name();
        let other = self
            .settings
            .iter()
            .filter_map(|setting| setting.plugin.as_deref())
            .find(|given| *given != name);
        if let Some(other) = other {
            return Err(Failure::usage(format!(
                "a setting is for `{other}`, and the plugin is called `{name}`"
            )));
        }
        let given: Vec<(String, String)> = self
            .settings
            .iter()
            .map(|setting| (setting.key.clone(), setting.value.clone()))
            .collect();
        let keys = plugin.keys();
        if let Err(error) = Settings::check(name, &keys, &given) {
            steps.wrong("settings", &error.to_string(), error.help().as_deref())?;
            return Ok(None);
        }
        let names: Vec<&str> = keys.iter().map(|key| key.name()).collect();
        let detail = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        steps.fine("settings", &detail)?;
        Ok(Some(given))
    }
}

fn described(plugin: &dyn Plugin, steps: &mut Steps) -> Result<(), Failure> {
    let title = format!("{} {}", plugin.name(), plugin.version());
    let about = Some(plugin.description()).filter(|about| !about.is_empty());
    let title = [Some(title.trim_end()), about];
    let title: Vec<&str> = title.into_iter().flatten().collect();
    steps.fine("description", &title.join(": "))
}

/// What is known to be fine when the host gave up, and why it did.
fn not_loaded(reason: &Reason, steps: &mut Steps) -> Result<(), Failure> {
    let (before, step) = match reason {
        Reason::Load(LoadReason::NotALibrary(_)) => (0, "ELF"),
        Reason::Load(LoadReason::NoEntry) => (1, "entry point"),
        Reason::Load(LoadReason::Refused | LoadReason::Abi { .. }) => (2, "ABI"),
        Reason::Load(LoadReason::Description(_)) => (3, "description"),
        Reason::Load(LoadReason::World(_)) => (3, "WIT"),
        Reason::Load(LoadReason::Unreadable(_)) => (0, "file"),
        _ => (0, "kind"),
    };
    let fine = [
        ("ELF", LIBRARY),
        ("entry point", ENTRY),
        ("ABI", "a version that this c12 speaks"),
    ];
    for (step, detail) in fine.iter().take(before) {
        steps.fine(step, detail)?;
    }
    steps.wrong(step, &reason.to_string(), reason.help().as_deref())
}

/// Gives the plugin to a guest that imports all of it. Whether that went well.
fn use_it(
    engine: &Engine,
    loaded: &Loaded,
    world: &World,
    offers: &[Offer<'_>],
    given: &[(String, String)],
    steps: &mut Steps,
) -> Result<bool, Failure> {
    let host = given
        .iter()
        .fold(
            Host::builder().shared_plugin(loaded.plugin()),
            |host, (key, value)| host.setting(loaded.name(), key, value),
        )
        .build();
    let guest = engine.load("check", world.guest(offers).as_bytes())?;
    let refused = |step, error: c12::Error, steps: &mut Steps| {
        // The first sentence would be about the guest, which nobody gave.
        let why = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        steps.wrong(step, &why, error.help().as_deref())
    };
    let linked = match host.link(&guest) {
        Ok(linked) => linked,
        Err(error) => {
            refused("open", error, steps)?;
            return Ok(false);
        }
    };
    steps.fine(
        "open",
        "it opens, and a guest that imports all of it is linked",
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::own("cannot start the asynchronous runtime").because(error))?;
    match runtime.block_on(linked.instantiate()) {
        Ok(instance) => drop(instance),
        Err(error) => {
            refused("instance", error, steps)?;
            return Ok(false);
        }
    }
    steps.fine("instance", "made, and ended")?;
    drop((linked, guest, host));
    steps.fine("close", "closed")?;
    Ok(true)
}
