use c12::{EngineBuilder, Optimize};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::Size;

/// How code is compiled, kept and trusted.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Compilation")]
pub(crate) struct EngineOptions {
    /// What the compiler optimises for.
    #[arg(long, value_enum, value_name = "GOAL")]
    pub(crate) optimize: Option<OptimizeOption>,

    /// Gives the same results for relaxed SIMD and NaN bits on every machine, at some cost.
    #[arg(long)]
    pub(crate) deterministic: bool,

    /// Stack for WebAssembly frames [default: 1MiB].
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_stack: Option<Size>,
}

/// Which compiled code is accepted, and whether it is kept.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Compilation")]
pub(crate) struct LoadOptions {
    /// Neither uses compiled code from earlier runs nor keeps it for later ones.
    #[arg(long)]
    pub(crate) no_cache: bool,

    /// Loads compiled artifacts that others made; they run with your rights.
    #[arg(long)]
    pub(crate) trust_precompiled: bool,
}

/// A goal of the optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OptimizeOption {
    /// The fastest code.
    Speed,
    /// Nearly as fast, and smaller.
    Size,
    /// The shortest compilation.
    None,
}

impl From<OptimizeOption> for Optimize {
    fn from(option: OptimizeOption) -> Self {
        match option {
            OptimizeOption::Speed => Optimize::Speed,
            OptimizeOption::Size => Optimize::SpeedAndSize,
            OptimizeOption::None => Optimize::None,
        }
    }
}

impl EngineOptions {
    pub(crate) fn apply(&self, mut builder: EngineBuilder) -> EngineBuilder {
        if let Some(goal) = self.optimize {
            builder = builder.optimize(goal.into());
        }
        if let Some(stack) = self.max_stack {
            builder = builder.stack(stack.bytes());
        }
        if self.deterministic {
            builder.deterministic(true)
        } else {
            builder
        }
    }
}

impl LoadOptions {
    pub(crate) fn apply(&self, builder: EngineBuilder) -> EngineBuilder {
        let builder = if self.no_cache {
            builder.cache(false)
        } else {
            builder
        };
        if self.trust_precompiled {
            builder.trust_precompiled(true)
        } else {
            builder
        }
    }
}
