//! Options that several commands share, and how they become settings of the library.

mod engine;
mod grants;
mod limits;
mod log;
mod plugins;
mod units;

pub(crate) use engine::{EngineOptions, LoadOptions, OptimizeOption};
pub(crate) use grants::{DirectoryOption, GrantOptions, check_variable};
pub(crate) use limits::LimitOptions;
pub(crate) use log::LogOptions;
pub(crate) use plugins::{NamedPlugins, Pin, PluginOptions, PluginSources, PluginSpec};
pub(crate) use units::{Size, Time};
