//! # The official plugin `nn`: WASI-NN
//!
//! Guests run models that the user named for them, in whatever framework reads them. One core, the crate
//! `c12-nn-core`, has two faces: `wasi:nn` and `c12:nn` for components, and `wasi_ephemeral_nn` for core modules.
//!
//! What holds for every guest:
//!
//! - It sees the models that were named for it, and no others. Models of its own it can load only in encodings that
//!   the setting `nn.guest-models` allows.
//! - A model is loaded once, when it is first asked for, and shared by all instances.
//! - Computations run away from the executor. They are cancelled when the guest is gone.
//! - Contexts, texts under way, and the bytes of tensors are counted and limited, for all instances of a guest together.
//!
//! ```no_run
//! let host = c12::Host::builder()
//!     .plugin(c12_nn::Nn::new())
//!     .setting("nn", "models", "classifier=onnx:models/efficientnet-lite0.onnx")
//!     .build();
//! ```

#![warn(missing_docs)]

#[cfg(not(feature = "ggml"))]
mod absent;
mod allowance;
mod computation;
mod details;
mod error;
mod graph;
mod language;
mod models;
mod options;
mod policy;
mod prompt_cache;
mod quota;
mod session;
mod trouble;
mod wit;
mod witx;

use std::sync::Arc;

use c12::Context;
use c12::plugin::{
    Details, InstanceRequest, Key, Link, Plugin, PluginError, Provided, Provider, Settings,
    StateFuture,
};
use c12_nn_core::Registry;
use wasmtime::component;

use policy::Policy;
use quota::HostQuota;
use session::Session;
use trouble::{Listener, Reporter};

pub use c12_nn_core::{
    BackendStatus, Device, Encoding, Error as ModelError, ModelSpec, Options, Status, data_folder,
    setup,
};
pub use details::{known as backends, summary};
pub use error::Error;
pub use models::{parse as models, setting as models_setting};
pub use policy::check;
pub use trouble::Trouble;
pub use wit::WIT;

/// The plugin, to be given to [`HostBuilder::plugin`](c12::HostBuilder::plugin).
#[derive(Clone, Default)]
pub struct Nn {
    listener: Option<Listener>,
    sees: Option<Sees>,
}

/// Whether a guest sees a model: the workload's name, the model's.
type Sees = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

impl Nn {
    /// The plugin, which writes what the user should know into the log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls this with what the user should know, in place of the log: each thing once for an instance.
    #[must_use]
    pub fn tell(mut self, listener: impl Fn(&Trouble) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Shows a guest only models that were named for it: asked with the names of its workload and of each model. By
    /// default all guests of a host see all of its models.
    #[must_use]
    pub fn only(mut self, sees: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        self.sees = Some(Arc::new(sees));
        self
    }
}

impl std::fmt::Debug for Nn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nn").finish_non_exhaustive()
    }
}

impl Plugin for Nn {
    fn name(&self) -> &str {
        "nn"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn description(&self) -> &str {
        "runs models that the user names for guests"
    }

    fn provides(&self) -> Vec<Provided> {
        let mut provided: Vec<Provided> = wit::INTERFACES.map(Provided::interface).into();
        provided.push(Provided::module_of(witx::MODULE, witx::FUNCTIONS));
        provided.push(Provided::module_of(
            witx::EXTENSION,
            witx::EXTENSION_FUNCTIONS,
        ));
        provided
    }

    fn keys(&self) -> Vec<Key> {
        policy::keys()
    }

    fn details(&self, settings: &Settings) -> Vec<Details> {
        details::of(settings)
    }

    fn open(&self, settings: &Settings) -> Result<Arc<dyn Provider>, PluginError> {
        let registry = policy::registry(settings)?;
        if settings.is_true("preload") {
            for spec in registry.models() {
                registry.preload(&spec.name).map_err(Error::from)?;
            }
        }
        let policy = Arc::new(Policy::new(settings)?);
        Ok(Arc::new(Opened {
            registry,
            quota: HostQuota::new(&policy),
            policy,
            listener: self.listener.clone(),
            sees: self.sees.clone(),
        }))
    }
}

/// What all instances share.
struct Opened {
    registry: Registry,
    quota: HostQuota,
    policy: Arc<Policy>,
    listener: Option<Listener>,
    sees: Option<Sees>,
}

impl Opened {
    /// The models that a guest sees.
    fn registry_for(&self, guest: &str) -> Registry {
        let Some(sees) = &self.sees else {
            return self.registry.clone();
        };
        let names = self.registry.models().map(|spec| spec.name.as_str());
        self.registry
            .restricted_to(names.filter(|model| sees(guest, model)))
    }
}

/// What an instance keeps. It goes with the instance, and with it all that it has under way.
struct State {
    session: Session,
    tables: witx::Tables,
}

impl Provider for Opened {
    fn link_component(
        &self,
        link: &Link<'_>,
        linker: &mut component::Linker<Context>,
    ) -> Result<(), PluginError> {
        wit::link(link.offered.as_str(), linker).map_err(Into::into)
    }

    fn link_module(
        &self,
        link: &Link<'_>,
        linker: &mut wasmtime::Linker<Context>,
    ) -> Result<(), PluginError> {
        witx::link(link, linker).map_err(Into::into)
    }

    fn instantiate<'a>(&'a self, instance: InstanceRequest<'a>) -> StateFuture<'a> {
        let reporter = Reporter::new(self.listener.clone());
        let guest = instance.workload.name();
        let quota = self.quota.of(guest, &self.policy);
        let registry = self.registry_for(guest);
        let state = State {
            session: Session::new(
                guest,
                registry,
                &self.policy,
                quota,
                instance.limits,
                reporter,
            ),
            tables: witx::Tables::new(
                instance.limits.handles,
                witx::hears_words(instance.workload),
            ),
        };
        Box::pin(std::future::ready(Ok(Some(
            Box::new(state) as c12::plugin::State
        ))))
    }
}
