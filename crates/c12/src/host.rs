//! Running workloads: what a guest is granted, who provides its imports, and what came of it.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Store, UpdateDeadline};

use crate::context::Context;
use crate::engine::Watch;
use crate::limits::{Account, LimitExceeded, LimitKind, Limits};
use crate::plugin::{ImportName, InstanceRequest, Plugin, PluginError, Registry};
use crate::trap::Trap;
use crate::wasi::{Directory, Grants, Input, NetworkRule, Output, StdoutState, Wasi};
use crate::workload::{Code, Role, Workload};
use crate::{Error, invoke};

/// What guests run against: their grants, their limits, and the plugins that provide their imports.
///
/// By default a guest is granted nothing. Cheap to clone; one host can run any number of workloads.
#[derive(Debug, Clone)]
pub struct Host {
    grants: Grants,
    limits: Limits,
    registry: Registry,
}

/// Settings of a [`Host`].
#[derive(Debug, Clone, Default)]
pub struct HostBuilder {
    grants: Grants,
    limits: Limits,
    plugins: Registry,
}

impl HostBuilder {
    /// The guest's arguments; its own name goes before them by itself.
    pub fn arguments<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.grants
            .arguments
            .extend(arguments.into_iter().map(Into::into));
        self
    }

    /// An environment variable.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.grants.environment.push((name.into(), value.into()));
        self
    }

    /// A directory that the guest may use.
    pub fn directory(mut self, directory: Directory) -> Self {
        self.grants.directories.push(directory);
        self
    }

    /// A rule of what the guest may reach over the network.
    pub fn network(mut self, rule: NetworkRule) -> Self {
        Arc::make_mut(&mut self.grants.network).push(rule);
        self
    }

    /// Where standard input comes from.
    pub fn stdin(mut self, input: Input) -> Self {
        self.grants.stdin = input;
        self
    }

    /// Where standard output goes.
    pub fn stdout(mut self, output: Output) -> Self {
        self.grants.stdout = output;
        self
    }

    /// Where standard error goes.
    pub fn stderr(mut self, output: Output) -> Self {
        self.grants.stderr = output;
        self
    }

    /// What one run may use.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Lets WASI's file operations block the calling thread, which is faster where that thread runs
    /// one guest and nothing else. Off by default.
    pub fn may_block(mut self, yes: bool) -> Self {
        self.grants.may_block = yes;
        self
    }

    /// A provider of imports. Earlier ones come first; WASI is before all of them.
    pub fn plugin(self, plugin: impl Plugin) -> Self {
        self.shared_plugin(Arc::new(plugin))
    }

    /// As [`HostBuilder::plugin`], for a plugin that several hosts share.
    pub fn shared_plugin(mut self, plugin: Arc<dyn Plugin>) -> Self {
        self.plugins.add(plugin);
        self
    }

    /// Builds the host.
    pub fn build(self) -> Host {
        let mut registry = Registry::default();
        registry.add(Arc::new(Wasi));
        for (plugin, _) in self.plugins.plugins() {
            registry.add(Arc::clone(plugin));
        }
        Host {
            grants: self.grants,
            limits: self.limits,
            registry,
        }
    }
}

/// A workload with all its imports filled, ready to be instantiated any number of times.
#[derive(Clone)]
pub struct Linked {
    host: Host,
    workload: Workload,
    plugins: Vec<Arc<dyn Plugin>>,
    code: LinkedCode,
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

impl Host {
    /// Settings to change before building.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// The plugins, in the order in which they are asked.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The limits of every run.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fills the imports of a workload.
    ///
    /// # Errors
    ///
    /// [`Error::MissingImports`] with all imports that nothing provides, [`Error::Plugin`] if a
    /// provider fails, [`Error::Configuration`] if the limits need what the workload was compiled without.
    pub fn link(&self, workload: &Workload) -> Result<Linked, Error> {
        self.check_limits(workload)?;
        // Of several compatible versions of an interface that a guest asks for, one definition serves all.
        let mut chosen: Vec<(ImportName, Arc<dyn Plugin>)> = Vec::new();
        let mut missing = Vec::new();
        for import in workload.imports() {
            match self.registry.find(&import) {
                Some((_, offered)) if chosen.iter().any(|(known, _)| known == offered) => {}
                Some((plugin, offered)) => chosen.push((offered.clone(), Arc::clone(plugin))),
                None => {
                    let functions = workload.imported_functions(&import);
                    missing.push(self.registry.explain(import, functions));
                }
            }
        }
        if !missing.is_empty() {
            return Err(Error::MissingImports {
                name: workload.name().to_owned(),
                missing,
            });
        }
        let failed =
            |plugin: &Arc<dyn Plugin>, import: &dyn ToString, source: PluginError| Error::Plugin {
                plugin: plugin.name().to_owned(),
                import: import.to_string(),
                source,
            };
        let mismatch = |error: &wasmtime::Error| {
            Error::engine("the imports do not fit what is provided", error)
        };
        let engine = workload.code().engine();
        let code = match workload.code() {
            Code::Module(module) => {
                let mut linker = wasmtime::Linker::new(engine);
                for (import, plugin) in &chosen {
                    plugin
                        .link_module(import, &mut linker)
                        .map_err(|source| failed(plugin, import, source))?;
                }
                LinkedCode::Module(
                    linker
                        .instantiate_pre(module)
                        .map_err(|error| mismatch(&error))?,
                )
            }
            Code::Component(component) => {
                let mut linker = wasmtime::component::Linker::new(engine);
                for (import, plugin) in &chosen {
                    tracing::debug!(%import, plugin = plugin.name(), "linking");
                    plugin
                        .link_component(import, &mut linker)
                        .map_err(|source| failed(plugin, import, source))?;
                }
                LinkedCode::Component(
                    linker
                        .instantiate_pre(component)
                        .map_err(|error| mismatch(&error))?,
                )
            }
        };
        let mut plugins: Vec<Arc<dyn Plugin>> = Vec::new();
        for (_, plugin) in chosen {
            if !plugins.iter().any(|known| Arc::ptr_eq(known, &plugin)) {
                plugins.push(plugin);
            }
        }
        Ok(Linked {
            host: self.clone(),
            workload: workload.clone(),
            plugins,
            code,
        })
    }

