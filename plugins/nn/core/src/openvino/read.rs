//! From a model's parts to what the library has read.

use std::path::{Path, PathBuf};

use super::ffi::{Library, Model};
use super::without_path;
use crate::backend::only_part;
use crate::private_file::PrivateFile;
use crate::{Encoding, Error, Result, Source, detect, onnx, tflite};

/// A model that has been read.
pub(super) struct Read {
    pub(super) model: Model,
    /// Of its parts, in bytes.
    pub(super) size: u64,
    /// It remembers something from one run to the next.
    pub(super) is_stateful: bool,
}

/// Reads OpenVINO's own format, ONNX or TensorFlow Lite, whatever it is.
pub(super) fn read(library: &Library, sources: &[Source]) -> Result<Read> {
    let first = sources
        .first()
        .ok_or_else(|| Error::invalid_argument("a model of no parts was given"))?;
    match detect(first)? {
        Some(Encoding::Openvino) => read_representation(library, sources),
        Some(Encoding::Onnx) => read_onnx(library, sources),
        Some(Encoding::TensorflowLite) => read_tflite(library, sources),
        _ => Err(Error::invalid_encoding(
            "the model is neither OpenVINO's XML nor ONNX nor TensorFlow Lite",
        )),
    }
}

fn read_onnx(library: &Library, sources: &[Source]) -> Result<Read> {
    let checked = onnx::checked(sources)?;
    let model = match (checked.source.path(), checked.has_external_data) {
        (Some(path), true) => read_files(library, path, None)?,
        _ => library.read_bytes(&checked.bytes, None)?,
    };
    Ok(Read {
        model,
        size: checked.size,
        is_stateful: false,
    })
}

/// XML and weights. Models without weights have one part; so have those whose weights lie beside the XML in a file of
/// the same name, as OpenVINO writes them.
fn read_representation(library: &Library, sources: &[Source]) -> Result<Read> {
    let (xml, weights) = match sources {
        [xml] => (xml, beside(xml)),
        [xml, weights] => (xml, Some(weights.clone())),
        _ => {
            return Err(Error::invalid_argument(format!(
                "a model in OpenVINO's format has two parts, but {} were given",
                sources.len()
            )));
        }
    };
    let text = xml.read()?;
    let mut size = text.len() as u64;
    if let Some(weights) = &weights {
        size = size.saturating_add(weights.size()?);
    }
    let is_stateful = contains(&text, b"\"ReadValue\"") || contains(&text, b"'ReadValue'");
    let model = match (xml, &weights) {
        // The library maps weights that are files.
        (Source::File(xml), Some(Source::File(weights))) => {
            read_files(library, xml, Some(weights))?
        }
        _ => {
            let weights = weights.as_ref().map(Source::read).transpose()?;
            library.read_bytes(&text, weights.as_deref())?
        }
    };
    Ok(Read {
        model,
        size,
        is_stateful,
    })
}

fn beside(xml: &Source) -> Option<Source> {
    let weights = xml.path()?.with_extension("bin");
    weights.is_file().then_some(Source::File(weights))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn read_tflite(library: &Library, sources: &[Source]) -> Result<Read> {
    let source = only_part(sources, "a model of TensorFlow Lite")?;
    let bytes = source.read()?;
    let inspection = tflite::inspect(&bytes)?;
    // The library reads this format from files alone, and knows it by the end of their names.
    let model = match source.path().filter(|path| is_tflite(path)) {
        Some(path) => read_files(library, path, None)?,
        None => {
            let file = PrivateFile::new(&bytes, "model.tflite")?;
            read_files(library, &file.path(), None)?
        }
    };
    Ok(Read {
        model,
        size: bytes.len() as u64,
        is_stateful: inspection.is_stateful,
    })
}

fn is_tflite(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "tflite")
}

fn read_files(library: &Library, model: &Path, weights: Option<&PathBuf>) -> Result<Model> {
    library
        .read_files(model, weights.map(PathBuf::as_path))
        .map_err(|error| {
            let mut message = without_path(error.message(), model);
            if let Some(weights) = weights {
                message = without_path(&message, weights);
            }
            Error::new(error.code(), message).with_help(format!("`{}`", model.display()))
        })
}
