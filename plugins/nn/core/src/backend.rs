use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::{Device, Encoding, Error, Graph, Key, Library, Options, Result};

/// A part of a model.
#[derive(Clone)]
pub enum Source {
    /// Handed over by a guest: hostile, and without a folder of its own.
    Bytes(Bytes),
    /// A file that the user named. What lies in its folder belongs to it; what lies elsewhere does not.
    File(PathBuf),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Source::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl Source {
    /// How many bytes it has.
    ///
    /// # Errors
    ///
    /// There is no such file.
    pub fn size(&self) -> Result<u64> {
        match self {
            Source::Bytes(bytes) => Ok(bytes.len() as u64),
            Source::File(path) => std::fs::metadata(path)
                .map(|metadata| metadata.len())
                .map_err(|error| not_read(path, &error)),
        }
    }

    /// All of it.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn read(&self) -> Result<Bytes> {
        match self {
            Source::Bytes(bytes) => Ok(bytes.clone()),
            Source::File(path) => std::fs::read(path)
                .map(Bytes::from)
                .map_err(|error| not_read(path, &error)),
        }
    }

    /// Where it lies, if it is a file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Bytes(_) => None,
            Source::File(path) => Some(path),
        }
    }
}

/// The guest learns that there is no model; the user, which file it would be.
pub(crate) fn not_read(path: &Path, error: &std::io::Error) -> Error {
    Error::not_found("the model's file cannot be read")
        .with_help(format!("`{}`: {error}", path.display()))
}

/// The one part of a model that has no more: `an ONNX model`.
pub(crate) fn only_part<'a>(sources: &'a [Source], model: &str) -> Result<&'a Source> {
    match sources {
        [source] => Ok(source),
        _ => Err(Error::invalid_argument(format!(
            "{model} has one part, but {} were given",
            sources.len()
        ))),
    }
}

/// Refuses other devices for a framework that has no use for them.
pub(crate) fn only_processor(framework: &str, device: Device) -> Result<()> {
    match device {
        Device::Cpu | Device::Auto => Ok(()),
        _ => Err(Error::unsupported(format!(
            "{framework} runs models on the processor, not on `{device}`"
        ))),
    }
}

/// Whether a backend can be used, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// It can load models now.
    pub ready: bool,
    /// The framework's version.
    pub version: Option<String>,
    /// The framework's library; `None` if it is built in.
    pub library: Option<PathBuf>,
    /// Where models can run; empty if that is unknown.
    pub devices: Vec<Device>,
    /// What is missing, and the one line that would make it ready.
    pub remedy: Option<String>,
    /// It is not ready although the user said which library it is to use, so no other framework may take its place.
    pub is_named: bool,
}

impl Status {
    /// A framework that is part of this program.
    pub fn built_in(version: impl Into<String>) -> Self {
        Self {
            ready: true,
            version: Some(version.into()),
            devices: vec![Device::Cpu],
            ..Self::default()
        }
    }

    /// A framework whose library was found, and which runs models on the processor.
    pub(crate) fn found(library: PathBuf, version: Option<String>) -> Self {
        Self {
            ready: true,
            version,
            library: Some(library),
            devices: vec![Device::Cpu],
            ..Self::default()
        }
    }

    /// A framework that cannot be used, and what would change that.
    pub fn missing(remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::default()
        }
    }

    /// A framework without a library that can be used, which was looked for there.
    pub(crate) fn without(library: &Library<'_>, remedy: String) -> Self {
        Self {
            is_named: library.named().is_some(),
            ..Self::missing(remedy)
        }
    }
}

/// A framework that runs models.
///
/// Making one costs nothing: libraries are looked for when `status` or `load` is called first.
pub trait Backend: Send + Sync {
    /// Its name, in lower case, as users type it: `onnxruntime`.
    fn name(&self) -> &'static str;

    /// The encoding that is its own.
    fn encoding(&self) -> Encoding;

    /// Whether it also takes models of this encoding. The registry asks backends in its order.
    fn reads(&self, encoding: Encoding) -> bool {
        encoding == self.encoding()
    }

    /// Why it takes no models of this encoding that guests hand over, and what would change that; nothing if it does.
    fn declines_guests(&self, _encoding: Encoding) -> Option<&'static str> {
        None
    }

    /// Whether it can be used. May load the framework's library, so it can block.
    fn status(&self) -> Status;

    /// The options of [`Backend::load`], besides those that the registry takes for itself.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// Looks at the options of [`Backend::load`] without a model; keys that are not the backend's are nothing to it.
    ///
    /// # Errors
    ///
    /// `invalid-argument` for a value that no model could be loaded with.
    fn check_options(&self, _options: &Options) -> Result<()> {
        Ok(())
    }

    /// How much memory a model would keep, in bytes, as far as that shows without loading it: the sizes of its parts,
    /// unless the framework is known to add to them. The registry sees to it that so much is there before it loads.
    ///
    /// # Errors
    ///
    /// A part cannot be read, and those of [`Backend::load`] that show without loading.
    fn estimate(&self, sources: &[Source], _options: &Options) -> Result<u64> {
        let mut sum = 0_u64;
        for source in sources {
            sum = sum.saturating_add(source.size()?);
        }
        Ok(sum)
    }

    /// Loads a model. Blocks.
    ///
    /// # Errors
    ///
    /// `unsupported-operation` if the backend is not ready or has not got the device, `invalid-encoding` if the
    /// sources are no model, `invalid-argument` if their number or an option is wrong, `security` if the model
    /// wants something outside of its folder, `too-large` if it does not fit.
    fn load(&self, sources: &[Source], device: Device, options: &Options)
    -> Result<Arc<dyn Graph>>;
}
