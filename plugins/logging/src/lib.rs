//! # The official plugin `logging`: `wasi:logging` onto `tracing`
//!
//! What a guest logs becomes an event with the target `c12::guest`, the guest's name, and its context where it
//! gives one. Components import `wasi:logging/logging`; core modules import the same function in its flattened
//! form from a module of the same name: `log(level, context, context length, message, message length)`, all of
//! them `i32`, with pointers into the memory that they export as `memory`.
//!
//! ```no_run
//! let host = c12::Host::builder()
//!     .plugin(c12_logging::Logging)
//!     .setting("logging", "level", "info")
//!     .build();
//! ```

#![warn(missing_docs)]

mod level;
mod sink;

use std::sync::Arc;

use c12::Context;
use c12::plugin::{Key, Kind, Link, Plugin, PluginError, Provided, Provider, Settings};
use wasmtime::component::WasmStr;
use wasmtime::{Caller, Extern, StoreContextMut, component};

pub use level::{Level, UnknownLevel};
use sink::Sink;

/// The names under which guests know the interface. The second one comes from before it had a version.
const NAMES: [&str; 2] = ["wasi:logging/logging@0.1.0-draft", "wasi:logging/logging"];

/// What components get, in WIT.
pub const WIT: [&str; 1] = [include_str!("../../../wit/logging/logging.wit")];

/// Its one function.
const LOG: &str = "log";

/// A setting of the plugin makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such level.
    #[error("`logging.level` {0}")]
    Level(UnknownLevel),
    /// A message must have room.
    #[error("`logging.length` must be at least 1")]
    Length,
}

/// The plugin, to be given to [`HostBuilder::plugin`](c12::HostBuilder::plugin).
#[derive(Debug, Clone, Copy, Default)]
pub struct Logging;

impl Plugin for Logging {
    fn name(&self) -> &str {
        "logging"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn description(&self) -> &str {
        "passes on what guests log"
    }

    fn provides(&self) -> Vec<Provided> {
        NAMES
            .into_iter()
            .flat_map(|name| [Provided::interface(name), Provided::module_of(name, [LOG])])
            .collect()
    }

    fn keys(&self) -> Vec<Key> {
        vec![
            Key::new("level", Kind::Text).fallback("trace").description(
                "the least level that is passed on: trace, debug, info, warn, error or critical",
            ),
            Key::new("length", Kind::Bytes)
                .fallback("16KiB")
                .description("what is passed on of a message, and of its context"),
        ]
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let least = settings
            .get("level")
            .unwrap_or_default()
            .parse()
            .map_err(Error::Level)?;
        let longest = settings
            .bytes("length")
            .and_then(|length| usize::try_from(length).ok())
            .filter(|length| *length > 0)
            .ok_or(Error::Length)?;
        Ok(Arc::new(Opened { least, longest }))
    }
}

/// What all instances share.
struct Opened {
    least: Level,
    longest: usize,
}

impl Opened {
    fn sink(&self, link: &Link<'_>) -> Sink {
        Sink::new(link.workload.name(), self.least, self.longest)
    }
}

impl Provider for Opened {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let sink = self.sink(link);
        let log = move |store: StoreContextMut<'_, Context>,
                        (level, context, message): (Level, WasmStr, WasmStr)|
              -> wasmtime::Result<()> {
            if sink.wants(level) {
                sink.log(level, &context.to_str(&store)?, &message.to_str(&store)?);
            }
            Ok(())
        };
        linker
            .instance(link.offered.as_str())?
            .func_wrap(LOG, log)?;
        Ok(())
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        let sink = self.sink(link);
        let log = move |mut caller: Caller<'_, Context>,
                        level: u32,
                        context: u32,
                        context_length: u32,
                        message: u32,
                        message_length: u32|
              -> wasmtime::Result<()> {
            let level = Level::from_number(level)
                .ok_or_else(|| trap(format_args!("there is no level {level}")))?;
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return Err(trap("the guest exports no memory called `memory`"));
            };
            let memory = memory.data(&caller);
            let context = text(memory, context, context_length)?;
            let message = text(memory, message, message_length)?;
            sink.log(level, context, message);
            Ok(())
        };
        linker.func_wrap(link.offered.as_str(), LOG, log)?;
        Ok(())
    }
}

/// A string in a guest's memory, under the rules of components: UTF-8, all of it within the memory.
fn text(memory: &[u8], start: u32, length: u32) -> wasmtime::Result<&str> {
    let bytes = memory
        .get(start as usize..)
        .and_then(|rest| rest.get(..length as usize))
        .ok_or_else(|| {
            trap(format_args!(
                "the {length} bytes at {start:#x} are not within the guest's memory"
            ))
        })?;
    std::str::from_utf8(bytes).map_err(|error| trap(format_args!("the text is not UTF-8: {error}")))
}

fn trap(message: impl std::fmt::Display) -> wasmtime::Error {
    wasmtime::Error::msg(format!("plugin `logging`: {message}"))
}
