//! Imports that stay open.

use std::fmt;

use super::ImportName;

/// An import that no plugin serves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingImport {
    /// As the guest spells it.
    pub import: ImportName,
    /// The functions that it asks for there.
    pub functions: Vec<String>,
    /// The version in which the same interface is offered, if it is the version that does not fit.
    pub offered_version: Option<String>,
}

impl MissingImport {
    /// What would provide it.
    pub fn help(&self) -> String {
        if let Some(version) = &self.offered_version {
            return format!(
                "`{}` is provided in version {version}: build the guest against a version that is compatible with it",
                self.import.interface()
            );
        }
        let name = self.import.to_string();
        if !self.import.is_component() && self.import.as_str() == "env" {
            return "`env` usually means symbols that the linker did not find: link the missing library, or build for wasm32-wasip1 or wasm32-wasip2".into();
        }
        if !self.import.is_component() && name.contains("wbindgen") {
            return format!(
                "`{name}` comes from wasm-bindgen, which is for JavaScript hosts: build for wasm32-wasip1 or wasm32-wasip2 instead"
            );
        }
        match official(self.import.interface()) {
            Some(plugin) => format!(
                "it belongs to the capability `{plugin}`: name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is"
            ),
            None => "name a plugin that provides it with `--plugin PATH`; `c12 plugin list` shows what there is".into(),
        }
    }
}

impl fmt::Display for MissingImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let kind = match (
            self.import.is_component(),
            self.import.interface().contains('/'),
        ) {
            (false, _) => "module",
            (true, true) => "interface",
            (true, false) => "import",
        };
        write!(f, "nothing provides the {kind} `{}`", self.import)?;
        let shown: Vec<&str> = self
            .functions
            .iter()
            .take(SHOWN)
            .map(String::as_str)
            .collect();
        match self.functions.len().saturating_sub(SHOWN) {
            _ if shown.is_empty() => Ok(()),
            0 => write!(f, " ({})", shown.join(", ")),
            more => write!(f, " ({}, and {more} more)", shown.join(", ")),
        }
    }
}

/// The capability that well-known interfaces and modules belong to.
fn official(interface: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 13] = [
        ("wasi_ephemeral_nn", "nn"),
        ("wasi:nn/", "nn"),
        ("wasi_ephemeral_crypto", "crypto"),
        ("wasi:crypto/", "crypto"),
        ("wasmedge_process", "process"),
        ("wasi:logging/", "logging"),
        ("wasi:keyvalue/", "keyvalue"),
        ("wasi:sql/", "sql"),
        ("wasi:config/", "config"),
        ("wasi:blobstore/", "blobstore"),
        ("wasi:messaging/", "messaging"),
        ("wasi:tls/", "tls"),
        ("wasi:webgpu/", "webgpu"),
    ];
    KNOWN
        .iter()
        .find(|(prefix, _)| interface.starts_with(prefix))
        .map(|(_, plugin)| *plugin)
}
