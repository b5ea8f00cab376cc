use std::path::PathBuf;
use std::str::FromStr;

use crate::options::percent_decoded;
use crate::{Device, Encoding, Error, Key, Options, Result};

/// The options of a model that are no backend's business.
pub(crate) const KEYS: [Key; 2] = [
    Key {
        name: "device",
        help: "where it runs: cpu, gpu, tpu or auto, which is the default",
    },
    Key {
        name: "weights",
        help: "the file with the weights, for encodings that have two files",
    },
];

/// A model that the user names for guests.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSpec {
    /// By which guests ask for it.
    pub name: String,
    /// The name of a backend, or that of an encoding, for the first backend that reads it.
    pub backend: String,
    /// Where it runs.
    pub device: Device,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// For the backend, and the defaults of the model's contexts.
    pub options: Options,
}

impl ModelSpec {
    /// WasmEdge's form: `NAME:ENCODING:DEVICE:PATH`, with `:PATH` again for the weights of OpenVINO's.
    ///
    /// # Errors
    ///
    /// A part is missing, or there is no such encoding or device.
    pub fn from_preload(text: &str) -> Result<Self> {
        let mut parts = text.splitn(4, ':');
        let (Some(name), Some(encoding), Some(device), Some(path)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong(text, "NAME:ENCODING:DEVICE:PATH"));
        };
        if name.is_empty() || path.is_empty() {
            return Err(wrong(text, "NAME:ENCODING:DEVICE:PATH"));
        }
        let encoding: Encoding = encoding.parse()?;
        // A colon may be part of a model's only file.
        let files = if encoding == Encoding::Openvino {
            path.split(':').map(PathBuf::from).collect()
        } else {
            vec![PathBuf::from(path)]
        };
        Ok(Self {
            name: name.to_owned(),
            backend: encoding.name().to_owned(),
            device: device.parse()?,
            files,
            options: Options::new(),
        })
    }
}

impl FromStr for ModelSpec {
    type Err = Error;

    /// `NAME=BACKEND:PATH[?key=value&key=value…]`. A `?` within the path is written `%3F`.
    fn from_str(text: &str) -> Result<Self> {
        let form = "NAME=BACKEND:PATH[?key=value&key=value…]";
        let (name, rest) = text.split_once('=').ok_or_else(|| wrong(text, form))?;
        let (backend, rest) = rest.split_once(':').ok_or_else(|| wrong(text, form))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if name.is_empty() || backend.is_empty() || path.is_empty() {
            return Err(wrong(text, form));
        }
        let mut options = Options::from_query(query)?;
        let device = options.parsed("device")?.unwrap_or_default();
        let weights = options.text("weights")?;
        for key in KEYS {
            options.take(key.name);
        }
        // Other percent signs stay: paths are written as they are.
        let path = if path.contains("%3F") || path.contains("%3f") {
            percent_decoded(path)?
        } else {
            path.to_owned()
        };
        Ok(Self {
            name: name.to_owned(),
            backend: backend.to_ascii_lowercase(),
            device,
            files: std::iter::once(path)
                .chain(weights)
                .map(PathBuf::from)
                .collect(),
            options,
        })
    }
}

fn wrong(text: &str, form: &str) -> Error {
    Error::invalid_argument(format!("`{}` names no model", text.escape_debug()))
        .with_help(format!("`{form}` is expected"))
}
