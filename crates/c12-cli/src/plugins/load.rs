use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use c12::Engine;
use c12::plugin::{ComponentPlugin, LoadError, LoadReason, NativePlugin, Plugin, PluginFile};
use c12_toolchain::detect::{DetectError, ExecutableFormat, detect};
use c12_wasmedge::WasmEdgePlugin;

use crate::report::{Failure, Warning};

/// A plugin, and what is known of where it comes from.
#[derive(Clone)]
pub(crate) enum Loaded {
    BuiltIn {
        plugin: Arc<dyn Plugin>,
        /// Packages, each after those that it uses.
        wit: &'static [&'static str],
    },
    Native(Arc<NativePlugin>),
    Component(Arc<ComponentPlugin>),
    /// A library for WasmEdge.
    WasmEdge(Arc<WasmEdgePlugin>),
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Loaded {
    pub(crate) fn built_in(plugin: Arc<dyn Plugin>, wit: &'static [&'static str]) -> Self {
        Loaded::BuiltIn { plugin, wit }
    }

    pub(crate) fn plugin(&self) -> Arc<dyn Plugin> {
        match self {
            Loaded::BuiltIn { plugin, .. } => Arc::clone(plugin),
            Loaded::Native(plugin) => Arc::<NativePlugin>::clone(plugin),
            Loaded::Component(plugin) => Arc::<ComponentPlugin>::clone(plugin),
            Loaded::WasmEdge(plugin) => Arc::<WasmEdgePlugin>::clone(plugin),
        }
    }

    fn as_plugin(&self) -> &dyn Plugin {
        match self {
            Loaded::BuiltIn { plugin, .. } => &**plugin,
            Loaded::Native(plugin) => &**plugin,
            Loaded::Component(plugin) => &**plugin,
            Loaded::WasmEdge(plugin) => &**plugin,
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.as_plugin().name()
    }

    /// The file, unless it is built in.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.as_plugin().file()
    }

    /// The SHA-256 of the file, in hexadecimal digits.
    pub(crate) fn sha256(&self) -> Option<&str> {
        match self {
            Loaded::BuiltIn { .. } => None,
            Loaded::Native(plugin) => Some(plugin.sha256()),
            Loaded::Component(plugin) => Some(plugin.sha256()),
            Loaded::WasmEdge(plugin) => plugin.sha256(),
        }
    }

    /// The version of the native ABI that it speaks.
    pub(crate) fn abi(&self) -> Option<u32> {
        matches!(self, Loaded::Native(_)).then_some(c12_plugin::abi::ABI)
    }

    /// What it says of itself in WIT: packages, each after those that it uses.
    pub(crate) fn wit(&self) -> Vec<Cow<'_, str>> {
        match self {
            Loaded::BuiltIn { wit, .. } => wit.iter().map(|text| Cow::Borrowed(*text)).collect(),
            Loaded::Native(plugin) => vec![Cow::Borrowed(plugin.wit())],
            Loaded::WasmEdge(_) => Vec::new(),
            Loaded::Component(plugin) => plugin
                .file()
                .and_then(|path| c12::read(path).ok())
                .and_then(|bytes| c12_toolchain::inspect(&bytes, &Default::default()).ok())
                .and_then(|report| report.wit)
                .map(Cow::Owned)
                .into_iter()
                .collect(),
        }
    }
}

/// Loads a plugin; what the file holds decides what kind it is. A shared library knows its own name, which must be
/// `name` if that is given; a component is called so.
pub(crate) fn load(
    path: &Path,
    name: Option<&str>,
    pin: Option<&str>,
    engine: &Engine,
) -> Result<Loaded, LoadFailure> {
    let failed = |reason| LoadFailure {
        path: path.to_owned(),
        reason,
    };
    tracing::debug!(target: "c12::plugin", path = %path.display(), name, pin, "loading");
    match contents(path).map_err(failed)? {
        Contents::Library => {
            let loaded = library(path, pin)?;
            match name {
                Some(asked) if asked != loaded.name() => Err(failed(Reason::Name {
                    asked: asked.to_owned(),
                    own: loaded.name().to_owned(),
                })),
                _ => Ok(loaded),
            }
        }
        Contents::Component => {
            let plugin = ComponentPlugin::load(engine, path, name, pin)?;
            Ok(Loaded::Component(Arc::new(plugin)))
        }
    }
}

