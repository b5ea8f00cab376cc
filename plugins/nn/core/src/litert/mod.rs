//! LiteRT, which TensorFlow Lite is called now.

mod ffi;
mod memory;
mod model;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::{only_part, only_processor};
use crate::{
    Backend, Device, Encoding, Error, Graph, Key, Library, Options, Result, Source, Status,
    TensorGraph, tflite,
};

/// LiteRT, whose library is loaded when it is needed first.
#[derive(Debug, Clone, Default)]
pub struct LiteRt {
    library: Option<PathBuf>,
}

impl LiteRt {
    /// With the library that is found in the usual places.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this library, or the one in this folder.
    pub fn with_library(library: impl Into<PathBuf>) -> Self {
        Self {
            library: Some(library.into()),
        }
    }

    fn library(&self) -> Library<'_> {
        Library {
            option: self.library.as_deref(),
            environment: "C12_NN_LITERT",
            folder: "tflite",
            stem: "LiteRt",
            python: &["ai_edge_litert"],
        }
    }

    /// The library and where it is, or what would make it ready.
    fn ready(&self) -> Result<(PathBuf, &'static ffi::Library), String> {
        self.library().first_that(
            ffi::Library::at,
            "library of LiteRT",
            "`c12 plugin setup nn tflite` would fetch it",
        )
    }
}

impl Backend for LiteRt {
    fn name(&self) -> &'static str {
        "litert"
    }

    fn encoding(&self) -> Encoding {
        Encoding::TensorflowLite
    }

    fn status(&self) -> Status {
        match self.ready() {
            Ok((path, _)) => {
                let version = version(&path);
                Status::found(path, version)
            }
            Err(remedy) => Status::without(&self.library(), remedy),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key {
                name: "threads",
                help: "threads for an inference; 1 by default",
            },
            Key {
                name: "sessions",
                help: "inferences that may run at once, each with a copy of the weights; 1 by default",
            },
            Key {
                name: "signature",
                help: "which of the model's signatures is run; its first by default",
            },
        ];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        model::Settings::new(options)?;
        TensorGraph::check_options(options)
    }

    /// The file, what a session makes of it, and its largest tensor.
    fn estimate(&self, sources: &[Source], _: &Options) -> Result<u64> {
        let mut sum = 0_u64;
        for source in sources {
            let inspection = tflite::inspect(&source.read()?)?;
            let file = source.size()?.saturating_mul(2);
            sum = sum.saturating_add(file.saturating_add(inspection.largest_tensor));
        }
        Ok(sum)
    }

    fn load(
        &self,
        sources: &[Source],
        device: Device,
        options: &Options,
    ) -> Result<Arc<dyn Graph>> {
        let (_, library) = self
            .ready()
            .map_err(|remedy| Error::unsupported("LiteRT is not there").with_help(remedy))?;
        only_processor("LiteRT", device)?;
        let source = only_part(sources, "a model of TensorFlow Lite")?;
        let bytes = source.read()?;
        let inspection = tflite::inspect(&bytes)?;
        let settings = model::Settings::new(options)?;
        let model = model::Model::new(library, &bytes, inspection, settings)?;
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

/// The library does not tell; its package does, in the name of a folder beside the library's, and so does the file
/// that `c12 plugin setup` leaves beside it.
fn version(library: &Path) -> Option<String> {
    let folder = library.parent()?;
    if let Ok(version) = std::fs::read_to_string(folder.join("VERSION")) {
        return Some(version.trim().to_owned());
    }
    let entries = std::fs::read_dir(folder.parent()?).ok()?;
    entries.flatten().find_map(|entry| {
        let name = entry.file_name();
        let version = name.to_str()?.strip_prefix("ai_edge_litert-")?;
        Some(version.strip_suffix(".dist-info")?.to_owned())
    })
}
