//! # The official plugin `crypto`: WASI-Crypto
//!
//! One core, [`c12_crypto_core`], has two faces: `wasi:crypto` 0.11 for components, and the modules
//! `wasi_ephemeral_crypto_…` of witx-0.10 for core modules, as programs for WasmEdge import them. `wit/crypto` has both.
//!
//! What holds for every guest:
//!
//! - Keys and states stay with the host; guests have handles, which mean nothing to other instances. All that an instance
//!   has open is wiped and closed when it ends.
//! - What takes long (password functions, RSA key pairs, the secrets store) runs on a thread for that, so that other
//!   guests go on, and the guest's time limit holds.
//! - A guest's mistakes are error codes of the specification. Only a core module without a memory to exchange data with, and
//!   what breaks the component model's own rules, is a trap.
//!
//! ```no_run
//! let host = c12::Host::builder()
//!     .plugin(c12_crypto::Crypto)
//!     .setting("crypto", "store", "secrets.store")
//!     .build();
//! ```

#![warn(missing_docs)]

mod details;
mod error;
mod instance;
mod settings;
mod wiped;
mod wit;
mod witx;

use std::future::ready;
use std::sync::Arc;

use c12::Context;
use c12::plugin::{
    Details, InstanceRequest, Key, Link, Plugin, PluginError, Provided, Provider, Settings,
    StateFuture,
};
use c12_crypto_core::{Session, Shared};
use wasmtime::component;

pub use error::Error;
pub use wit::WIT;

use instance::{Host, Instance};

/// The plugin, to be given to [`HostBuilder::plugin`](c12::HostBuilder::plugin).
#[derive(Debug, Clone, Copy, Default)]
pub struct Crypto;

impl Plugin for Crypto {
    fn name(&self) -> &str {
        "crypto"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn description(&self) -> &str {
        "hashes, ciphers, signatures, key exchange and stored secrets: WASI-Crypto"
    }

    fn provides(&self) -> Vec<Provided> {
        let interfaces = wit::INTERFACES.map(|face| Provided::interface(face.name));
        let modules = witx::MODULES
            .map(|face| Provided::module_of(face.name, face.functions.iter().copied()));
        interfaces.into_iter().chain(modules).collect()
    }

    fn keys(&self) -> Vec<Key> {
        settings::keys()
    }

    fn details(&self, settings: &Settings) -> Vec<Details> {
        details::of(settings)
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let shared = Shared::new(settings::config(settings)?).map_err(Error::from)?;
        Ok(Arc::new(Opened {
            shared,
            threads: Host::new(settings::threads(settings)?),
        }))
    }
}

/// What all instances share.
struct Opened {
    shared: Arc<Shared>,
    threads: Host,
}

impl Provider for Opened {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        let offered = link.offered.as_str();
        let interface = wit::INTERFACES.iter().find(|face| face.name == offered);
        let interface = interface.ok_or_else(|| format!("`{offered}` is not offered"))?;
        (interface.link)(&mut linker.instance(offered)?, link.place)?;
        Ok(())
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        let offered = link.offered.as_str();
        let module = witx::MODULES.iter().find(|face| face.name == offered);
        let module = module.ok_or_else(|| format!("`{offered}` is not offered"))?;
        (module.link)(linker, offered, link.place)?;
        Ok(())
    }

    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        let limits = instance.limits;
        let guest = self.threads.guest(instance.workload.name());
        let session = Session::with_limits(&self.shared, limits.handles, limits.host_bytes);
        let state = Instance::new(session, guest, limits.host_bytes);
        Box::pin(ready(Ok(Some(Box::new(state) as c12::plugin::State))))
    }
}
