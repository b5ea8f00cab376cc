use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;

use crate::choice;
use crate::model::{Memory, Reservation};
use crate::{
    Backend, Cancel, Device, Encoding, Error, Model, ModelSpec, Options, Result, Source, Status,
};

/// What models may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of all loaded models together, in bytes. Models that nobody has in use give way, least recently used first.
    pub memory: u64,
    /// Of a model that a guest hands over, in bytes; 0 refuses them all.
    pub guest_model: u64,
}

impl Default for Limits {
    /// 16 GiB, and 256 MiB.
    fn default() -> Self {
        Self {
            memory: 16 << 30,
            guest_model: 256 << 20,
        }
    }
}

/// A backend, for people who want to know whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendStatus {
    /// Its name.
    pub name: &'static str,
    /// The encoding that is its own.
    pub encoding: Encoding,
    /// Whether it can be used.
    pub status: Status,
}

/// The frameworks and the models that guests can have. Clones are one registry.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
    /// The models that can be seen here, if not all.
    visible: Option<Arc<BTreeSet<String>>>,
}

struct Inner {
    backends: Vec<Arc<dyn Backend>>,
    models: BTreeMap<String, Named>,
    limits: Limits,
    memory: Arc<Memory>,
}

/// A model that the user named.
struct Named {
    spec: ModelSpec,
    state: Mutex<State>,
    changed: Arc<Condvar>,
}

#[derive(Default)]
struct State {
    loading: bool,
    loaded: Option<Arc<Model>>,
    used: Option<Instant>,
    /// Why the last attempt failed, for those that waited for it.
    failed: Option<Error>,
}

impl State {
    /// Loaded, and in nobody's hands.
    fn is_idle(&self) -> bool {
        let idle = |model: &Arc<Model>| Arc::strong_count(model) == 1 && !model.graph.is_in_use();
        self.loaded.as_ref().is_some_and(idle)
    }
}

impl Named {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a [`Registry`].
#[derive(Default)]
pub struct RegistryBuilder {
    backends: Vec<Arc<dyn Backend>>,
    models: Vec<ModelSpec>,
    limits: Limits,
}

impl RegistryBuilder {
    /// Adds a backend. Of several that read an encoding, the first that is ready is used.
    #[must_use]
    pub fn backend(mut self, backend: impl Backend + 'static) -> Self {
        self.backends.push(Arc::new(backend));
        self
    }

    /// Adds a model.
    #[must_use]
    pub fn model(mut self, spec: ModelSpec) -> Self {
        self.models.push(spec);
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The registry. Nothing is loaded yet.
    ///
    /// # Errors
    ///
    /// A name is there twice, or there is neither a backend nor an encoding of the name that a model gives, or an
    /// option that its backends do not know or take with that value.
    pub fn build(self) -> Result<Registry> {
        let mut models = BTreeMap::new();
        for spec in self.models {
            choice::check(&spec, &self.backends)?;
            let name = spec.name.clone();
            let named = Named {
                spec,
                state: Mutex::default(),
                changed: Arc::default(),
            };
            if models.insert(name.clone(), named).is_some() {
                return Err(Error::invalid_argument(format!(
                    "two models have the name `{name}`"
                )));
            }
        }
        Ok(Registry {
            inner: Arc::new(Inner {
                backends: self.backends,
                models,
                memory: Memory::new(self.limits.memory),
                limits: self.limits,
            }),
            visible: None,
        })
    }
}

impl Registry {
    /// Makes a registry.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The backends in their order. Blocks: frameworks' libraries may be loaded to ask for their version.
    pub fn backends(&self) -> Vec<BackendStatus> {
        self.inner
            .backends
            .iter()
            .map(|backend| BackendStatus {
                name: backend.name(),
                encoding: backend.encoding(),
                status: backend.status(),
            })
            .collect()
    }

    /// The same registry for a guest that is to see only these of its models.
    #[must_use]
    pub fn restricted_to<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().filter(|name| self.is_visible(name));
        Self {
            inner: Arc::clone(&self.inner),
            visible: Some(Arc::new(names.map(str::to_owned).collect())),
        }
    }

    fn is_visible(&self, name: &str) -> bool {
        self.visible
            .as_ref()
            .is_none_or(|visible| visible.contains(name))
    }

