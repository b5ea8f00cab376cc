use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use wasmtime::{Store, UpdateDeadline};

use super::Host;
use super::failure::exit_status;
use crate::context::Context;
use crate::engine::Watch;
use crate::limits::Account;
use crate::plugin::{InstanceRequest, Loaded, Provider, State};
use crate::wasi::StdoutState;
use crate::workload::{Role, Workload};
use crate::{Error, invoke};

/// A workload with all its imports filled, ready to be instantiated any number of times.
///
/// Where the engine is [interruptible](crate::EngineBuilder::interruptible), a guest that computes lets others have the
/// executor every 10 milliseconds, and is ended by dropping the future that runs it.
///
/// When a plugin was replaced by a new version, instances that are made from then on use it; those that run go on
/// with the old one. Should the new version not fit, instances go on with the old one, too.
#[derive(Clone)]
pub struct Linked {
    pub(super) host: Host,
    pub(super) workload: Workload,
    bound: Arc<Mutex<Arc<Bound>>>,
}

/// The plugins that were chosen, at one time.
pub(super) struct Bound {
    /// The registry's, from before they were chosen.
    pub(super) generation: u64,
    pub(super) plugins: Vec<LinkedPlugin>,
    pub(super) code: LinkedCode,
}

/// A plugin that was chosen; its position is its [`Place`](crate::plugin::Place).
#[derive(Clone)]
pub(super) struct LinkedPlugin {
    pub(super) loaded: Arc<Loaded>,
    pub(super) provider: Arc<dyn Provider>,
}

#[derive(Clone)]
pub(crate) enum LinkedCode {
    Module(wasmtime::InstancePre<Context>),
    Component(wasmtime::component::InstancePre<Context>),
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linked")
            .field("workload", &self.workload)
            .finish_non_exhaustive()
    }
}

/// One instance's store, and what must live as long.
pub(crate) struct Session {
    pub(crate) store: Store<Context>,
    pub(super) stdout: StdoutState,
    _watch: Option<Watch>,
}

impl Linked {
    pub(super) fn new(host: Host, workload: Workload, bound: Bound) -> Self {
        Linked {
            host,
            workload,
            bound: Arc::new(Mutex::new(Arc::new(bound))),
        }
    }

    /// What is bound now; bound again if a plugin was replaced since.
    fn bound(&self) -> Arc<Bound> {
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.host.registry().generation();
        if bound.generation != generation {
            match self.host.bind(&self.workload) {
                Ok(new) => *bound = Arc::new(new),
                Err(error) => {
                    // Tried once for each replacement.
                    let Bound { plugins, code, .. } = &**bound;
                    *bound = Arc::new(Bound {
                        generation,
                        plugins: plugins.clone(),
                        code: code.clone(),
                    });
                    tracing::warn!(
                        target: "c12::plugin",
                        workload = self.workload.name(),
                        %error,
                        "cannot be linked with the plugins as they are now; it goes on with the old ones"
                    );
                }
            }
        }
        Arc::clone(&bound)
    }

    /// The same with a time limit, unless it has a shorter one.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] if the workload cannot be interrupted.
    pub(crate) fn within(&self, timeout: Option<std::time::Duration>) -> Result<Self, Error> {
        let mut linked = self.clone();
        let own = linked.host.limits.timeout;
        linked.host.limits.timeout = match (own, timeout) {
            (Some(own), Some(timeout)) => Some(own.min(timeout)),
            (own, timeout) => own.or(timeout),
        };
        linked.host.check_limits(&self.workload)?;
        Ok(linked)
    }

    /// The workload.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// Runs a command (a module with `_start`, or a component with `wasi:cli/run`) to its end and
    /// returns its exit code.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntryPoint`] if it is no command; [`Error::Trap`], [`Error::Limit`] or
    /// [`Error::Timeout`] if it does not reach its end; [`Error::Grant`] if a grant cannot be given.
    pub async fn run(&self) -> Result<i32, Error> {
        let role = self.workload.role();
        if matches!(role, Role::HttpHandler | Role::Library) {
            return Err(self.no_entry_point(role));
        }
        let bound = self.bound();
        let mut session = self.session(&bound).await?;
        let outcome = match &bound.code {
            LinkedCode::Module(pre) => {
                self.timed(invoke::start_module(pre, &mut session.store))
                    .await
            }
            LinkedCode::Component(pre) if role == Role::AsyncCommand => {
                self.timed(invoke::run_async_command(pre, &mut session.store))
                    .await
            }
            LinkedCode::Component(pre) => {
                self.timed(invoke::run_command(pre, &mut session.store))
                    .await
            }
        };
        self.exit_code(session, outcome)
    }

    /// Calls an export: `name(arguments)` with arguments in WAVE for components and as plain numbers
    /// for modules. Returns each result as text.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchFunction`], [`Error::Invocation`] if the arguments do not fit, and those of [`Linked::run`].
    pub async fn invoke(&self, call: &str) -> Result<Vec<String>, Error> {
        let call = invoke::Call::parse(call)?;
        let target = call.target(&self.workload)?;
        let bound = self.bound();
        let mut session = self.session(&bound).await?;
        let outcome = match &bound.code {
            LinkedCode::Module(pre) => {
                self.timed(invoke::call_module(pre, &mut session.store, &call))
                    .await
            }
            LinkedCode::Component(pre) => {
                self.timed(invoke::call_component(
                    pre,
                    &mut session.store,
                    &call,
                    &target,
                ))
                .await
            }
        };
        match outcome {
            Ok(Ok(results)) => results,
            Ok(Err(error)) => match exit_status(&error) {
                Some(code) => Err(Error::Invocation {
                    function: target.path(),
                    message: format!("the guest exited with code {code} instead of returning"),
                    signature: None,
                }),
                None => Err(self.failure(&session, error)),
            },
            Err(timeout) => Err(timeout),
        }
    }

