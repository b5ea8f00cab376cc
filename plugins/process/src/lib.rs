//! # The official plugin `process`: programs of the host, for guests
//!
//! Guests run nothing but what the setting `process.allow` names. One core, [`Launcher`], has two faces:
//! `c12:process` for components, and `wasmedge_process` for core modules.
//!
//! What holds for every program:
//!
//! - It is found through the allow-list and a search path of the host's own; no shell has a part in it.
//! - It inherits nothing: no environment, no directory, no open file. It sees what the guest gives, except for
//!   variables that decide on the code it runs, such as `PATH` and `LD_PRELOAD`.
//! - It runs for a limited time, writes a limited amount, and counts towards a limited number.
//! - It leads a process group of its own, which is killed when the guest lets go of it or ends. When the host
//!   process is killed, Linux kills the program as well.
//!
//! ```no_run
//! let host = c12::Host::builder()
//!     .plugin(c12_process::Process)
//!     .setting("process", "allow", "ls,/usr/bin/convert")
//!     .build();
//! ```

#![warn(missing_docs)]

mod child;
mod command;
mod error;
mod launcher;
mod lease;
mod output;
mod policy;
mod wit;
mod witx;

use std::future::ready;
use std::sync::Arc;

use c12::Context;
use c12::plugin::{
    InstanceRequest, Key, Link, Plugin, PluginError, Provided, Provider, Settings, StateFuture,
};
use wasmtime::component;

pub use child::{Child, Ended};
pub use command::{Command, Pipes};
pub use error::Error;
pub use launcher::{Finished, Launcher};
pub use lease::Status;
pub use output::Output;
pub use policy::Policy;
pub use wit::WIT;

/// The plugin, to be given to [`HostBuilder::plugin`](c12::HostBuilder::plugin).
#[derive(Debug, Clone, Copy, Default)]
pub struct Process;

impl Plugin for Process {
    fn name(&self) -> &str {
        "process"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn description(&self) -> &str {
        "runs programs of the host that an allow-list names"
    }

    fn provides(&self) -> Vec<Provided> {
        vec![
            Provided::interface(wit::INTERFACE),
            Provided::module_of(witx::MODULE, witx::FUNCTIONS),
        ]
    }

    fn keys(&self) -> Vec<Key> {
        policy::keys()
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let policy = Arc::new(Policy::new(settings)?);
        Ok(Arc::new(Opened { policy }))
    }
}

/// What all instances share.
struct Opened {
    policy: Arc<Policy>,
}

/// What an instance keeps. It goes with the instance, and with it every program that it started.
struct State {
    launcher: Launcher,
    session: witx::Session,
}

impl Provider for Opened {
    fn link_component(
        &self,
        _: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        wit::link(linker).map_err(Into::into)
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        witx::link(link, linker).map_err(Into::into)
    }

    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        let state = State {
            launcher: Launcher::new(Arc::clone(&self.policy)),
            session: witx::Session::new(instance.limits.host_bytes),
        };
        Box::pin(ready(Ok(Some(Box::new(state) as c12::plugin::State))))
    }
}
