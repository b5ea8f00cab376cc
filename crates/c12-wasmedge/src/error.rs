use std::path::PathBuf;

use crate::abi::Code;

/// Why a file is not loaded.
///
/// [`Display`](std::fmt::Display) says what is wrong, [`LoadError::help`] what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Plugins of this kind need Linux on x86-64 or ARM64.
    #[error("plugins of WasmEdge's C API are supported on Linux on x86-64 and ARM64 only")]
    Platform,
    /// The file could not be read.
    #[error("cannot read the plugin {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is not a shared library for this machine.
    #[error("{} is not a shared library for this machine: {reason}", path.display())]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What it is instead, or what is wrong with it.
        reason: String,
    },
    /// It is a shared library, but not a plugin for WasmEdge.
    #[error("{} does not export `WasmEdge_Plugin_GetDescriptor`", path.display())]
    NoDescriptorFunction {
        /// The file.
        path: PathBuf,
    },
    /// The plugin is written against WasmEdge's C++ classes.
    #[error("{} is written against WasmEdge's C++ interface ({evidence})", path.display())]
    CxxInterface {
        /// The file.
        path: PathBuf,
        /// How that shows.
        evidence: String,
    },
    /// The plugin contains WasmEdge itself, so nothing that it does would reach C12.
    #[error("{} contains a copy of WasmEdge", path.display())]
    OwnRuntime {
        /// The file.
        path: PathBuf,
    },
    /// The plugin needs functions that WasmEdge 0.14 does not have.
    #[error("{} needs functions that are not in WasmEdge 0.14's C API: {}", path.display(), names.join(", "))]
    UnknownFunctions {
        /// The file.
        path: PathBuf,
        /// The functions.
        names: Vec<String>,
    },
    /// WasmEdge itself is loaded in this process.
    #[error(
        "`libwasmedge.so.0` is loaded in this process already, and plugins would call that one"
    )]
    RealRuntime,
    /// The library that stands in for `libwasmedge.so.0` could not be made.
    #[error("cannot provide `libwasmedge.so.0` to plugins: {reason}")]
    StandIn {
        /// What failed.
        reason: String,
    },
    /// The dynamic linker refused the library.
    #[error("cannot load {}: {reason}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the dynamic linker said.
        reason: String,
    },
    /// The plugin speaks another version of the plugin interface.
    #[error("{} speaks version {found} of WasmEdge's plugin API{}", path.display(), changed(changed_functions))]
    ApiVersion {
        /// The file.
        path: PathBuf,
        /// The version.
        found: u32,
        /// The functions that it uses and that mean something else in that version.
        changed_functions: Vec<String>,
    },
    /// What the plugin says about itself cannot be used.
    #[error("{} describes itself wrongly: {reason}", path.display())]
    Descriptor {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The plugin did not make a module instance that could be used.
    #[error("plugin `{plugin}` did not make its module `{module}`: {reason}")]
    Module {
        /// The plugin's name.
        plugin: String,
        /// The name in the module's descriptor, which need not be the one that guests import from.
        module: String,
        /// What is wrong.
        reason: String,
    },
}

fn changed(functions: &[String]) -> String {
    if functions.is_empty() {
        String::new()
    } else {
        format!(", in which {} changed", functions.join(", "))
    }
}

impl LoadError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            LoadError::CxxInterface { .. } => {
                "the classes of that interface belong to WasmEdge alone; a plugin can be loaded if it is written against the C API, which is `WasmEdge_Plugin_GetDescriptor` in `wasmedge.h`".into()
            }
            LoadError::NoDescriptorFunction { .. } => {
                "a plugin of WasmEdge's C API exports that function; if it is a plugin of another kind, it is loaded in another way".into()
            }
            LoadError::OwnRuntime { .. } => {
                "link it with `-lwasmedge` instead of the static library; in Rust, use the feature `standalone` or a shared library instead of `static`".into()
            }
            LoadError::UnknownFunctions { names, .. } => {
                let newer = names.iter().any(|name| name.starts_with("WasmEdge_Limit"));
                let older = names.iter().any(|name| name == "WasmEdge_ValueGenNullRef");
                match (newer, older) {
                    (true, _) => "it was built for WasmEdge 0.17 or later; build it against the headers of 0.14 to 0.16".into(),
                    (_, true) => "it was built for WasmEdge 0.13 or earlier; build it against the headers of 0.14 to 0.16".into(),
                    _ => "build it against the headers of WasmEdge 0.14 to 0.16".into(),
                }
            }
            LoadError::ApiVersion { found, changed_functions, .. } => match found {
                0..=2 => "versions 1 and 2 belong to WasmEdge 0.10 to 0.13, whose values have another layout; build it against the headers of 0.14 to 0.16".into(),
                5 if !changed_functions.is_empty() => "version 5 belongs to WasmEdge 0.17; build it against the headers of 0.14 to 0.16, or do without these functions".into(),
                _ => "versions 3 and 4 are known, which belong to WasmEdge 0.14 to 0.16; build it against the headers of those".into(),
            },
            LoadError::RealRuntime => {
                "a process can hold either WasmEdge or plugins that C12 serves; run them in two".into()
            }
            LoadError::Open { .. } => {
                "`ldd` on the file shows which of the libraries that it needs are missing".into()
            }
            LoadError::Platform
            | LoadError::Read { .. }
            | LoadError::NotALibrary { .. }
            | LoadError::StandIn { .. }
            | LoadError::Descriptor { .. }
            | LoadError::Module { .. } => return None,
        })
    }
}

/// Why a call of a plugin's function ends the guest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The function returned a result that is not success.
    #[error("plugin `{plugin}`: `{function}` failed: {}", Code(*code))]
    Failed {
        /// The plugin's name.
        plugin: String,
        /// Module and function.
        function: String,
        /// The result: category in the high byte, code below.
        code: u32,
        /// The error of the guest's function that it called last, if that failed.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The function threw an exception and did not catch it.
    #[error("plugin `{plugin}`: `{function}` threw an exception")]
    Exception {
        /// The plugin's name.
        plugin: String,
        /// Module and function.
        function: String,
    },
    /// A value cannot cross the boundary.
    #[error("plugin `{plugin}`: `{function}`: {reason}")]
    Value {
        /// The plugin's name.
        plugin: String,
        /// Module and function.
        function: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The instance has no such function, although an earlier one of the same plugin had it.
    #[error("plugin `{plugin}` has no function `{function}` in this instance")]
    Missing {
        /// The plugin's name.
        plugin: String,
        /// Module and function.
        function: String,
    },
}

impl CallError {
    /// The result code, as far as there is one.
    pub(crate) fn code(&self) -> Code {
        match self {
            CallError::Failed { code, .. } => Code(*code),
            CallError::Exception { .. } | CallError::Value { .. } | CallError::Missing { .. } => {
                Code::RUNTIME_ERROR
            }
        }
    }
}
