//! Options that several commands share, and how they become settings of the library.

mod engine;
mod grants;
mod limits;
mod log;
#[cfg(feature = "nn")]
mod nn;
mod plugins;
mod units;

pub(crate) use engine::{EngineOptions, LoadOptions, OptimizeOption};
pub(crate) use grants::{DirectoryOption, GrantOptions, check_variable};
pub(crate) use limits::LimitOptions;
pub(crate) use log::LogOptions;
#[cfg(feature = "nn")]
pub(crate) use nn::{
    NamedModel, NnOptions, failure as nn_failure, from_setting as models_from_setting,
};
pub(crate) use plugins::{NamedPlugins, Pin, PluginOptions, PluginSources, PluginSpec};
pub(crate) use units::{Size, Time};
