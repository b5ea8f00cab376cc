//! The engine: compiles, keeps what it compiled, and loads.

mod builder;
mod clock;
mod config;
mod flavour;
mod load;
mod source;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use builder::{EngineBuilder, Optimize};
pub(crate) use clock::Watch;
pub(crate) use flavour::Flavour;
use load::Image;
pub use source::read;

use crate::artifact::{self, ArtifactError, CodeKind, Key};
use crate::cache::{self, Cache};
use crate::error::Reason;
use crate::kind::{self, Format, detect};
use crate::workload::{Code, Workload};
use crate::{Error, folders};

/// Compiles and loads workloads. Cheap to clone; one per process is enough.
///
/// An `Engine` holds a Wasmtime engine for each flavour of code that it meets: guests that use the component model's async features
/// (WASI 0.3) run on one with concurrency support, all others on one without it, where every call
/// between guest and host is several times faster. Which one is decided by the guest's binary.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    options: EngineBuilder,
    cache: Option<Cache>,
    runtimes: Mutex<Vec<(Flavour, wasmtime::Engine)>>,
    clock: clock::Clock,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with the default settings.
    ///
    /// # Errors
    ///
    /// As [`EngineBuilder::build`].
    pub fn new() -> Result<Self, Error> {
        EngineBuilder::default().build()
    }

    /// Settings to change before building.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Loads a file: a module, a component, the text of either, or a compiled artifact. Which one is
    /// decided by its bytes, never by its name.
    ///
    /// # Errors
    ///
    /// [`Error::Read`], and all those of [`Engine::load`].
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<Workload, Error> {
        let path = path.as_ref();
        let bytes = read(path)?;
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        self.load(&name, &bytes)
    }

    /// Loads bytes; `name` is what the workload is called in messages.
    ///
    /// # Errors
    ///
    /// [`Error::NotWasm`] if the bytes are something else, [`Error::Invalid`] if they do not validate,
    /// [`Error::Artifact`] if a compiled artifact is refused.
    pub fn load(&self, name: &str, bytes: &[u8]) -> Result<Workload, Error> {
        if let Some(target) = &self.0.options.target {
            return Err(Error::Configuration {
                message: format!("this engine compiles for {target} and cannot run anything"),
                help: "build another engine without a target".into(),
            });
        }
        let binary = match detect(name, bytes)? {
            Format::Artifact => return self.load_artifact(name, bytes),
            Format::ForeignArtifact => return self.load_foreign(name, bytes),
            Format::Wasm(binary) => binary,
        };
        let cached = self
            .0
            .cache
            .as_ref()
            .map(|cache| (cache, cache.entry(&binary, &self.cache_identity())));
        if let Some((cache, entry)) = &cached {
            match self.load_cached(name, cache, entry) {
                Ok(Some(workload)) => return Ok(workload),
                Ok(None) => tracing::debug!(%name, "not in the compile cache"),
                Err(error) => {
                    tracing::debug!(%name, %error, "compile cache entry refused, compiling again")
                }
            }
        }
        let (kind, flavour, image) = self.compile_image(name, &binary)?;
        let code = self
            .code(kind, flavour, Image::Bytes(&image))
            .map_err(|error| Error::engine("cannot load what was just compiled", &error))?;
        if let Some((cache, entry)) = cached {
            // A cache that cannot be written costs time, never the run.
            match self.key_or_create() {
                Ok(key) => cache.put(
                    &entry,
                    &artifact::seal(image, kind, flavour, cache::source(&entry), &key),
                ),
                Err(error) => tracing::debug!(%error, "nothing is cached without an artifact key"),
            }
        }
        Ok(Workload::new(name, self.clone(), flavour, code))
    }

    /// Compiles to an artifact that [`Engine::load`] accepts, here or (if trusted) on another machine.
    ///
    /// # Errors
    ///
    /// [`Error::NotWasm`], [`Error::Invalid`], or [`Error::Configuration`] if there is no usable key to mark it with.
    pub fn compile(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let binary = match detect(name, bytes)? {
            Format::Wasm(binary) => binary,
            Format::Artifact | Format::ForeignArtifact => {
                return Err(Error::Configuration {
                    message: format!("{name} is compiled already"),
                    help: "compile the WebAssembly that it was made from".into(),
                });
            }
        };
        let (kind, flavour, image) = self.compile_image(name, &binary)?;
        let key = self.key_or_create().map_err(|error| Error::Configuration {
            message: format!("the artifact cannot be marked as made here: {error}"),
            help: "name a folder that you can write in C12_STATE_DIR, or set HOME".into(),
        })?;
        Ok(artifact::seal(
            image,
            kind,
            flavour,
            *blake3::hash(&binary).as_bytes(),
            &key,
        ))
    }

    /// Compiles to a file, which appears only when it is complete.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::compile`], and [`Error::Write`].
    pub fn compile_to(&self, name: &str, bytes: &[u8], output: &Path) -> Result<u64, Error> {
        let artifact = self.compile(name, bytes)?;
        crate::atomic_file::write_output(output, 0o644, &artifact).map_err(|source| {
            Error::Write {
                path: output.to_owned(),
                source,
            }
        })?;
        Ok(artifact.len() as u64)
    }

    /// Wasmtime's configuration as C12 uses it for guests of WASI 0.3 and below, compiler included: for
    /// tests, and for embedders who want Wasmtime's own API with the same features.
    ///
    /// # Errors
    ///
    /// [`Error::Engine`] if the settings are refused.
    pub fn wasmtime_config(&self) -> Result<wasmtime::Config, Error> {
        config::config(&self.0.options, self.flavour(true), true)
    }

    /// Bytes of stack for WebAssembly frames of one call.
    pub fn stack(&self) -> usize {
        self.0.options.stack
    }

    fn flavour(&self, concurrent: bool) -> Flavour {
        Flavour {
            concurrent,
            interruptible: self.0.options.interruptible,
            fuel: self.0.options.fuel,
            deterministic: self.0.options.deterministic,
        }
    }

    pub(crate) fn watch(&self, engine: &wasmtime::Engine) -> Result<Watch, Error> {
        self.0
            .clock
            .watch(engine)
            .map_err(|error| Error::Configuration {
                message: format!(
                    "the time limit cannot be kept: no thread could be started: {error}"
                ),
                help: "allow this process more threads".into(),
            })
    }

    /// The Wasmtime engine that runs guests of a flavour; it has no compiler, so it is made in no time.
    fn runtime(&self, flavour: Flavour) -> Result<wasmtime::Engine, wasmtime::Error> {
        let mut runtimes = self
            .0
            .runtimes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, engine)) = runtimes.iter().find(|(known, _)| *known == flavour) {
            return Ok(engine.clone());
        }
        let config =
            config::config(&self.0.options, flavour, false).map_err(wasmtime::Error::new)?;
        let engine = wasmtime::Engine::new(&config)?;
        runtimes.push((flavour, engine.clone()));
        Ok(engine)
    }

    fn code(
        &self,
        kind: CodeKind,
        flavour: Flavour,
        image: Image<'_>,
    ) -> Result<Code, wasmtime::Error> {
        load::code(&self.runtime(flavour)?, kind, image)
    }

    fn compile_image(
        &self,
        name: &str,
        binary: &[u8],
    ) -> Result<(CodeKind, Flavour, Vec<u8>), Error> {
        let invalid = |error: &wasmtime::Error| Error::Invalid {
            name: name.to_owned(),
            // The causes above it say which phase of compilation noticed.
            source: Reason(error.root_cause().to_string()),
        };
        kind::check(name, binary)?;
        let (kind, concurrent) = flavour::needs(binary);
        let flavour = self.flavour(concurrent);
        let config = config::config(&self.0.options, flavour, true)?;
        let compiler = wasmtime::Engine::new(&config)
            .map_err(|error| Error::engine("cannot set up the compiler", &error))?;
        let started = std::time::Instant::now();
        let image = match kind {
            CodeKind::Module => compiler.precompile_module(binary),
            CodeKind::Component => compiler.precompile_component(binary),
        }
        .map_err(|error| invalid(&error))?;
        tracing::debug!(%name, bytes = image.len(), elapsed = ?started.elapsed(), "compiled");
        Ok((kind, flavour, image))
    }

    fn load_cached(
        &self,
        name: &str,
        cache: &Cache,
        entry: &Path,
    ) -> Result<Option<Workload>, Error> {
        let Some(mut file) = cache.get(entry) else {
            return Ok(None);
        };
        let refused = |source| Error::Artifact {
            name: name.to_owned(),
            source,
        };
        let trailer = artifact::open_file(&mut file).map_err(refused)?;
        trailer
            .verify(&self.key().map_err(refused)?)
            .map_err(refused)?;
        // An entry under another name would be another program.
        if trailer.source != cache::source(entry) {
            return Err(refused(ArtifactError::Untrusted));
        }
        // The entry is mapped, not read: nobody but the user can write there, and C12 only ever replaces it whole.
        self.load_image(name, &trailer, Image::File(entry))
            .map(Some)
    }

    fn load_artifact(&self, name: &str, bytes: &[u8]) -> Result<Workload, Error> {
        let refused = |source| Error::Artifact {
            name: name.to_owned(),
            source,
        };
        let (trailer, image) = artifact::open(bytes).map_err(refused)?;
        if !self.0.options.trust_precompiled {
            let key = self.key().map_err(refused)?;
            trailer.verify(&key).map_err(refused)?;
        }
        self.load_image(name, &trailer, Image::Bytes(image))
    }

    fn load_image(
        &self,
        name: &str,
        trailer: &artifact::Trailer,
        image: Image<'_>,
    ) -> Result<Workload, Error> {
        let wanted = self.flavour(trailer.flavour.concurrent);
        let refused = |source| Error::Artifact {
            name: name.to_owned(),
            source,
        };
        if wanted.fuel && !trailer.flavour.fuel {
            return Err(refused(ArtifactError::Lacks {
                what: "fuel counting",
                help: "compile it with `c12 compile --fuel`, or run the .wasm file",
            }));
        }
        if wanted.interruptible && !trailer.flavour.interruptible {
            return Err(refused(ArtifactError::Lacks {
                what: "interruption points",
                help: "compile it with `c12 compile --interruptible`, or run the .wasm file",
            }));
        }
        if wanted.deterministic && !trailer.flavour.deterministic {
            return Err(refused(ArtifactError::Lacks {
                what: "deterministic results",
                help: "compile it with `c12 compile --deterministic`, or run the .wasm file",
            }));
        }
        // It may have more than is asked for: it runs on an engine of its own flavour.
        let code = self
            .code(trailer.kind, trailer.flavour, image)
            .map_err(|error| {
                refused(ArtifactError::Incompatible {
                    message: crate::error::chain(&error),
                })
            })?;
        Ok(Workload::new(name, self.clone(), trailer.flavour, code))
    }

    /// An artifact that Wasmtime made without C12: it fits only if every setting happens to be the same.
    fn load_foreign(&self, name: &str, bytes: &[u8]) -> Result<Workload, Error> {
        let refused = |source| Error::Artifact {
            name: name.to_owned(),
            source,
        };
        if !self.0.options.trust_precompiled {
            return Err(refused(ArtifactError::Foreign));
        }
        let kind = match wasmtime::Engine::detect_precompiled(bytes) {
            Some(wasmtime::Precompiled::Module) => CodeKind::Module,
            Some(wasmtime::Precompiled::Component) => CodeKind::Component,
            None => return Err(refused(ArtifactError::Foreign)),
        };
        let mut last = None;
        for concurrent in [false, true] {
            let flavour = self.flavour(concurrent);
            match self.code(kind, flavour, Image::Bytes(bytes)) {
                Ok(code) => return Ok(Workload::new(name, self.clone(), flavour, code)),
                Err(error) => last = Some(crate::error::chain(&error)),
            }
        }
        Err(refused(ArtifactError::Incompatible {
            message: last.unwrap_or_default(),
        }))
    }

    fn key_path(&self) -> Result<PathBuf, ArtifactError> {
        let folder = self.0.options.state_folder.clone().or_else(folders::state);
        folder
            .map(|folder| folder.join("artifact.key"))
            .ok_or_else(|| ArtifactError::NoKey {
                path: "artifact.key".into(),
            })
    }

    fn key(&self) -> Result<Key, ArtifactError> {
        Key::read(&self.key_path()?)
    }

    fn key_or_create(&self) -> Result<Key, ArtifactError> {
        Key::read_or_create(&self.key_path()?)
    }

    /// Everything but the guest that decides what the compiler puts out.
    fn cache_identity(&self) -> String {
        let o = &self.0.options;
        format!(
            "{} {:?} {} {} {} {} {:?}",
            env!("CARGO_PKG_VERSION"),
            o.optimize,
            o.interruptible,
            o.fuel,
            o.deterministic,
            config::CPU_IDENTITY.as_str(),
            o.pool.is_some(),
        )
    }
}
