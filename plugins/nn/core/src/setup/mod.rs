//! Frameworks' libraries from packages, for `c12 plugin setup nn`.
//!
//! The packages are fetched with the ordinary client for them, in exact versions, and are refused if their hashes are
//! others. Of a package, only the files that are needed are unpacked; nothing of it is run.

mod install;
mod package;
mod shim;

use std::path::{Path, PathBuf};

use crate::{Error, Result};
pub use package::Package;

/// A framework whose library can be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// ONNX Runtime.
    Onnx,
    /// OpenVINO.
    OpenVino,
    /// LiteRT.
    Tflite,
    /// libtorch, and the library between it and C12.
    PyTorch,
}

/// What has been set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder with all of it.
    pub folder: PathBuf,
    /// It was there before.
    pub already: bool,
}

/// Where libtorch is, with its headers, for a machine that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibTorch {
    /// The folder with `libtorch_cpu.so`.
    pub libraries: PathBuf,
    /// The folder with `torch/script.h`.
    pub headers: PathBuf,
}

impl LibTorch {
    /// Within a folder: libtorch's own, one of a Python package, or a system's such as `/usr`.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub fn within(folder: &Path) -> Result<Self> {
        let libraries = [
            "lib",
            "lib64",
            "lib/x86_64-linux-gnu",
            "lib/aarch64-linux-gnu",
        ]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|folder| folder.join("libtorch_cpu.so").is_file());
        let headers = folder.join("include");
        match libraries {
            Some(libraries) if headers.join("torch/script.h").is_file() => {
                Ok(Self { libraries, headers })
            }
            _ => Err(Error::not_found(format!(
                "there is no libtorch with its headers in `{}`",
                folder.display()
            ))
            .with_help(
                "a folder is expected that has `include/torch/script.h` and, in `lib`, `libtorch_cpu.so`",
            )),
        }
    }
}

impl Framework {
    /// All of them.
    pub const ALL: [Framework; 4] = [
        Framework::Onnx,
        Framework::OpenVino,
        Framework::Tflite,
        Framework::PyTorch,
    ];

    /// As the command line spells it.
    pub fn name(self) -> &'static str {
        match self {
            Framework::Onnx => "onnx",
            Framework::OpenVino => "openvino",
            Framework::Tflite => "tflite",
            Framework::PyTorch => "pytorch",
        }
    }

    /// The framework of this name.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn named(name: &str) -> Result<Self> {
        Framework::ALL
            .into_iter()
            .find(|framework| framework.name() == name)
            .ok_or_else(|| {
                let names = Framework::ALL.map(Framework::name);
                Error::not_found(format!(
                    "nothing is known of a framework `{}`",
                    name.escape_debug()
                ))
                .with_help(format!("the frameworks are {}", names.join(", ")))
            })
    }

    /// What is fetched for it on this machine; empty if there is nothing for this machine.
    pub fn packages(self) -> Vec<&'static Package> {
        package::of(self)
    }

    /// Where its backend looks, within the data folder.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Framework::Onnx => "onnxruntime",
            Framework::OpenVino => "openvino",
            Framework::Tflite => "tflite",
            Framework::PyTorch => "pytorch",
        }
    }

    /// Sets it up in the data folder, `~/.local/share/c12/nn` for most. What is there is left alone if it has the same
    /// version. `say` is told what is done, a line at a time. Blocks.
    ///
    /// # Errors
    ///
    /// There is nothing for this machine, a program that is needed is missing, a package cannot be fetched or has
    /// another hash, or the disk is full. The help says what would mend it.
    pub fn set_up(self, data: &Path, say: &mut dyn FnMut(&str)) -> Result<Installed> {
        install::install(self, data, say)
    }

    /// Makes the library between C12 and a libtorch that is there, and puts it into the data folder. Blocks for about
    /// a minute.
    ///
    /// # Errors
    ///
    /// There is no C++ compiler, or it cannot compile against this libtorch.
    pub fn set_up_with_libtorch(
        data: &Path,
        libtorch: &LibTorch,
        say: &mut dyn FnMut(&str),
    ) -> Result<Installed> {
        install::with_libtorch(data, libtorch, say)
    }
}