    /// The models that can be seen here.
    pub fn models(&self) -> impl Iterator<Item = &ModelSpec> {
        self.inner
            .models
            .values()
            .map(|named| &named.spec)
            .filter(|spec| self.is_visible(&spec.name))
    }

    /// How many bytes all loaded models take.
    pub fn memory(&self) -> u64 {
        self.inner.memory.used()
    }

    /// Begins to load a model in the background, if that has not happened yet.
    ///
    /// # Errors
    ///
    /// `not-found` if no model has this name.
    pub fn preload(&self, name: &str) -> Result<()> {
        let named = self.named(name)?;
        let mut state = named.lock();
        if state.loaded.is_none() && !state.loading {
            self.begin(name, &mut state)?;
        }
        Ok(())
    }

    /// The model of this name. Waits until it is loaded, which happens once for all who ask.
    ///
    /// # Errors
    ///
    /// `not-found` if no model has this name or its file is not there, and what [`Backend::load`] says; cancelling
    /// ends the wait, not the loading.
    pub fn model(&self, name: &str, cancel: &Cancel) -> Result<Arc<Model>> {
        let named = self.named(name)?;
        let changed = Arc::clone(&named.changed);
        let _wake = cancel.on_cancel(move || changed.notify_all());
        let mut began = false;
        let mut state = named.lock();
        loop {
            cancel.check()?;
            if let Some(model) = state.loaded.clone() {
                state.used = Some(Instant::now());
                return Ok(model);
            }
            if !state.loading {
                if let (true, Some(error)) = (began, state.failed.clone()) {
                    return Err(error);
                }
                self.begin(name, &mut state)?;
            }
            began = true;
            // A cancellation between the check and the wait is noticed a moment later.
            let moment = std::time::Duration::from_millis(100);
            (state, _) = named
                .changed
                .wait_timeout(state, moment)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Looks at a model that a guest hands over. Blocks.
    ///
    /// # Errors
    ///
    /// As [`Registry::load`], as far as the mistake shows without loading it.
    pub fn prepare(
        &self,
        parts: &[Bytes],
        encoding: Encoding,
        device: Device,
        options: &Options,
    ) -> Result<Prepared> {
        let (backend, sources) = self.guest_model(parts, encoding)?;
        Ok(Prepared {
            inner: Arc::clone(&self.inner),
            memory: backend.estimate(&sources, options)?,
            backend,
            sources,
            device,
            options: options.clone(),
        })
    }

    /// Loads a model that a guest hands over. Blocks.
    ///
    /// # Errors
    ///
    /// `too-large` if it passes the limit for such models or the budget, and what [`Backend::load`] says.
    pub fn load(
        &self,
        parts: &[Bytes],
        encoding: Encoding,
        device: Device,
        options: &Options,
    ) -> Result<Arc<Model>> {
        self.prepare(parts, encoding, device, options)?.load()
    }

    /// The parts of a guest's model, and what runs it.
    fn guest_model(
        &self,
        parts: &[Bytes],
        encoding: Encoding,
    ) -> Result<(Arc<dyn Backend>, Vec<Source>)> {
        let size: u64 = parts.iter().map(|part| part.len() as u64).sum();
        if size > self.inner.limits.guest_model {
            return Err(Error::too_large(format!(
                "a model of {size} bytes is larger than the {} bytes that guests may hand over",
                self.inner.limits.guest_model
            )));
        }
        let sources: Vec<Source> = parts.iter().cloned().map(Source::Bytes).collect();
        let encoding = match encoding {
            Encoding::Autodetect => choice::detected(&sources)?,
            encoding => encoding,
        };
        let backend = choice::for_guests(&self.inner.backends, encoding)?;
        Ok((backend, sources))
    }

    fn named(&self, name: &str) -> Result<&Named> {
        let named = self.inner.models.get(name);
        named.filter(|_| self.is_visible(name)).ok_or_else(|| {
            let shown = name.escape_debug();
            Error::not_found(format!("there is no model `{shown}`")).with_help(format!(
                "`--nn-model {shown}=BACKEND:PATH` would give guests one"
            ))
        })
    }

    fn begin(&self, name: &str, state: &mut State) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let key = name.to_owned();
        std::thread::Builder::new()
            .name("c12-nn-load".to_owned())
            .spawn(move || inner.load_named(&key))
            .map_err(|error| Error::runtime(format!("no thread could be started: {error}")))?;
        state.loading = true;
        state.failed = None;
        Ok(())
    }
}

/// A model that a guest hands over, which has been looked at and is not loaded.
pub struct Prepared {
    inner: Arc<Inner>,
    backend: Arc<dyn Backend>,
    sources: Vec<Source>,
    device: Device,
    options: Options,
    memory: u64,
}

impl Prepared {
    /// How much memory it would take at least, in bytes.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// Loads it. Blocks.
    ///
    /// # Errors
    ///
    /// `too-large` if it passes the budget, and what [`Backend::load`] says.
    pub fn load(self) -> Result<Arc<Model>> {
        let Self {
            inner,
            backend,
            sources,
            device,
            options,
            memory,
        } = self;
        inner.load(&backend, &sources, device, &options, memory)
    }
}

impl Inner {
    fn load_named(&self, name: &str) {
        let Some(named) = self.models.get(name) else {
            return;
        };
        // A panic in a framework's binding must not leave others waiting for ever.
        let loaded =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.load_spec(&named.spec)))
                .unwrap_or_else(|_| Err(Error::runtime("loading the model failed unexpectedly")));
        let mut state = named.lock();
        state.loading = false;
        match loaded {
            Ok(model) => {
                state.loaded = Some(model);
                state.used = Some(Instant::now());
            }
            Err(error) => {
                tracing::warn!(
                    model = name,
                    help = error.help(),
                    "a model could not be loaded: {error}"
                );
                state.failed = Some(error);
            }
        }
        drop(state);
        named.changed.notify_all();
    }