/// A library of C12's own kind, or for WasmEdge.
fn library(path: &Path, pin: Option<&str>) -> Result<Loaded, LoadFailure> {
    let failed = |reason| LoadFailure {
        path: path.to_owned(),
        reason,
    };
    let (file, bytes) =
        PluginFile::read(path, pin).map_err(|reason| failed(Reason::Load(reason)))?;
    if c12_wasmedge::interface(&bytes).is_none() {
        let plugin =
            NativePlugin::from_file(file, &bytes).map_err(|reason| failed(Reason::Load(reason)))?;
        return Ok(Loaded::Native(Arc::new(plugin)));
    }
    let plugin =
        WasmEdgePlugin::from_file(file, bytes).map_err(|error| failed(Reason::WasmEdge(error)))?;
    Ok(Loaded::WasmEdge(Arc::new(plugin)))
}

enum Contents {
    Library,
    Component,
}

fn contents(path: &Path) -> Result<Contents, Reason> {
    /// Enough for all that is told by the start of a file.
    const HEAD: u64 = 64 << 10;
    let unreadable = |error| Reason::Load(LoadReason::Unreadable(error));
    // Looked at before it is opened: to open a pipe would wait for whoever writes to it.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(unreadable(std::io::Error::other("it is no regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
    match detect(&head) {
        Err(DetectError::Executable {
            format: ExecutableFormat::Elf,
        }) => Ok(Contents::Library),
        Ok(kind) if kind.is_component() => Ok(Contents::Component),
        Ok(kind) => Err(Reason::Foreign(format!("it is a {kind}"))),
        Err(DetectError::UnknownText { start }) => Err(Reason::Foreign(format!(
            "it is text that starts with `{start}`"
        ))),
        Err(error) => Err(Reason::Foreign(error.to_string())),
    }
}

/// Why a file is not the plugin that was asked for.
#[derive(Debug)]
pub(crate) struct LoadFailure {
    pub(crate) path: PathBuf,
    pub(crate) reason: Reason,
}

#[derive(Debug)]
pub(crate) enum Reason {
    /// The library says why.
    Load(LoadReason),
    /// It is something else altogether.
    Foreign(String),
    /// It is for WasmEdge, and cannot be loaded.
    WasmEdge(c12_wasmedge::LoadError),
    /// It is another plugin.
    Name { asked: String, own: String },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Load(reason) => reason.fmt(f),
            Reason::WasmEdge(error) => error.fmt(f),
            Reason::Foreign(what) => {
                write!(f, "it is neither a shared library nor a component: {what}")
            }
            Reason::Name { asked, own } => write!(f, "its name is `{own}`, not `{asked}`"),
        }
    }
}

impl Reason {
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Reason::Load(reason) => reason.help().map(str::to_owned),
            Reason::WasmEdge(error) => error.help(),
            Reason::Foreign(_) => Some(
                "a plugin is a shared library for this machine (crate-type `cdylib`, `gcc -shared -fPIC`), or a component"
                    .into(),
            ),
            Reason::Name { own, .. } => Some(format!("call it `{own}`, or leave the name out")),
        }
    }
}

impl From<LoadError> for LoadFailure {
    fn from(error: LoadError) -> Self {
        LoadFailure {
            path: error.path,
            reason: Reason::Load(error.reason),
        }
    }
}

impl LoadFailure {
    fn message(&self) -> String {
        format!("cannot load the plugin {}", self.path.display())
    }
}

impl From<LoadFailure> for Failure {
    fn from(failure: LoadFailure) -> Self {
        let own = Failure::own(failure.message()).because(&failure.reason);
        match failure.reason.help() {
            Some(help) => own.with_help(help),
            None => own,
        }
    }
}

impl From<&LoadFailure> for Warning {
    fn from(failure: &LoadFailure) -> Self {
        Warning {
            message: failure.message(),
            cause: failure.reason.to_string(),
            help: failure.reason.help(),
        }
    }
}