    /// Links and runs a command.
    ///
    /// # Errors
    ///
    /// Those of [`Host::link`] and [`Linked::run`].
    pub async fn run(&self, workload: &Workload) -> Result<i32, Error> {
        self.link(workload)?.run().await
    }

    fn check_limits(&self, workload: &Workload) -> Result<(), Error> {
        let flavour = workload.flavour();
        if self.limits.timeout.is_some() && !flavour.interruptible {
            return Err(Error::Configuration {
                message: format!(
                    "{} was compiled without interruption points, so a time limit could not stop it",
                    workload.name()
                ),
                help: "build the engine with `interruptible(true)`".into(),
            });
        }
        if self.limits.fuel.is_some() && !flavour.fuel {
            return Err(Error::Configuration {
                message: format!("{} was compiled without fuel counting", workload.name()),
                help: "build the engine with `fuel(true)`".into(),
            });
        }
        Ok(())
    }
}

/// One instance's store, and what must live as long.
pub(crate) struct Session {
    pub(crate) store: Store<Context>,
    stdout: StdoutState,
    _watch: Option<Watch>,
}

impl Linked {
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
        let mut session = self.session()?;
        let outcome = match &self.code {
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
        let mut session = self.session()?;
        let outcome = match &self.code {
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
        let mut session = self.session()?;
        let outcome = match &self.code {
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

    fn session(&self) -> Result<Session, Error> {
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
        context
            .attach(
                &self.plugins,
                InstanceRequest {
                    workload: &self.workload,
                    limits,
                },
            )
            .map_err(|(plugin, source)| Error::Plugin {
                plugin,
                import: "its state".into(),
                source,
            })?;
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
            match limits.timeout {
                None => store.set_epoch_deadline(u64::MAX / 2),
                Some(limit) => {
                    // A limit beyond what the clock can count is none.
                    let deadline = Instant::now().checked_add(limit);
                    store.set_epoch_deadline(1);
                    store.epoch_deadline_callback(move |_| {
                        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                            return Err(wasmtime::Error::new(Error::Timeout { limit }));
                        }
                        Ok(UpdateDeadline::Yield(1))
                    });
                    watch = Some(self.workload.engine().watch(engine)?);
                }
            }
        }
        Ok(Session {
            store,
            stdout,
            _watch: watch,
        })
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

    /// Gives an engine error its name: a limit, the end of time, or a trap.
    fn failure(&self, session: &Session, error: wasmtime::Error) -> Error {
        if session.stdout.is_closed() {
            return Error::StdoutClosed;
        }
        match error.downcast_ref::<Error>() {
            Some(Error::Timeout { limit }) => return Error::Timeout { limit: *limit },
            Some(Error::StdoutClosed) => return Error::StdoutClosed,
            _ => {}
        }
        let account = &session.store.data().account;
        let limits = account.limits();
        let reached = |kind, limit: u64| {
            Error::Limit(LimitExceeded {
                kind,
                limit,
                requested: None,
            })
        };
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::OutOfFuel) => {
                return reached(LimitKind::Fuel, limits.fuel.unwrap_or(0));
            }
            Some(wasmtime::Trap::StackOverflow) => {
                let mut trap = Trap::new(self.workload.name(), &error);
                let stack = LimitExceeded {
                    kind: LimitKind::Stack,
                    limit: self.workload.engine().stack() as u64,
                    requested: None,
                };
                trap.message = format!("{}: {stack}", trap.message);
                trap.help = Some(format!(
                    "if the recursion is meant to end, {}",
                    stack.help()
                ));
                return Error::Trap(Box::new(trap));
            }
            None if !error.is::<wasmtime::WasmBacktrace>() => {
                // Not a trap: instantiation failed.
                if let Some(denied) = &account.denied {
                    return Error::Limit(denied.clone());
                }
                if let Some(limit) = invoke::count_limit(&error, limits) {
                    return Error::Limit(limit);
                }
            }
            _ => {}
        }
        if let Some(limit) = invoke::host_limit(&error, limits) {
            return Error::Limit(limit);
        }
        let mut trap = Trap::new(self.workload.name(), &error);
        if let Some(denied) = &account.denied {
            trap.help = Some(format!("{denied} before that; {}", denied.help()));
        }
        Error::Trap(Box::new(trap))
    }

    fn no_entry_point(&self, role: Role) -> Error {
        let what = match role {
            Role::HttpHandler => "it answers HTTP requests and must be served",
            _ if self.workload.is_component() => "it exports no `wasi:cli/run`",
            _ => "it exports no function `_start`",
        };
        let callable = self
            .workload
            .callables()
            .iter()
            .map(|callable| callable.path())
            .collect();
        Error::NoEntryPoint {
            name: self.workload.name().to_owned(),
            what: what.into(),
            callable,
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

/// The exit code, if the error is how a guest's `exit` looks from outside.
fn exit_status(error: &wasmtime::Error) -> Option<i32> {
    error
        .downcast_ref::<wasmtime_wasi::I32Exit>()
        .map(|exit| exit.0)
}
