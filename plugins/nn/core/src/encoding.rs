use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// How a graph is written down: `graph-encoding` of `wasi:nn/graph@0.2.0-rc-2024-10-28`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// OpenVINO's intermediate representation: XML, and weights.
    Openvino,
    /// ONNX.
    Onnx,
    /// TensorFlow's saved models.
    Tensorflow,
    /// TorchScript.
    Pytorch,
    /// TensorFlow Lite's flat buffers.
    TensorflowLite,
    /// GGUF, the files of llama.cpp.
    Ggml,
    /// Whatever the bytes are.
    Autodetect,
}

impl Encoding {
    /// All of them, in the specification's order.
    pub const ALL: [Encoding; 7] = [
        Encoding::Openvino,
        Encoding::Onnx,
        Encoding::Tensorflow,
        Encoding::Pytorch,
        Encoding::TensorflowLite,
        Encoding::Ggml,
        Encoding::Autodetect,
    ];

    /// As the specification spells it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Openvino => "openvino",
            Encoding::Onnx => "onnx",
            Encoding::Tensorflow => "tensorflow",
            Encoding::Pytorch => "pytorch",
            Encoding::TensorflowLite => "tensorflowlite",
            Encoding::Ggml => "ggml",
            Encoding::Autodetect => "autodetect",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = Error;

    /// Upper or lower case, and the short forms that people type: `tflite`, `torch`, `gguf`, `auto`.
    fn from_str(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let name = match lower.as_str() {
            "tflite" => "tensorflowlite",
            "torch" | "torchscript" => "pytorch",
            "gguf" => "ggml",
            "auto" => "autodetect",
            name => name,
        };
        Encoding::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
            .ok_or_else(|| Error::invalid_encoding(format!("there is no encoding `{text}`")))
    }
}

/// Where a graph runs: `execution-target` of `wasi:nn/graph@0.2.0-rc-2024-10-28`, and WasmEdge's `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The processor.
    Cpu,
    /// A graphics processor.
    Gpu,
    /// A tensor processor.
    Tpu,
    /// Where the backend prefers to.
    #[default]
    Auto,
}

impl Device {
    /// As options spell it.
    pub fn name(self) -> &'static str {
        match self {
            Device::Cpu => "cpu",
            Device::Gpu => "gpu",
            Device::Tpu => "tpu",
            Device::Auto => "auto",
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Device::Cpu, Device::Gpu, Device::Tpu, Device::Auto]
            .into_iter()
            .find(|device| device.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                Error::invalid_argument(format!(
                    "there is no device `{text}`; `cpu`, `gpu`, `tpu` and `auto` are known"
                ))
            })
    }
}