    fn load_spec(&self, spec: &ModelSpec) -> Result<Arc<Model>> {
        let sources: Vec<Source> = spec.files.iter().cloned().map(Source::File).collect();
        let by_name = self
            .backends
            .iter()
            .find(|known| known.name() == spec.backend);
        let backend = match by_name {
            // An encoding can have the name of a backend; then another backend may read it too.
            Some(backend) if backend.encoding().name() != spec.backend => Arc::clone(backend),
            _ => match spec.backend.parse()? {
                Encoding::Autodetect => {
                    choice::reader(&self.backends, choice::detected(&sources)?)?
                }
                encoding => choice::reader(&self.backends, encoding)?,
            },
        };
        let estimate = backend.estimate(&sources, &spec.options)?;
        self.load(&backend, &sources, spec.device, &spec.options, estimate)
    }

    fn load(
        &self,
        backend: &Arc<dyn Backend>,
        sources: &[Source],
        device: Device,
        options: &Options,
        estimate: u64,
    ) -> Result<Arc<Model>> {
        let mut reservations = vec![self.reserve(estimate)?];
        let graph = backend.load(sources, device, options)?;
        if let Some(more) = graph.memory().checked_sub(estimate)
            && more > 0
        {
            reservations.push(self.reserve(more)?);
        }
        let reservations = Arc::new(reservations);
        graph.keep(Arc::clone(&reservations) as Arc<_>);
        Ok(Arc::new(Model {
            graph,
            backend: backend.name(),
            options: options.clone(),
            reservations,
        }))
    }

    /// Takes memory out of the budget, which idle models make room for.
    fn reserve(&self, bytes: u64) -> Result<Reservation> {
        loop {
            if let Some(reservation) = self.memory.reserve(bytes) {
                return Ok(reservation);
            }
            if bytes > self.memory.budget() || !self.evict() {
                return Err(self.memory.exhausted(bytes));
            }
        }
    }

    /// Lets go of the model that has been idle for longest. False if there is none.
    fn evict(&self) -> bool {
        loop {
            let oldest = self
                .models
                .iter()
                .filter_map(|(name, named)| {
                    let state = named.lock();
                    let used = state.used;
                    state.is_idle().then_some((used, name, named))
                })
                .min_by_key(|(used, ..)| *used);
            let Some((_, name, named)) = oldest else {
                return false;
            };
            let mut state = named.lock();
            // Somebody may have asked for it in between.
            if state.is_idle() {
                let model = state.loaded.take();
                drop(state);
                drop(model);
                tracing::debug!(model = name, "gives way to another model");
                return true;
            }
        }
    }
}
