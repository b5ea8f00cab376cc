//! What a file can be used as.

use std::fmt;

use serde::Serialize;

use super::custom::Custom;
use super::report::{Export, Import, Interface};

/// What a file can be used as. In JSON: `{"role": "wasi-cli-command", "version": "0.2.3"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// A core module with `_start` and the functions of WASI 0.1: a program.
    #[serde(rename = "wasi-0.1-command")]
    Wasi01Command,
    /// A core module with `_initialize` and the functions of WASI 0.1: a library to call into.
    #[serde(rename = "wasi-0.1-reactor")]
    Wasi01Reactor,
    /// A component that exports `wasi:cli/run`: a program.
    WasiCliCommand {
        /// The version of `wasi:cli`, for example `0.2.3`.
        version: Option<String>,
    },
    /// A component that answers HTTP requests: it exports `wasi:http/incoming-handler` (0.2) or `wasi:http/handler` (0.3).
    WasiHttpProxy {
        /// The version of `wasi:http`, for example `0.2.3`.
        version: Option<String>,
    },
    /// A WIT package in the binary format: interfaces without code.
    WitPackage,
    /// A core module with an embedded world that becomes a component with `c12 componentize`.
    Componentizable,
    /// An object file that awaits linking.
    ObjectFile,
    /// A shared library for dynamic linking between core modules (`dylink.0` section).
    SharedLibrary,
    /// Exports to call into, and none of the above.
    Library,
    /// Nothing is exported: all that it can do is run its start function.
    NoExports,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versioned =
            |f: &mut fmt::Formatter<'_>, what: &str, version: &Option<String>| match version {
                Some(version) => write!(f, "{what} {version}"),
                None => f.write_str(what),
            };
        match self {
            Self::Wasi01Command => f.write_str("WASI 0.1 command"),
            Self::Wasi01Reactor => f.write_str("WASI 0.1 reactor"),
            Self::WasiCliCommand { version } => versioned(f, "wasi:cli command", version),
            Self::WasiHttpProxy { version } => versioned(f, "wasi:http proxy", version),
            Self::WitPackage => f.write_str("WIT package"),
            Self::Componentizable => f.write_str("core module with an embedded WIT world"),
            Self::ObjectFile => f.write_str("object file"),
            Self::SharedLibrary => f.write_str("shared library"),
            Self::Library => f.write_str("library"),
            Self::NoExports => f.write_str("nothing exported"),
        }
    }
}

/// The roles of a core module.
pub(super) fn of_module(custom: &Custom, imports: &[Import], exports: &[Export]) -> Vec<Role> {
    let has = |name: &str| {
        exports
            .iter()
            .any(|export| export.name == name && export.item.kind == "func")
    };
    let wasi = imports.iter().any(|import| is_wasi_01(&import.module));
    let sections = [
        (custom.linking, Role::ObjectFile),
        (custom.dylink, Role::SharedLibrary),
        (custom.component_type, Role::Componentizable),
    ];
    let mut roles: Vec<Role> = sections
        .into_iter()
        .filter(|(found, _)| *found)
        .map(|(_, role)| role)
        .collect();
    if has("_start") && (wasi || imports.is_empty()) {
        roles.push(Role::Wasi01Command);
    } else if has("_initialize") && (wasi || imports.is_empty()) {
        roles.push(Role::Wasi01Reactor);
    }
    or_library(roles, exports)
}

/// The roles of a component.
pub(super) fn of_component(exports: &[Export], wit_package: bool) -> Vec<Role> {
    if wit_package {
        return vec![Role::WitPackage];
    }
    let mut roles = Vec::new();
    for export in exports {
        let Some(Interface {
            namespace,
            package,
            name,
            version,
        }) = &export.item.interface
        else {
            continue;
        };
        let version = version.clone();
        match (namespace.as_str(), package.as_str(), name.as_str()) {
            ("wasi", "cli", "run") => roles.push(Role::WasiCliCommand { version }),
            ("wasi", "http", "incoming-handler" | "handler") => {
                roles.push(Role::WasiHttpProxy { version })
            }
            _ => {}
        }
    }
    or_library(roles, exports)
}

fn or_library(mut roles: Vec<Role>, exports: &[Export]) -> Vec<Role> {
    if roles.is_empty() {
        roles.push(if exports.is_empty() {
            Role::NoExports
        } else {
            Role::Library
        });
    }
    roles
}

/// WASI 0.1 and the snapshot before it, which engines still serve.
fn is_wasi_01(module: &str) -> bool {
    matches!(module, "wasi_snapshot_preview1" | "wasi_unstable")
}