    /// Instantiates without calling anything, for embedders who go on with Wasmtime's own API, and to
    /// measure it.
    ///
    /// # Errors
    ///
    /// As [`Linked::run`].
    pub async fn instantiate(&self) -> Result<Instance, Error> {
        let bound = self.bound();
        let mut session = self.session(&bound).await?;
        let outcome = match &bound.code {
            LinkedCode::Module(pre) => {
                let work = pre.instantiate_async(&mut session.store);
                self.timed(work).await?.map(RawInstance::Module)
            }
            LinkedCode::Component(pre) => {
                let work = pre.instantiate_async(&mut session.store);
                self.timed(work).await?.map(RawInstance::Component)
            }
        };
        match outcome {
            Ok(raw) => Ok(Instance { raw, session }),
            Err(error) => Err(self.failure(&session, error)),
        }
    }

    async fn session(&self, bound: &Bound) -> Result<Session, Error> {
        let limits = &self.host.limits;
        let grants = &self.host.grants;
        let stdout = StdoutState::default();
        let engine = self.workload.code().engine();
        let (wasi, preview1) = if self.workload.is_component() {
            (grants.context(self.workload.name(), limits, &stdout)?, None)
        } else {
            (
                wasmtime_wasi::WasiCtx::default(),
                Some(grants.preview1_context(self.workload.name(), limits, &stdout)?),
            )
        };
        let mut context = Context::new(
            wasi,
            preview1,
            grants.http_policy(),
            Account::new(limits.clone()),
        );
        context.attach(self.states(bound).await?);
        let mut store = Store::new(engine, context);
        store.limiter(|context| &mut context.account);
        store.set_hostcall_fuel(limits.host_bytes);
        let flavour = self.workload.flavour();
        if flavour.fuel {
            let fuel = limits.fuel.unwrap_or(u64::MAX);
            store
                .set_fuel(fuel)
                .map_err(|error| Error::engine("cannot set the fuel", &error))?;
        }
        let mut watch = None;
        if flavour.interruptible {
            // A limit beyond what the clock can count is none.
            let end = |limit| Some((Instant::now().checked_add(limit)?, limit));
            let deadline = limits.timeout.and_then(end);
            store.set_epoch_deadline(1);
            store.epoch_deadline_callback(move |_| match deadline {
                Some((deadline, limit)) if Instant::now() >= deadline => {
                    Err(wasmtime::Error::new(Error::Timeout { limit }))
                }
                // Others get their turn, and whoever waits for the guest can give it up.
                _ => Ok(UpdateDeadline::Yield(1)),
            });
            watch = Some(self.workload.engine().watch(engine)?);
        }
        Ok(Session {
            store,
            stdout,
            _watch: watch,
        })
    }

    /// What the plugins keep for one instance, each at its place.
    async fn states(&self, bound: &Bound) -> Result<Vec<Option<State>>, Error> {
        let mut states = Vec::with_capacity(bound.plugins.len());
        for LinkedPlugin { loaded, provider } in &bound.plugins {
            let request = InstanceRequest {
                workload: &self.workload,
                limits: &self.host.limits,
            };
            let state = self.timed(provider.instantiate(request)).await?;
            states.push(state.map_err(|source| Error::Plugin {
                plugin: loaded.plugin().name().to_owned(),
                import: "an instance".into(),
                source,
            })?);
        }
        Ok(states)
    }

    /// Ends the wait for a guest that sleeps in the host when its time is up; one that computes is
    /// ended by the epoch.
    async fn timed<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        match self.host.limits.timeout {
            None => Ok(work.await),
            Some(limit) => tokio::time::timeout(limit, work)
                .await
                .map_err(|_| Error::Timeout { limit }),
        }
    }

    fn exit_code(
        &self,
        session: Session,
        outcome: Result<Result<i32, wasmtime::Error>, Error>,
    ) -> Result<i32, Error> {
        let result = match outcome? {
            Ok(code) => Ok(code),
            Err(error) => exit_status(&error).ok_or(error),
        };
        match result {
            Ok(_) if session.stdout.is_closed() => Err(Error::StdoutClosed),
            Ok(code) => Ok(code),
            Err(error) => Err(self.failure(&session, error)),
        }
    }
}

/// An instance with its store.
pub struct Instance {
    raw: RawInstance,
    session: Session,
}

/// Wasmtime's handle to an instance.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum RawInstance {
    /// Of a module.
    Module(wasmtime::Instance),
    /// Of a component.
    Component(wasmtime::component::Instance),
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

impl Instance {
    /// Wasmtime's handle, and the store that it belongs to.
    pub fn parts(&mut self) -> (RawInstance, &mut Store<Context>) {
        (self.raw, &mut self.session.store)
    }
}
