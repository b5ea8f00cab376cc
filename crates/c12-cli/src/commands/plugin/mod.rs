//! `c12 plugin …`: a file each.

mod bindgen;
mod check;
mod info;
mod list;
#[cfg(feature = "nn")]
mod setup;
mod world;

use c12::plugin::{Key, Provided};
use clap::{Args, Subcommand};

use crate::report::Failure;

/// Shows which plugins there are and what they provide, checks new ones, and writes headers for them.
#[derive(Debug, Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Examples:\n  c12 plugin list\n  c12 plugin info process\n  c12 plugin check ./text-tools.so\n  c12 plugin bindgen --lang cpp text-tools.wit -o include"
)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    List(list::List),
    Info(info::Info),
    Check(check::Check),
    Bindgen(bindgen::Bindgen),
    #[cfg(feature = "nn")]
    Setup(setup::Setup),
}

impl Plugin {
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            PluginCommand::List(command) => command.json(),
            PluginCommand::Info(command) => command.json(),
            PluginCommand::Check(command) => command.json(),
            PluginCommand::Bindgen(_) => false,
            #[cfg(feature = "nn")]
            PluginCommand::Setup(command) => command.json(),
        }
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        match self.command {
            PluginCommand::List(command) => command.execute(),
            PluginCommand::Info(command) => command.execute(),
            PluginCommand::Check(command) => command.execute(),
            PluginCommand::Bindgen(command) => command.execute(),
            #[cfg(feature = "nn")]
            PluginCommand::Setup(command) => command.execute(),
        }
    }
}

/// The module from which core modules import the functions that are outside of any interface.
const ROOT: &str = "$root";

/// What can be imported, each name once: what components import, core modules import under the same name.
fn offered(provided: &[Provided]) -> Vec<String> {
    let mut names = Vec::new();
    for provided in provided {
        let name = provided.name().to_string();
        if name != ROOT && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A setting for people.
fn shown(key: &Key) -> String {
    let mut words = format!("{} ({}", key.name(), key.kind());
    if let Some(default) = key.default_value() {
        words.push_str(&format!(", default `{default}`"));
    }
    if key.is_required() {
        words.push_str(", required");
    }
    words.push(')');
    if !key.about().is_empty() {
        words.push_str(": ");
        words.push_str(key.about());
    }
    words
}
