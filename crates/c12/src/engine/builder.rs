use std::path::PathBuf;
use std::sync::Arc;

use super::{Engine, Inner, clock};
use crate::cache::Cache;
use crate::{Error, folders};

/// How much the compiler optimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Optimize {
    /// As fast as the compiler can make it. The default.
    #[default]
    Speed,
    /// Nearly as fast, and smaller.
    SpeedAndSize,
    /// Not at all: the shortest compile time.
    None,
}

/// What [`Engine`] is built from.
///
/// The defaults are those of a service: guests can be interrupted, nothing precompiled is trusted
/// but what this user's C12 made, and compiled code is kept in the user's cache folder.
#[derive(Debug, Clone)]
pub struct EngineBuilder {
    pub(super) optimize: Optimize,
    pub(super) interruptible: bool,
    pub(super) fuel: bool,
    pub(super) deterministic: bool,
    pub(super) stack: usize,
    pub(super) trust_precompiled: bool,
    pub(super) pool: Option<u32>,
    pub(super) cache: bool,
    pub(super) cache_folder: Option<PathBuf>,
    pub(super) cache_size: u64,
    pub(super) state_folder: Option<PathBuf>,
    pub(super) target: Option<String>,
}

impl Default for EngineBuilder {
    fn default() -> Self {
        EngineBuilder {
            optimize: Optimize::Speed,
            interruptible: true,
            fuel: false,
            deterministic: false,
            stack: 1 << 20,
            trust_precompiled: false,
            pool: None,
            cache: true,
            cache_folder: None,
            cache_size: 1 << 30,
            state_folder: None,
            target: None,
        }
    }
}

impl EngineBuilder {
    /// How much the compiler optimises.
    pub fn optimize(mut self, level: Optimize) -> Self {
        self.optimize = level;
        self
    }

    /// Whether compiled code can be interrupted in a loop, which [`Limits::timeout`](crate::Limits::timeout)
    /// needs. It costs some per cent of speed. On by default.
    pub fn interruptible(mut self, yes: bool) -> Self {
        self.interruptible = yes;
        self
    }

    /// Whether compiled code counts fuel, which [`Limits::fuel`](crate::Limits::fuel) needs. Off by default.
    pub fn fuel(mut self, yes: bool) -> Self {
        self.fuel = yes;
        self
    }

    /// Whether relaxed SIMD and NaN bits give the same result on every machine, at some cost. Off by default.
    pub fn deterministic(mut self, yes: bool) -> Self {
        self.deterministic = yes;
        self
    }

    /// Bytes of stack for WebAssembly frames of one call. Default 1 MiB.
    pub fn stack(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Loads compiled artifacts that others made. They run with the host's rights: only for artifacts
    /// whose makers may do anything on this machine. Off by default.
    pub fn trust_precompiled(mut self, yes: bool) -> Self {
        self.trust_precompiled = yes;
        self
    }

    /// Reserves memory for at least this many instances in advance, which makes instantiation a matter
    /// of microseconds. Instantiation fails when all places are taken. For servers; off by default.
    pub fn pool(mut self, instances: u32) -> Self {
        self.pool = Some(instances);
        self
    }

    /// Whether compiled code is kept for the next time. On by default.
    pub fn cache(mut self, yes: bool) -> Self {
        self.cache = yes;
        self
    }

    /// Where compiled code is kept. Default: `c12` in the user's cache folder.
    pub fn cache_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_folder = Some(folder.into());
        self
    }

    /// How many bytes of compiled code are kept at most. Default 1 GiB.
    pub fn cache_size(mut self, bytes: u64) -> Self {
        self.cache_size = bytes;
        self
    }

    /// Where the key lives that marks artifacts as made here. Default: `c12` in the user's state folder.
    pub fn state_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_folder = Some(folder.into());
        self
    }

    /// Compiles for another machine, named as a target triple. What it compiles cannot be loaded here.
    pub fn target(mut self, triple: impl Into<String>) -> Self {
        self.target = Some(triple.into());
        self
    }

    /// Builds the engine. Nothing is compiled or allocated yet.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] if the settings contradict each other.
    pub fn build(self) -> Result<Engine, Error> {
        const LEAST_STACK: usize = 16 << 10;
        const MOST_STACK: usize = 1 << 30;
        if !(LEAST_STACK..=MOST_STACK).contains(&self.stack) {
            return Err(Error::Configuration {
                message: format!(
                    "a stack of {} is not possible",
                    crate::limits::show_bytes(self.stack as u64)
                ),
                help: "choose between 16 KiB and 1 GiB".into(),
            });
        }
        let cache = (self.cache && self.target.is_none())
            .then(|| self.cache_folder.clone().or_else(folders::cache))
            .flatten()
            .map(|folder| Cache::new(folder, self.cache_size));
        Ok(Engine(Arc::new(Inner {
            options: self,
            cache,
            runtimes: Default::default(),
            clock: clock::Clock::default(),
        })))
    }
}
