//! PyTorch: programs of TorchScript, run by libtorch.
//!
//! libtorch's interface is C++ and changes with every version, so a small library of C12's stands between, made on the
//! machine that has libtorch (`torch-shim`). It is loaded at run time, and brings libtorch along.

mod archive;
mod ffi;
mod model;

pub(crate) use ffi::ABI;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::{only_part, only_processor};
use crate::private_file::PrivateFile;
use crate::{
    Backend, Code, Device, Encoding, Error, Graph, Key, Library, Options, Result, Source, Status,
    TensorGraph,
};

/// PyTorch, whose library is loaded when it is needed first.
#[derive(Debug, Clone, Default)]
pub struct PyTorch {
    library: Option<PathBuf>,
    trusts_guests: bool,
}

impl PyTorch {
    /// With the library that is found in the usual places.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this library, or the one in this folder.
    pub fn with_library(library: impl Into<PathBuf>) -> Self {
        Self {
            library: Some(library.into()),
            ..Self::default()
        }
    }

    /// Whether guests may hand over models. These are programs, which can read and write the host's files, so only
    /// guests that are trusted as much as the host should.
    #[must_use]
    pub fn trusts_guests(mut self, yes: bool) -> Self {
        self.trusts_guests = yes;
        self
    }

    fn library(&self) -> Library<'_> {
        Library {
            option: self.library.as_deref(),
            environment: "C12_NN_PYTORCH",
            folder: "pytorch",
            stem: "c12_torch",
            python: &[],
        }
    }

    /// The library and where it is, or what would make it ready.
    fn ready(&self) -> Result<(PathBuf, &'static ffi::Library), String> {
        self.library().first_that(
            ffi::Library::at,
            "library between C12 and libtorch",
            "`c12 plugin setup nn pytorch` would make it",
        )
    }
}

impl Backend for PyTorch {
    fn name(&self) -> &'static str {
        "pytorch"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Pytorch
    }

    fn status(&self) -> Status {
        match self.ready() {
            Ok((path, library)) => Status::found(path, Some(library.version().to_owned())),
            Err(remedy) => Status::without(&self.library(), remedy),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key {
            name: "threads",
            help: "threads for an inference; libtorch's choice by default",
        }];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        options.threads()?;
        TensorGraph::check_options(options)
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        let (_, library) = self
            .ready()
            .map_err(|remedy| Error::unsupported("PyTorch is not there").with_help(remedy))?;
        only_processor("PyTorch", device)?;
        let source = only_part(sources, "a model of TorchScript")?;
        let threads = options.threads()?.unwrap_or(0);
        let size = source.size()?;
        let model = match source {
            Source::File(path) => {
                archive::inspect(source)?;
                read(library, path)?
            }
            Source::Bytes(_) if !self.trusts_guests => {
                return Err(Error::new(
                    Code::Security,
                    "models of TorchScript are programs, which are not taken from guests",
                )
                .with_help(
                    "name the model with `--nn-model NAME=pytorch:PATH`; `--plugin-config nn.pytorch-guest-models=true` \
                     lets guests hand over such programs, which can do whatever this program can",
                ));
            }
            Source::Bytes(bytes) => {
                archive::inspect(source)?;
                let file = PrivateFile::new(bytes, "model.pt")?;
                read(library, &file.path())?
            }
        };
        let model = model::Model::new(model, threads, size)?;
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

/// Whether the library between C12 and libtorch in this folder can be used.
pub(crate) fn can_use(folder: &Path) -> bool {
    PyTorch::with_library(folder).ready().is_ok()
}

fn read(library: &'static ffi::Library, path: &Path) -> Result<ffi::Model> {
    library.read(path).map_err(|error| {
        let shown = path.display().to_string();
        Error::new(
            error.code(),
            error.message().replace(&shown, "the model's file"),
        )
        .with_help(format!("`{shown}`"))
    })
}

/// What matters of a message of the library, in one line: neither where in libtorch nor where in a program something
/// failed.
fn reason(message: &str) -> String {
    let telling = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .rfind(|line| {
            let is_place = line.starts_with("Exception raised from")
                || line.starts_with("frame #")
                || line.starts_with("File \"")
                || line.starts_with("~")
                || line.starts_with("Traceback of TorchScript")
                || line.ends_with("<--- HERE");
            !is_place
        });
    let text = telling.unwrap_or("no reason was given");
    text.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_what_matters() {
        let message = "The following operation failed in the TorchScript interpreter.\n\
                       Traceback of TorchScript, serialized code (most recent call last):\n  \
                       File \"code/a.py\", line 1, in forward\n    x = torch.add(a, b)\n        ~~~~ <--- HERE\n\n\
                       RuntimeError: The size of tensor a must match\n";
        assert_eq!(
            reason(message),
            "RuntimeError: The size of tensor a must match"
        );
        assert_eq!(reason("\n"), "no reason was given");
    }

    #[test]
    fn a_missing_library_is_told() {
        let backend = PyTorch::with_library("/nowhere");
        let error = backend
            .load(&[], Device::Cpu, &Options::new())
            .err()
            .unwrap();
        assert_eq!(error.code(), Code::UnsupportedOperation);
        assert!(error.help().unwrap().contains("/nowhere"));
    }
}
