//! OpenVINO: its own format, ONNX, and TensorFlow Lite where LiteRT is not there.

mod ffi;
mod model;
mod read;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{
    Backend, Device, Encoding, Error, Graph, Key, Library, Options, Result, Source, Status,
    TensorGraph,
};
use model::Settings;

/// OpenVINO, whose library is loaded when it is needed first.
#[derive(Debug, Clone, Default)]
pub struct OpenVino {
    library: Option<PathBuf>,
}

impl OpenVino {
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
            environment: "C12_NN_OPENVINO",
            folder: "openvino",
            stem: "openvino_c",
            python: &["openvino/libs"],
        }
    }

    /// The library and where it is, or what would make it ready.
    fn ready(&self) -> Result<(PathBuf, &'static ffi::Library), String> {
        self.library().first_that(
            ffi::Library::at,
            "library of OpenVINO",
            "`c12 plugin setup nn openvino` would fetch it",
        )
    }
}

impl Backend for OpenVino {
    fn name(&self) -> &'static str {
        "openvino"
    }

    fn encoding(&self) -> Encoding {
        Encoding::Openvino
    }

    fn reads(&self, encoding: Encoding) -> bool {
        matches!(
            encoding,
            Encoding::Openvino | Encoding::Onnx | Encoding::TensorflowLite
        )
    }

    /// It has no limit on memory, so nobody gets it who has asked for another framework's.
    fn declines_guests(&self, encoding: Encoding) -> Option<&'static str> {
        (encoding != self.encoding())
            .then_some("OpenVINO takes only models of OpenVINO's own form from guests")
    }

    fn status(&self) -> Status {
        match self.ready() {
            Ok((path, library)) => Status {
                ready: true,
                version: Some(library.version().to_owned()),
                library: Some(path),
                devices: devices(library),
                ..Status::default()
            },
            Err(remedy) => Status::without(&self.library(), remedy),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key {
                name: "threads",
                help: "threads for an inference; OpenVINO's choice by default",
            },
            Key {
                name: "precision",
                help: "what is computed with: f32, f16 or bf16; OpenVINO's choice for the device by default",
            },
        ];
        keys.extend(TensorGraph::KEYS);
        keys
    }

    fn check_options(&self, options: &Options) -> Result<()> {
        Settings::new(Device::Auto, options)?;
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
            .map_err(|remedy| Error::unsupported("OpenVINO is not there").with_help(remedy))?;
        let has = devices(library);
        if device != Device::Auto && !has.contains(&device) {
            let names: Vec<&str> = has.iter().map(|device| device.name()).collect();
            return Err(Error::unsupported(format!(
                "OpenVINO has no device `{device}` here, only {}",
                names.join(" and ")
            )));
        }
        let settings = Settings::new(device, options)?;
        let model = model::Model::new(library, read::read(library, sources)?, &settings)?;
        Ok(Arc::new(TensorGraph::new(model, options)?))
    }
}

fn devices(library: &ffi::Library) -> Vec<Device> {
    let mut devices: Vec<Device> = library
        .devices()
        .iter()
        .filter_map(|name| match name.split('.').next() {
            Some("CPU") => Some(Device::Cpu),
            Some("GPU") => Some(Device::Gpu),
            Some("NPU") => Some(Device::Tpu),
            _ => None,
        })
        .collect();
    devices.dedup();
    devices
}

/// What matters of a message of the library, in one line: not in which of its files a check failed.
fn reason(message: &str) -> String {
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let telling: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !line.starts_with("Exception from ") && !line.starts_with("Check '"))
        .collect();
    let text = if telling.is_empty() {
        lines
            .last()
            .copied()
            .unwrap_or("no reason was given")
            .to_owned()
    } else {
        telling.join(" ")
    };
    text.chars().take(400).collect()
}

/// A message without the path that a guest has no business with.
fn without_path(message: &str, path: &Path) -> String {
    message.replace(&path.display().to_string(), "the model's file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_what_matters() {
        let message = "Exception from src/inference/src/cpp/core.cpp:84:\nCheck 'a' failed at b.cpp:221:\n\
                       FrontEnd API failed with OpConversionFailure:\nNo translator found for X node.\n\n";
        assert_eq!(
            reason(message),
            "FrontEnd API failed with OpConversionFailure: No translator found for X node."
        );
        assert_eq!(reason("Check 'a' failed"), "Check 'a' failed");
        assert_eq!(reason(""), "no reason was given");
    }
}
